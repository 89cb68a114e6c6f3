// Trace context as calls carry it (W3C Trace Context, level 1): ids under which
// a caller's own tracing knows the call. They say nothing about who calls.
#ifndef BOOTSEAL_SERVER_TRUST_TRACE_CONTEXT_H_
#define BOOTSEAL_SERVER_TRUST_TRACE_CONTEXT_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace bootseal::trust {

// Keys of the call's metadata.
inline constexpr char kTraceParent[] = "traceparent";
inline constexpr char kTraceState[] = "tracestate";

struct TraceContext {
  std::string trace_id;  // 32 hexadecimal digits, lower case, not all zero
  std::string span_id;   // 16, the same
};

// Of "00-<trace id>-<span id>-<flags>". Versions that are still to come may go
// on behind the flags; ff is none. nullopt for anything else, upper case
// included.
std::optional<TraceContext> ParseTraceParent(absl::string_view text);

// Whether `text` is a list of at most 32 "key=value" with keys and values of
// that specification, in at most 512 bytes.
bool IsTraceState(absl::string_view text);

}  // namespace bootseal::trust

#endif  // BOOTSEAL_SERVER_TRUST_TRACE_CONTEXT_H_
