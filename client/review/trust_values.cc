#include "client/review/trust_values.h"

#include <openssl/pem.h>

#include <algorithm>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/openssl.h"
#include "bootseal/v1/policy.pb.h"
#include "client/review/sha256.h"
#include "google/protobuf/text_format.h"
#include "server/trust/approver_key.h"
#include "server/trust/public_key_reading.h"

namespace bootseal::review {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

std::string Hashed(absl::string_view der) {
  return absl::StrCat("sha256 ",
                      absl::BytesToHexString(Sha256(std::string(der))));
}

std::string CertificateWord(const std::string& pem) {
  const base::BioPtr bio(
      BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  const base::X509Ptr certificate(
      PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
  base::DrainOpenSslErrors();
  unsigned char* der = nullptr;
  const int size = certificate ? i2d_X509(certificate.get(), &der) : -1;
  if (size <= 0) return pem;
  std::string word =
      Hashed({reinterpret_cast<const char*>(der), std::size_t(size)});
  OPENSSL_free(der);
  return word;
}

std::string PublicKeyWord(const std::string& pem) {
  const auto key = trust::ReadPemPublicKeyOfAnyKind(pem);
  return key.ok() ? Hashed(trust::SpkiOf(key->get())) : pem;
}

std::string ApproverKeyWord(const v1::ApproverKey& key) {
  const auto parsed = trust::ApproverKey::Parse(key.public_key());
  return absl::StrCat(
      parsed.ok() ? absl::StrCat(parsed->Description(), " ", parsed->keyid())
                  : key.public_key(),
      key.retired() ? " (retired)" : "");
}

std::string ClaimWord(const v1::ClaimRule& rule) {
  switch (rule.match_case()) {
    case v1::ClaimRule::kEquals:
      return absl::StrCat(rule.claim(), "=", rule.equals());
    case v1::ClaimRule::kPrefix:
      return absl::StrCat(rule.claim(), " begins with ", rule.prefix());
    case v1::ClaimRule::kGlob:
      return absl::StrCat(rule.claim(), " like ", rule.glob());
    case v1::ClaimRule::MATCH_NOT_SET:
      break;
  }
  return rule.claim();
}

std::string WorkloadWord(const v1::Workload& workload) {
  std::vector<std::string> claims;
  for (const v1::ClaimRule& rule : workload.claims()) {
    claims.push_back(ClaimWord(rule));
  }
  std::sort(claims.begin(), claims.end());
  return absl::StrCat(workload.issuer(), " ", absl::StrJoin(claims, ", "));
}

std::string FipImageWord(const v1::FipImage& image) {
  return absl::StrCat(
      image.name(), " ",
      image.presence() == v1::REQUIRED ? "REQUIRED" : "OPTIONAL");
}

std::string DependencyWord(const v1::Dependency& dependency) {
  return absl::StrCat("image ", dependency.image_id(), " from ",
                      dependency.minimum_version());
}

template <typename T>
std::string Of(std::string (*word)(const T&), const Message& message) {
  return word(*google::protobuf::DynamicCastToGenerated<T>(&message));
}

std::string MessageWord(const Message& message) {
  const auto* const type = message.GetDescriptor();
  if (type == v1::ApproverKey::descriptor()) {
    return Of(ApproverKeyWord, message);
  }
  if (type == v1::Workload::descriptor()) return Of(WorkloadWord, message);
  if (type == v1::FipImage::descriptor()) return Of(FipImageWord, message);
  if (type == v1::Dependency::descriptor()) return Of(DependencyWord, message);
  return message.ShortDebugString();
}

std::string TextWord(const FieldDescriptor& field, std::string text) {
  if (field.name() == "ca_pem" || field.name() == "certificate_pem") {
    return CertificateWord(text);
  }
  if (field.name() == "public_keys") return PublicKeyWord(text);
  const bool is_hash = absl::EndsWith(field.name(), "_sha256") ||
                       field.name() == "denied_certificates" ||
                       field.name() == "revoked_approvals";
  return is_hash ? absl::AsciiStrToLower(text) : text;
}

// What policy.proto says of what is not set.
struct Default {
  const char* field;  // nullptr: any
  const char* written;
  const char* means;
};
constexpr Default kDefaults[] = {
    {nullptr, "false", ""},
    {nullptr, "PRESENCE_UNSPECIFIED", "OPTIONAL"},
    {nullptr, "LOWER_VERSION_UNSPECIFIED", "REFUSE"},
    {"approval_seconds", "0", "604800"},
    {"max_age_seconds", "0", "600"},
    {"key_bits", "0", "128"},
};

std::string ScalarWord(const FieldDescriptor& field, std::string text) {
  for (const Default& each : kDefaults) {
    if (text != each.written) continue;
    if (each.field == nullptr || field.name() == each.field) return each.means;
  }
  return text;
}

}  // namespace

std::string WordOf(const Message& message, const FieldDescriptor& field,
                   int index) {
  const auto& reflection = *message.GetReflection();
  const bool repeated = field.is_repeated();
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
    return MessageWord(
        repeated ? reflection.GetRepeatedMessage(message, &field, index)
                 : reflection.GetMessage(message, &field));
  }
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
    return TextWord(
        field, repeated ? reflection.GetRepeatedString(message, &field, index)
                        : reflection.GetString(message, &field));
  }
  std::string text;
  google::protobuf::TextFormat::PrintFieldValueToString(
      message, &field, repeated ? index : -1, &text);
  return ScalarWord(field, std::move(text));
}

}  // namespace bootseal::review
