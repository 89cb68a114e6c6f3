// firmware/provision: what it takes, and that it leaves nothing half done.
#include <gmock/gmock.h>

#include <filesystem>
#include <string>
#include <vector>

#include "base/file.h"
#include "tests/qemu/bench.h"
#include "tests/support/device.h"
#include "tests/support/process.h"
#include "tests/support/temporary_folder.h"

namespace bootseal::tests {
namespace {

using image::Algorithm;
using testing::HasSubstr;

constexpr const char* kProvision = BOOTSEAL_SOURCE_DIR "/firmware/provision";
constexpr const char* kExample =
    BOOTSEAL_SOURCE_DIR "/firmware/boot/rules.example.cc";

Outcome Provision(const std::string& board, const std::string& algorithm,
                  const std::string& rules, const std::string& elf) {
  return Run({kProvision, "--board", board, "--algorithm", algorithm, "--build",
              BOOTSEAL_BUILD_DIR, "--rules", rules, "-o", elf});
}

bool IsEmpty(const TemporaryFolder& folder) {
  return std::filesystem::is_empty(folder.path());
}

TEST(Provision, TakesTheExampleWhoseKeySignedNothing) {
  const TemporaryFolder folder;
  const std::string elf = folder.File("boot.elf");
  const Outcome outcome = Provision("mps2-an505", "p256", kExample, elf);
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;

  const Device stranger(Algorithm::kP256);
  const std::string image = folder.File("image");
  WriteFile(image, stranger.Seal(Payload("mps2-an505")));
  EXPECT_THAT(UartOf({"mps2-an505", elf, image}, "refused"),
              HasSubstr("refused: signed with another key"));
}

TEST(Provision, MakesTheSameBytesWhereverTheRulesLie) {
  const TemporaryFolder a;
  const TemporaryFolder b;
  const absl::StatusOr<std::string> source = base::ReadFile(kExample, 1 << 20);
  ASSERT_TRUE(source.ok());
  WriteFile(b.File("other.cc"), *source);
  ASSERT_EQ(
      Provision("mps2-an505", "p256", kExample, a.File("a.elf")).exit_code, 0);
  ASSERT_EQ(Provision("mps2-an505", "p256", b.File("other.cc"), b.File("b.elf"))
                .exit_code,
            0);
  EXPECT_EQ(base::ReadFile(a.File("a.elf"), 1 << 24).value(),
            base::ReadFile(b.File("b.elf"), 1 << 24).value());
}

TEST(Provision, RefusesRulesThatDoNotCompileAndWritesNothing) {
  const TemporaryFolder sources;
  const TemporaryFolder folder;
  const std::string rules = sources.File("rules.cc");
  for (const char* text :
       {"not C++", "#include \"firmware/boot/rules.h\"\n",
        // An odd number of digits, and a digit that is none.
        "#include \"firmware/boot/rules.h\"\n"
        "constexpr auto kKey = bootseal::boot::Hex(\"123\");",
        "#include \"firmware/boot/rules.h\"\n"
        "constexpr auto kKey = bootseal::boot::Hex(\"1g\");"}) {
    WriteFile(rules, text);
    const Outcome outcome =
        Provision("mps2-an505", "p256", rules, folder.File("boot.elf"));
    EXPECT_EQ(outcome.exit_code, 1) << text;
    EXPECT_THAT(outcome.err, HasSubstr("provision: "));
    EXPECT_TRUE(IsEmpty(folder)) << text;
  }
}

TEST(Provision, RefusesRulesForAnotherAlgorithmByName) {
  const TemporaryFolder folder;
  for (const char* algorithm : {"p384", "rsa3072", "ed25519"}) {
    const Outcome outcome =
        Provision("mps2-an505", algorithm, kExample, folder.File("boot.elf"));
    EXPECT_EQ(outcome.exit_code, 1) << algorithm;
    EXPECT_EQ(outcome.err, std::string("provision: ") + kExample +
                               " is for p256, not for " + algorithm +
                               ": give --algorithm p256\n");
    EXPECT_TRUE(IsEmpty(folder)) << algorithm;
  }
}

TEST(Provision, RefusesRulesThatNameNoAlgorithm) {
  const TemporaryFolder sources;
  const TemporaryFolder folder;
  std::string source = base::ReadFile(kExample, 1 << 20).value();
  const std::string line = "    .algorithm = image::Algorithm::kP256,\n";
  source.erase(source.find(line), line.size());
  WriteFile(sources.File("rules.cc"), source);
  const Outcome outcome = Provision(
      "mps2-an505", "p256", sources.File("rules.cc"), folder.File("boot.elf"));
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.err, HasSubstr("names no .algorithm"));
  EXPECT_TRUE(IsEmpty(folder));
}

TEST(Provision, NamesTheBoardAlgorithmOrFileThatDoesNotExist) {
  const TemporaryFolder folder;
  const std::string elf = folder.File("boot.elf");
  EXPECT_THAT(Provision("mps2-an999", "p256", kExample, elf).err,
              HasSubstr("no board mps2-an999"));
  EXPECT_THAT(Provision("mps2-an505", "p521", kExample, elf).err,
              HasSubstr("libboot-mps2-an505-p521.a"));
  EXPECT_THAT(Provision("mps2-an505", "p256", folder.File("no.cc"), elf).err,
              HasSubstr("no.cc"));
  EXPECT_EQ(tests::Run({kProvision, "--board"}).exit_code, 2);
  const Outcome crypto = tests::Run(
      {kProvision, "--board", "mps2-an505", "--algorithm", "p256", "--build",
       BOOTSEAL_BUILD_DIR, "--rules", kExample, "--crypto", "none", "-o", elf});
  EXPECT_EQ(crypto.exit_code, 2);
  EXPECT_THAT(crypto.err, HasSubstr("no crypto none: own or library"));
  const Outcome log = tests::Run(
      {kProvision, "--board", "mps2-an505", "--algorithm", "p256", "--build",
       BOOTSEAL_BUILD_DIR, "--rules", kExample, "--log", "some", "-o", elf});
  EXPECT_EQ(log.exit_code, 2);
  EXPECT_THAT(log.err, HasSubstr("no log some: full, codes or none"));
  EXPECT_TRUE(IsEmpty(folder));
}

// The example with one line replaced.
std::string ExampleWith(const TemporaryFolder& folder, const std::string& line,
                        const std::string& other) {
  const absl::StatusOr<std::string> source = base::ReadFile(kExample, 1 << 20);
  EXPECT_TRUE(source.ok()) << source.status();
  std::string text = source.value_or("");
  const std::size_t at = text.find(line);
  EXPECT_NE(at, std::string::npos) << line;
  const std::string path = folder.File("rules.cc");
  WriteFile(path, text.replace(at, line.size(), other));
  return path;
}

TEST(Provision, RefusesATargetWhoseImagesAreNeverStarted) {
  const TemporaryFolder rules;
  const TemporaryFolder folder;
  const Outcome outcome = Provision(
      "mps2-an505", "p256",
      ExampleWith(rules, ".non_bootable = false", ".non_bootable = true"),
      folder.File("boot.elf"));
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.err, HasSubstr("never started (non_bootable)"));
  EXPECT_TRUE(IsEmpty(folder));
}

TEST(Provision, RefusesATargetWhoseImagesAreEncrypted) {
  const TemporaryFolder rules;
  const TemporaryFolder folder;
  for (const char* presence : {"kOptional", "kRequired"}) {
    const Outcome outcome = Provision(
        "mps2-an505", "p256",
        ExampleWith(
            rules, ".encryption = image::mcuboot::Presence::kForbidden",
            std::string(".encryption = image::mcuboot::Presence::") + presence),
        folder.File("boot.elf"));
    EXPECT_EQ(outcome.exit_code, 1);
    EXPECT_THAT(outcome.err, HasSubstr("this bootloader decrypts nothing"));
    EXPECT_TRUE(IsEmpty(folder));
  }
}

}  // namespace
}  // namespace bootseal::tests
