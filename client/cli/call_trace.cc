#include "client/cli/call_trace.h"

#include <cstdlib>
#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "client/cli/report.h"
#include "server/trust/trace_context.h"

namespace bootseal::cli {
namespace {

constexpr std::size_t kMaxShown = 80;

struct Trace {
  std::string parent;  // empty: none
  std::string state;
};

std::string Variable(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? "" : value;
}

void Reject(absl::string_view name, absl::string_view value,
            absl::string_view expected) {
  Warn(absl::StrCat(name, " is \"", absl::CEscape(value.substr(0, kMaxShown)),
                    value.size() > kMaxShown ? "..." : "", "\", expected ",
                    expected, " (W3C trace context); it is not sent"));
}

Trace FromEnvironment() {
  Trace trace{Variable("TRACEPARENT"), Variable("TRACESTATE")};
  if (trace.parent.empty()) {
    if (!trace.state.empty()) {
      Reject("TRACESTATE", trace.state, "TRACEPARENT beside it");
    }
    return {};
  }
  if (!trust::ParseTraceParent(trace.parent)) {
    Reject("TRACEPARENT", trace.parent,
           "00-, 32 hexadecimal digits, -, 16 of them, -, 2 of them, in lower "
           "case, neither the 32 nor the 16 all zero");
    return {};
  }
  if (!trust::IsTraceState(trace.state)) {
    Reject("TRACESTATE", trace.state, "at most 32 key=value in 512 bytes");
    trace.state.clear();
  }
  return trace;
}

}  // namespace

void AddTrace(grpc::ClientContext& context) {
  static const Trace* const trace = new Trace(FromEnvironment());
  if (trace->parent.empty()) return;
  context.AddMetadata(trust::kTraceParent, trace->parent);
  if (trace->state.empty()) return;
  context.AddMetadata(trust::kTraceState, trace->state);
}

}  // namespace bootseal::cli
