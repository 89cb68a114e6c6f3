#include "server/metrics/decisions.h"

#include <vector>

namespace bootseal::metrics {
namespace {

// In the order of Outcome.
constexpr const char* kOutcomes[] = {"allowed", "repeated", "pending",
                                     "refused", "failed"};

}  // namespace

void Decisions::Count(absl::string_view target, Outcome outcome) {
  const base::MutexLock lock(mutex_);
  ++counts_[std::string(target)][static_cast<std::size_t>(outcome)];
}

void Decisions::Expect(absl::string_view target) {
  const base::MutexLock lock(mutex_);
  counts_.try_emplace(std::string(target));
}

Family Decisions::family() const {
  return {"bootseal_decisions_total",
          "Requests for a signature by target and outcome; no target: one that "
          "the policy does not have.",
          Kind::kCounter, [this] { return Read(); }};
}

std::vector<Sample> Decisions::Read() const {
  const base::MutexLock lock(mutex_);
  std::vector<Sample> samples;
  for (const auto& [target, counts] : counts_) {
    for (std::size_t i = 0; i < counts.size(); ++i) {
      samples.push_back({{{"target", target}, {"outcome", kOutcomes[i]}},
                         static_cast<double>(counts[i])});
    }
  }
  return samples;
}

}  // namespace bootseal::metrics
