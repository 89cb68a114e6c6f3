// What a log does, in figures.
#ifndef BOOTSEAL_SERVER_AUDIT_LOG_FIGURES_H_
#define BOOTSEAL_SERVER_AUDIT_LOG_FIGURES_H_

#include <array>
#include <atomic>
#include <cstdint>

#include "base/figures.h"

namespace bootseal::audit {

// Thread-safe. Of this server alone, where others append to the same log.
struct LogFigures {
  static constexpr std::array<double, 13> kSeconds{
      0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10};
  static constexpr std::array<double, 11> kEntries{1,  2,   4,   8,   16,  32,
                                                   64, 128, 256, 512, 1024};

  // One batch, from its turn in the store until it is durable.
  base::Histogram append_seconds{kSeconds};
  // Records that one batch had, repeated ones included.
  base::Histogram batch_records{kEntries};
  // That are new in the log.
  base::Counter entries;
  // When the newest checkpoint was signed; 0 before the first.
  std::atomic<std::int64_t> checkpoint_unix_ms = 0;
  // Of that checkpoint.
  std::atomic<std::uint64_t> checkpoint_size = 0;
};

}  // namespace bootseal::audit

#endif  // BOOTSEAL_SERVER_AUDIT_LOG_FIGURES_H_
