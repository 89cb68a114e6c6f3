// How far a request is, judged on this side: by a policy's text and by people's
// own signatures, with the rules that the server has. Pure.
#ifndef BOOTSEAL_CLIENT_APPROVAL_TALLY_H_
#define BOOTSEAL_CLIENT_APPROVAL_TALLY_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "bootseal/v1/entry.pb.h"
#include "client/approval/pending.h"
#include "server/trust/facts.h"
#include "server/trust/policy.h"
#include "server/trust/quorum.h"

namespace bootseal::approval {

struct Tally {
  std::uint64_t policy_index = 0;  // its entry
  std::uint64_t policy_version = 0;
  std::uint32_t needed = 0;
  trust::Quorum quorum;
};

// Of a request that waits, as at `now`. `last_release`: what its counter and
// version must not go below; nullptr: none is known. What the pending entry
// says that it lowers, it lowers all the same. Words that were held back from
// us cannot be counted. policy_index is the caller's to set.
Tally CountHere(const trust::Policy& policy, absl::string_view origin,
                const Pending& pending, const v1::SigningEvent* last_release,
                const std::vector<trust::RecordedApproval>& words,
                absl::Time now);

// Why the word of this entry does not count; OK: it counts, or is a denial.
absl::Status WhyNotCounted(const Tally& tally, std::uint64_t index);

}  // namespace bootseal::approval

#endif  // BOOTSEAL_CLIENT_APPROVAL_TALLY_H_
