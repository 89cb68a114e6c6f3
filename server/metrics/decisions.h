// What became of the requests for a signature, by target.
#ifndef BOOTSEAL_SERVER_METRICS_DECISIONS_H_
#define BOOTSEAL_SERVER_METRICS_DECISIONS_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

#include "absl/strings/string_view.h"
#include "base/mutex.h"
#include "server/metrics/registry.h"

namespace bootseal::metrics {

enum class Outcome {
  kAllowed,   // signed, recorded and handed out
  kRepeated,  // an earlier release was handed out again
  kPending,   // waits for approvals
  kRefused,
  kFailed,  // no decision: the server is full, or HSM or log did not work
};

// Thread-safe.
class Decisions {
 public:
  // Of a target of the policy, whose names are all there is to it; "" for what
  // names none.
  void Count(absl::string_view target, Outcome outcome);
  // Zeros, so that the first one is seen as an increase.
  void Expect(absl::string_view target);

  // bootseal_decisions_total{target, outcome}.
  Family family() const;

 private:
  using Counts = std::array<std::uint64_t, 5>;

  std::vector<Sample> Read() const;

  mutable base::Mutex mutex_;
  std::map<std::string, Counts, std::less<>> counts_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace bootseal::metrics

#endif  // BOOTSEAL_SERVER_METRICS_DECISIONS_H_
