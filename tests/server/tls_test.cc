// The TLS of a real server, as clients of every kind meet it.
#include <gtest/gtest.h>
#include <openssl/ssl.h>
#include <signal.h>

#include <string>

#include "tests/server/raw_client.h"
#include "tests/support/server_fixture.h"

namespace bootseal::tests {
namespace {

class ServersTls : public testing::Test {
 protected:
  ServersTls() {
    // TLS writes to connections that the server has closed.
    signal(SIGPIPE, SIG_IGN);
    server_.Start();
    const std::string address = server_.address();
    port_ = std::stoi(address.substr(address.rfind(':') + 1));
  }

  SslContextPtr Of(const std::string& caller) const {
    return RawTlsContext(server_.certificate_path(caller),
                         server_.key_path(caller));
  }
  // Whether HTTP/2 begins: what a client's handshake is without, in TLS 1.3.
  bool Serves(SSL_CTX* context) const {
    RawClient client(port_);
    return client.Handshake(context) && client.Send(Hello()) &&
           client.Answers();
  }

  ServerFixture server_;
  int port_ = 0;
};

TEST_F(ServersTls, IsOfTheVersionsAndCiphersThatHttp2Has) {
  struct Case {
    const char* name;
    int lowest;
    int highest;
    const char* ciphers;  // of TLS 1.2
    bool served;
  };
  const Case kCases[] = {
      {"1.3", TLS1_3_VERSION, TLS1_3_VERSION, "DEFAULT", true},
      {"1.2", TLS1_2_VERSION, TLS1_2_VERSION, "DEFAULT", true},
      {"AES-GCM", TLS1_2_VERSION, TLS1_2_VERSION, "ECDHE+AESGCM", true},
      {"ChaCha20", TLS1_2_VERSION, TLS1_2_VERSION, "ECDHE+CHACHA20", true},
      {"AES-CBC", TLS1_2_VERSION, TLS1_2_VERSION, "ECDHE+AES:!AESGCM:!AESCCM",
       false},
      {"NoForwardSecrecy", TLS1_2_VERSION, TLS1_2_VERSION, "kRSA", false},
      {"1.1", TLS1_1_VERSION, TLS1_1_VERSION, "ALL:@SECLEVEL=0", false},
      {"1.0", TLS1_VERSION, TLS1_VERSION, "ALL:@SECLEVEL=0", false},
  };
  for (const Case& each : kCases) {
    const SslContextPtr context = Of("ci");
    SSL_CTX_set_min_proto_version(context.get(), each.lowest);
    SSL_CTX_set_max_proto_version(context.get(), each.highest);
    ASSERT_EQ(SSL_CTX_set_cipher_list(context.get(), each.ciphers), 1);
    EXPECT_EQ(Serves(context.get()), each.served) << each.name;
  }
}

TEST_F(ServersTls, IsForHttp2Alone) {
  struct Case {
    const char* name;
    std::string offered;  // RFC 7301, 3.1
    bool served;
  };
  const Case kCases[] = {
      {"First", "\x02h2\x08http/1.1", true},
      {"Last", "\x08http/1.1\x02h2", true},
      {"OfGrpc", "\x08grpc-exp\x02h2", true},
      {"Http1", "\x08http/1.1", false},
      {"Longer", "\x03h2c", false},
      {"Within", "\x04xh2x", false},
      {"Nothing", "", false},
  };
  for (const Case& each : kCases) {
    const SslContextPtr context = Of("ci");
    SSL_CTX_set_alpn_protos(
        context.get(),
        reinterpret_cast<const unsigned char*>(each.offered.data()),
        static_cast<unsigned int>(each.offered.size()));
    EXPECT_EQ(Serves(context.get()), each.served) << each.name;
  }
}

TEST_F(ServersTls, TakesNoCertificateThatIsNotForClientsOfTheseCas) {
  struct Case {
    const char* caller;
    bool served;
  };
  // The server's own is of the same CA, and for servers.
  for (const Case& each :
       {Case{"ci", true}, Case{"server", false}, Case{"impostor", false}}) {
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
      const SslContextPtr context = Of(each.caller);
      SSL_CTX_set_min_proto_version(context.get(), version);
      SSL_CTX_set_max_proto_version(context.get(), version);
      EXPECT_EQ(Serves(context.get()), each.served) << each.caller;
    }
  }
}

// Of a resumed one the certificates that it came with are not known.
TEST_F(ServersTls, ResumesNoSession) {
  static int sessions;
  sessions = 0;
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    const SslContextPtr context = Of("ci");
    SSL_CTX_set_min_proto_version(context.get(), version);
    SSL_CTX_set_max_proto_version(context.get(), version);
    SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_CLIENT);
    SSL_CTX_sess_set_new_cb(context.get(), [](SSL*, SSL_SESSION* session) {
      sessions += SSL_SESSION_is_resumable(session);
      return 0;
    });
    EXPECT_TRUE(Serves(context.get()));
  }
  EXPECT_EQ(sessions, 0);
}

}  // namespace
}  // namespace bootseal::tests
