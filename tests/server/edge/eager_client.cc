#include "tests/server/edge/eager_client.h"

#include <array>
#include <asio/buffer.hpp>

#include "absl/strings/str_cat.h"
#include "tests/server/raw_client.h"
#include "tests/support/pki.h"

namespace bootseal::tests {
namespace {

constexpr unsigned char kHttp2[] = {'h', '2'};

int ChooseHttp2(SSL*, const unsigned char** chosen, unsigned char* size,
                const unsigned char*, unsigned int, void*) {
  *chosen = kHttp2;
  *size = sizeof(kHttp2);
  return SSL_TLSEXT_ERR_OK;
}

}  // namespace

asio::ssl::context ServerContext() {
  static const Credential server = CertificateAuthority("ca").Issue({});
  asio::ssl::context context(asio::ssl::context::tls_server);
  context.use_certificate(asio::buffer(server.certificate_pem),
                          asio::ssl::context::pem);
  context.use_private_key(asio::buffer(server.key_pem),
                          asio::ssl::context::pem);
  SSL_CTX_set_num_tickets(context.native_handle(), 0);
  SSL_CTX_set_alpn_select_cb(context.native_handle(), ChooseHttp2, nullptr);
  return context;
}

std::string EagerHello() {
  return absl::StrCat(Hello(), Frame(FrameType::kPing, 0, 0, "pingpong"));
}

EagerClient::EagerClient(int socket)
    : context_(RawTlsContext("", "")), tls_(SSL_new(context_.get())) {
  SSL_set_fd(tls_.get(), socket);
  SSL_set_connect_state(tls_.get());
}

void EagerClient::Answer() {
  if (said_ || SSL_do_handshake(tls_.get()) != 1) return;
  const std::string hello = EagerHello();
  said_ =
      SSL_write(tls_.get(), hello.data(), static_cast<int>(hello.size())) > 0;
}

bool EagerClient::Say(const std::string& bytes) {
  return SSL_write(tls_.get(), bytes.data(), static_cast<int>(bytes.size())) ==
         static_cast<int>(bytes.size());
}

void EagerClient::Drop() {
  std::array<char, 16 << 10> forgotten{};
  while (SSL_read(tls_.get(), forgotten.data(), forgotten.size()) > 0) {
  }
  base::DrainOpenSslErrors();
}

}  // namespace bootseal::tests
