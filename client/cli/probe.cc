#include "client/cli/probe.h"

#include <netdb.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/openssl.h"
#include "base/status.h"
#include "client/cli/exit_status.h"

namespace bootseal::cli {
namespace {

using SslContextPtr = base::OpenSslPtr<SSL_CTX, SSL_CTX_free>;
using SslPtr = base::OpenSslPtr<SSL, SSL_free>;
using AddressInfoPtr = base::OpenSslPtr<addrinfo, freeaddrinfo>;

class Socket {
 public:
  explicit Socket(int descriptor) : descriptor_(descriptor) {}
  Socket(Socket&& other) noexcept
      : descriptor_(std::exchange(other.descriptor_, -1)) {}
  Socket& operator=(Socket&&) = delete;
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  ~Socket() {
    if (descriptor_ >= 0) close(descriptor_);
  }
  int get() const { return descriptor_; }

 private:
  int descriptor_;
};

absl::Status HandshakeFailed(absl::string_view server, absl::string_view why) {
  return WithExit(
      base::Unavailable("HANDSHAKE_FAILED",
                        absl::StrCat("TLS with ", server, " failed: ", why)),
      ExitStatus::kUnreachable);
}

absl::Status HungUp(absl::string_view server, absl::string_view when) {
  return base::Unavailable(
      "SERVER_UNREACHABLE",
      absl::StrCat("server ", server, " hung up or fell silent ", when));
}

// TLS itself failed, rather than the connection under it: that of a server
// that stops ends without a word.
bool TlsFailed(SSL* ssl, int result) {
  return SSL_get_error(ssl, result) == SSL_ERROR_SSL &&
         ERR_GET_REASON(ERR_peek_error()) != SSL_R_UNEXPECTED_EOF_WHILE_READING;
}

// Connects within the limit; errno otherwise.
int ConnectWithin(int descriptor, const addrinfo& info, absl::Duration limit) {
  if (connect(descriptor, info.ai_addr, info.ai_addrlen) == 0) return 0;
  if (errno != EINPROGRESS) return errno;
  pollfd poller{descriptor, POLLOUT, 0};
  if (poll(&poller, 1, static_cast<int>(absl::ToInt64Milliseconds(limit))) <
      1) {
    return ETIMEDOUT;
  }
  int error = 0;
  socklen_t size = sizeof(error);
  getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &size);
  return error;
}

absl::StatusOr<Socket> Connect(absl::string_view server, const Address& address,
                               absl::Duration limit) {
  addrinfo wanted{};
  wanted.ai_socktype = SOCK_STREAM;
  addrinfo* list = nullptr;
  if (const int error = getaddrinfo(address.host.c_str(), address.port.c_str(),
                                    &wanted, &list);
      error != 0) {
    return base::Unavailable(
        "SERVER_UNKNOWN",
        absl::StrCat("cannot find server ", server, ": ", gai_strerror(error)));
  }
  const AddressInfoPtr owned(list);
  int error = 0;
  for (const addrinfo* info = list; info != nullptr; info = info->ai_next) {
    Socket socket(::socket(info->ai_family,
                           SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    error =
        socket.get() < 0 ? errno : ConnectWithin(socket.get(), *info, limit);
    if (error == 0) return socket;
  }
  return base::Unavailable(
      "SERVER_UNREACHABLE",
      absl::StrCat("cannot connect to ", server, ": ", std::strerror(error)));
}

base::BioPtr Open(absl::string_view pem) {
  return base::BioPtr(
      BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
}

void Trust(SSL_CTX* context, absl::string_view pem) {
  const base::BioPtr bio = Open(pem);
  while (const base::X509Ptr certificate{
      PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)}) {
    X509_STORE_add_cert(SSL_CTX_get_cert_store(context), certificate.get());
  }
}

void Present(SSL_CTX* context, const Credentials& credentials) {
  if (credentials.certificate_pem.empty()) return;
  const base::BioPtr certificate_bio = Open(credentials.certificate_pem);
  const base::X509Ptr certificate(
      PEM_read_bio_X509(certificate_bio.get(), nullptr, nullptr, nullptr));
  const base::BioPtr key_bio = Open(credentials.key_pem.Reveal());
  const base::EvpKeyPtr key(
      PEM_read_bio_PrivateKey(key_bio.get(), nullptr, nullptr, nullptr));
  SSL_CTX_use_certificate(context, certificate.get());
  SSL_CTX_use_PrivateKey(context, key.get());
}

void ExpectName(SSL* ssl, const std::string& host) {
  X509_VERIFY_PARAM* parameters = SSL_get0_param(ssl);
  if (X509_VERIFY_PARAM_set1_ip_asc(parameters, host.c_str()) == 1) return;
  SSL_set1_host(ssl, host.c_str());
  SSL_set_tlsext_host_name(ssl, host.c_str());
}

// Waits until `ssl` can go on after `result`; false when it never will.
bool Resume(SSL* ssl, int result, absl::Time deadline) {
  const int error = SSL_get_error(ssl, result);
  if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE)
    return false;
  const absl::Duration left = deadline - absl::Now();
  if (left <= absl::ZeroDuration()) return false;
  const bool reads = error == SSL_ERROR_WANT_READ;
  pollfd poller{SSL_get_fd(ssl), static_cast<short>(reads ? POLLIN : POLLOUT),
                0};
  return poll(&poller, 1, static_cast<int>(absl::ToInt64Milliseconds(left))) >
         0;
}

std::string WhyNotTrusted(SSL* ssl, const std::string& host) {
  const long result = SSL_get_verify_result(ssl);
  switch (result) {
    case X509_V_OK:
      return base::DrainOpenSslErrors();
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return absl::StrCat("the server's certificate is not for the name ", host,
                          "; connect by a name that it is made for");
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return "the server's certificate has expired; tell its operator";
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return "the server's certificate is not valid yet; check the clock";
    default:
      return absl::StrCat("the server's certificate is not from our CA (",
                          X509_verify_cert_error_string(result),
                          "); check --ca or BOOTSEAL_CA");
  }
}

// With TLS 1.3 a server judges our certificate after we think we are done.
absl::Status AwaitAnswer(SSL* ssl, absl::string_view server,
                         const Credentials& credentials, absl::Time deadline) {
  std::array<char, 64> answer{};
  int result = 0;
  while ((result = SSL_read(ssl, answer.data(), answer.size())) <= 0) {
    if (Resume(ssl, result, deadline)) continue;
    if (SSL_get_error(ssl, result) == SSL_ERROR_WANT_READ) break;
    return HandshakeFailed(
        server,
        credentials.certificate_pem.empty()
            ? "it hangs up on a client without a certificate; give --cert and "
              "--key"
            : absl::StrCat("it hangs up on our certificate (subject ",
                           credentials.subject, ", issuer ", credentials.issuer,
                           "); it probably takes those of another CA, or its "
                           "clock is not within the certificate's dates"));
  }
  return absl::OkStatus();
}

SslPtr NewSession(SSL_CTX* context, int descriptor, const std::string& host) {
  static constexpr unsigned char kHttp2[] = {2, 'h', '2'};
  SslPtr ssl(SSL_new(context));
  ExpectName(ssl.get(), host);
  SSL_set_alpn_protos(ssl.get(), kHttp2, sizeof(kHttp2));
  SSL_set_fd(ssl.get(), descriptor);
  return ssl;
}

absl::Status Shake(absl::string_view server, const Address& address,
                   const Credentials& credentials, int descriptor,
                   absl::Time deadline) {
  const SslContextPtr context(SSL_CTX_new(TLS_client_method()));
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  Trust(context.get(), credentials.ca_pem);
  Present(context.get(), credentials);
  base::DrainOpenSslErrors();
  const SslPtr ssl = NewSession(context.get(), descriptor, address.host);
  int result = 0;
  while ((result = SSL_connect(ssl.get())) != 1) {
    if (Resume(ssl.get(), result, deadline)) continue;
    if (!TlsFailed(ssl.get(), result)) {
      return HungUp(server, "during the TLS handshake");
    }
    return HandshakeFailed(server, WhyNotTrusted(ssl.get(), address.host));
  }
  return AwaitAnswer(ssl.get(), server, credentials, deadline);
}

absl::Status Look(absl::string_view server, const Address& address,
                  const Credentials& credentials, absl::Duration limit) {
  const absl::Time deadline = absl::Now() + limit;
  ASSIGN_OR_RETURN(const Socket socket, Connect(server, address, limit));
  return Shake(server, address, credentials, socket.get(), deadline);
}

}  // namespace

absl::StatusOr<Address> ParseAddress(absl::string_view server) {
  const std::size_t colon = server.rfind(':');
  const absl::string_view port =
      colon == absl::string_view::npos ? "" : server.substr(colon + 1);
  absl::string_view host = server.substr(0, colon);
  const bool bracketed =
      host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  std::uint32_t number = 0;
  const bool digits =
      port.find_first_not_of("0123456789") == absl::string_view::npos &&
      absl::SimpleAtoi(port, &number) && number >= 1 && number <= 65535;
  const bool plain = bracketed || host.find(':') == absl::string_view::npos;
  if (digits && plain && !host.empty()) {
    return Address{std::string(host), std::string(port)};
  }
  return UsageError("SERVER_INVALID",
                    absl::StrCat("server \"", server,
                                 "\" is not host:port with a port of 1 to "
                                 "65535, for example signing.example:8443"));
}

absl::StatusOr<std::vector<std::string>> SplitServers(
    absl::string_view servers) {
  if (servers.empty()) {
    return UsageError("SERVER_MISSING",
                      "no server; give --server or BOOTSEAL_SERVER");
  }
  std::vector<std::string> names;
  for (absl::string_view part : absl::StrSplit(servers, ',')) {
    std::string name(absl::StripAsciiWhitespace(part));
    RETURN_IF_ERROR(ParseAddress(name).status());
    if (std::find(names.begin(), names.end(), name) == names.end()) {
      names.push_back(std::move(name));
    }
  }
  return names;
}

absl::Status ProbeServer(absl::string_view server,
                         const Credentials& credentials, absl::Duration limit) {
  ASSIGN_OR_RETURN(const Address address, ParseAddress(server));
  const absl::Status first = Look(server, address, credentials, limit);
  if (base::ReasonOf(first) != "HANDSHAKE_FAILED") return first;
  // One that stops just now looks like one that does not want us, but not
  // twice.
  return Look(server, address, credentials, limit);
}

}  // namespace bootseal::cli
