// Those who are connected, for whoever answers them or watches the server.
#ifndef BOOTSEAL_SERVER_EDGE_CLIENTS_H_
#define BOOTSEAL_SERVER_EDGE_CLIENTS_H_

#include "server/edge/connections.h"
#include "server/edge/incidents.h"
#include "server/edge/peers.h"

namespace bootseal::edge {

// Thread-safe parts.
struct Clients {
  explicit Clients(Connections::Bounds bounds) : connections(bounds) {}

  Connections connections;
  Peers peers;  // have places among connections
  Incidents incidents;
};

}  // namespace bootseal::edge

#endif  // BOOTSEAL_SERVER_EDGE_CLIENTS_H_
