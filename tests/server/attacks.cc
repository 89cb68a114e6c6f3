#include "tests/server/attacks.h"

#include <functional>
#include <string>

#include "absl/strings/numbers.h"
#include "tests/server/raw_client.h"

namespace bootseal::tests {
namespace {

// More than one address may have open.
constexpr int kManyConnections = 2000;

SslContextPtr Nobody() { return RawTlsContext("", ""); }
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

void FloodPings(const ServerFixture& server, Swing& swing) {
  const SslContextPtr context = Nobody();
  std::string frames;
  for (int i = 0; i < 500; ++i) {
    frames += Frame(FrameType::kPing, 0, 0, "12345678");
  }
  Repeat(server, swing, context.get(),
         [&frames](std::uint32_t) { return frames; });
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
      {"FloodPings", "PING frames without pause, answers dropped", FloodPings},
  };
}

}  // namespace bootseal::tests
