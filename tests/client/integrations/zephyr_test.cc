// What Zephyr's build runs to sign, with our program for imgtool and a key of
// the server for the key file.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "tests/client/integrations/zephyr_lines.h"
#include "tests/integration/installation.h"

namespace bootseal::tests {
namespace {

using testing::HasSubstr;
namespace fs = std::filesystem;

constexpr char kImgtool[] =
    BOOTSEAL_SOURCE_DIR "/client/integrations/zephyr/imgtool.py";
constexpr std::size_t kRoom = 0x400;

TestTarget Room(const std::string& name, const std::string& algorithm,
                const std::string& format) {
  return {name, algorithm,
          absl::StrCat("header_size: 0x400 payload_has_header_room: true "
                       "slot_size: 0x80000 ",
                       format)};
}

const std::vector<TestTarget>& Targets() {
  static const auto& targets = *new std::vector<TestTarget>{
      Room("swap", "ed25519",
           "align: 4 strategy: SWAP_MOVE sector_size: 0x1000 "
           "security_counter: OPTIONAL"),
      Room("overwrite", "p256", "strategy: OVERWRITE_ONLY"),
      Room("xip", "ed25519", "align: 4 strategy: DIRECT_XIP"),
      Room("updater", "ed25519", "align: 4"),
      Room("ram", "ed25519", "strategy: RAM_LOAD load_address: 0x10100000"),
      Room("encrypted", "p256",
           "align: 4 strategy: SWAP_MOVE sector_size: 0x1000 "
           "encryption { presence: OPTIONAL }")};
  return targets;
}

// Confirmed images are another target's, under the same key.
std::string ConfirmedTargets() {
  std::string text;
  for (const TestTarget& target : Targets()) {
    if (target.name == "updater" || target.name == "ram" ||
        target.name == "encrypted") {
      continue;
    }
    absl::StrAppend(&text, "targets { name: \"", target.name,
                    "-confirmed\" key: \"", target.name,
                    "\" requesters: \"ci\" mcuboot { ", target.format,
                    " padding: CONFIRM } }\n");
  }
  return text;
}

class Zephyr : public testing::Test {
 protected:
  Zephyr() : on_(Targets()) {
    on_.Write("policy.textproto",
              on_.Read("policy.textproto") + ConfirmedTargets());
    EXPECT_EQ(on_.StartServer(), -1) << on_.ServerLog();
    fs::create_directory(on_.File("keys"));
    fs::create_directory(on_.File("zephyr"));
    for (const TestTarget& target : Targets()) {
      WriteKey(target.name, KeyFile(target.name));
    }
    EXPECT_EQ(on_.Client({"imgtool", "keygen", "-t", "ecdsa-p256", "-k",
                          on_.File("keys/device.pem")})
                  .exit_code,
              0);
    MakePayload();
  }

  const Installation& On() const { return on_; }

  void WriteKey(const std::string& name, const std::string& content) {
    on_.Write(absl::StrCat("keys/", name, ".key"), content);
  }

  // As the README makes it.
  std::string KeyFile(const std::string& key) {
    return absl::StrCat(
        "bootseal:key/", key, "\n",
        on_.Client({"keys", "show", key, "--format", "pem"}).out);
  }

  Environment BuildEnvironment() const {
    Environment environment = on_.ClientEnvironment("ci");
    environment["BOOTSEAL_PROGRAM"] = BOOTSEAL_BIN_DIR "/bootseal";
    return environment;
  }

  // As build systems do.
  Outcome Shell(const std::string& command) const {
    return tests::Run({"/bin/sh", "-c", command}, BuildEnvironment());
  }

  std::vector<ZephyrConfiguration> Configurations() const {
    return ReadZephyrLines({{"PYTHON", "python3"},
                            {"IMGTOOL", kImgtool},
                            {"KEYS", on_.File("keys")},
                            {"ZEPHYR", on_.File("zephyr")}});
  }

  // The bytes of an image, whatever it is written in.
  std::string ImageBytes(const std::string& path) const {
    if (!absl::EndsWith(path, ".hex")) return Raw(path);
    const std::string bytes = on_.File("bytes");
    Objcopy({"-I", "ihex", "-O", "binary", "--gap-fill", "0xff", path, bytes});
    return Raw(bytes);
  }

  Outcome Verify(const std::string& target, const std::string& path) const {
    return on_.Client({"verify", "--target", target, path});
  }

  Outcome VerifyMade(const ZephyrLine& line) const {
    if (line.outcome == ZephyrOutcome::kEncrypts) return VerifyOnDevice(line);
    return Verify(line.expected, line.Output());
  }

  // With the device's private key. What the target says to the result is a
  // warning, and none is expected.
  Outcome VerifyOnDevice(const ZephyrLine& line) const {
    Outcome verify = on_.Client(
        {"imgtool", "verify", "-k", absl::StrCat("bootseal:", line.expected),
         "--decrypt-key", on_.File("keys/device.pem"), line.Output()});
    EXPECT_EQ(verify.err, "");
    return verify;
  }

  std::string Payload() const { return on_.Read("zephyr/zephyr.bin"); }

 private:
  std::string Raw(const std::string& path) const {
    return on_.Read(fs::relative(path, on_.File(".")).string());
  }

  void Objcopy(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), "arm-none-eabi-objcopy");
    const Outcome objcopy = tests::Run(arguments);
    EXPECT_EQ(objcopy.exit_code, 0) << objcopy.err;
  }

  // A real one, with room for the header, as Zephyr links it.
  void MakePayload() {
    std::string payload(kRoom, '\0');
    const std::string bin =
        BOOTSEAL_BUILD_DIR "/firmware/mps2-an521/payload.bin";
    fs::copy_file(bin, on_.File("bare.bin"));
    on_.Write("zephyr/zephyr.bin", payload + on_.Read("bare.bin"));
    Objcopy({"-I", "binary", "-O", "ihex", "--change-addresses", "0x10100000",
             on_.File("zephyr/zephyr.bin"), on_.File("zephyr/zephyr.hex")});
  }

  Installation on_;
};

TEST_F(Zephyr, GetsFromEachOfItsLinesTheImageOrTheReason) {
  std::size_t lines = 0;
  for (const ZephyrConfiguration& configuration : Configurations()) {
    for (const ZephyrLine& line : configuration.lines) {
      SCOPED_TRACE(line.command);
      ++lines;
      fs::remove(line.Output());
      const Outcome outcome = Shell(line.command);
      if (line.outcome == ZephyrOutcome::kRefuses) {
        EXPECT_NE(outcome.exit_code, 0);
        EXPECT_THAT(outcome.err, HasSubstr(line.expected));
        EXPECT_FALSE(fs::exists(line.Output()));
        continue;
      }
      ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
      EXPECT_EQ(outcome.out, "");
      const Outcome verify = VerifyMade(line);
      EXPECT_EQ(verify.exit_code, 0) << verify.out << verify.err;
      const bool is_plain = ImageBytes(line.Output())
                                .substr(kRoom)
                                .starts_with(Payload().substr(kRoom));
      EXPECT_EQ(is_plain, line.outcome == ZephyrOutcome::kMakes);
    }
  }
  EXPECT_EQ(lines, 30U);
}

// Zephyr signs twice: with Ed25519 both files are one image.
TEST_F(Zephyr, GetsTheSameImageAsBinaryAndAsHex) {
  for (const ZephyrConfiguration& configuration : Configurations()) {
    if (configuration.name != "xip") continue;
    for (const ZephyrLine& line : configuration.lines) {
      ASSERT_EQ(Shell(line.command).exit_code, 0);
    }
  }
  for (const char* name : {"zephyr.signed", "zephyr.signed.confirmed"}) {
    SCOPED_TRACE(name);
    const std::string path = On().File(absl::StrCat("zephyr/", name));
    const std::string bin = ImageBytes(absl::StrCat(path, ".bin"));
    EXPECT_GT(bin.size(), Payload().size());
    EXPECT_EQ(ImageBytes(absl::StrCat(path, ".hex")), bin);
  }
}

TEST_F(Zephyr, BootsWhatItsLineMade) {
  const Outcome sign = Shell(Configurations().front().lines.front().command);
  ASSERT_EQ(sign.exit_code, 0) << sign.err;
  const std::string rules = On().File("rules.cc");
  ASSERT_EQ(
      On().Client({"targets", "export", "swap", "--format", "c++", "-o", rules})
          .exit_code,
      0);
  const Outcome provision = tests::Run(
      {BOOTSEAL_SOURCE_DIR "/firmware/provision", "--board", "mps2-an521",
       "--algorithm", "ed25519", "--build", BOOTSEAL_BUILD_DIR, "--rules",
       rules, "-o", On().File("boot.elf")});
  ASSERT_EQ(provision.exit_code, 0) << provision.err;
  const Outcome boot = tests::Run({BOOTSEAL_SOURCE_DIR "/deploy/boot",
                                   "mps2-an521", On().File("boot.elf"),
                                   On().File("zephyr/zephyr.signed.bin")});
  EXPECT_EQ(boot.exit_code, 0) << boot.out << boot.err;
  EXPECT_THAT(boot.out, HasSubstr("version 1.2.3+4"));
}

// The bootloader was built with the file's key, and would refuse the image.
TEST_F(Zephyr, GetsNothingFromAKeyFileWithTheKeyOfAnother) {
  std::string file = KeyFile("xip");
  file.replace(file.find("xip"), 3, "swap");
  WriteKey("swap", file);
  const ZephyrLine line = Configurations().front().lines.front();
  const Outcome sign = Shell(line.command);
  EXPECT_EQ(sign.exit_code, 2);
  EXPECT_THAT(sign.err, HasSubstr("the key file holds the one of hash"));
  EXPECT_FALSE(fs::exists(line.Output()));
}

TEST_F(Zephyr, GetsNothingFromAKeyFileThatNamesNoTarget) {
  WriteKey("swap", "bootseal:\n");
  const ZephyrLine line = Configurations().front().lines.front();
  const Outcome sign = Shell(line.command);
  EXPECT_EQ(sign.exit_code, 2);
  EXPECT_THAT(sign.err, HasSubstr("KEY_FILE_SIGNER"));
  EXPECT_FALSE(fs::exists(line.Output()));
}

// Zephyr before 4.1 ran the program that it found, without Python.
TEST_F(Zephyr, RunsTheProgramByItsNameToo) {
  fs::create_symlink(BOOTSEAL_BIN_DIR "/bootseal", On().File("imgtool"));
  const std::string output = On().File("zephyr/zephyr.signed.bin");
  const Outcome sign = tests::Run(
      {On().File("imgtool"), "sign", "--version", "1.2.3+4", "--align", "4",
       "--header-size", "1024", "--slot-size", "524288", "--key",
       On().File("keys/swap.key"), On().File("zephyr/zephyr.bin"), output},
      BuildEnvironment());
  EXPECT_EQ(sign.exit_code, 0) << sign.err;
  EXPECT_EQ(Verify("swap", output).exit_code, 0);
}

// With ZEPHYR_MCUBOOT_CMAKE=.../cmake/mcuboot.cmake: Zephyr's own script, in a
// project that stands for the rest of its build, and what it makes.
TEST_F(Zephyr, RunsTheseVeryLines) {
  const char* const script = std::getenv("ZEPHYR_MCUBOOT_CMAKE");
  if (script == nullptr) GTEST_SKIP() << "no ZEPHYR_MCUBOOT_CMAKE";
  for (const ZephyrConfiguration& configuration : Configurations()) {
    SCOPED_TRACE(testing::PrintToString(configuration.options));
    std::vector<std::string> configure{
        "cmake",
        "-G",
        "Ninja",
        "-S",
        BOOTSEAL_SOURCE_DIR "/tests/client/integrations/zephyr_project",
        "-B",
        On().File("project"),
        absl::StrCat("-DZEPHYR_MCUBOOT_CMAKE=", script),
        absl::StrCat("-DIMGTOOL=", kImgtool),
        "-DPYTHON_EXECUTABLE=python3",
        absl::StrCat("-DKEYS=", On().File("keys")),
        absl::StrCat("-DZEPHYR_BINARY_DIR=", On().File("zephyr")),
        absl::StrCat("-DCONFIG_MCUBOOT_SIGNATURE_KEY_FILE=", configuration.name,
                     ".key")};
    configure.insert(configure.end(), configuration.options.begin(),
                     configuration.options.end());
    fs::remove_all(On().File("project"));
    const Outcome project = tests::Run(configure);
    ASSERT_EQ(project.exit_code, 0) << project.err;
    std::string expected = "\n";
    bool makes_all = true;
    for (const ZephyrLine& line : configuration.lines) {
      absl::StrAppend(&expected, line.command, "\n");
      makes_all = makes_all && line.outcome != ZephyrOutcome::kRefuses;
      fs::remove(line.Output());
    }
    EXPECT_EQ(absl::StrReplaceAll(On().Read("project/lines"), {{" \n", "\n"}}),
              expected);
    const Outcome build = tests::Run({"cmake", "--build", On().File("project")},
                                     BuildEnvironment());
    EXPECT_EQ(build.exit_code == 0, makes_all) << build.out;
    for (const ZephyrLine& line : configuration.lines) {
      if (!makes_all) continue;
      EXPECT_EQ(VerifyMade(line).exit_code, 0);
    }
  }
}

TEST(ImgtoolPy, EndsAsTheProgramDoes) {
  const Environment environment{
      {"BOOTSEAL_PROGRAM", BOOTSEAL_BIN_DIR "/bootseal"}};
  const Outcome version =
      tests::Run({"python3", kImgtool, "version"}, environment);
  EXPECT_EQ(version.exit_code, 0);
  EXPECT_EQ(version.out, "2.4.0\n");
  const Outcome usage = tests::Run({"python3", kImgtool, "sign"}, environment);
  EXPECT_EQ(usage.exit_code, 2);
  EXPECT_THAT(usage.err, HasSubstr("--version is required"));
}

TEST(ImgtoolPy, SaysWhichProgramItDoesNotFind) {
  const Outcome outcome =
      tests::Run({"python3", kImgtool, "version"},
                 {{"BOOTSEAL_PROGRAM", "/nowhere/bootseal"}});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.err,
              HasSubstr("cannot run /nowhere/bootseal: No such file"));
}

}  // namespace
}  // namespace bootseal::tests
