#include <chrono>
#include <deque>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "tests/server/attacks.h"
#include "tests/server/raw_client.h"

namespace bootseal::tests {
namespace {

// More than one address may have open.
constexpr int kManyConnections = 2000;
// Each of so many keeps to what an address may do, whatever they do together.
constexpr int kManyAddresses = 20'000;
// Of who does not wait for a server that takes no more.
constexpr std::chrono::milliseconds kHaste{1};

// A TLS record that announces a ClientHello and does not bring it.
std::string HalfAHand() {
  return {"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11};
}

void ConnectOnly(const ServerFixture& server, Swing& swing) {
  std::vector<RawClient> guests;
  for (int i = 0; i < kManyConnections; ++i) {
    guests.emplace_back(PortOf(server));
  }
  swing.WaitForEnd();
}

// Without pause, each time from the next of `addresses` addresses; each one
// says `first`.
void ConnectFrom(const ServerFixture& server, Swing& swing, int addresses,
                 absl::string_view first) {
  std::deque<RawClient> guests;
  for (int i = 0; !swing.end; i = (i + 1) % addresses) {
    guests.emplace_back(PortOf(server), ManyAddresses(i).c_str(), kHaste);
    guests.back().Send(first);
    if (guests.size() < kManyConnections) continue;
    swing.full = true;
    guests.pop_front();
  }
}

void ShakeHandsFromMany(const ServerFixture& server, Swing& swing) {
  const SslContextPtr context = RawTlsContext("", "");
  ConnectFrom(server, swing, kManyAddresses, FirstFlight(context.get()));
}

// They may have all connections between them.
void ConnectFromThree(const ServerFixture& server, Swing& swing) {
  ConnectFrom(server, swing, 3, "");
}

void ConnectFromMany(const ServerFixture& server, Swing& swing) {
  ConnectFrom(server, swing, kManyAddresses, "");
}

void ShakeHalfAHandFromMany(const ServerFixture& server, Swing& swing) {
  ConnectFrom(server, swing, kManyAddresses, HalfAHand());
}

void ConnectAndReset(const ServerFixture& server, Swing& swing) {
  while (!swing.end) {
    RawClient(PortOf(server)).Reset();
    swing.full = true;
  }
}

void ShakeHalfAHand(const ServerFixture& server, Swing& swing) {
  const std::string half = HalfAHand();
  std::vector<RawClient> guests;
  for (int i = 0; i < kManyConnections; ++i) {
    guests.emplace_back(PortOf(server));
    guests.back().Send(half);
  }
  swing.WaitForEnd();
}

void ShakeHandsAndSayNothing(const ServerFixture& server, Swing& swing) {
  const SslContextPtr context = RawTlsContext("", "");
  std::vector<RawClient> guests;
  for (int i = 0; i < 300 && !swing.end; ++i) {
    guests.emplace_back(PortOf(server));
    guests.back().Handshake(context.get());
    swing.full = true;
  }
  swing.WaitForEnd();
}

// One message for all, and the answers, which cost a signature each, unheard.
void ShakeHandsWithoutPause(const ServerFixture& server, Swing& swing) {
  const SslContextPtr context = RawTlsContext("", "");
  const std::string first = FirstFlight(context.get());
  std::deque<RawClient> guests;
  while (!swing.end) {
    guests.emplace_back(PortOf(server));
    guests.back().Send(first);
    if (guests.size() < 200) continue;
    swing.full = true;
    guests.pop_front();
  }
}

}  // namespace

int PortOf(const ServerFixture& server) {
  const std::string address = server.address();
  int port = 0;
  (void)absl::SimpleAtoi(address.substr(address.rfind(':') + 1), &port);
  return port;
}

std::string ManyAddresses(int i) {
  return absl::StrCat("127.1.", i / 250, ".", i % 250 + 1);
}

std::vector<Attack> AttacksByConnecting() {
  return {
      {"ConnectOnly", "2,000 connections without a byte", ConnectOnly},
      {"ConnectFromThree", "connections from three addresses, without pause",
       ConnectFromThree},
      {"ConnectFromMany", "connections from 20,000 addresses, without pause",
       ConnectFromMany},
      {"ShakeHalfAHandFromMany",
       "first TLS records from 20,000 addresses, without pause",
       ShakeHalfAHandFromMany},
      {"ShakeHandsFromMany",
       "first messages of handshakes from 20,000 addresses, without pause",
       ShakeHandsFromMany},
      {"ConnectAndReset", "connections that are reset, without pause",
       ConnectAndReset},
      {"ShakeHalfAHand", "2,000 TLS handshakes that stop in the first record",
       ShakeHalfAHand},
      {"ShakeHandsAndSayNothing", "300 TLS connections without HTTP/2",
       ShakeHandsAndSayNothing},
      {"ShakeHandsWithoutPause",
       "TLS handshakes that stop after the server's part, without pause",
       ShakeHandsWithoutPause},
  };
}

}  // namespace bootseal::tests
