// Keys as lines, as text and as JSON.
#ifndef BOOTSEAL_HSM_COMMANDS_REPORT_H_
#define BOOTSEAL_HSM_COMMANDS_REPORT_H_

#include <string>

#include "absl/strings/string_view.h"
#include "hsm/signer.h"

namespace bootseal::hsm::commands {

// Labels may be other tools': in both texts what is not printable ASCII is
// escaped as in C. "app  p256  id 0a1b  may serve".
std::string Line(const KeyInfo& key);
// Everything, a line each.
std::string Details(const KeyInfo& key);
// One object, no line break at its end.
std::string Json(const KeyInfo& key);
// Quoted and escaped (RFC 8259); what is no UTF-8 becomes U+FFFD.
std::string JsonString(absl::string_view text);

}  // namespace bootseal::hsm::commands

#endif  // BOOTSEAL_HSM_COMMANDS_REPORT_H_
