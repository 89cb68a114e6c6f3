#include "firmware/image/host/dsse.h"

#include <optional>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "base/status.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/host/json.h"
#include "firmware/image/transparency/note.h"

namespace bootseal::image::host {
namespace {

constexpr std::size_t kMaxEnvelopeBytes = 1 << 20;

absl::Status Malformed(absl::string_view message) {
  return base::Fail(absl::StatusCode::kInvalidArgument, "ENVELOPE_MALFORMED",
                    absl::StrCat("envelope ", message));
}

json_t* String(absl::string_view text) {
  return json_stringn(text.data(), text.size());
}

// Both alphabets, as DSSE demands; canonical otherwise.
std::optional<std::string> Decoded(const json_t* object, const char* name) {
  const std::optional<std::string> text = JsonString(object, name);
  if (!text.has_value()) return std::nullopt;
  if (text->empty()) return "";
  const std::string standard =
      absl::StrReplaceAll(*text, {{"-", "+"}, {"_", "/"}});
  std::vector<std::byte> buffer(standard.size());
  const Result<Bytes> bytes = transparency::DecodeBase64(standard, buffer);
  if (!bytes.ok()) return std::nullopt;
  return ToString(*bytes);
}

absl::StatusOr<Envelope> ReadMembers(const json_t* object,
                                     const json_t* signature) {
  const std::optional<std::string> payload = Decoded(object, "payload");
  if (!payload.has_value()) return Malformed("has no payload in base64");
  const auto type = JsonString(object, "payloadType");
  if (!type.has_value()) return Malformed("has no payloadType");
  const std::optional<std::string> made = Decoded(signature, "sig");
  if (!made.has_value() || made->empty()) {
    return Malformed("has no sig in base64");
  }
  return Envelope{*type, *payload, JsonString(signature, "keyid").value_or(""),
                  *made};
}

}  // namespace

std::string PreAuthenticationEncoding(absl::string_view payload_type,
                                      absl::string_view payload) {
  return absl::StrCat("DSSEv1 ", payload_type.size(), " ", payload_type, " ",
                      payload.size(), " ", payload);
}

std::string WriteEnvelope(const Envelope& envelope) {
  const JsonPtr object(
      json_pack("{s:o*, s:o*, s:[{s:o*, s:o*}]}", "payload",
                String(absl::Base64Escape(envelope.payload)), "payloadType",
                String(envelope.payload_type), "signatures", "keyid",
                String(envelope.keyid), "sig",
                String(absl::Base64Escape(envelope.signature))));
  return absl::StrCat(CanonicalJson(object.get()), "\n");
}

absl::StatusOr<Envelope> ReadEnvelope(absl::string_view json) {
  if (json.size() > kMaxEnvelopeBytes) {
    return Malformed(absl::StrCat(
        "has ", json.size(), " bytes, expected at most ", kMaxEnvelopeBytes));
  }
  const absl::StatusOr<JsonPtr> object = ParseJsonObject(json);
  if (!object.ok()) return Malformed(object.status().message());
  const json_t* signatures = json_object_get(object->get(), "signatures");
  if (!json_is_array(signatures) || json_array_size(signatures) != 1) {
    return Malformed(absl::StrCat("has ", json_array_size(signatures),
                                  " signatures, expected one"));
  }
  return ReadMembers(object->get(), json_array_get(signatures, 0));
}

}  // namespace bootseal::image::host
