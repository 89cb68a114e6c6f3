// What a log is asked for that it cannot be or hold.
#ifndef BOOTSEAL_SERVER_AUDIT_LOG_CHECKS_H_
#define BOOTSEAL_SERVER_AUDIT_LOG_CHECKS_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"

namespace bootseal::audit {

// INVALID_ARGUMENT (BEYOND_TREE).
absl::Status BeyondTree(std::uint64_t asked, std::uint64_t size);

// INVALID_ARGUMENT (ORIGIN_INVALID) for a name that no signed note can have.
absl::Status CheckOrigin(const std::string& origin);

// INVALID_ARGUMENT (ENTRY_TOO_LARGE) unless it has 1 to 65,535 bytes.
absl::Status CheckEntry(const std::string& entry);

}  // namespace bootseal::audit

#endif  // BOOTSEAL_SERVER_AUDIT_LOG_CHECKS_H_
