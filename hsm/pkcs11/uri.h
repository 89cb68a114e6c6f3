// RFC 7512 URIs: which module, token and object.
#ifndef BOOTSEAL_HSM_PKCS11_URI_H_
#define BOOTSEAL_HSM_PKCS11_URI_H_

#include <p11-kit/pkcs11.h>

#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

struct p11_kit_uri;

namespace bootseal::hsm::pkcs11 {

// Immutable; safe to share.
class Uri {
 public:
  // INVALID_ARGUMENT: URI_SYNTAX; URI_PIN when it holds or names a PIN (a PIN
  // belongs in a file of its own; the message does not repeat the URI);
  // URI_ATTRIBUTE when it has an attribute that would not be heeded: one that
  // is not understood, of the library or of the slot other than its id, or a
  // type other than private.
  static absl::StatusOr<Uri> Parse(const std::string& text);

  // Empty when absent.
  std::string module_path() const;
  std::string module_name() const;
  bool Matches(CK_SLOT_ID slot, const CK_TOKEN_INFO& token) const;
  // The same without the slot.
  bool MatchesToken(const CK_TOKEN_INFO& token) const;
  std::optional<std::string> object() const;
  std::optional<std::string> id() const;  // raw bytes
  const std::string& text() const { return text_; }

 private:
  Uri(std::shared_ptr<p11_kit_uri> parsed, std::string text)
      : parsed_(std::move(parsed)), text_(std::move(text)) {}
  std::optional<std::string> Attribute(CK_ATTRIBUTE_TYPE type) const;

  std::shared_ptr<p11_kit_uri> parsed_;
  std::string text_;
};

// `value` with everything but unreserved characters as %XX (RFC 3986).
std::string UriEscape(absl::string_view value);

}  // namespace bootseal::hsm::pkcs11

#endif  // BOOTSEAL_HSM_PKCS11_URI_H_
