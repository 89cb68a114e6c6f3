// One client's connection: TLS ends here, and what was inside goes to gRPC and
// back, as far as the client keeps to the rules and its budget.
#ifndef BOOTSEAL_SERVER_EDGE_SESSION_H_
#define BOOTSEAL_SERVER_EDGE_SESSION_H_

#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/local/stream_protocol.hpp>
#include <asio/ssl/context.hpp>
#include <asio/ssl/stream.hpp>
#include <asio/steady_timer.hpp>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/edge/budgets.h"
#include "server/edge/connections.h"
#include "server/edge/frame_meter.h"
#include "server/edge/incidents.h"
#include "server/edge/peers.h"

namespace bootseal::edge {

// Lives as long as something is expected of its sockets. Everything but Start
// and GiveWay happens on the one thread of its io_context.
class Session : public std::enable_shared_from_this<Session> {
 public:
  // All outlive it.
  struct Parts {
    asio::ssl::context& tls;
    Budgets& budgets;
    Peers& peers;
    Incidents& incidents;
    // Takes over a connected socket, which speaks HTTP/2 without TLS.
    const std::function<void(int)>& serve;
  };

  // Takes over `socket`, a connection from `address`.
  Session(asio::io_context& loop, int socket, std::string address,
          const Parts& parts);
  ~Session();

  // Once, by any thread.
  void Start(Connections::Place place);
  // By any thread: others need its place.
  void GiveWay();

 private:
  using Error = std::error_code;
  using Tls = asio::ssl::stream<asio::ip::tcp::socket&>;

  // The client's first one, whole: what costs nothing is not worth a handshake.
  void WaitForRecord();
  void Begin();
  void ShakeHands();
  void Greet();
  void ReadFromClient();
  // What of it may go on now.
  void PassOn();
  void Write(std::size_t bytes);
  // Goes on with `next`, unless it is closed meanwhile.
  void Pause(absl::Duration wait, const char* why, void (Session::*next)());
  // A connection of gRPC's, into which all goes. False: none can be had.
  bool Open();
  void ReadFromServer();
  void WriteToClient();
  // Ends it, unless the client takes some of what is written meanwhile.
  void ExpectProgress();
  // gRPC has closed, and what it said before is sent.
  void Finish();
  void Fail(Incident incident, absl::string_view what);
  void CloseAfter(std::chrono::seconds patience, Incident incident);
  void Close();

  const Parts parts_;
  const std::string address_;
  std::optional<Connections::Place> place_;  // until peer_ has it
  asio::ip::tcp::socket client_;
  std::optional<Tls> tls_;  // from the first record on, for it is large
  asio::local::stream_protocol::socket server_;
  asio::steady_timer deadline_;
  asio::steady_timer pause_;
  asio::steady_timer progress_;
  FrameMeter meter_;
  std::shared_ptr<Peer> peer_;
  std::string name_;  // among peers
  bool finished_ = false;
  int looks_ = 0;  // at its first record
  // From the client, that was not passed on yet.
  std::vector<char> in_;
  std::size_t filled_ = 0;
  // To the client: what gRPC says next, what waits, and what is being written.
  std::vector<char> out_;
  std::string unread_;
  std::string writing_;
  std::size_t written_ = 0;
  bool full_ = false;     // gRPC says no more for now
  bool unheard_ = false;  // nor is the client heard
  bool ended_ = false;    // gRPC has said all
};

}  // namespace bootseal::edge

#endif  // BOOTSEAL_SERVER_EDGE_SESSION_H_
