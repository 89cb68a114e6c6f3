// The sockets of the monitoring port.
#ifndef BOOTSEAL_SERVER_METRICS_LISTENING_SOCKET_H_
#define BOOTSEAL_SERVER_METRICS_LISTENING_SOCKET_H_

#include <sys/socket.h>

#include <string>

#include "absl/status/statusor.h"

namespace bootseal::metrics {

// A socket that listens on the first address of "host:port" or "[address]:port"
// that this machine has, does not block, and is shared with nobody; the
// caller's to close. UNAVAILABLE with the system's words.
absl::StatusOr<int> ListeningSocket(const std::string& listen);

// That it was given.
int PortOf(int socket);

// An IPv4 address, or the first 64 bits of an IPv6 address, all of which one
// host may have: as bytes.
std::string NetworkOf(const sockaddr_storage& peer);

}  // namespace bootseal::metrics

#endif  // BOOTSEAL_SERVER_METRICS_LISTENING_SOCKET_H_
