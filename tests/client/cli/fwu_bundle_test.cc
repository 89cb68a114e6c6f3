// bootseal fwu bundle and check, create --target: against a real server.
#include <gmock/gmock.h>
#include <grpcpp/client_context.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/file.h"
#include "client/fwu/bundle.h"
#include "firmware/image/host/convert.h"
#include "tests/client/cli/online_fixture.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_approver.h"
#include "tests/support/test_release.h"

namespace bootseal::tests {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

class FwuBundle : public OnlineTest {
 protected:
  FwuBundle() {
    server_.AddKey("update", hsm::Algorithm::kP256);
    server_.AddKey("other", hsm::Algorithm::kP256);
    Add("board", "update");
    Add("other-board", "other");
    v1::Target& guarded = Add("guarded", "update");
    guarded.set_approvals(1);
    guarded.add_approvers("release-manager");
    server_.AddPerson(alice_.name(), "release-manager")
        .add_approver_keys()
        ->set_public_key(alice_.public_key());
    Write("fip.bin", TestFip(50'000));
    Write("bootfs.bin", std::string(20'000, 'b'));
    server_.Start();
  }

  v1::Target& Add(const std::string& name, const std::string& key) {
    v1::Target& target = *server_.policy().add_targets();
    target.set_name(name);
    target.set_key(key);
    target.add_requesters("ci");
    *target.mutable_release() = TestReleaseFormat();
    return target;
  }

  Outcome MakeBundle(const std::string& target,
                     const std::vector<std::string>& more = {},
                     const std::string& caller = "ci") {
    std::vector<std::string> arguments{
        "fwu", "bundle", "--target", target, "--version", "1.2.3",
        // Not in the target's order.
        "--component", "bootfs=" + File("bootfs.bin"), "--component",
        "fip=" + File("fip.bin"), "--security-counter", "5", "-o",
        File("out.tar")};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return Bootseal(caller, arguments);
  }

  // Without a server, as a verifier far away.
  Outcome Check(const std::string& file, const std::string& profile = "profile",
                const std::string& log_key = "") {
    Environment offline{{"BOOTSEAL_SERVER", "127.0.0.1:1"}};
    if (!log_key.empty()) offline["BOOTSEAL_LOG_KEY"] = log_key;
    return Bootseal("ci",
                    {"fwu", "check", File(file), "--profile", File(profile)},
                    offline);
  }

  const TestApprover alice_{"alice"};

  // The good bundle with one member another.
  void WriteTar(const std::string& name, const fwu::BundleParts& parts) {
    EXPECT_OK(fwu::WriteBundleFile(parts, File(name)));
  }
};

TEST_F(FwuBundle, MakesABundleThatIsProvenOffline) {
  Export("board", "profile");
  const Outcome made = MakeBundle("board");
  ASSERT_EQ(made.exit_code, 0) << made.err;
  EXPECT_THAT(made.out, HasSubstr("log entry"));
  const Outcome checked = Check("out.tar");
  EXPECT_EQ(checked.exit_code, 0) << checked.err;
  EXPECT_THAT(checked.out, HasSubstr("version 1.2.3, security counter 5"));
  for (const std::vector<std::string>& command :
       {std::vector<std::string>{"inspect", File("out.tar")},
        std::vector<std::string>{"fwu", "show", File("out.tar")}}) {
    const Outcome shown = Bootseal("ci", command);
    EXPECT_EQ(shown.exit_code, 0) << shown.err;
    EXPECT_THAT(shown.out, HasSubstr("release bundle (not checked"));
    EXPECT_THAT(shown.out, HasSubstr("20000 of 32768 bytes"));
  }
  EXPECT_EQ(
      Bootseal("ci", {"fwu", "check", File("out.tar"), "--target", "board"})
          .exit_code,
      0);
}

TEST_F(FwuBundle, TellsADeviceWhoseReleasesItTakes) {
  const Outcome told =
      Bootseal("ci", {"targets", "export", "board", "--format", "fwu"});
  EXPECT_EQ(told.exit_code, 0) << told.err;
  EXPECT_THAT(told.out, HasSubstr("images-per-bank = 2\n"));
  EXPECT_THAT(told.out, HasSubstr("algorithm = \"p256\"\n"));
  EXPECT_THAT(told.out, HasSubstr("log-key = \"" + server_.log_key() + "\"\n"));
}

// While "other" takes the place of "update".
TEST_F(FwuBundle, OfTheKeyBeforeIsProvenAndNamedWhileItIsTrusted) {
  ASSERT_EQ(MakeBundle("board").exit_code, 0);
  v1::Target& board =
      *server_.policy().mutable_targets(server_.policy().targets_size() - 3);
  ASSERT_EQ(board.name(), "board");
  const auto put = [&](std::uint64_t version) {
    server_.Stop();
    server_.policy().set_version(version);
    server_.Start();
    Export("board", "profile");
  };
  board.set_key("other");
  board.add_overlap_keys("update");
  put(2);
  const Outcome checked = Check("out.tar");
  EXPECT_EQ(checked.exit_code, 0) << checked.err;
  EXPECT_THAT(checked.out,
              HasSubstr(", key update, beside other, the current one\n"));
  const Outcome told =
      Bootseal("ci", {"targets", "export", "board", "--format", "fwu"});
  EXPECT_THAT(told.out,
              HasSubstr("# (bootseal keys show other --format pem && "
                        "bootseal keys show update --format pem) > "));
  board.clear_overlap_keys();
  put(3);
  const Outcome dropped = Check("out.tar");
  EXPECT_EQ(dropped.exit_code, 1);
  EXPECT_THAT(dropped.err, HasSubstr("SIGNATURE_INVALID"));
}

TEST_F(FwuBundle, TellsADeviceNothingOfATargetWithoutReleases) {
  const Outcome told =
      Bootseal("ci", {"targets", "export", "app", "--format", "fwu"});
  EXPECT_EQ(told.exit_code, 1);
  EXPECT_THAT(told.err, HasSubstr("app is for an image"));
}

TEST_F(FwuBundle, TheSameRequestGivesTheSameBundle) {
  ASSERT_EQ(MakeBundle("board", {"--request-id", "r-1"}).exit_code, 0);
  const std::string first = Read("out.tar");
  ASSERT_EQ(MakeBundle("board", {"--request-id", "r-1"}).exit_code, 0);
  EXPECT_EQ(Read("out.tar"), first);
}

TEST_F(FwuBundle, RefusesABundleOfWhichAnyMemberWasChanged) {
  Export("board", "profile");
  ASSERT_EQ(MakeBundle("board", {"--receipt", File("receipt")}).exit_code, 0);
  const auto source = fwu::FromFile(File("out.tar"));
  ASSERT_OK(source);
  const auto head = fwu::ReadBundleHead(**source);
  ASSERT_OK(head);
  EXPECT_EQ(head->receipt, Read("receipt"));
  const std::string fip = Read("fip.bin");
  const std::string bootfs = Read("bootfs.bin");
  const Outcome issued = Bootseal(
      "ci", {"fwu", "create", "--target", "board", "-o", File("metadata")});
  ASSERT_EQ(issued.exit_code, 0) << issued.err;
  const std::string metadata = Read("metadata");
  const auto tar = [&](const std::string& envelope, const std::string& receipt,
                       const std::string& given, const std::string& one,
                       const std::string& two) {
    WriteTar("changed.tar", {{envelope, receipt},
                             given,
                             {{"fip", fwu::FromMemory(one)},
                              {"bootfs", fwu::FromMemory(two)}}});
    return Check("changed.tar");
  };
  const auto spoilt = [](std::string text, std::size_t at) {
    text[at] = static_cast<char>(text[at] ^ 1);
    return text;
  };
  // Unchanged parts are the good bundle: what follows fails for its change.
  const std::string& envelope = head->envelope;
  ASSERT_EQ(tar(envelope, head->receipt, metadata, fip, bootfs).exit_code, 0);
  ASSERT_EQ(Read("changed.tar"), Read("out.tar"));
  const auto expect = [](const Outcome& outcome, const char* reason) {
    EXPECT_EQ(outcome.exit_code, 1) << outcome.out;
    EXPECT_EQ(outcome.out, "");
    EXPECT_THAT(outcome.err, HasSubstr(reason));
  };
  const std::size_t payload = envelope.find("\"payload\":\"") + 30;
  const Outcome manifest =
      tar(spoilt(envelope, payload), head->receipt, metadata, fip, bootfs);
  EXPECT_EQ(manifest.exit_code, 1) << manifest.out;
  expect(tar(envelope, "", metadata, fip, bootfs), "RECEIPT_MISSING");
  expect(tar(envelope, spoilt(head->receipt, head->receipt.size() / 2),
             metadata, fip, bootfs),
         "RECEIPT");
  expect(tar(envelope, head->receipt, spoilt(metadata, 60), fip, bootfs),
         "BUNDLE_METADATA");
  expect(tar(envelope, head->receipt, metadata, spoilt(fip, 40'000), bootfs),
         "IMAGE_DIGEST");
  expect(tar(envelope, head->receipt, metadata, fip, spoilt(bootfs, 19'999)),
         "IMAGE_DIGEST");
  expect(tar(envelope, head->receipt, metadata, bootfs, fip), "BUNDLE_SIZE");
  expect(tar(envelope, head->receipt, metadata, fip, bootfs + "b"),
         "BUNDLE_SIZE");
}

TEST_F(FwuBundle, RefusesABundleThatIsCutShort) {
  Export("board", "profile");
  ASSERT_EQ(MakeBundle("board").exit_code, 0);
  const std::string whole = Read("out.tar");
  for (const std::size_t size :
       {std::size_t{600}, std::size_t{3000}, std::size_t{9000},
        whole.size() / 2, whole.size() - 20'000}) {
    Write("cut.tar", whole.substr(0, size));
    EXPECT_EQ(Check("cut.tar").exit_code, 1) << size;
  }
}

TEST_F(FwuBundle, RefusesABundleByTheProfileOfAnother) {
  Export("board", "profile");
  Export("other-board", "other");
  Export("guarded", "guarded");
  ASSERT_EQ(MakeBundle("board").exit_code, 0);
  EXPECT_THAT(Check("out.tar", "other").err, HasSubstr("SIGNATURE_INVALID"));
  // The same key and another target.
  const Outcome guarded = Check("out.tar", "guarded");
  EXPECT_EQ(guarded.exit_code, 1);
  EXPECT_THAT(guarded.err, HasSubstr("RELEASE_OF_ANOTHER"));
  Export("app", "app");
  EXPECT_THAT(Check("out.tar", "app").err, HasSubstr("TARGET_NOT_RELEASE"));
}

TEST_F(FwuBundle, NeedsAProfileAndTheLogsKeyToProveABundle) {
  Export("board", "profile");
  ASSERT_EQ(MakeBundle("board").exit_code, 0);
  const Outcome bare = Bootseal("ci", {"fwu", "check", File("out.tar")});
  EXPECT_EQ(bare.exit_code, 2);
  EXPECT_THAT(bare.err, HasSubstr("TARGET_MISSING"));
  const Outcome keyless = Bootseal(
      "ci", {"fwu", "check", File("out.tar"), "--profile", File("profile")},
      {{"BOOTSEAL_LOG_KEY", ""}});
  EXPECT_EQ(keyless.exit_code, 2);
  EXPECT_THAT(keyless.err, HasSubstr("LOG_KEY_MISSING"));
}

TEST_F(FwuBundle, WritesNothingForWhatIsRefused) {
  Write("empty", "");
  Write("raw.bin", "no fip");
  const auto expect = [&](const std::vector<std::string>& arguments, int exit,
                          const char* reason) {
    std::vector<std::string> all{"fwu", "bundle", "-o", File("none.tar")};
    all.insert(all.end(), arguments.begin(), arguments.end());
    const Outcome outcome = Bootseal("ci", all);
    EXPECT_EQ(outcome.exit_code, exit) << outcome.err;
    EXPECT_THAT(outcome.err, HasSubstr(reason));
    EXPECT_THAT(Files(), Not(Contains("none.tar")));
  };
  const std::string fip = "fip=" + File("fip.bin");
  const std::string bootfs = "bootfs=" + File("bootfs.bin");
  const auto of = [](std::string target, std::string version,
                     std::vector<std::string> components) {
    std::vector<std::string> all{
        "--target", target, "--version", version, "--security-counter", "5"};
    for (const std::string& each : components) {
      all.insert(all.end(), {"--component", each});
    }
    return all;
  };
  expect(of("board", "1.2.3", {fip}), 2, "COMPONENT_MISSING");
  expect(of("board", "1.2.3", {fip, bootfs, "x=" + File("fip.bin")}), 2,
         "COMPONENT_UNKNOWN");
  expect(of("board", "1.2.3", {fip, fip}), 2, "COMPONENT_TWICE");
  expect(of("board", "1.2.3", {fip, "bootfs"}), 2, "COMPONENT_INVALID");
  expect(of("board", "1.2.3", {fip, "=x"}), 2, "COMPONENT_INVALID");
  expect(of("board", "1.2.3", {fip, "bootfs=" + File("absent")}), 5,
         "FILE_NOT_FOUND");
  expect(of("board", "1.2.3", {fip, "bootfs=" + File("empty")}), 5,
         "FILE_EMPTY");
  expect(of("board", "one", {fip, bootfs}), 2, "version");
  expect(of("app", "1.2.3", {fip}), 1, "TARGET_NOT_RELEASE");
  expect(of("nobody", "1.2.3", {fip, bootfs}), 1, "nobody");
  expect(of("board", "1.2.3", {"fip=" + File("raw.bin"), bootfs}), 1, "fip");
  expect(of("board", "1.2.3", {fip, "bootfs=" + File("none.tar")}), 2,
         "OUTPUT_IS_INPUT");
  EXPECT_EQ(MakeBundle("board", {}, "developer").exit_code, 1);
  EXPECT_THAT(Files(), Not(Contains("out.tar")));
}

TEST_F(FwuBundle, HoldsTheServersKeyAgainstOurProfile) {
  Export("board", "profile");
  Export("other-board", "other");
  EXPECT_EQ(MakeBundle("board", {"--profile", File("profile")}).exit_code, 0);
  std::string forged = Read("profile");
  const std::string other = Read("other");
  const auto key = [](const std::string& text) {
    const std::size_t at = text.find("public_key");
    return text.substr(at, text.find('\n', at) - at);
  };
  forged.replace(forged.find(key(forged)), key(forged).size(), key(other));
  Write("forged", forged);
  const Outcome outcome = MakeBundle(
      "board", {"--profile", File("forged"), "--request-id", "forged"});
  EXPECT_EQ(outcome.exit_code, 1) << outcome.out;
  EXPECT_THAT(outcome.err, HasSubstr("PROFILE_MISMATCH"));
  EXPECT_THAT(MakeBundle("board", {"--profile", File("other")}).err,
              HasSubstr("PROFILE_MISMATCH"));
}

TEST_F(FwuBundle, EndsWithStatus3WhileItWaitsForApprovals) {
  const Outcome outcome = MakeBundle("guarded");
  EXPECT_EQ(outcome.exit_code, 3) << outcome.err;
  EXPECT_THAT(outcome.err, HasSubstr("bootseal approvals approve "));
  EXPECT_THAT(Files(), Not(Contains("out.tar")));
  EXPECT_EQ(MakeBundle("guarded", {"--wait", "1s"}).exit_code, 3);
  EXPECT_EQ(MakeBundle("guarded", {"--wait", "soon"}).exit_code, 2);
}

TEST_F(FwuBundle, IssuesMetadataWithItsProof) {
  const auto create = [&](std::vector<std::string> more) {
    more.insert(more.begin(), {"fwu", "create", "-o", File("md")});
    return Bootseal("ci", more);
  };
  const Outcome made =
      create({"--target", "board", "--active", "1", "--previous", "0",
              "--state", "accepted,valid", "--receipt", File("receipt")});
  ASSERT_EQ(made.exit_code, 0) << made.err;
  EXPECT_THAT(made.out, HasSubstr("in the log"));
  EXPECT_THAT(Read("receipt"), HasSubstr("c2sp.org/tlog-proof@v1"));
  const Outcome good =
      Bootseal("ci", {"fwu", "check", File("md"), "--target", "board"});
  EXPECT_EQ(good.exit_code, 0) << good.err;
  EXPECT_EQ(create({"--target", "board", "--active", "2"}).exit_code, 1);
  EXPECT_EQ(create({"--target", "app"}).exit_code, 1);
  EXPECT_EQ(create({"--target", "nobody"}).exit_code, 1);
  Write("bad.json", "{}");
  EXPECT_EQ(create({"--target", "board", "--json", File("bad.json")}).exit_code,
            1);
  // Good metadata, and another device's.
  ASSERT_EQ(create({"--metadata-version", "2", "--image", "fip:fip-a,fip-b",
                    "--state", "accepted,valid"})
                .exit_code,
            0);
  const Outcome other =
      Bootseal("ci", {"fwu", "check", File("md"), "--target", "board"});
  EXPECT_EQ(other.exit_code, 1);
  EXPECT_THAT(other.err, HasSubstr("METADATA_OF_ANOTHER"));
}

}  // namespace
}  // namespace bootseal::tests
