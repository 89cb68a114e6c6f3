// The process's own figures, under the names that Prometheus's client libraries
// give them.
#ifndef BOOTSEAL_SERVER_METRICS_PROCESS_H_
#define BOOTSEAL_SERVER_METRICS_PROCESS_H_

#include "server/metrics/registry.h"

namespace bootseal::metrics {

// process_cpu_seconds_total, process_resident_memory_bytes,
// process_virtual_memory_bytes, process_open_fds, process_max_fds,
// process_start_time_seconds, process_threads; out of /proc (proc(5)).
void AddProcess(Registry& registry);

}  // namespace bootseal::metrics

#endif  // BOOTSEAL_SERVER_METRICS_PROCESS_H_
