#include "server/trust/approval.h"

#include <cstdint>
#include <initializer_list>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "firmware/image/host/dsse.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "server/trust/parts.h"

namespace bootseal::trust {
namespace {

constexpr std::size_t kHashBytes = 32;
constexpr char kSubjectPurpose[] = "bootseal.v1 subject\n";

absl::Status Malformed(absl::string_view message) {
  return base::Invalid("APPROVAL_MALFORMED", "envelope",
                       absl::StrCat("approval ", message));
}

template <typename Message>
std::string Serialized(const Message& message) {
  std::string bytes;
  google::protobuf::io::StringOutputStream stream(&bytes);
  google::protobuf::io::CodedOutputStream coded(&stream);
  coded.SetSerializationDeterministic(true);
  message.SerializeToCodedStream(&coded);
  coded.Trim();
  return bytes;
}

// A field that must have so many bytes, or none.
struct SizedField {
  absl::string_view name;
  const std::string& value;
  std::size_t bytes;
};

absl::Status CheckSizes(std::initializer_list<SizedField> fields) {
  for (const SizedField& field : fields) {
    if (field.value.size() == field.bytes) continue;
    return Malformed(absl::StrCat("has ", field.value.size(), " bytes in ",
                                  field.name, ", expected ", field.bytes));
  }
  return absl::OkStatus();
}

struct TextField {
  absl::string_view name;
  const std::string& value;
};

absl::Status CheckPresent(std::initializer_list<TextField> fields) {
  for (const TextField& field : fields) {
    if (field.value.empty())
      return Malformed(absl::StrCat("has no ", field.name));
  }
  return absl::OkStatus();
}

absl::Status CheckKeyChange(const v1::KeyChange& change) {
  const bool rotates = change.action() == v1::ROTATE;
  if (change.action() != v1::ACTIVATE && change.action() != v1::RETIRE &&
      !rotates) {
    return Malformed(absl::StrCat("has key_change.action ",
                                  static_cast<int>(change.action()),
                                  ", expected ACTIVATE, ROTATE or RETIRE"));
  }
  RETURN_IF_ERROR(CheckPresent({{"key_change.key", change.key()}}));
  if (rotates == change.replaces().empty()) {
    return Malformed(
        "names a replaced key, or does not, against its action: a "
        "rotation replaces one, nothing else does");
  }
  return CheckSizes(
      {{"key_change.public_key_sha256", change.public_key_sha256(), kHashBytes},
       {"key_change.replaces_sha256", change.replaces_sha256(),
        rotates ? kHashBytes : 0},
       {"key_change.transcript_sha256", change.transcript_sha256(),
        change.transcript_sha256().empty() ? 0 : kHashBytes}});
}

// What a statement is about: an image, or a key.
absl::Status CheckMatter(const v1::ApprovalStatement& statement) {
  if (!statement.has_key_change()) {
    RETURN_IF_ERROR(CheckPresent(
        {{"target", statement.target()}, {"version", statement.version()}}));
    return CheckSizes(
        {{"payload_sha256", statement.payload_sha256(), kHashBytes}});
  }
  if (!statement.target().empty() || !statement.version().empty() ||
      !statement.payload_sha256().empty() ||
      statement.security_counter() != 0 ||
      statement.allows_lower_security_counter() ||
      statement.allows_lower_version()) {
    return Malformed("is about a key change and about an image");
  }
  return CheckKeyChange(statement.key_change());
}

absl::Status CheckVerdict(const v1::ApprovalStatement& statement) {
  if (statement.verdict() != v1::APPROVE && statement.verdict() != v1::DENY) {
    return Malformed(absl::StrCat("has verdict ",
                                  static_cast<int>(statement.verdict()),
                                  ", expected APPROVE or DENY"));
  }
  if (statement.reason().size() > kMaxReasonBytes) {
    return Malformed(absl::StrCat("has a reason of ", statement.reason().size(),
                                  " bytes, expected at most ",
                                  kMaxReasonBytes));
  }
  if (statement.verdict() != v1::DENY) return absl::OkStatus();
  if (statement.reason().empty()) return Malformed("denies without a reason");
  if (statement.allows_lower_security_counter() ||
      statement.allows_lower_version()) {
    return Malformed("denies and allows a lower counter or version");
  }
  return absl::OkStatus();
}

absl::Status CheckTimes(const v1::ApprovalStatement& statement) {
  if (statement.not_before_unix_ms() > 0 &&
      statement.not_before_unix_ms() < statement.not_after_unix_ms()) {
    return absl::OkStatus();
  }
  return Malformed(absl::StrCat("counts from ", statement.not_before_unix_ms(),
                                " ms to ", statement.not_after_unix_ms(),
                                " ms, expected a time after 1970 and a later "
                                "one"));
}

absl::Status CheckEnvelope(const v1::DsseEnvelope& envelope) {
  if (envelope.payload_type() != kApprovalPayloadType) {
    return Malformed(
        absl::StrCat("is of type \"",
                     absl::CHexEscape(envelope.payload_type().substr(0, 64)),
                     "\", expected ", kApprovalPayloadType));
  }
  if (envelope.signatures_size() != 1) {
    return Malformed(absl::StrCat("has ", envelope.signatures_size(),
                                  " signatures, expected 1"));
  }
  const v1::DsseSignature& signature = envelope.signatures(0);
  if (signature.sig().empty() ||
      signature.sig().size() > kMaxSshSignatureBytes ||
      signature.keyid().size() > kMaxKeyidBytes) {
    return Malformed(absl::StrCat(
        "has a signature of ", signature.sig().size(),
        " bytes and a key id of ", signature.keyid().size(), ", expected 1 to ",
        kMaxSshSignatureBytes, " and at most ", kMaxKeyidBytes));
  }
  v1::DsseEnvelope known = envelope;
  known.DiscardUnknownFields();
  if (known.ByteSizeLong() == envelope.ByteSizeLong()) return absl::OkStatus();
  return Malformed("has an envelope with fields that are not known");
}

// The key that signed, or why none did: what the key says that the signature
// itself points at.
absl::StatusOr<const Approver*> FindSigner(const Policy& policy,
                                           const v1::DsseSignature& signature,
                                           absl::string_view message) {
  absl::Status closest = base::Refused(
      "UNKNOWN_APPROVER_KEY",
      absl::StrCat("no approver key of the policy made the signature; its key "
                   "id is \"",
                   absl::CHexEscape(signature.keyid()), "\""));
  for (const Approver& approver : policy.approvers()) {
    const absl::Status status = approver.key.Verify(message, signature.sig());
    if (status.ok()) return &approver;
    const bool holds_it = approver.key.IsNamedIn(signature.sig());
    if (holds_it || approver.key.keyid() == signature.keyid()) closest = status;
    if (holds_it) break;
  }
  return closest;
}

}  // namespace

std::string EncodeStatement(const v1::ApprovalStatement& statement) {
  return Serialized(statement);
}

absl::StatusOr<v1::ApprovalStatement> DecodeStatement(absl::string_view bytes) {
  if (bytes.size() > kMaxStatementBytes) {
    return Malformed(absl::StrCat("has a statement of ", bytes.size(),
                                  " bytes, expected at most ",
                                  kMaxStatementBytes));
  }
  v1::ApprovalStatement statement;
  if (!statement.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return Malformed("holds no bootseal.v1.ApprovalStatement");
  }
  statement.DiscardUnknownFields();
  if (Serialized(statement) != bytes) {
    return Malformed(
        "holds a statement that is not in the canonical encoding, "
        "or has fields that are not known");
  }
  RETURN_IF_ERROR(CheckPresent({{"origin", statement.origin()},
                                {"requester", statement.requester()},
                                {"approver", statement.approver()}}));
  RETURN_IF_ERROR(
      CheckSizes({{"subject_sha256", statement.subject_sha256(), kHashBytes},
                  {"policy_sha256", statement.policy_sha256(), kHashBytes},
                  {"nonce", statement.nonce(), kNonceBytes}}));
  RETURN_IF_ERROR(CheckTimes(statement));
  RETURN_IF_ERROR(CheckVerdict(statement));
  RETURN_IF_ERROR(CheckMatter(statement));
  return statement;
}

std::string PreAuthenticationEncoding(absl::string_view payload_type,
                                      absl::string_view payload) {
  return image::host::PreAuthenticationEncoding(payload_type, payload);
}

absl::StatusOr<SignedStatement> OpenEnvelope(const Policy& policy,
                                             const v1::DsseEnvelope& envelope) {
  RETURN_IF_ERROR(CheckEnvelope(envelope));
  ASSIGN_OR_RETURN(v1::ApprovalStatement statement,
                   DecodeStatement(envelope.payload()));
  ASSIGN_OR_RETURN(const Approver* const signer,
                   FindSigner(policy, envelope.signatures(0),
                              PreAuthenticationEncoding(envelope.payload_type(),
                                                        envelope.payload())));
  if (statement.approver() != signer->person->name()) {
    return base::Refused("APPROVER_DIFFERS",
                         absl::StrCat("the statement names approver ",
                                      absl::CHexEscape(statement.approver()),
                                      ", and the key that signed it is ",
                                      signer->person->name(), "'s"));
  }
  return SignedStatement{std::move(statement), signer->person, signer->retired,
                         Sha256Of(envelope.payload())};
}

std::string SubjectOf(absl::string_view requester,
                      const v1::SigningEvent& signing) {
  Parts parts(kSubjectPurpose);
  parts.Add("signing");
  parts.Add(requester);
  parts.Add(signing.request_sha256());
  // Entries have the image's own pair first, and of a compressed image the
  // inner one behind it. Those with names count all.
  for (int i = 0; i < signing.digests_size(); ++i) {
    const v1::SignedDigest& pair = signing.digests(i);
    if (pair.name().empty() && i + 1 != signing.digests_size()) continue;
    if (!pair.name().empty()) parts.Add(pair.name());
    parts.Add(pair.key());
    parts.Add(pair.key_hash());
    parts.Add(pair.digest());
    parts.Add(pair.pure() ? "pure" : "");
  }
  return parts.Sha256();
}

std::string SubjectOf(absl::string_view requester,
                      const v1::KeyChange& change) {
  Parts parts(kSubjectPurpose);
  parts.Add("key change");
  parts.Add(requester);
  parts.AddNumber(static_cast<std::uint64_t>(change.action()));
  parts.Add(change.key());
  parts.Add(change.public_key_sha256());
  parts.Add(change.replaces());
  parts.Add(change.replaces_sha256());
  if (!change.transcript_sha256().empty()) {
    parts.Add(change.transcript_sha256());
  }
  return parts.Sha256();
}

}  // namespace bootseal::trust
