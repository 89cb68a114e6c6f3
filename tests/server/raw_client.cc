#include "tests/server/raw_client.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/edge/frame_meter.h"
#include "tests/support/loopback.h"

namespace bootseal::tests {
namespace {

std::string BigEndian(std::uint32_t value, int bytes) {
  std::string text;
  for (int i = bytes - 1; i >= 0; --i) {
    text.push_back(static_cast<char>(value >> (8 * i)));
  }
  return text;
}

std::string HpackText(absl::string_view text) {
  // One byte of length holds 126 without a continuation; more take it.
  std::string length;
  std::size_t rest = text.size();
  if (rest < 127)
    return absl::StrCat(std::string(1, static_cast<char>(rest)), text);
  length.push_back(127);
  for (rest -= 127; rest >= 128; rest >>= 7) {
    length.push_back(static_cast<char>(128 | (rest & 127)));
  }
  length.push_back(static_cast<char>(rest));
  return absl::StrCat(length, text);
}

}  // namespace

SslContextPtr RawTlsContext(const std::string& certificate_path,
                            const std::string& key_path) {
  static constexpr unsigned char kHttp2[] = {2, 'h', '2'};
  SslContextPtr context(SSL_CTX_new(TLS_client_method()));
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_NONE, nullptr);
  SSL_CTX_set_alpn_protos(context.get(), kHttp2, sizeof(kHttp2));
  if (certificate_path.empty()) return context;
  if (SSL_CTX_use_certificate_chain_file(context.get(),
                                         certificate_path.c_str()) != 1 ||
      SSL_CTX_use_PrivateKey_file(context.get(), key_path.c_str(),
                                  SSL_FILETYPE_PEM) != 1) {
    std::abort();
  }
  return context;
}

std::string FirstFlight(SSL_CTX* context) {
  const base::OpenSslPtr<SSL, SSL_free> ssl(SSL_new(context));
  BIO* sent = BIO_new(BIO_s_mem());
  SSL_set_bio(ssl.get(), BIO_new(BIO_s_mem()), sent);
  SSL_connect(ssl.get());
  base::DrainOpenSslErrors();
  const char* bytes = nullptr;
  const long size = BIO_get_mem_data(sent, &bytes);
  return {bytes, static_cast<std::size_t>(size)};
}

RawClient::RawClient(int port, const char* from,
                     std::chrono::microseconds patience)
    : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  if (socket_ < 0) return;
  const timeval time{patience.count() / 1'000'000,
                     patience.count() % 1'000'000};
  setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &time, sizeof(time));
  setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &time, sizeof(time));
  constexpr int kYes = 1;
  setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &kYes, sizeof(kYes));
  if (!ConnectFrom(from, socket_, port)) close(std::exchange(socket_, -1));
}

RawClient::RawClient(RawClient&& other) noexcept
    : socket_(std::exchange(other.socket_, -1)), ssl_(std::move(other.ssl_)) {}

RawClient::~RawClient() {
  if (socket_ >= 0) close(socket_);
}

bool RawClient::Handshake(SSL_CTX* context) {
  if (!connected()) return false;
  ssl_.reset(SSL_new(context));
  SSL_set_fd(ssl_.get(), socket_);
  const bool done = SSL_connect(ssl_.get()) == 1;
  base::DrainOpenSslErrors();
  return done;
}

bool RawClient::Send(absl::string_view bytes) {
  if (!connected()) return false;
  if (ssl_) {
    const bool sent =
        SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size())) ==
        static_cast<int>(bytes.size());
    base::DrainOpenSslErrors();
    return sent;
  }
  return send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL) ==
         static_cast<ssize_t>(bytes.size());
}

bool RawClient::Answers() {
  char byte = 0;
  const bool read = ssl_ && SSL_read(ssl_.get(), &byte, 1) == 1;
  base::DrainOpenSslErrors();
  return read;
}

void RawClient::Drop() {
  std::array<char, 1 << 16> buffer{};
  while (connected() &&
         recv(socket_, buffer.data(), buffer.size(), MSG_DONTWAIT) > 0) {
  }
}

bool RawClient::IsOpen() const {
  if (!connected()) return false;
  char byte = 0;
  const ssize_t got = recv(socket_, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return got > 0 || (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK));
}

bool RawClient::Hears() const {
  pollfd poller{socket_, POLLIN, 0};
  return connected() && poll(&poller, 1, 1000) == 1;
}

bool RawClient::HungUp() const {
  if (!connected()) return true;
  pollfd poller{socket_, POLLIN | POLLRDHUP, 0};
  poll(&poller, 1, 1000);
  return !IsOpen();
}

void RawClient::Reset() {
  if (!connected()) return;
  const linger at_once{1, 0};
  setsockopt(socket_, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
  close(std::exchange(socket_, -1));
}

std::string Frame(FrameType type, std::uint8_t flags, std::uint32_t stream,
                  absl::string_view payload) {
  return absl::StrCat(BigEndian(static_cast<std::uint32_t>(payload.size()), 3),
                      std::string(1, static_cast<char>(type)),
                      std::string(1, static_cast<char>(flags)),
                      BigEndian(stream, 4), payload);
}

std::string Hello() {
  return absl::StrCat(edge::kPreface, Frame(FrameType::kSettings, 0, 0, ""));
}

std::string HeaderField(absl::string_view name, absl::string_view value) {
  return absl::StrCat(std::string(1, '\0'), HpackText(name), HpackText(value));
}

std::string CallHeaders(absl::string_view method) {
  return absl::StrCat(
      HeaderField(":method", "POST"), HeaderField(":scheme", "https"),
      HeaderField(":path", method), HeaderField(":authority", "127.0.0.1"),
      HeaderField("content-type", "application/grpc"),
      HeaderField("te", "trailers"));
}

std::string MessageFrame(std::uint32_t stream, absl::string_view message) {
  return Frame(
      FrameType::kData, 0, stream,
      absl::StrCat(std::string(1, '\0'),
                   BigEndian(static_cast<std::uint32_t>(message.size()), 4),
                   message));
}

std::string SettingsAck() {
  constexpr std::uint8_t kAck = 1;
  return Frame(FrameType::kSettings, kAck, 0, "");
}

std::string ResetFrame(std::uint32_t stream) {
  constexpr std::uint32_t kCancel = 8;
  return Frame(FrameType::kReset, 0, stream, BigEndian(kCancel, 4));
}

}  // namespace bootseal::tests
