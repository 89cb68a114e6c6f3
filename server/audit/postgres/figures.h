// What a store does with its database, in figures.
#ifndef BOOTSEAL_SERVER_AUDIT_POSTGRES_FIGURES_H_
#define BOOTSEAL_SERVER_AUDIT_POSTGRES_FIGURES_H_

#include <atomic>
#include <cstdint>

#include "base/figures.h"

namespace bootseal::audit {

// Thread-safe.
struct PostgresFigures {
  std::atomic<std::int64_t> open = 0;  // sessions that are connected
  std::atomic<std::int64_t> busy = 0;  // of these, that wait for an answer
  // Attempts, by their end; the first of a start too.
  base::Counter connects;
  base::Counter failed_connects;
  // Sessions that were cut, or gave no answer in time.
  base::Counter lost;
};

}  // namespace bootseal::audit

#endif  // BOOTSEAL_SERVER_AUDIT_POSTGRES_FIGURES_H_
