// A client that keeps to no protocol: TCP from an address of its own on the
// loopback, TLS and HTTP/2 frames as far as the attack at hand needs them.
#ifndef BOOTSEAL_TESTS_SERVER_RAW_CLIENT_H_
#define BOOTSEAL_TESTS_SERVER_RAW_CLIENT_H_

#include <openssl/ssl.h>

#include <chrono>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "base/openssl.h"

namespace bootseal::tests {

using SslContextPtr = base::OpenSslPtr<SSL_CTX, SSL_CTX_free>;

// For any number of connections. Certificate and key in PEM files; empty paths:
// none is presented.
SslContextPtr RawTlsContext(const std::string& certificate_path,
                            const std::string& key_path);

// The first message of a handshake, to be sent again and again.
std::string FirstFlight(SSL_CTX* context);

// Not thread-safe. Nothing blocks for longer than its patience.
class RawClient {
 public:
  // Connects to 127.0.0.1:`port` from another address of the loopback.
  explicit RawClient(
      int port, const char* from = "127.0.0.2",
      std::chrono::microseconds patience = std::chrono::seconds(2));
  ~RawClient();
  RawClient(RawClient&& other) noexcept;
  RawClient& operator=(RawClient&&) = delete;

  bool connected() const { return socket_ >= 0; }
  // A whole handshake; false when the server does not take part.
  bool Handshake(SSL_CTX* context);
  // All of it, through TLS after a handshake; false when the server hung up or
  // reads no more.
  bool Send(absl::string_view bytes);
  // Waits for a byte within TLS.
  bool Answers();
  // Reads and forgets what is there.
  void Drop();
  // Whether the server has not closed it, as far as one hears now. For
  // connections without TLS.
  bool IsOpen() const;
  // Waits until the server has said something, for at most a second.
  bool Hears() const;
  // Waits for its end, for at most a second.
  bool HungUp() const;
  // Closes it with a RST instead of a FIN.
  void Reset();

 private:
  int socket_ = -1;
  base::OpenSslPtr<SSL, SSL_free> ssl_;
};

// HTTP/2 (RFC 9113).
enum class FrameType : std::uint8_t {
  kData = 0,
  kHeaders = 1,
  kPriority = 2,
  kReset = 3,
  kSettings = 4,
  kPing = 6,
  kWindowUpdate = 8,
  kContinuation = 9,
};
inline constexpr std::uint8_t kEndHeaders = 4;
std::string Frame(FrameType type, std::uint8_t flags, std::uint32_t stream,
                  absl::string_view payload);
// Preface and an empty SETTINGS frame.
std::string Hello();
// A header field as HPACK has it without any table (RFC 7541, 6.2.2).
std::string HeaderField(absl::string_view name, absl::string_view value);
// What opens a gRPC call of "/package.Service/Method".
std::string CallHeaders(absl::string_view method);
// A DATA frame with one gRPC message.
std::string MessageFrame(std::uint32_t stream, absl::string_view message);
// Of the server's SETTINGS.
std::string SettingsAck();
std::string ResetFrame(std::uint32_t stream);

}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_SERVER_RAW_CLIENT_H_
