// Whether this server could release something now.
#ifndef BOOTSEAL_SERVER_HEALTH_READINESS_H_
#define BOOTSEAL_SERVER_HEALTH_READINESS_H_

#include "absl/status/status.h"
#include "server/audit/log.h"
#include "server/health/canary.h"

namespace bootseal::health {

// Thread-safe; never waits. What it refers to must outlive it.
class Readiness {
 public:
  // `canary`: nullptr when the configuration asks for none.
  Readiness(const audit::Log& log, const Canary* canary)
      : log_(log), canary_(canary) {}

  // UNAVAILABLE (LOG_NOT_WRITABLE), which with PostgreSQL says that the
  // database cannot be used; the canary's errors.
  absl::Status Check() const;

 private:
  const audit::Log& log_;
  const Canary* const canary_;
};

}  // namespace bootseal::health

#endif  // BOOTSEAL_SERVER_HEALTH_READINESS_H_
