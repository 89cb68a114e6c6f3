// bootseald --check-keys: what an operator knows of a token before it serves.
#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "base/file.h"
#include "tests/support/approver.h"
#include "tests/support/server_fixture.h"
#include "tests/support/status_matchers.h"

namespace bootseal::tests {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::ContainsRegex;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr int kLocalFile = 5;
constexpr int kPin = 6;

// A policy with keys app, log and app2, in a token that has them.
class KeyReportTest : public testing::Test {
 protected:
  KeyReportTest() { server_.AddKey("app2", hsm::Algorithm::kEd25519); }

  Outcome Check() {
    server_.WritePolicy();
    std::string text;
    google::protobuf::TextFormat::PrintToString(server_.config(), &text);
    EXPECT_OK(base::WriteFileAtomically(config_path(), text));
    return tests::Run(
        {ServerFixture::program(), "--check-keys", "--config", config_path()},
        server_.token().environment());
  }
  std::string config_path() const {
    return server_.folder().File("server.textproto");
  }
  v1::PinnedKey& Key(const std::string& name) {
    for (v1::PinnedKey& key : *server_.policy().mutable_keys()) {
      if (key.name() == name) return key;
    }
    std::abort();
  }
  // As a vendor's wrapping, or a copy of the folder, would keep it.
  std::string Backup() {
    const std::string kept = server_.folder().File("backup");
    fs::copy(server_.token().objects_path(), kept, fs::copy_options::recursive);
    return kept;
  }
  void Restore(const std::string& kept) {
    fs::remove_all(server_.token().objects_path());
    fs::copy(kept, server_.token().objects_path(), fs::copy_options::recursive);
  }

  ServerFixture server_;
};

TEST_F(KeyReportTest, TellsOfEveryKeyOfARestoredTokenAndServesNothing) {
  const std::string kept = Backup();
  fs::remove_all(server_.token().objects_path());
  Restore(kept);
  const Outcome outcome = Check();
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_THAT(outcome.out,
              ContainsRegex("key app: signs [(]FIRMWARE, P256, public key "
                            "sha256 [0-9a-f]{64}[)]; signs for app, room\n"));
  EXPECT_THAT(outcome.out,
              ContainsRegex("key app2: signs [(]FIRMWARE, ED25519, public key "
                            "sha256 [0-9a-f]{64}[)]; no target has it\n"));
  EXPECT_THAT(outcome.out, HasSubstr("key log: signs (CHECKPOINT, ED25519, "));
  EXPECT_THAT(outcome.out, HasSubstr("\n3 of 3 keys of policy version 1 sign "
                                     "in token \"bootseal\", serial "));
  EXPECT_FALSE(fs::exists(server_.folder().File("log.sqlite")));
  EXPECT_FALSE(fs::exists(server_.folder().File("port")));
}

TEST_F(KeyReportTest, TellsWhichDevicesTrustAKeyThatSignsNothingForThem) {
  server_.AddKey("next", hsm::Algorithm::kP256);
  server_.policy().mutable_targets(0)->add_overlap_keys("next");
  const Outcome outcome = Check();
  EXPECT_EQ(outcome.exit_code, 0) << outcome.out;
  EXPECT_THAT(outcome.out,
              ContainsRegex("key next: signs [(].*[)]; overlap_keys: devices "
                            "of app trust it, and it signs nothing for them"));
}

TEST_F(KeyReportTest, DoesNotCallAKeyActiveThatTheLogHasToSpeakFor) {
  EXPECT_THAT(Check().out, Not(HasSubstr("activated")));
  NeedApprovalOf("auditor", server_.policy(),
                 server_.AddTarget("gateway", "app"));
  v1::KeyApprovals& approvals = *server_.policy().mutable_key_approvals();
  approvals.set_approvals(1);
  approvals.add_approvers("auditor");
  const Outcome outcome = Check();
  EXPECT_EQ(outcome.exit_code, 0) << outcome.out << outcome.err;
  EXPECT_THAT(
      outcome.out,
      HasSubstr("; signs for app, room, gateway; whether people activated or "
                "retired it says the log, which is not read here: "
                "bootseal keys show app\n"));
}

TEST_F(KeyReportTest, TellsWhatStandsStillWithoutAKey) {
  const std::string kept = Backup();
  server_.AddKey("newer", hsm::Algorithm::kP256);
  server_.AddTarget("gateway", "newer");
  server_.AddKey("next", hsm::Algorithm::kP256);
  server_.policy().mutable_targets(0)->add_overlap_keys("next");
  server_.AddKey("spare", hsm::Algorithm::kP256);
  Restore(kept);
  const Outcome outcome = Check();
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.out,
              AllOf(ContainsRegex("key newer: KEY_MISSING: .*; without it: "
                                  "nothing is signed for gateway\n"),
                    ContainsRegex("key next: KEY_MISSING: .*; without it: "
                                  "nothing stands still, but devices of app "
                                  "cannot be told of it"),
                    ContainsRegex("key spare: KEY_MISSING: .*; without it: no "
                                  "target has it\n")));
}

TEST_F(KeyReportTest, IsMadeBesideAServerThatGoesOn) {
  server_.Start();
  const Outcome outcome = Check();
  EXPECT_EQ(outcome.exit_code, 0) << outcome.out << outcome.err;
  EXPECT_EQ(server_.process().Wait(std::chrono::seconds(0)), -1);
}

TEST_F(KeyReportTest, NamesAKeyThatABackupIsTooOldFor) {
  const std::string kept = Backup();
  server_.AddKey("newer", hsm::Algorithm::kP256);
  Restore(kept);
  const Outcome outcome = Check();
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.out, HasSubstr("key newer: KEY_MISSING: "));
  EXPECT_THAT(outcome.out, HasSubstr("key app: signs "));
  EXPECT_THAT(outcome.out, HasSubstr("3 of 4 keys of policy version 1 sign"));
}

TEST_F(KeyReportTest, NamesEveryKeyOfATokenThatOnlyHasTheNames) {
  const TemporaryFolder folder;
  const SoftHsmToken other(folder.path());
  other.GenerateKey("app", hsm::Algorithm::kP256);
  other.GenerateKey("app2", hsm::Algorithm::kEd25519);
  other.GenerateKey("log", hsm::Algorithm::kEd25519);
  Restore(other.objects_path());
  const Outcome outcome = Check();
  EXPECT_EQ(outcome.exit_code, 1);
  for (const char* name : {"app", "app2", "log"}) {
    EXPECT_THAT(outcome.out,
                HasSubstr(absl::StrCat("key ", name, ": KEY_NOT_PINNED: ")));
  }
  EXPECT_THAT(outcome.out, HasSubstr("0 of 3 keys"));
}

TEST_F(KeyReportTest, NamesAKeyThatWasBornElsewhere) {
  Key("app2").set_algorithm(v1::P256);
  const std::string pem = server_.folder().File("legacy.pem");
  ASSERT_EQ(tests::Run({"openssl", "genpkey", "-algorithm", "EC", "-pkeyopt",
                        "ec_paramgen_curve:P-256", "-out", pem})
                .exit_code,
            0);
  fs::permissions(pem, fs::perms::owner_read | fs::perms::owner_write);
  server_.AddKey("own", hsm::Algorithm::kP256);
  const hsm::KeyInfo legacy = server_.token().ImportKey("legacy", pem);
  v1::PinnedKey& key = *server_.policy().add_keys();
  key = Key("own");
  key.set_name("legacy");
  key.set_uri("pkcs11:object=legacy");
  key.set_public_key_sha256(Sha256Hex(legacy.public_key));
  const Outcome refused = Check();
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_THAT(refused.out, HasSubstr("key legacy: KEY_IMPORTED: "));
  EXPECT_THAT(refused.out, HasSubstr("key app2: KEY_TYPE: "));
  key.set_accept_imported(true);
  EXPECT_THAT(Check().out, HasSubstr("key legacy: signs (FIRMWARE, P256, "));
}

TEST_F(KeyReportTest, SaysThatThereIsNoToken) {
  fs::remove_all(server_.token().objects_path());
  fs::create_directory(server_.token().objects_path());
  const Outcome outcome = Check();
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.out, IsEmpty());
  EXPECT_THAT(outcome.err,
              AllOf(HasSubstr("cannot-check"),
                    HasSubstr("reason=TOKEN_MISSING"), HasSubstr("bootseal")));
}

TEST_F(KeyReportTest, SaysThatThePinIsWrong) {
  std::ofstream(server_.token().pin_path()) << "87654321\n";
  const Outcome outcome = Check();
  EXPECT_EQ(outcome.exit_code, kPin);
  EXPECT_THAT(outcome.err,
              AllOf(HasSubstr("reason=PIN_INCORRECT"),
                    HasSubstr("PIN of " + server_.token().pin_path() + ": "),
                    Not(HasSubstr("87654321"))));
}

TEST_F(KeyReportTest, SaysThatThereIsNoPinFile) {
  fs::remove(server_.token().pin_path());
  const Outcome outcome = Check();
  EXPECT_EQ(outcome.exit_code, kLocalFile);
  EXPECT_THAT(outcome.err, HasSubstr(server_.token().pin_path()));
}

TEST_F(KeyReportTest, ListsTheProblemsOfAPolicyBeforeItAsksForThePin) {
  fs::remove(server_.token().pin_path());
  server_.policy().mutable_targets(0)->set_key("unknown-key");
  const Outcome outcome = Check();
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.err, AllOf(HasSubstr("reason=POLICY_INVALID"),
                                 HasSubstr("unknown-key")));
}

}  // namespace
}  // namespace bootseal::tests
