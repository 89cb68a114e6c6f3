// Keys as lines, as text and as JSON.
#ifndef BOOTSEAL_HSM_COMMANDS_REPORT_H_
#define BOOTSEAL_HSM_COMMANDS_REPORT_H_

#include <string>

#include "absl/strings/string_view.h"
#include "hsm/signer.h"

namespace bootseal::hsm::commands {

// "app  p256  id 0a1b  serves".
std::string Line(const KeyInfo& key);
// Everything, a line each.
std::string Details(const KeyInfo& key);
// One object, no line break at its end.
std::string Json(const KeyInfo& key);
// Quoted and escaped (RFC 8259); bytes that are not ASCII go as they are.
std::string JsonString(absl::string_view text);

}  // namespace bootseal::hsm::commands

#endif  // BOOTSEAL_HSM_COMMANDS_REPORT_H_
