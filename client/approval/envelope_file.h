// A signed statement as a file: DSSE v1.0.2, envelope.md (JSON, base64).
// Thread-safe: free functions.
#ifndef BOOTSEAL_CLIENT_APPROVAL_ENVELOPE_FILE_H_
#define BOOTSEAL_CLIENT_APPROVAL_ENVELOPE_FILE_H_

#include <cstddef>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "bootseal/v1/approval.pb.h"

namespace bootseal::approval {

inline constexpr std::size_t kMaxEnvelopeFileBytes = 64 << 10;

// {"payload":...,"payloadType":...,"signatures":[{"sig":...,"keyid":...}]} and
// a newline.
std::string WriteEnvelopeJson(const v1::DsseEnvelope& envelope);

// Members that are not known are refused. INVALID_ARGUMENT (ENVELOPE_INVALID).
absl::StatusOr<v1::DsseEnvelope> ReadEnvelopeJson(absl::string_view json);

}  // namespace bootseal::approval

#endif  // BOOTSEAL_CLIENT_APPROVAL_ENVELOPE_FILE_H_
