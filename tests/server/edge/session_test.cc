#include "server/edge/session.h"

#include <gtest/gtest.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <asio/buffer.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/openssl.h"
#include "server/edge/clients.h"
#include "tests/support/pki.h"

namespace bootseal::edge {
namespace {

using ::asio::ip::tcp;

constexpr unsigned char kHttp2[] = {2, 'h', '2'};
// An empty SETTINGS frame, and a PING.
constexpr absl::string_view kFrames{
    "\0\0\0\4\0\0\0\0\0"
    "\0\0\10\6\0\0\0\0\0pingpong",
    26};

int ChooseHttp2(SSL*, const unsigned char** chosen, unsigned char* size,
                const unsigned char*, unsigned int, void*) {
  *chosen = kHttp2 + 1;
  *size = 2;
  return SSL_TLSEXT_ERR_OK;
}

asio::ssl::context ServerContext() {
  static const tests::Credential server =
      tests::CertificateAuthority("ca").Issue({});
  asio::ssl::context context(asio::ssl::context::tls_server);
  context.use_certificate(asio::buffer(server.certificate_pem),
                          asio::ssl::context::pem);
  context.use_private_key(asio::buffer(server.key_pem),
                          asio::ssl::context::pem);
  SSL_CTX_set_num_tickets(context.native_handle(), 0);
  SSL_CTX_set_alpn_select_cb(context.native_handle(), ChooseHttp2, nullptr);
  return context;
}

// Says what it has to say as soon as it may.
class EagerClient {
 public:
  explicit EagerClient(int socket)
      : context_(SSL_CTX_new(TLS_client_method())),
        tls_(SSL_new(context_.get())) {
    SSL_set_alpn_protos(tls_.get(), kHttp2, sizeof(kHttp2));
    SSL_set_fd(tls_.get(), socket);
    SSL_set_connect_state(tls_.get());
  }

  void Answer() {
    if (said_ || SSL_do_handshake(tls_.get()) != 1) return;
    const std::string hello = absl::StrCat(kPreface, kFrames);
    said_ =
        SSL_write(tls_.get(), hello.data(), static_cast<int>(hello.size())) > 0;
  }

 private:
  base::OpenSslPtr<SSL_CTX, SSL_CTX_free> context_;
  base::OpenSslPtr<SSL, SSL_free> tls_;
  bool said_ = false;
};

// A session whose loop goes on only when it is told to.
class SessionTest : public testing::Test {
 protected:
  // A client may speak to a connection that is closed.
  SessionTest() { signal(SIGPIPE, SIG_IGN); }

  struct Stepped {
    Stepped() {
      tcp::acceptor acceptor(loop, {asio::ip::address_v4::loopback(), 0});
      client_socket.connect(acceptor.local_endpoint());
      client_socket.non_blocking(true);
      client_socket.set_option(tcp::no_delay(true));
      client.emplace(client_socket.native_handle());
      made = std::make_shared<Session>(
          loop, acceptor.accept().release(), "127.0.0.1",
          Session::Parts{tls, budgets, clients.peers, clients.incidents,
                         serve});
      made->Start(std::get<Connections::Place>(
          clients.connections.Take("127.0.0.1", [] {})));
    }
    ~Stepped() {
      for (const int each : served) close(each);
    }

    void Step(int times) {
      for (int i = 0; i < times; ++i) {
        client->Answer();
        loop.poll_one();
      }
    }

    asio::ssl::context tls = ServerContext();
    Budgets budgets{1000};
    Clients clients{{.all = 1, .of_one_address = 1}};
    std::vector<int> served;
    std::function<void(int)> serve = [this](int end) { served.push_back(end); };
    asio::io_context loop{1};
    tcp::socket client_socket{loop};
    std::optional<EagerClient> client;
    std::shared_ptr<Session> made;
  };
  // More than it takes until gRPC has what the client said.
  static constexpr int kSteps = 40;
};

TEST_F(SessionTest, HandsOnWhatWasInsideTls) {
  Stepped session;
  session.Step(kSteps);
  ASSERT_EQ(session.served.size(), 1U);
  std::array<char, 100> got{};
  const ssize_t size = recv(session.served[0], got.data(), got.size(), 0);
  ASSERT_GT(size, 0);
  EXPECT_EQ(absl::string_view(got.data(), static_cast<std::size_t>(size)),
            absl::StrCat(kPreface, kFrames));
}

// What was read before it gave way may still wait for its turn.
TEST_F(SessionTest, LeavesNothingWheneverItGivesWay) {
  for (int moment = 0; moment < kSteps; ++moment) {
    Stepped session;
    session.Step(moment);
    session.made->GiveWay();
    session.Step(kSteps);
    EXPECT_EQ(session.clients.incidents.count(Incident::kEvicted), 1U);
    EXPECT_EQ(session.clients.peers.size(), 0U) << moment;
    EXPECT_EQ(session.clients.connections.open(), 0U) << moment;
    EXPECT_EQ(session.made.use_count(), 1) << moment;
  }
}

}  // namespace
}  // namespace bootseal::edge
