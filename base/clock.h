// The time of day, as a dependency that a test can replace.
#ifndef BOOTSEAL_BASE_CLOCK_H_
#define BOOTSEAL_BASE_CLOCK_H_

#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace bootseal::base {

// Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual absl::Time Now() const = 0;
};

class SystemClock final : public Clock {
 public:
  absl::Time Now() const override { return absl::Now(); }
};

}  // namespace bootseal::base

#endif  // BOOTSEAL_BASE_CLOCK_H_
