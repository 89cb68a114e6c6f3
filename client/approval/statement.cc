#include "client/approval/statement.h"

#include <openssl/rand.h>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "server/trust/approval.h"

namespace bootseal::approval {
namespace {

absl::StatusOr<std::string> Nonce() {
  std::string nonce(trust::kNonceBytes, '\0');
  if (RAND_bytes(reinterpret_cast<unsigned char*>(nonce.data()),
                 static_cast<int>(nonce.size())) == 1) {
    return nonce;
  }
  return base::Internal("no random numbers");
}

struct Lowering {
  const char* reason;
  const char* what;
  const char* flag;
  bool lowers;
  bool allowed;
};

absl::Status CheckLowering(const Lowering& lowering) {
  if (lowering.lowers && !lowering.allowed) {
    return base::Invalid(
        lowering.reason, "approval",
        absl::StrCat("the request lowers the target's ", lowering.what,
                     "; an approval has to say that it may: ", lowering.flag));
  }
  if (lowering.allowed && !lowering.lowers) {
    return base::Invalid(
        "NOTHING_LOWERED", "approval",
        absl::StrCat(lowering.flag, " is given, and the request lowers no ",
                     lowering.what));
  }
  return absl::OkStatus();
}

absl::Status CheckLowerings(const Pending& pending, const Words& words) {
  if (words.verdict != v1::APPROVE) return absl::OkStatus();
  const v1::SigningEvent& signing = pending.entry.signing();
  RETURN_IF_ERROR(CheckLowering({"LOWERS_SECURITY_COUNTER", "security counter",
                                 "--allow-lower-security-counter",
                                 signing.has_lowers_security_counter_from(),
                                 words.allows_lower_security_counter}));
  return CheckLowering({"LOWERS_VERSION", "version", "--allow-lower-version",
                        signing.has_lowers_version_from(),
                        words.allows_lower_version});
}

void DescribeMatter(const Pending& pending, v1::ApprovalStatement& statement) {
  if (pending.entry.has_key()) {
    *statement.mutable_key_change() = pending.entry.key().change();
    return;
  }
  const v1::SigningEvent& signing = pending.entry.signing();
  statement.set_target(signing.target());
  statement.set_version(signing.version());
  statement.set_payload_sha256(signing.payload_sha256());
  statement.set_security_counter(signing.security_counter());
}

}  // namespace

absl::StatusOr<v1::ApprovalStatement> MakeStatement(const Pending& pending,
                                                    const Words& words) {
  RETURN_IF_ERROR(CheckLowerings(pending, words));
  v1::ApprovalStatement statement;
  statement.set_origin(words.origin);
  statement.set_requester(pending.entry.caller().identity());
  statement.set_subject_sha256(pending.subject);
  DescribeMatter(pending, statement);
  statement.set_policy_sha256(words.policy_sha256);
  ASSIGN_OR_RETURN(*statement.mutable_nonce(), Nonce());
  const absl::Time begins = words.now - kSkew;
  statement.set_not_before_unix_ms(absl::ToUnixMillis(begins));
  statement.set_not_after_unix_ms(absl::ToUnixMillis(begins + words.life));
  statement.set_verdict(words.verdict);
  statement.set_reason(words.reason);
  statement.set_approver(words.approver);
  statement.set_allows_lower_security_counter(
      words.allows_lower_security_counter);
  statement.set_allows_lower_version(words.allows_lower_version);
  RETURN_IF_ERROR(
      trust::DecodeStatement(trust::EncodeStatement(statement)).status());
  return statement;
}

absl::StatusOr<v1::DsseEnvelope> SignStatement(
    const v1::ApprovalStatement& statement, Signer& signer) {
  v1::DsseEnvelope envelope;
  envelope.set_payload_type(trust::kApprovalPayloadType);
  envelope.set_payload(trust::EncodeStatement(statement));
  const std::string message = trust::PreAuthenticationEncoding(
      envelope.payload_type(), envelope.payload());
  ASSIGN_OR_RETURN(const Signed made, signer.Sign(message));
  // A key that the server would refuse, or a token nobody touched.
  ASSIGN_OR_RETURN(const auto key, trust::ApproverKey::Parse(made.public_key));
  RETURN_IF_ERROR(key.Verify(message, made.signature));
  v1::DsseSignature& signature = *envelope.add_signatures();
  signature.set_sig(made.signature);
  signature.set_keyid(key.keyid());
  return envelope;
}

}  // namespace bootseal::approval
