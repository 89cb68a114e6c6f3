// Errors on the host: absl::Status built by named constructors.
//
// A message is lower case without a period and says what is wrong, the
// offending value, what was expected, and the fix where it is known. It never
// holds a secret. A machine-readable reason (upper snake case, for example
// PAYLOAD_TOO_LARGE) and the offending field travel as payloads, from where the
// rpc layer copies them into google.rpc.ErrorInfo.
//
// Thread-safe: free functions without state.
#ifndef BOOTSEAL_BASE_STATUS_H_
#define BOOTSEAL_BASE_STATUS_H_

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace bootseal::base {

// A status with a machine-readable `reason`, for example "UNKNOWN_TARGET".
absl::Status Fail(absl::StatusCode code, absl::string_view reason,
                  absl::string_view message);

// The same, naming the field of the request or file that is to blame.
absl::Status FailField(absl::StatusCode code, absl::string_view reason,
                       absl::string_view field, absl::string_view message);

// INVALID_ARGUMENT about `field`.
absl::Status Invalid(absl::string_view reason, absl::string_view field,
                     absl::string_view message);
absl::Status NotFound(absl::string_view reason, absl::string_view message);
absl::Status Refused(absl::string_view reason, absl::string_view message);
absl::Status Unavailable(absl::string_view reason, absl::string_view message);
// FAILED_PRECONDITION: the state of a key, token, file or log forbids it.
absl::Status Precondition(absl::string_view reason, absl::string_view message);
absl::Status Exhausted(absl::string_view reason, absl::string_view message);
// INTERNAL: our own fault; carries the caller's file and line.
absl::Status Internal(absl::string_view message,
                      const char* file = __builtin_FILE(),
                      int line = __builtin_LINE());

// Empty when the status carries none.
std::string ReasonOf(const absl::Status& status);
std::string FieldOf(const absl::Status& status);

// The same status with `context` and ": " before its message; OK stays OK.
absl::Status Annotate(const absl::Status& status, absl::string_view context);

}  // namespace bootseal::base

#define BOOTSEAL_CONCAT_INNER(a, b) a##b
#define BOOTSEAL_CONCAT(a, b) BOOTSEAL_CONCAT_INNER(a, b)

// Returns the status from the enclosing function unless it is OK.
#define RETURN_IF_ERROR(expression)                                         \
  do {                                                                      \
    if (absl::Status status_ = (expression); !status_.ok()) return status_; \
  } while (false)

// ASSIGN_OR_RETURN(auto key, FindKey(name));
#define ASSIGN_OR_RETURN(declaration, expression)                            \
  ASSIGN_OR_RETURN_INNER(BOOTSEAL_CONCAT(status_or_, __LINE__), declaration, \
                         expression)
#define ASSIGN_OR_RETURN_INNER(temporary, declaration, expression) \
  auto temporary = (expression);                                   \
  if (!temporary.ok()) return std::move(temporary).status();       \
  declaration = *std::move(temporary)

#endif  // BOOTSEAL_BASE_STATUS_H_
