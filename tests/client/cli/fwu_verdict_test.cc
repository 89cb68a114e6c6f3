// bootseal fwu accept and reject against a real server, and what comes of it on
// a device with a release on trial.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/pem.h>

#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/clock.h"
#include "base/openssl.h"
#include "bootseal/v1/approvals.pb.h"
#include "client/fwu/bundle.h"
#include "firmware/image/host/guid.h"
#include "firmware/image/host/release_verdict.h"
#include "tests/client/cli/waiting_fixture.h"
#include "tests/client/fwu/simulated_device.h"
#include "tests/support/process.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_release.h"

namespace bootseal::tests {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

class FwuVerdict : public WaitingTest {
 protected:
  FwuVerdict() {
    update_ = server_.AddKey("update", hsm::Algorithm::kP256);
    server_.AddKey("other", hsm::Algorithm::kP256);
    server_.AddPerson("fleet", "fleet-manager");
    AddApprover(alice_);
    Add("gateway", "update");
    Add("other-gateway", "other");
    v1::Target& toaster = Add("toaster", "update");
    toaster.mutable_release()->set_product("toaster");
    v1::Target& guarded = Add("guarded", "update");
    guarded.set_approvals(1);
    guarded.add_approvers("release-manager");
    server_.Start();
    Bundle("gateway", "one.tar", 'f');
  }

  // Releases for the one image of a simulated device.
  v1::Target& Add(const std::string& name, const std::string& key) {
    v1::Target& target = *server_.policy().add_targets();
    target.set_name(name);
    target.set_key(key);
    target.add_requesters("ci");
    v1::ReleaseFormat& format = *target.mutable_release();
    format = TestReleaseFormat();
    format.set_product(fwu::kProduct);
    format.mutable_images()->RemoveLast();
    v1::ReleaseImage& image = *format.mutable_images(0);
    image.set_type_guid(image::host::FormatGuid(image::guids::kFip));
    for (int bank = 0; bank < 2; ++bank) {
      image.set_bank_guids(bank, image::host::FormatGuid(fwu::BankGuid(
                                     0, static_cast<std::size_t>(bank))));
    }
    format.add_verdict_requesters("fleet-manager");
    return target;
  }

  void Bundle(const std::string& target, const std::string& name, char seed,
              const std::string& version = "1.2.3",
              const std::vector<std::string>& more = {}) {
    Write("fip.bin", TestFip(50'000, seed));
    std::vector<std::string> arguments{"fwu",
                                       "bundle",
                                       "--target",
                                       target,
                                       "--version",
                                       version,
                                       "--component",
                                       "fip=" + File("fip.bin"),
                                       "--security-counter",
                                       "5",
                                       "-o",
                                       File(name)};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const Outcome made = Bootseal("ci", arguments);
    EXPECT_EQ(made.exit_code, 0) << made.err;
  }

  // bootseal fwu `end` one.tar -o verdict.json
  Outcome Verdict(const std::string& end,
                  const std::vector<std::string>& more = {},
                  const std::string& release = "one.tar",
                  const std::string& caller = "fleet") {
    std::vector<std::string> arguments{"fwu", end, File(release), "-o",
                                       File("verdict.json")};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return Bootseal(caller, arguments);
  }
  void ExpectVerdict(const std::string& end,
                     const std::vector<std::string>& more = {},
                     const std::string& release = "one.tar") {
    const Outcome made = Verdict(end, more, release);
    ASSERT_EQ(made.exit_code, 0) << made.err;
  }

  hsm::KeyInfo update_;
};

TEST_F(FwuVerdict, IsWrittenWithItsProofAndShown) {
  ExpectVerdict("accept", {"--receipt", File("receipt"), "--target", "gateway",
                           "--version", "1.2.3"});
  const image::host::ReleaseTrust trust{image::Algorithm::kP256,
                                        update_.public_key, server_.log_key()};
  const auto opened =
      image::host::OpenVerdict(Read("verdict.json"), Read("receipt"), trust);
  ASSERT_OK(opened);
  EXPECT_EQ(opened->verdict().end, image::host::TrialEnd::kAccept);
  for (const char* command : {"show", "inspect"}) {
    std::vector<std::string> arguments{File("verdict.json")};
    arguments.insert(arguments.begin(), command);
    if (arguments[0] == "show") arguments.insert(arguments.begin(), "fwu");
    const Outcome shown = Bootseal("ci", arguments);
    EXPECT_EQ(shown.exit_code, 0) << shown.err;
    EXPECT_THAT(shown.out, HasSubstr("release verdict (not checked"));
    EXPECT_THAT(shown.out, HasSubstr("accept"));
    EXPECT_THAT(shown.out, HasSubstr("23:59:59Z"));
  }
  const Outcome json =
      Bootseal("ci", {"--json", "fwu", "show", File("verdict.json")});
  EXPECT_THAT(json.out, HasSubstr("\"verdict\":\"accept\""));
  const Outcome logged =
      Bootseal("auditor", {"audit", "list", "--target", "gateway", "--json"});
  EXPECT_THAT(logged.out, HasSubstr("\"end\":\"accept\""));
}

TEST_F(FwuVerdict, IsMadeOfABundleOrOfItsManifest) {
  const auto source = fwu::FromFile(File("one.tar"));
  ASSERT_OK(source);
  const auto head = fwu::ReadBundleHead(**source);
  ASSERT_OK(head);
  Write("manifest.json", head->envelope);
  const std::vector<std::string> until{"--not-after", "2d", "--request-id",
                                       "v-1"};
  ExpectVerdict("reject", until);
  const std::string first = Read("verdict.json");
  ExpectVerdict("reject", until, "manifest.json");
  EXPECT_EQ(Read("verdict.json"), first);
}

TEST_F(FwuVerdict, ThatIsRefusedLeavesNoFile) {
  Write("noise", "no release at all");
  Write("empty", "");
  const auto expect = [&](const Outcome& outcome, int exit,
                          const char* reason) {
    EXPECT_EQ(outcome.exit_code, exit) << outcome.err;
    EXPECT_THAT(outcome.err, HasSubstr(reason));
    EXPECT_EQ(outcome.out, "");
    EXPECT_THAT(Files(), Not(Contains("verdict.json")));
  };
  expect(Verdict("accept", {}, "absent"), 5, "FILE_NOT_FOUND");
  expect(Verdict("accept", {}, "empty"), 5, "FILE_EMPTY");
  expect(Verdict("accept", {}, "noise"), 1, "RELEASE_EXPECTED");
  expect(Verdict("accept", {"--target", "toaster"}), 1, "RELEASE_OF_ANOTHER");
  expect(Verdict("accept", {"--version", "1.2.4"}), 1, "RELEASE_OF_ANOTHER");
  expect(Verdict("accept", {"--version", "one"}), 2, "version");
  for (const char* time :
       {"0d", "90d", "-1d", "d", "7", "1h", "soon", "2020-01-01T00:00:00Z",
        "infinite-future", "2027-01-31"}) {
    expect(Verdict("accept", {"--not-after", time}), 2, "NOT_AFTER_INVALID");
  }
  expect(Verdict("accept", {"--not-after", "2099-01-01T00:00:00Z"}), 1,
         "VERDICT_TOO_LONG");
  expect(Verdict("accept", {"--receipt", File("verdict.json")}), 2,
         "OUTPUT_IS_RECEIPT");
  expect(Verdict("accept", {"--receipt", File("one.tar")}), 2,
         "OUTPUT_IS_INPUT");
  expect(Verdict("accept", {"--receipt", "-"}), 2, "OUTPUT_IS_STREAM");
  expect(Verdict("accept", {}, "one.tar", "ci"), 1, "WRONG_ROLE");
  expect(Bootseal("fleet", {"fwu", "accept", "-o", File("verdict.json")}), 2,
         "release");
}

TEST_F(FwuVerdict, HoldsTheServersKeyAgainstOurProfile) {
  Export("gateway", "profile");
  Export("other-gateway", "other");
  EXPECT_EQ(Verdict("accept", {"--profile", File("profile")}).exit_code, 0);
  EXPECT_THAT(Verdict("accept", {"--profile", File("other")}).err,
              HasSubstr("PROFILE_MISMATCH"));
}

TEST_F(FwuVerdict, WaitsForPeopleWhoSeeWhatItSays) {
  // The release itself first.
  Write("fip.bin", TestFip(50'000, 'g'));
  const std::vector<std::string> release{"fwu",
                                         "bundle",
                                         "--target",
                                         "guarded",
                                         "--version",
                                         "1.2.3",
                                         "--component",
                                         "fip=" + File("fip.bin"),
                                         "--security-counter",
                                         "5",
                                         "-o",
                                         File("guarded.tar")};
  ASSERT_EQ(Bootseal("ci", release).exit_code, 3);
  Say(Waiting(), alice_, v1::APPROVE);
  ASSERT_EQ(Bootseal("ci", release).exit_code, 0);
  const Outcome asked = Verdict("reject", {}, "guarded.tar");
  EXPECT_EQ(asked.exit_code, 3) << asked.err;
  EXPECT_THAT(asked.err, HasSubstr("bootseal approvals approve "));
  EXPECT_THAT(asked.err, HasSubstr("on another day say so with --not-after"));
  EXPECT_THAT(Files(), Not(Contains("verdict.json")));
  const v1::ApprovalRequest waiting = Waiting();
  const std::size_t at = asked.err.find("approvals approve ") + 18;
  const std::string id = asked.err.substr(at, 16);
  const Outcome shown = Bootseal("alice", {"approvals", "show", id});
  EXPECT_EQ(shown.exit_code, 0) << shown.err;
  EXPECT_THAT(shown.out, HasSubstr("reject"));
  EXPECT_THAT(shown.out, HasSubstr("manifest.json' | sha256sum -c"));
  const Outcome json = Bootseal("alice", {"--json", "approvals", "show", id});
  EXPECT_THAT(json.out, HasSubstr("\"verdict\":\"reject\""));
  Say(waiting, alice_, v1::APPROVE);
  // On the same day the same words are the same request.
  EXPECT_EQ(Verdict("reject", {}, "guarded.tar").exit_code, 0);
}

// A device of product "gateway" that trusts the server's key and its log, with
// `one.tar` on trial in bank 1.
class DeviceOnTrial : public FwuVerdict {
 protected:
  DeviceOnTrial()
      : device_({.bank_bytes = 64 << 10}), factory_(fwu::MakeRelease({})) {
    device_.Fill(0, factory_);
    device_.StoreMetadata(fwu::MakeMetadata(
        device_.options(), 0, 1,
        {image::fwu::BankState::kAccepted, image::fwu::BankState::kInvalid}));
    Write("flash", device_.content.flash);
    Write("key.pem", PemOf(update_.public_key));
    Write("counter", "0\n");
    Write("boot", "0x30\n");
    Write("fwu.conf", Configuration("gateway"));
    EXPECT_EQ(Device({"install", File("one.tar")}).exit_code, 0);
    Write("boot", "0x21\n");  // bank 1, and two trials left
    EXPECT_THAT(Device({"status", "--json"}).out, HasSubstr("\"trial\""));
  }

  static std::string PemOf(const std::string& der) {
    const auto* bytes = reinterpret_cast<const unsigned char*>(der.data());
    const base::EvpKeyPtr key(
        d2i_PUBKEY(nullptr, &bytes, static_cast<long>(der.size())));
    const base::BioPtr bio(BIO_new(BIO_s_mem()));
    PEM_write_bio_PUBKEY(bio.get(), key.get());
    char* text = nullptr;
    const long size = BIO_get_mem_data(bio.get(), &text);
    return {text, static_cast<std::size_t>(size)};
  }
  std::string Configuration(const std::string& product) const {
    return absl::StrCat(
        "device = ", File("flash"), "\nproduct = ", product,
        "\nrelease-key = ", File("key.pem"), "\nlog-key = ", server_.log_key(),
        "\nboot-register = file:", File("boot"),
        "\nsecurity-counter = file:", File("counter"),
        "\nlock = ", File("lock"), "\nrecords = ", File("records"),
        "\nverdicts = signed\n");
  }

  Outcome Device(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(),
                     {BOOTSEAL_FWU_PROGRAM, "--config", File("fwu.conf")});
    return tests::Run(arguments);
  }
  // With verdict.json and its receipt.
  Outcome End(const std::string& end) {
    return Device({end, "--statement", File("verdict.json"), "--receipt",
                   File("receipt")});
  }
  void ExpectRefused(const std::string& end, const char* reason) {
    const std::string before = Read("flash");
    const Outcome outcome = End(end);
    EXPECT_EQ(outcome.exit_code, 1) << outcome.out;
    EXPECT_THAT(outcome.err, HasSubstr(reason));
    EXPECT_EQ(Read("flash"), before);
  }
  void Ask(const std::string& end, const std::string& release,
           std::vector<std::string> more = {}) {
    more.insert(more.end(), {"--receipt", File("receipt")});
    ExpectVerdict(end, more, release);
  }

  fwu::SimulatedDevice device_;
  fwu::TestRelease factory_;
};

TEST_F(DeviceOnTrial, KeepsTheReleaseByTheServersVerdict) {
  Ask("accept", "one.tar");
  const Outcome accepted = End("accept");
  EXPECT_EQ(accepted.exit_code, 0) << accepted.err;
  EXPECT_THAT(accepted.out, HasSubstr("accepted bank 1"));
}

TEST_F(DeviceOnTrial, GivesTheReleaseUpByTheServersVerdict) {
  Ask("reject", "one.tar");
  const Outcome rejected = End("reject");
  EXPECT_EQ(rejected.exit_code, 0) << rejected.err;
  EXPECT_THAT(rejected.out, HasSubstr("rejected bank 1"));
}

TEST_F(DeviceOnTrial, ObeysNoOtherVerdict) {
  Ask("reject", "one.tar");
  ExpectRefused("accept", "VERDICT_MISMATCH");
  // Another version; the same version built anew; another product; another key.
  Bundle("gateway", "two.tar", 'f', "1.2.4");
  Ask("accept", "two.tar");
  ExpectRefused("accept", "VERDICT_MISMATCH");
  Bundle("gateway", "rebuilt.tar", 'g', "1.2.4");
  Ask("accept", "rebuilt.tar");
  ExpectRefused("accept", "VERDICT_MISMATCH");
  Bundle("toaster", "toaster.tar", 'f');
  Ask("accept", "toaster.tar");
  ExpectRefused("accept", "VERDICT_MISMATCH");
  Bundle("other-gateway", "other.tar", 'f');
  Ask("accept", "other.tar");
  ExpectRefused("accept", "SIGNATURE_INVALID");
  Write("verdict.json", "{}");
  ExpectRefused("accept", "ENVELOPE_MALFORMED");
}

TEST_F(DeviceOnTrial, WantsTheReceiptOfThisVerdict) {
  Ask("accept", "one.tar");
  const Outcome bare = Device({"accept", "--statement", File("verdict.json")});
  EXPECT_EQ(bare.exit_code, 1);
  EXPECT_THAT(bare.err, HasSubstr("RECEIPT_MISSING"));
  const std::string verdict = Read("verdict.json");
  Ask("reject", "one.tar");
  Write("verdict.json", verdict);
  ExpectRefused("accept", "RECEIPT_OF_ANOTHER");
}

TEST_F(DeviceOnTrial, OfAnotherProductDoesNotObey) {
  Ask("accept", "one.tar");
  Write("fwu.conf", Configuration("toaster"));
  ExpectRefused("accept", "VERDICT_MISMATCH");
}

TEST_F(DeviceOnTrial, DoesNotObeyWhatIsOver) {
  const absl::Time soon = absl::Now() + absl::Seconds(8);
  Ask("accept", "one.tar",
      {"--not-after",
       absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", soon, absl::UTCTimeZone())});
  absl::SleepFor(soon + absl::Milliseconds(1100) - absl::Now());
  ExpectRefused("accept", "VERDICT_EXPIRED");
}

}  // namespace
}  // namespace bootseal::tests
