// Statements signed by each kind of key, read as the server reads them.
#include "client/approval/signer.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "base/file.h"
#include "client/approval/statement.h"
#include "hsm/approver_signer.h"
#include "server/trust/approval.h"
#include "tests/client/approval/sample_pending.h"
#include "tests/server/trust/approver_keys.h"
#include "tests/server/trust/example_policy.h"
#include "tests/support/softhsm_token.h"
#include "tests/support/status_matchers.h"

namespace bootseal::approval {
namespace {

using tests::ApproverKeys;
using tests::StatusIs;

v1::ApprovalStatement Statement() {
  const auto pending = ReadPending(tests::Logged(tests::SampleSigning()));
  EXPECT_OK(pending);
  Words words;
  words.verdict = v1::APPROVE;
  words.approver = "alice";
  words.now = absl::Now();
  words.origin = "bootseal.example/audit";
  words.policy_sha256 = std::string(32, 'p');
  const auto statement = MakeStatement(*pending, words);
  EXPECT_OK(statement);
  return *statement;
}

// What the server makes of it when alice has `public_key`.
absl::StatusOr<std::string> ApproverSeen(const std::string& public_key,
                                         const v1::DsseEnvelope& envelope) {
  v1::Policy policy = tests::ExamplePolicy();
  policy.mutable_people(1)->add_approver_keys()->set_public_key(public_key);
  const auto parsed = tests::Parsed(policy);
  const auto opened = trust::OpenEnvelope(*parsed, envelope);
  if (!opened.ok()) return opened.status();
  return opened->approver->name();
}

void ExpectAlice(const KeySource& source, const std::string& public_key) {
  const auto signer = OpenSigner(source);
  ASSERT_OK(signer);
  const auto envelope = SignStatement(Statement(), **signer);
  ASSERT_OK(envelope);
  const auto seen = ApproverSeen(public_key, *envelope);
  ASSERT_OK(seen);
  EXPECT_EQ(*seen, "alice");
  EXPECT_EQ(envelope->signatures(0).keyid(),
            trust::ApproverKey::Parse(public_key)->keyid());
}

class SignedByPem : public ::testing::TestWithParam<const char*> {};
TEST_P(SignedByPem, StatementIsAlices) {
  ApproverKeys keys;
  const std::string path = keys.MakePem(GetParam());
  ExpectAlice({.key = path}, keys.PemOf(path));
}
INSTANTIATE_TEST_SUITE_P(Kinds, SignedByPem,
                         ::testing::Values("ed25519", "p256", "p384",
                                           "rsa2048"));

class SignedBySsh : public ::testing::TestWithParam<const char*> {};
TEST_P(SignedBySsh, StatementIsAlices) {
  ApproverKeys keys;
  const std::string path = keys.MakeSsh(GetParam());
  ExpectAlice({.ssh_key = path}, ApproverKeys::LineOf(path));
}
INSTANTIATE_TEST_SUITE_P(Kinds, SignedBySsh,
                         ::testing::Values("ed25519", "p256", "p384",
                                           "rsa2048"));

class SignedByToken : public ::testing::TestWithParam<hsm::Algorithm> {};
TEST_P(SignedByToken, StatementIsAlices) {
  const tests::TemporaryFolder folder;
  const tests::SoftHsmToken token(folder.path(), "alice");
  token.GenerateKey("approver", GetParam());
  const tests::Outcome pem =
      token.Tool({"export-public", "--label", "approver", "--format", "pem"});
  ASSERT_EQ(pem.exit_code, 0) << pem.err;
  ExpectAlice({.key = token.KeyUri("approver") +
                      "?module-path=" + tests::SoftHsmToken::module_path(),
               .pin_path = token.pin_path()},
              pem.out);
}
INSTANTIATE_TEST_SUITE_P(Kinds, SignedByToken,
                         ::testing::Values(hsm::Algorithm::kRsa2048,
                                           hsm::Algorithm::kP256,
                                           hsm::Algorithm::kP384,
                                           hsm::Algorithm::kEd25519));

TEST(ApproverSigner, SaysOfAFileThatNamesAServersKeyWhatItIs) {
  const tests::TemporaryFolder folder;
  const std::string path = folder.File("named.pem");
  ASSERT_OK(base::WriteFileAtomically(path, "bootseal:app\n",
                                      base::FileMode::kPrivate));
  const auto signer = OpenSigner({.key = path});
  EXPECT_THAT(signer.status(),
              StatusIs(absl::StatusCode::kFailedPrecondition, "KEY_INVALID"));
  EXPECT_THAT(signer.status(), tests::MessageHas(path));
  EXPECT_THAT(signer.status(), tests::MessageHas("names a key of the server"));
}

TEST(ApproverSigner, SignsNothingButApprovals) {
  const tests::TemporaryFolder folder;
  const tests::SoftHsmToken token(folder.path(), "alice");
  token.GenerateKey("approver", hsm::Algorithm::kP256);
  auto opened = hsm::OpenToken(token.Options());
  ASSERT_OK(opened);
  const auto signer =
      hsm::ApproverSigner::Open(*opened, token.KeyUri("approver"));
  ASSERT_OK(signer);
  for (const char* const text :
       {"", "DSSEv1 4 type 4 body",
        "DSSEv1 36 application/vnd.bootseal.approval.v2 1 x",
        "bootseal.example/audit\n5\n"}) {
    EXPECT_THAT((*signer)->SignApproval(text),
                StatusIs(absl::StatusCode::kInvalidArgument, "APPROVAL_SHAPE"))
        << text;
  }
  EXPECT_OK((*signer)->SignApproval(
      trust::PreAuthenticationEncoding(trust::kApprovalPayloadType, "x")));
}

TEST(ApproverSigner, UsesNoKeyOfAnotherPurpose) {
  const tests::TemporaryFolder folder;
  const tests::SoftHsmToken token(folder.path(), "alice");
  token.GenerateKey("log", hsm::Algorithm::kEd25519);
  auto opened = hsm::OpenToken(token.Options());
  ASSERT_OK(opened);
  hsm::KeySpec spec;
  spec.name = "log";
  spec.uri = token.KeyUri("log");
  spec.algorithm = hsm::Algorithm::kEd25519;
  spec.purpose = hsm::Purpose::kCheckpoint;
  const auto checkpoint = hsm::CheckpointSigner::Open(*opened, spec);
  ASSERT_OK(checkpoint);
  EXPECT_THAT(hsm::ApproverSigner::Open(*opened, token.KeyUri("log")),
              StatusIs(absl::StatusCode::kFailedPrecondition, "KEY_PURPOSE"));
}

TEST(SignerOf, NoKeyOrTwoKeysIsNone) {
  EXPECT_THAT(OpenSigner({}),
              StatusIs(absl::StatusCode::kInvalidArgument, "KEY_SOURCE"));
  EXPECT_THAT(OpenSigner({.key = "a", .ssh_key = "b"}),
              StatusIs(absl::StatusCode::kInvalidArgument, "KEY_SOURCE"));
}

TEST(SignerOf, AKeyThatCannotSignIsNone) {
  ApproverKeys keys;
  EXPECT_FALSE(OpenSigner({.key = "/nowhere"}).ok());
  EXPECT_FALSE(OpenSigner({.ssh_key = "/nowhere"}).ok());
  EXPECT_THAT(
      OpenSigner({.key = keys.File(keys.PemOf(keys.MakePem("p256")))}),
      StatusIs(absl::StatusCode::kFailedPrecondition, "KEY_CANNOT_SIGN"));
}

TEST(SignerOf, AKeyFileThatOthersMayUseIsNone) {
  ApproverKeys keys;
  const std::string path = keys.MakePem("p256");
  for (const mode_t mode : {0644U, 0604U, 0660U, 0666U}) {
    ASSERT_EQ(chmod(path.c_str(), mode), 0);
    const auto signer = OpenSigner({.key = path});
    EXPECT_THAT(signer,
                StatusIs(absl::StatusCode::kFailedPrecondition, "FILE_MODE"));
    EXPECT_THAT(signer, tests::MessageHas("fix: chmod 600 -- " + path));
  }
  ASSERT_EQ(chmod(path.c_str(), 0400), 0);
  EXPECT_OK(OpenSigner({.key = path}));
}

TEST(SignerOf, AnSshFileThatIsNoKeyFailsAsSshKeygenDoes) {
  ApproverKeys keys;
  const auto signer = OpenSigner({.ssh_key = keys.File("no key")});
  ASSERT_OK(signer);
  EXPECT_THAT(
      SignStatement(Statement(), **signer),
      StatusIs(absl::StatusCode::kFailedPrecondition, "PROGRAM_FAILED"));
}

TEST(SignerOf, AnSshKeyThatNoPolicyTakesSignsNothing) {
  ApproverKeys keys;
  const auto signer = OpenSigner({.ssh_key = keys.MakeSsh("p521")});
  ASSERT_OK(signer);
  EXPECT_THAT(SignStatement(Statement(), **signer),
              StatusIs(absl::StatusCode::kInvalidArgument, "SSHSIG_MALFORMED"));
}

}  // namespace
}  // namespace bootseal::approval
