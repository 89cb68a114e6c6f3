#include "tests/server/attacks.h"

#include <chrono>
#include <functional>
#include <string>
#include <thread>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "bootseal/v1/signing.pb.h"
#include "tests/server/raw_client.h"
#include "tests/support/sign_client.h"
#include "tests/support/test_image.h"

namespace bootseal::tests {
namespace {

constexpr char kSign[] = "/bootseal.v1.SigningService/Sign";
// More than one address may have open.
constexpr int kManyConnections = 2000;
constexpr int kStreams = 128;  // that one connection may have open
constexpr int kPlaces = 256;   // that the server has for requests

SslContextPtr Nobody() { return RawTlsContext("", ""); }
SslContextPtr Developer(const ServerFixture& server) {
  return RawTlsContext(server.certificate_path("developer"),
                       server.key_path("developer"));
}

// Connections that are through the handshake and have said hello.
std::vector<RawClient> Guests(const ServerFixture& server, SSL_CTX* context,
                              int count) {
  std::vector<RawClient> guests;
  for (int i = 0; i < count; ++i) {
    RawClient guest(PortOf(server));
    if (guest.Handshake(context) && guest.Send(Hello())) {
      guests.push_back(std::move(guest));
    }
  }
  return guests;
}

void WaitForEnd(Swing& swing) {
  swing.full = true;
  swing.end.wait(false);
}

// Sends `bytes` again and again over one connection, and over a new one when
// the server has enough of that.
void Repeat(const ServerFixture& server, Swing& swing, SSL_CTX* context,
            const std::function<std::string(std::uint32_t)>& bytes) {
  while (!swing.end) {
    RawClient guest(PortOf(server));
    bool goes_on = guest.Handshake(context) && guest.Send(Hello());
    for (std::uint32_t i = 0; goes_on && !swing.end && i < 1'000'000; ++i) {
      goes_on = guest.Send(bytes(i));
      guest.Drop();
      swing.full = true;
    }
  }
}

std::string HeadersFrame(std::uint32_t stream, absl::string_view method) {
  return Frame(FrameType::kHeaders, kEndHeaders, stream, CallHeaders(method));
}

// The first message of an upload.
std::string UploadHeader() {
  v1::SignRequest message;
  *message.mutable_header() = HeaderFor(TestPayload(5000));
  return message.SerializeAsString();
}

std::string BeginOfUpload(std::uint32_t stream) {
  return absl::StrCat(HeadersFrame(stream, kSign),
                      MessageFrame(stream, UploadHeader()));
}

void ConnectOnly(const ServerFixture& server, Swing& swing) {
  std::vector<RawClient> guests;
  for (int i = 0; i < kManyConnections; ++i) {
    guests.emplace_back(PortOf(server));
  }
  WaitForEnd(swing);
}

void ConnectAndReset(const ServerFixture& server, Swing& swing) {
  while (!swing.end) {
    RawClient(PortOf(server)).Reset();
    swing.full = true;
  }
}

// A TLS record that announces a ClientHello and does not bring it.
void ShakeHalfAHand(const ServerFixture& server, Swing& swing) {
  const std::string half("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11);
  std::vector<RawClient> guests;
  for (int i = 0; i < kManyConnections; ++i) {
    guests.emplace_back(PortOf(server));
    guests.back().Send(half);
  }
  WaitForEnd(swing);
}

void ShakeHandsAndSayNothing(const ServerFixture& server, Swing& swing) {
  const SslContextPtr context = Nobody();
  std::vector<RawClient> guests;
  for (int i = 0; i < 300 && !swing.end; ++i) {
    guests.emplace_back(PortOf(server));
    guests.back().Handshake(context.get());
    swing.full = true;
  }
  WaitForEnd(swing);
}

void TalkGarbage(const ServerFixture& server, Swing& swing) {
  const SslContextPtr context = Nobody();
  Repeat(server, swing, context.get(), [](std::uint32_t i) {
    std::string garbage(16 << 10, '\0');
    for (std::size_t at = 0; at < garbage.size(); ++at) {
      garbage[at] = static_cast<char>((at * 2654435761U + i) >> 7);
    }
    return garbage;
  });
}

void FloodSettings(const ServerFixture& server, Swing& swing) {
  const SslContextPtr context = Nobody();
  std::string frames;
  for (int i = 0; i < 500; ++i) {
    frames += Frame(FrameType::kSettings, 0, 0, "");
  }
  Repeat(server, swing, context.get(),
         [&frames](std::uint32_t) { return frames; });
}

// Each stream gets all that its window takes, and nobody reads the refusals.
void FillWindows(const ServerFixture& server, Swing& swing) {
  const SslContextPtr context = Nobody();
  const std::string data(16 << 10, '\x7f');
  std::vector<RawClient> guests = Guests(server, context.get(), 8);
  for (RawClient& guest : guests) {
    for (std::uint32_t i = 0; i < kStreams && !swing.end; ++i) {
      const std::uint32_t stream = 2 * i + 1;
      bool goes_on = guest.Send(HeadersFrame(stream, kSign));
      for (int sent = 0; goes_on && sent < 4; ++sent) {
        goes_on = guest.Send(Frame(FrameType::kData, 0, stream, data));
      }
      if (!goes_on) break;
    }
    swing.full = true;
  }
  WaitForEnd(swing);
}

// As many uploads as connections and streams make possible, all open.
std::vector<RawClient> HoldUploads(const ServerFixture& server,
                                   SSL_CTX* context) {
  std::vector<RawClient> guests = Guests(server, context, 8);
  for (RawClient& guest : guests) {
    for (std::uint32_t i = 0; i < kPlaces / 4; ++i) {
      guest.Send(BeginOfUpload(2 * i + 1));
    }
  }
  return guests;
}

void UploadWithoutEnd(const ServerFixture& server, Swing& swing) {
  const SslContextPtr context = Developer(server);
  const std::vector<RawClient> held = HoldUploads(server, context.get());
  WaitForEnd(swing);
}

// A DATA frame with one byte of a message for each stream, every second.
void UploadAByteASecond(const ServerFixture& server, Swing& swing) {
  const SslContextPtr context = Developer(server);
  const std::string byte(1, '\0');
  std::vector<RawClient> held = HoldUploads(server, context.get());
  swing.full = true;
  for (int tenth = 0; !swing.end; ++tenth) {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    for (RawClient& guest : held) {
      for (std::uint32_t i = 0; tenth % 10 == 0 && i < kPlaces / 4; ++i) {
        guest.Send(Frame(FrameType::kData, 0, 2 * i + 1, byte));
      }
      guest.Drop();
    }
  }
}

// Connection, handshake, upload, RST in the middle of it.
void ResetInUploads(const ServerFixture& server, Swing& swing) {
  const SslContextPtr context = Developer(server);
  while (!swing.end) {
    RawClient guest(PortOf(server));
    if (guest.Handshake(context.get()) && guest.Send(Hello())) {
      for (std::uint32_t i = 0; i < 10; ++i) {
        guest.Send(BeginOfUpload(2 * i + 1));
      }
    }
    guest.Reset();
    swing.full = true;
  }
}

}  // namespace

int PortOf(const ServerFixture& server) {
  const std::string address = server.address();
  int port = 0;
  (void)absl::SimpleAtoi(address.substr(address.rfind(':') + 1), &port);
  return port;
}

std::vector<Attack> AttacksOfStrangers() {
  return {
      {"ConnectOnly", "2,000 connections without a byte", ConnectOnly},
      {"ConnectAndReset", "connections that are reset, without pause",
       ConnectAndReset},
      {"ShakeHalfAHand", "2,000 TLS handshakes that stop in the first record",
       ShakeHalfAHand},
      {"ShakeHandsAndSayNothing", "300 TLS connections without HTTP/2",
       ShakeHandsAndSayNothing},
      {"TalkGarbage", "TLS connections with garbage for HTTP/2, without pause",
       TalkGarbage},
      {"FloodSettings", "SETTINGS frames without pause", FloodSettings},
      {"FillWindows", "8 connections, 128 calls each with 64 KiB of data",
       FillWindows},
  };
}

std::vector<Attack> AttacksOfCallers() {
  return {
      {"UploadWithoutEnd", "512 uploads that stop after the header",
       UploadWithoutEnd},
      {"UploadAByteASecond", "512 uploads with a byte a second",
       UploadAByteASecond},
      {"ResetInUploads", "connections that are reset in 10 uploads each",
       ResetInUploads},
  };
}

}  // namespace bootseal::tests
