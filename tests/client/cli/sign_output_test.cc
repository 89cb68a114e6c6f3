// bootseal sign against a real server: where its files go, and what is there
// when something fails on the way.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/cli/intel_hex.h"
#include "tests/client/cli/online_fixture.h"

namespace bootseal::tests {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class SignOutputTest : public OnlineTest {
 protected:
  SignOutputTest() { server_.Start(); }

  // Signs in a shell, with what stands behind the command.
  Outcome SignInShell(const std::string& before, const std::string& behind,
                      std::vector<std::string> arguments) {
    Environment environment = server_.ClientEnvironment("ci");
    environment["BOOTSEAL_STATE"] = state_.path();
    std::vector<std::string> all{"sh",
                                 "-c",
                                 absl::StrCat(before, "\"$0\" \"$@\" ", behind),
                                 BOOTSEAL_PROGRAM,
                                 "sign",
                                 "--target",
                                 "app",
                                 "--version",
                                 "1.2.3",
                                 File("app.bin")};
    all.insert(all.end(), arguments.begin(), arguments.end());
    return tests::Run(all, environment);
  }

  // What the log holds of allowed signatures, in JSON.
  std::string Signatures() {
    return Bootseal("auditor",
                    {"audit", "list", "--json", "--decision", "allowed"})
        .out;
  }

  void WriteHex(const std::string& name, std::uint32_t address) {
    const auto hex = cli::WriteIntelHex({{address, Payload(5000)}});
    ASSERT_TRUE(hex.ok());
    Write(name, *hex);
  }
};

TEST_F(SignOutputTest, AnImageOnStandardOutputIsAloneThere) {
  for (const char* name : {"-", "/dev/stdout", "/dev/fd/1"}) {
    const Outcome outcome =
        Sign("ci", {"--request-id", "r", "-o", name, "--receipt", File("r")});
    ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
    ASSERT_EQ(Sign("ci", {"--request-id", "r", "-o", File("i")}).exit_code, 0);
    EXPECT_EQ(outcome.out, Read("i"));
    EXPECT_THAT(outcome.err, HasSubstr("bytes, bootable"));
    EXPECT_THAT(Files(), ElementsAre("app.bin", "i", "r"));
  }
  const Outcome json = Sign("ci", {"--json", "--request-id", "r", "-o", "-"});
  EXPECT_EQ(json.out, Read("i"));
  EXPECT_THAT(json.err, HasSubstr("\"image\":\"-\""));
}

TEST_F(SignOutputTest, StandardOutputGoesOnWhereItIs) {
  Write("log", "before\n");
  const Outcome outcome =
      SignInShell("", absl::StrCat(">>", File("log")), {"-o", "/dev/stdout"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(Read("log").substr(0, 11), "before\n\x3d\xb8\xf3\x96");
}

TEST_F(SignOutputTest, AReceiptOnStandardOutputIsAloneThere) {
  const Outcome outcome = Sign("ci", {"--receipt", "-"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(outcome.out.rfind("c2sp.org/tlog-proof@v1\n", 0), 0U);
  EXPECT_THAT(outcome.out, Not(HasSubstr("bootable")));
  EXPECT_THAT(outcome.err, HasSubstr("bootable"));
}

TEST_F(SignOutputTest, ADeviceGetsTheImageAndStaysADevice) {
  const Outcome outcome = Sign("ci", {"-o", "/dev/null"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("/dev/null"));
  struct stat info {};
  ASSERT_EQ(stat("/dev/null", &info), 0);
  EXPECT_TRUE(S_ISCHR(info.st_mode));
}

TEST_F(SignOutputTest, APipeGetsTheImage) {
  ASSERT_EQ(mkfifo(File("pipe").c_str(), 0600), 0);
  std::string image;
  std::thread reader([&] { image = Read("pipe"); });
  const Outcome outcome = Sign("ci", {"--request-id", "r", "-o", File("pipe")});
  reader.join();
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  ASSERT_EQ(Sign("ci", {"--request-id", "r", "-o", File("i")}).exit_code, 0);
  EXPECT_EQ(image, Read("i"));
  EXPECT_THAT(Files(), ElementsAre("app.bin", "i", "pipe"));
}

TEST_F(SignOutputTest, AFailedImageLeavesTheReceiptOfTheLastOne) {
  Write("receipt", "the last one's");
  const Outcome outcome =
      Sign("ci", {"-o", "/dev/full", "--receipt", File("receipt")});
  EXPECT_EQ(outcome.exit_code, 5);
  EXPECT_THAT(outcome.err, HasSubstr("No space left"));
  EXPECT_EQ(outcome.out, "");
  EXPECT_EQ(Read("receipt"), "the last one's");
  EXPECT_THAT(Files(), ElementsAre("app.bin", "receipt"));
}

// The receipt is small enough, the image is not.
TEST_F(SignOutputTest, ALimitOfFileSizesIsNamedAndLeavesTheLastFiles) {
  Write("image", "the last one");
  Write("receipt", "the last one's");
  const Outcome outcome =
      SignInShell("ulimit -f 8; exec ", "",
                  {"-o", File("image"), "--receipt", File("receipt")});
  EXPECT_EQ(outcome.exit_code, 5);
  EXPECT_THAT(outcome.err, AllOf(HasSubstr("FILE_UNWRITABLE"),
                                 HasSubstr("image: File too large")));
  EXPECT_EQ(Read("image"), "the last one");
  EXPECT_EQ(Read("receipt"), "the last one's");
  EXPECT_THAT(Files(), ElementsAre("app.bin", "image", "receipt"));
}

TEST_F(SignOutputTest, AResultThatIsNotWrittenIsNoSuccess) {
  const Outcome outcome = SignInShell("", ">/dev/full", {});
  EXPECT_EQ(outcome.exit_code, 5);
  EXPECT_THAT(outcome.err, HasSubstr("cannot write to standard output"));
  // The image is whole all the same.
  EXPECT_THAT(Files(), ElementsAre("app.bin", "app.signed.bin"));
  const Outcome lost = SignInShell("", ">/dev/full", {"-o", "-"});
  EXPECT_EQ(lost.exit_code, 5);
  EXPECT_THAT(lost.err, Not(HasSubstr("bootable")));
}

TEST_F(SignOutputTest, AClosedStreamHarmsNoFile) {
  ASSERT_EQ(Sign("ci", {"--request-id", "r", "-o", File("i")}).exit_code, 0);
  for (const char* closed : {">&-", "2>&-", ">&- 2>&-", "<&- >&- 2>&-"}) {
    const Outcome outcome =
        SignInShell("", closed, {"--request-id", "r", "--receipt", File("r")});
    EXPECT_EQ(outcome.exit_code, closed[0] == '2' ? 0 : 5) << closed;
    EXPECT_EQ(Read("app.signed.bin"), Read("i")) << closed;
    EXPECT_EQ(Read("r").rfind("c2sp.org/tlog-proof@v1\n", 0), 0U) << closed;
  }
}

// A client that has signed and written the receipt beside its place; its image
// waits for a reader.
class StoppedSignTest : public SignOutputTest {
 protected:
  StoppedSignTest() { EXPECT_EQ(mkfifo(File("pipe").c_str(), 0600), 0); }

  std::unique_ptr<Background> Start(const std::string& behind) {
    Environment environment = server_.ClientEnvironment("ci");
    environment["BOOTSEAL_STATE"] = state_.path();
    auto client = std::make_unique<Background>(
        std::vector<std::string>{
            "sh", "-c", absl::StrCat("exec \"$0\" \"$@\" ", behind),
            BOOTSEAL_PROGRAM, "sign", "--target", "app", "--version", "1", "-o",
            File("pipe"), "--receipt", File("receipt"), File("app.bin")},
        environment, state_.File("client.log"));
    const auto deadline =
        std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (Files().size() < 3 && std::chrono::steady_clock::now() < deadline) {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    EXPECT_EQ(Files().size(), 3U);
    EXPECT_THAT(Files(), Not(testing::Contains("receipt")));
    return client;
  }
};

TEST_F(StoppedSignTest, ASignalLeavesNoPartOfAFile) {
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) {
    const auto client = Start("");
    client->Signal(number);
    EXPECT_EQ(client->Wait(std::chrono::seconds(20)), 128 + number);
    EXPECT_THAT(Files(), ElementsAre("app.bin", "pipe"));
  }
}

TEST_F(StoppedSignTest, AClosedStreamIsNoOtherFile) {
  const auto client = Start("<&- >&- 2>&-");
  for (const char* stream : {"0", "1", "2"}) {
    EXPECT_EQ(std::filesystem::read_symlink(
                  absl::StrCat("/proc/", client->pid(), "/fd/", stream)),
              "/dev/null");
  }
  client->Signal(SIGTERM);
  client->Wait(std::chrono::seconds(20));
}

TEST_F(SignOutputTest, HexWithoutRoomForTheHeaderIsNotSigned) {
  WriteHex("app.hex", 0x200);
  const Outcome outcome = Bootseal(
      "ci", {"sign", "--target", "app", "--version", "1", File("app.hex")});
  EXPECT_EQ(outcome.exit_code, 5);
  EXPECT_THAT(outcome.err, AllOf(HasSubstr("HEX_ADDRESS"), HasSubstr("0x200"),
                                 HasSubstr("0x400")));
  EXPECT_THAT(Signatures(), HasSubstr("\"entries\":[]"));
  EXPECT_THAT(Files(), ElementsAre("app.bin", "app.hex"));
}

TEST_F(SignOutputTest, HexBeyondTheAddressSpaceIsNotSigned) {
  for (const char* address : {"0xfffff000", "4294967295"}) {
    const Outcome outcome =
        Sign("ci", {"-o", File("out.hex"), "--address", address});
    EXPECT_EQ(outcome.exit_code, 5);
    EXPECT_THAT(outcome.err, AllOf(HasSubstr("HEX_ADDRESS"),
                                   HasSubstr("32-bit address space")));
  }
  EXPECT_THAT(Signatures(), HasSubstr("\"entries\":[]"));
  EXPECT_THAT(Files(), ElementsAre("app.bin"));
}

// What we may not have, the server names, and logs.
TEST_F(SignOutputTest, HexForATargetThatWeMayNotSeeIsRefusedByTheServer) {
  const Outcome outcome =
      Sign("developer", {"-o", File("out.hex"), "--address", "0x8000"});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.err, HasSubstr("WRONG_ROLE"));
}

TEST_F(SignOutputTest, HexUnderAnotherNameIsSignedRawWithAWarning) {
  const auto hex = cli::WriteIntelHex({{0x10080400, Payload(5000)}});
  ASSERT_TRUE(hex.ok());
  Write("app.bin", *hex);
  const Outcome outcome = Sign("ci");
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_THAT(outcome.err,
              AllOf(HasSubstr("warning: payload "), HasSubstr("is Intel HEX"),
                    HasSubstr("ends in .hex")));
  EXPECT_EQ(Read("app.signed.bin").substr(0x400, hex->size()), *hex);
}

TEST_F(SignOutputTest, APayloadThatNoCoreCouldStartIsSignedWithAWarning) {
  Write("app.bin", std::string(0x400, '\0') + Payload(100));
  const Outcome outcome = Sign("ci");
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_THAT(outcome.err, HasSubstr("warning: the payload starts with 1024"));
  EXPECT_THAT(outcome.out, Not(HasSubstr("warning")));
  const Outcome json = Sign("ci", {"--json"});
  ASSERT_EQ(json.exit_code, 0) << json.err;
  EXPECT_THAT(json.out,
              HasSubstr("\"warnings\":[\"the payload starts with 1024"));
  EXPECT_EQ(json.err, "");
}

TEST_F(SignOutputTest, AGoodPayloadHasNoWarnings) {
  const Outcome json = Sign("ci", {"--json"});
  ASSERT_EQ(json.exit_code, 0) << json.err;
  EXPECT_THAT(json.out, HasSubstr("\"warnings\":[]"));
}

}  // namespace
}  // namespace bootseal::tests
