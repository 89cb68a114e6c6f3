// What every rpc service needs; made by the composition root (server/app.h).
#ifndef BOOTSEAL_SERVER_ENVIRONMENT_H_
#define BOOTSEAL_SERVER_ENVIRONMENT_H_

#include <atomic>
#include <chrono>
#include <cstdint>

#include "base/clock.h"
#include "hsm/signer.h"
#include "server/audit/log.h"
#include "server/call_limits.h"
#include "server/call_places.h"
#include "server/denials.h"
#include "server/edge/clients.h"
#include "server/key_changes.h"
#include "server/memory_budget.h"
#include "server/metrics/calls.h"
#include "server/metrics/decisions.h"
#include "server/pending_requests.h"
#include "server/policy_in_force.h"
#include "server/refusals.h"
#include "server/upload_watch.h"

namespace bootseal::server {

// References to thread-safe parts that outlive the services.
struct Environment {
  edge::Clients& clients;
  PolicyHolder& policies;
  audit::Log& log;
  KeyChanges& key_changes;
  Refusals& refusals;
  CallLimits& limits;
  CallPlaces& calls;
  // Of payloads that are kept.
  MemoryBudget& memory;
  // That wait for approvals.
  PendingRequests& pending;
  // What people said no to.
  Denials& denials;
  // Of every call in which a thread waits for its client.
  UploadWatch& uploads;
  // What those who watch the server are shown.
  metrics::Calls& call_figures;
  metrics::Decisions& decisions;
  const base::Clock& clock;
  // Set when the server is about to end: long streams close, and none begins.
  const std::atomic<bool>& draining;
  const hsm::KeyInfo checkpoint_key;
  const std::uint64_t max_payload_bytes;
  const std::uint32_t max_pending_per_identity;
  const std::chrono::seconds upload_limit;
};

}  // namespace bootseal::server

#endif  // BOOTSEAL_SERVER_ENVIRONMENT_H_
