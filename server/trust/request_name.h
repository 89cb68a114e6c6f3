// How people name a request that waits. Of server and client alike: what one
// finds, the other demands. Thread-safe: free functions.
#ifndef BOOTSEAL_SERVER_TRUST_REQUEST_NAME_H_
#define BOOTSEAL_SERVER_TRUST_REQUEST_NAME_H_

#include "absl/strings/string_view.h"

namespace bootseal::trust {

// 8 or more hexadecimal digits, which always are a subject's: requesters choose
// their ids, and one of them could pass for the digits of another's request.
bool IsSubjectDigits(absl::string_view name);

// All 64 of them.
bool IsWholeSubject(absl::string_view name);

// Whether `name` is of the request with this subject (32 raw bytes) and request
// id: the first digits of the one, or else the other as it is or after "id:".
bool IsNamed(absl::string_view name, absl::string_view subject,
             absl::string_view request_id);

}  // namespace bootseal::trust

#endif  // BOOTSEAL_SERVER_TRUST_REQUEST_NAME_H_
