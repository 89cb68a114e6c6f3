#include "hsm/pkcs11/uri.h"

#include <p11-kit/uri.h>

#include <cstring>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/status.h"

namespace bootseal::hsm::pkcs11 {
namespace {

constexpr CK_SLOT_ID kNoSlot = static_cast<CK_SLOT_ID>(-1);

// Whatever else a URI may speak of is reported as not recognised.
constexpr auto kHeeded = static_cast<P11KitUriType>(
    P11_KIT_URI_FOR_OBJECT_ON_TOKEN | P11_KIT_URI_FOR_SLOT);

bool NamesSlotByText(p11_kit_uri* uri) {
  const CK_SLOT_INFO* info = p11_kit_uri_get_slot_info(uri);
  return info->slotDescription[0] != 0 || info->manufacturerID[0] != 0;
}

// Only private keys are looked for.
bool NamesAnotherClass(p11_kit_uri* uri) {
  const CK_ATTRIBUTE* type = p11_kit_uri_get_attribute(uri, CKA_CLASS);
  if (!type) return false;
  constexpr CK_OBJECT_CLASS kPrivate = CKO_PRIVATE_KEY;
  return type->ulValueLen != sizeof(kPrivate) ||
         std::memcmp(type->pValue, &kPrivate, sizeof(kPrivate)) != 0;
}

std::string OrEmpty(const char* text) { return text ? text : ""; }

}  // namespace

absl::StatusOr<Uri> Uri::Parse(const std::string& text) {
  std::shared_ptr<p11_kit_uri> parsed(p11_kit_uri_new(), p11_kit_uri_free);
  const int result = p11_kit_uri_parse(text.c_str(), kHeeded, parsed.get());
  if (p11_kit_uri_get_pin_value(parsed.get()) ||
      p11_kit_uri_get_pin_source(parsed.get()) ||
      (result != P11_KIT_URI_OK && text.find("pin-") != std::string::npos)) {
    return base::Invalid("URI_PIN", "uri",
                         "a PKCS#11 URI may not hold pin-value or pin-source; "
                         "put the PIN in a file of its own with mode 0600");
  }
  if (result != P11_KIT_URI_OK || text.find('\0') != std::string::npos) {
    return base::Invalid("URI_SYNTAX", "uri",
                         absl::StrCat("\"", text, "\" is no PKCS#11 URI (",
                                      OrEmpty(p11_kit_uri_message(result)),
                                      "), expected for example "
                                      "pkcs11:token=bootseal;object=app"));
  }
  if (p11_kit_uri_any_unrecognized(parsed.get()) ||
      NamesSlotByText(parsed.get()) || NamesAnotherClass(parsed.get())) {
    return base::Invalid(
        "URI_ATTRIBUTE", "uri",
        absl::StrCat("\"", text,
                     "\" has an attribute that is not heeded, expected token, "
                     "serial, model, manufacturer, slot-id, object, id, "
                     "type=private, module-path or module-name"));
  }
  return Uri(std::move(parsed), text);
}

std::string Uri::module_path() const {
  return OrEmpty(p11_kit_uri_get_module_path(parsed_.get()));
}

std::string Uri::module_name() const {
  return OrEmpty(p11_kit_uri_get_module_name(parsed_.get()));
}

bool Uri::Matches(CK_SLOT_ID slot, const CK_TOKEN_INFO& token) const {
  const CK_SLOT_ID wanted = p11_kit_uri_get_slot_id(parsed_.get());
  if (wanted != kNoSlot && wanted != slot) return false;
  return MatchesToken(token);
}

bool Uri::MatchesToken(const CK_TOKEN_INFO& token) const {
  return p11_kit_uri_match_token_info(parsed_.get(), &token) == 1;
}

std::optional<std::string> Uri::object() const { return Attribute(CKA_LABEL); }

std::optional<std::string> Uri::id() const { return Attribute(CKA_ID); }

std::optional<std::string> Uri::Attribute(CK_ATTRIBUTE_TYPE type) const {
  const CK_ATTRIBUTE* attribute =
      p11_kit_uri_get_attribute(parsed_.get(), type);
  if (!attribute) return std::nullopt;
  return std::string(static_cast<const char*>(attribute->pValue),
                     attribute->ulValueLen);
}

std::string UriEscape(absl::string_view value) {
  std::string escaped;
  for (const char c : value) {
    const auto byte = static_cast<unsigned char>(c);
    if (absl::ascii_isalnum(byte) || c == '-' || c == '_' || c == '.' ||
        c == '~') {
      escaped.push_back(c);
    } else {
      absl::StrAppendFormat(&escaped, "%%%02X", byte);
    }
  }
  return escaped;
}

}  // namespace bootseal::hsm::pkcs11
