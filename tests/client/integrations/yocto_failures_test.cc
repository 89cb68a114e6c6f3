// What client/integrations/yocto does not make, and what it says then.
#include "tests/client/integrations/yocto_fixture.h"

#include <filesystem>

namespace bootseal::tests {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
namespace fs = std::filesystem;

struct Failure {
  const char* command;
  Datastore values;
  const char* removed;  // below the installation's folder
  const char* error;
};

const std::vector<Failure>& Failures() {
  static const auto& failures = *new std::vector<Failure>{

      Failure{kCreateFip,
              {{"BOOTSEAL_SERVER", "127.0.0.1:1"}, {"BOOTSEAL_TIMEOUT", "1"}},
              "",
              "exit status 4 (server not reached)"},
      Failure{kCreateFip,
              {{"BOOTSEAL_TARGET_FIP", "production"}},
              "",
              "bootseal sign --target production: exit status 1 (refused)"},
      Failure{kSignFsbl,
              {{"BOOTSEAL_SECURITY_COUNTER", "33"}},
              "",
              "exit status 1 (refused)"},
      Failure{"bootseal_sign_zephyr",
              {{"BOOTSEAL_VERSION", "v1"}},
              "",
              "exit status 2 (wrong usage)"},
      Failure{"bootseal_sign_zephyr",
              {{"BOOTSEAL_CERT", "/nothing.pem"}},
              "",
              "exit status 5 (local file)"},
      Failure{kCreateFip,
              {},
              "sysroot/u-boot/u-boot-stm32mp157f-dk2.dtb",
              "package of stm32mp157f-dk2: no hw-config: expected "
              "u-boot-stm32mp157f-dk2.dtb"},
      Failure{kSignFsbl,
              {},
              "build/tf-a-stm32mp157f-dk2-sdcard.stm32",
              "first stage: there is no file "},
      Failure{"bootseal_sign_zephyr",
              {},
              "build/zephyr/zephyr.bin",
              "set CONFIG_BUILD_OUTPUT_BIN"},
      Failure{kCreateFip,
              {{"BOOTSEAL_VERSION", ""}},
              "",
              "BOOTSEAL_VERSION is not set, expected MAJOR"},
      Failure{kSignFsbl,
              {{"BOOTSEAL_TARGET_FSBL", ""}},
              "",
              "BOOTSEAL_TARGET_FSBL is not set"},
      Failure{kCreateFip,
              {{"BOOTSEAL_TARGET_FIP", "stm32mp13*=mp135/fip"}},
              "",
              "BOOTSEAL_TARGET_FIP has no entry for stm32mp157f-dk2"},
      Failure{kCreateFip,
              {{"BOOTSEAL_PROGRAM", "bootseal-of-nobody"}},
              "",
              "there is no program bootseal-of-nobody: have bootseal in "
              "PATH"}};
  return failures;
}

std::string OutputOf(const std::string& command) {
  if (command == kSignFsbl) return kFsbl;
  return command == kCreateFip ? kFip : "deploy/zephyr-blinky.signed.bin";
}

// Each over what an earlier run left.
TEST_F(Yocto, NamesEachFailureAndLeavesNoFile) {
  fs::create_directory(on_.File("deploy/fip"));
  const Datastore good = values_;
  for (const Failure& failure : Failures()) {
    SCOPED_TRACE(failure.error);
    values_ = good;
    for (const auto& [name, value] : failure.values) values_[name] = value;
    const std::string removed = on_.File(failure.removed);
    if (*failure.removed != '\0') fs::rename(removed, removed + ".away");
    const std::string output = OutputOf(failure.command);
    on_.Write(output, "of an earlier run");
    on_.Write(output + ".receipt", "of an earlier run");
    const Outcome task = Task(failure.command);
    EXPECT_EQ(task.exit_code, 1) << task.out << task.err;
    EXPECT_THAT(task.out, AllOf(HasSubstr("ERROR: "), HasSubstr(failure.error)))
        << task.err;
    EXPECT_FALSE(on_.Exists(output));
    EXPECT_FALSE(on_.Exists(output + ".receipt"));
    EXPECT_FALSE(on_.Exists(output + ".payload"));
    if (*failure.removed != '\0') fs::rename(removed + ".away", removed);
  }
}

struct Refusal {
  const char* command;
  const char* error;
};

const std::vector<Refusal>& Refusals() {
  static const auto& refusals = *new std::vector<Refusal>{

      Refusal{"FIP_DEPLOYDIR_ROOT=/x bootseal_create_fip --encrypt key.bin",
              "--encrypt asks for encryption"},
      Refusal{"bootseal_sign_fsbl -bin a -o b --enc-key key.bin",
              "--enc-key asks for encryption"},
      Refusal{"FIP_DEPLOYDIR_ROOT=/x bootseal_create_fip --use-bl31",
              "packages of an STM32MP2 are not offered"},
      Refusal{"FIP_DEPLOYDIR_ROOT=/x bootseal_create_fip "
              "--search-devicetree a --search-configuration b",
              "called without --sign: set SIGN_ENABLE to 1"},
      Refusal{"FIP_DEPLOYDIR_ROOT=/x bootseal_create_fip --sign",
              "expected --search-devicetree"},
      Refusal{"FIP_DEPLOYDIR_ROOT=/x bootseal_create_fip --search-luck b",
              "unknown option --search-luck"},
      Refusal{"FIP_DEPLOYDIR_ROOT=/x bootseal_create_fip --sign --search-luck",
              "unknown option --search-luck"},
      Refusal{"FIP_DEPLOYDIR_ROOT=/x bootseal_create_fip --search-devicetree a "
              "--search-configuration b --sign extra",
              "package of a: unknown option extra"},
      Refusal{"bootseal_cert_create -n --rot-key /dev/null",
              "packages of an OpenSTLinux older than 5.1 are not offered"},
      Refusal{"FIP_DEPLOYDIR_ROOT=/x bootseal_create_fip --sign "
              "--search-devicetree-suffix",
              "expected --search-devicetree"},
      Refusal{"bootseal_sign_fsbl --type fsbl",
              "expected -bin FILE and -o FILE"}};
  return refusals;
}

TEST_F(Yocto, RefusesByNameWhatIsNotOffered) {
  for (const Refusal& refusal : Refusals()) {
    SCOPED_TRACE(refusal.command);
    const Outcome task = Task(refusal.command);
    EXPECT_EQ(task.exit_code, 1);
    EXPECT_THAT(task.out, HasSubstr(refusal.error));
    EXPECT_THAT(Files("deploy"), IsEmpty());
  }
}

// Such as one that a debugger's wrapper is to start first.
TEST_F(Yocto, RefusesAFirstStageThatItsBuildWouldStartElsewhere) {
  MakeFirstStage("0x2ffd0000");
  const Outcome task = Task(kSignFsbl);
  EXPECT_EQ(task.exit_code, 1);
  EXPECT_THAT(task.out, HasSubstr("its build says entry point 0x2ffd0000, the "
                                  "target 0x2ffc2500"));
  EXPECT_FALSE(on_.Exists(kFsbl));
  EXPECT_FALSE(on_.Exists(absl::StrCat(kFsbl, ".receipt")));
}

// Which of its bytes are the payload would be a guess.
TEST_F(Yocto, RefusesAFirstStageWhoseHeaderLies) {
  const std::string whole = on_.Read(kTfa);
  std::string shorter = whole;
  shorter.replace(76, 4, std::string("\x64\0\0\0", 4));
  std::string empty = whole;
  empty.replace(76, 4, std::string(4, '\0'));
  std::string newer = whole;
  newer[74] = 7;
  for (const auto& [file, error] :
       {std::pair(whole.substr(0, 20'000),
                  "says 30003 bytes of payload, the file has 20000 in all"),
        std::pair(whole + std::string(200, 'x'),
                  "says 30003 bytes of payload, the file has 30459 in all"),
        std::pair(whole + '\0', "the file has 30260 in all"),
        std::pair(shorter, "says 100 bytes of payload, the file has 30259"),
        std::pair(empty, "says 0 bytes of payload"),
        std::pair(newer, "has version 0x00070000, expected 0x00010000"),
        std::pair(whole.substr(0, 70), "has version 0x, expected")}) {
    SCOPED_TRACE(error);
    on_.Write(kTfa, file);
    const Outcome task = Task(kSignFsbl);
    EXPECT_EQ(task.exit_code, 1);
    EXPECT_THAT(task.out, HasSubstr(error)) << task.err;
    EXPECT_FALSE(on_.Exists(kFsbl));
    EXPECT_FALSE(on_.Exists(absl::StrCat(kFsbl, ".payload")));
  }
}

TEST_F(Yocto, RefusesAFirstStageWhoseLongerHeaderLies) {
  MakeHeader("stm32mp13", "0x2ffdfe00", "0x2ffe0000", kTfaMp13);
  const std::string whole = on_.Read(kTfaMp13);
  // As long as with the shorter header.
  for (const std::string& file :
       {whole + std::string(200, 'x'), whole.substr(0, whole.size() - 256)}) {
    on_.Write(kTfaMp13, file);
    const Outcome task = Task(kSignMp13);
    EXPECT_EQ(task.exit_code, 1);
    EXPECT_THAT(task.out, HasSubstr("takes 512 bytes and says 30003 bytes"));
    EXPECT_FALSE(on_.Exists(kFsblMp13));
  }
}

TEST_F(Yocto, KeepsAnInputThatItsOutputWouldReplace) {
  fs::create_symlink(on_.File("build/zephyr/zephyr.bin"), on_.File("link"));
  for (const auto& [command, input] :
       {std::pair("bootseal_sign_fsbl -bin ${B}/a -o ${B}/../build/a",
                  "build/a"),
        std::pair("bootseal_sign_fsbl -bin ${B}/a.receipt -o ${B}/a",
                  "build/a.receipt"),
        std::pair("bootseal_sign_fsbl -bin ${B}/a.payload -o ${B}/a",
                  "build/a.payload"),
        std::pair("bootseal_sign_zephyr ${B}/../link ${B}/zephyr/zephyr.bin",
                  "build/zephyr/zephyr.bin"),
        std::pair("bootseal_sign ZEPHYR p256 '' a ${B}/a ${B}/a", "build/a")}) {
    SCOPED_TRACE(command);
    const std::string content = on_.Read(kTfa);
    on_.Write(input, content);
    const Outcome task = Task(command);
    EXPECT_EQ(task.exit_code, 1);
    EXPECT_THAT(task.out, HasSubstr("ERROR: OUTPUT_IS_INPUT: output "));
    EXPECT_EQ(on_.Read(input), content);
    fs::remove(on_.File(input));
  }
}

}  // namespace
}  // namespace bootseal::tests
