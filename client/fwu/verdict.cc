#include "client/fwu/verdict.h"

#include <jansson.h>

#include <memory>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "firmware/image/crypto.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/host/dsse.h"

namespace bootseal::fwu {
namespace {

struct JsonDeleter {
  void operator()(json_t* value) const { json_decref(value); }
};
using JsonPtr = std::unique_ptr<json_t, JsonDeleter>;

absl::Status Malformed(absl::string_view what) {
  return base::Invalid("VERDICT_MALFORMED", "statement",
                       absl::StrCat("the statement ", what));
}

absl::StatusOr<std::string> Member(const json_t* object, const char* name) {
  const json_t* value = json_object_get(object, name);
  if (json_is_string(value)) return std::string(json_string_value(value));
  return Malformed(absl::StrCat("has no text ", name));
}

absl::Status Same(absl::string_view member, absl::string_view found,
                  absl::string_view expected) {
  if (found == expected) return absl::OkStatus();
  return base::Refused("VERDICT_MISMATCH",
                       absl::StrCat("the statement has ", member, " \"", found,
                                    "\", expected \"", expected, "\""));
}

absl::Status CheckTime(const json_t* predicate, absl::Time now) {
  ASSIGN_OR_RETURN(const std::string text, Member(predicate, "notAfter"));
  absl::Time not_after;
  std::string error;
  if (!absl::ParseTime(absl::RFC3339_full, text, &not_after, &error)) {
    return Malformed(
        absl::StrCat("has notAfter \"", text, "\", expected RFC 3339"));
  }
  if (now <= not_after) return absl::OkStatus();
  return base::Refused("VERDICT_EXPIRED",
                       absl::StrCat("the statement was good until ", text));
}

absl::Status CheckPredicate(const json_t* predicate,
                            const VerdictExpected& expected) {
  ASSIGN_OR_RETURN(const std::string product, Member(predicate, "product"));
  ASSIGN_OR_RETURN(const std::string version, Member(predicate, "version"));
  ASSIGN_OR_RETURN(const std::string verdict, Member(predicate, "verdict"));
  RETURN_IF_ERROR(Same("product", product, expected.product));
  RETURN_IF_ERROR(Same("version", version, expected.version));
  RETURN_IF_ERROR(Same("verdict", verdict, expected.verdict));
  return CheckTime(predicate, expected.now);
}

}  // namespace

absl::Status CheckVerdict(absl::string_view text,
                          const image::host::ReleaseTrust& trust,
                          const VerdictExpected& expected) {
  ASSIGN_OR_RETURN(const image::host::Envelope envelope,
                   image::host::ReadEnvelope(text));
  if (envelope.payload_type != image::host::kManifestPayloadType) {
    return base::Invalid("PAYLOAD_TYPE", "statement",
                         absl::StrCat("the statement is of type \"",
                                      envelope.payload_type, "\""));
  }
  const image::Error verified = image::VerifySignature(
      trust.algorithm, image::host::AsBytes(trust.public_key),
      image::host::ManifestDigest(trust.algorithm, envelope.payload).bytes(),
      image::host::AsBytes(envelope.signature));
  if (verified != image::Error::kOk) {
    return base::Refused(
        "SIGNATURE_INVALID",
        absl::StrCat("the statement's signature: ", image::Text(verified)));
  }
  const JsonPtr json(json_loadb(envelope.payload.data(),
                                envelope.payload.size(), JSON_REJECT_DUPLICATES,
                                nullptr));
  if (json == nullptr) return Malformed("is no JSON");
  ASSIGN_OR_RETURN(const std::string predicate,
                   Member(json.get(), "predicateType"));
  if (predicate != kVerdictPredicate) {
    return Malformed(absl::StrCat("has predicateType \"", predicate,
                                  "\", expected ", kVerdictPredicate));
  }
  return CheckPredicate(json_object_get(json.get(), "predicate"), expected);
}

}  // namespace bootseal::fwu
