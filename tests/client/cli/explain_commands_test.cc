// The commands that diagnoses give, typed into a shell: the detectors' own rows
// (tests/firmware/image/host), and what is pasted of each.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <set>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/file.h"
#include "tests/firmware/image/host/mistake_case.h"
#include "tests/support/process.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_folder.h"

namespace bootseal::tests {
namespace {

using image::host::Diagnosis;
using testing::HasSubstr;
using testing::Not;

// A folder as a user has one: the files that commands name, bootseal in PATH,
// and no server set.
class Shell {
 public:
  Shell() {
    for (const char* file : {"payload.bin", "image.bin", "image.whole.bin"}) {
      Write(file, TestPayload(4096));
    }
    Write("DEVICE.pem", "whatever");
  }

  Outcome Paste(const std::string& command) const {
    return Run(
        {"sh", "-c", absl::StrCat("cd ", folder_.path(), " && ", command)},
        environment_);
  }
  // Only whether it is a command line.
  Outcome Parse(const std::string& command) const {
    return Run({"sh", "-n", "-c", command}, environment_);
  }

 private:
  void Write(const std::string& name, const std::string& content) {
    EXPECT_OK(base::WriteFileAtomically(folder_.File(name), content));
  }

  static std::string PathWithProgram() {
    const std::string program = BOOTSEAL_PROGRAM;
    return absl::StrCat(program.substr(0, program.rfind('/')), ":",
                        std::getenv("PATH"));
  }

  TemporaryFolder folder_;
  Environment environment_{{"PATH", PathWithProgram()},
                           {"BOOTSEAL_SERVER", ""},
                           {"BOOTSEAL_CA", ""},
                           {"BOOTSEAL_CERT", ""},
                           {"BOOTSEAL_KEY", ""},
                           {"BOOTSEAL_LOG_KEY", ""},
                           {"XDG_CONFIG_HOME", "/nonexistent"},
                           {"BOOTSEAL_STATE", "/nonexistent"}};
};

// The line was understood, and the settings for a server are all that is
// missing.
void ExpectUnderstood(const Outcome& outcome, const std::string& command) {
  EXPECT_THAT(outcome.err, HasSubstr("LOG_KEY_MISSING")) << command;
  EXPECT_EQ(outcome.exit_code, 2) << command << outcome.err;
}

// Nothing can be typed: the version is not known, or it is not the file that is
// to be changed.
bool MayHaveNoCommand(const std::string& code) {
  static const auto* codes = new std::set<std::string>{
      "EMPTY",    "OTHER_FORMAT", "TRUNCATED",
      "MAGIC_V1", "BIG_ENDIAN",   "IMGTOOL_SIZE_CHECK"};
  return codes->count(code) != 0;
}

void ExpectPasteable(const Diagnosis& one) {
  const std::string& command = one.command;
  EXPECT_THAT(one.fix, Not(HasSubstr("bootseal sign --"))) << one.code;
  if (command.empty()) {
    EXPECT_TRUE(MayHaveNoCommand(one.code)) << one.code;
    return;
  }
  const Shell shell;
  EXPECT_EQ(shell.Parse(command).exit_code, 0) << command;
  EXPECT_THAT(command, Not(HasSubstr("VERSION"))) << one.code;
  EXPECT_THAT(command, Not(HasSubstr("FILE"))) << one.code;
  if (absl::StrContains(command, "bootseal ")) {
    ExpectUnderstood(shell.Paste(command), command);
  } else if (absl::StartsWith(command, "tail ")) {
    const Outcome outcome = shell.Paste(command);
    EXPECT_EQ(outcome.exit_code, 0) << command << outcome.err;
    EXPECT_EQ(outcome.err, "");
  }
}

[[maybe_unused]] const bool kInstalled = [] {
  EveryDiagnosis() = ExpectPasteable;
  return true;
}();

// That the check above can fail.
TEST(PastedCommand, IsNotUnderstoodWithAnOptionThatIsNone) {
  const Shell shell;
  for (const char* command :
       {"bootseal sign --target app --version 1.2.3 --encript DEVICE.pem -o "
        "image.bin payload.bin",
        "bootseal sign --target app --version VERSION -o image.bin payload.bin",
        "bootseal imgtool sign -k bootseal:app -v VERSION -H 0x20 -S 0x10000 "
        "payload.bin image.bin",
        "bootseal imgtool sign -k bootseal:app -v 1.2.3 -H 0x20 -S 0x10000 "
        "payload.bin image.bin with -E"}) {
    const Outcome outcome = shell.Paste(command);
    EXPECT_NE(outcome.exit_code, 0) << command;
    EXPECT_THAT(outcome.err, Not(HasSubstr("LOG_KEY_MISSING"))) << command;
  }
}

TEST(PastedCommand, OfEveryOptionIsUnderstood) {
  TestTarget target(SharedKey(image::Algorithm::kEd25519),
                    image::HashAlgorithm::kSha512);
  target.rules.encryption = image::mcuboot::Presence::kRequired;
  target.rules.encryption_tlv = 0x34;
  target.rules.encryption_key_bits = 256;
  target.rules.compression = image::mcuboot::Compression::kLzma2;
  target.rules.security_counter = image::mcuboot::Presence::kRequired;
  image::host::TargetWords words{.name = "a b'c", .dependencies = "(1,0.0.0)"};
  image::host::ImageWords image;
  image.version = image::mcuboot::Version{1, 2, 3, 4};
  image.security_counter = 5;
  image.compressed = true;
  image.vendor_tlvs = {{0xa5, {1, 2}}};
  image.hex_address = 0x10000000;
  const Shell shell;
  for (const std::string& command :
       {image::host::SignCommand(target.rules, words, image),
        image::host::ImgtoolCommand(target.rules, words, image)}) {
    ExpectUnderstood(shell.Paste(command), command);
  }
}

}  // namespace
}  // namespace bootseal::tests
