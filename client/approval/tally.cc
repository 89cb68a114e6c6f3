#include "client/approval/tally.h"

#include <utility>

#include "server/trust/rollback.h"

namespace bootseal::approval {
namespace {

// With what the pending entry says, which is in the log: a server could show no
// last release, or an older one.
trust::Lowering LoweringOf(const v1::SigningEvent& asked,
                           const v1::SigningEvent* last_release) {
  trust::Lowering lowering = trust::LoweringOf(asked, last_release);
  if (!lowering.security_counter_from &&
      asked.has_lowers_security_counter_from()) {
    lowering.security_counter_from = asked.lowers_security_counter_from();
  }
  if (!lowering.version_from && asked.has_lowers_version_from()) {
    lowering.version_from = asked.lowers_version_from();
  }
  return lowering;
}

trust::Demand DemandOf(const trust::Policy& policy, const v1::Entry& entry,
                       const v1::SigningEvent* last_release) {
  if (entry.has_key()) {
    return trust::DemandOf(policy.proto().key_approvals());
  }
  const v1::SigningEvent& asked = entry.signing();
  const v1::Target* const target = policy.FindTarget(asked.target());
  if (target == nullptr) return {};
  return trust::DemandOf(*target, LoweringOf(asked, last_release));
}

}  // namespace

Tally CountHere(const trust::Policy& policy, absl::string_view origin,
                const Pending& pending, const v1::SigningEvent* last_release,
                const std::vector<trust::RecordedApproval>& words,
                absl::Time now) {
  const trust::Matter matter = trust::MatterOf(
      policy, origin, trust::Recorded{pending.index, pending.entry},
      v1::Caller(), DemandOf(policy, pending.entry, last_release));
  Tally tally;
  tally.policy_version = policy.proto().version();
  tally.needed = matter.demand.needed;
  tally.quorum =
      trust::CountApprovals(policy, matter, words, absl::ToUnixMillis(now));
  return tally;
}

absl::Status WhyNotCounted(const Tally& tally, std::uint64_t index) {
  for (const trust::Uncounted& each : tally.quorum.uncounted) {
    if (each.index == index) return each.why;
  }
  return absl::OkStatus();
}

}  // namespace bootseal::approval
