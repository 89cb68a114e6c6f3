#include "client/approval/armour.h"

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/strip.h"
#include "base/status.h"

namespace bootseal::approval {
namespace {

constexpr absl::string_view kBegin = "-----BEGIN SSH SIGNATURE-----\n";
constexpr absl::string_view kEnd = "\n-----END SSH SIGNATURE-----";

}  // namespace

absl::StatusOr<std::string> ReadArmour(absl::string_view text) {
  text = absl::StripAsciiWhitespace(text);
  std::string blob;
  if (absl::ConsumePrefix(&text, kBegin) && absl::ConsumeSuffix(&text, kEnd) &&
      absl::Base64Unescape(text, &blob)) {
    return blob;
  }
  return base::Invalid("SSHSIG_MALFORMED", "sig",
                       "ssh-keygen's answer is no block \"SSH SIGNATURE\"");
}

}  // namespace bootseal::approval
