// The voice of the CLI on standard error: "bootseal: REASON: " and what failed,
// lower case and without a full stop, further lines of it indented; then, on a
// line of its own, what to do.
// With --json the same as {"error":{...}}, and so every line.
#ifndef BOOTSEAL_CLIENT_CLI_REPORT_H_
#define BOOTSEAL_CLIENT_CLI_REPORT_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace bootseal::cli {

enum class Format { kText, kJson };

// What to do about an error of this reason; empty when the message says it all.
absl::string_view HintFor(absl::string_view reason);

// With a newline at the end.
std::string FormatError(const absl::Status& status, Format format);

// How Warn speaks from now on; as kText before. Thread-safe.
void UseVoice(Format format);

// A line on standard error that is no error of the command: "bootseal: " and
// the text, or {"warning":{"message":...}}.
void Warn(absl::string_view text);

}  // namespace bootseal::cli

#endif  // BOOTSEAL_CLIENT_CLI_REPORT_H_
