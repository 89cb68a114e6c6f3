// What a hostile client does to a server, over the loopback from an address of
// its own, for as long as it is let.
#ifndef BOOTSEAL_TESTS_SERVER_ATTACKS_H_
#define BOOTSEAL_TESTS_SERVER_ATTACKS_H_

#include <atomic>
#include <ostream>
#include <string>
#include <vector>

#include "tests/support/server_fixture.h"

namespace bootseal::tests {

int PortOf(const ServerFixture& server);

// Set once the attack is in full swing, and when it shall end.
struct Swing {
  std::atomic<bool> full = false;
  std::atomic<bool> end = false;

  // Of the attack, which has nothing more to do.
  void WaitForEnd() {
    full = true;
    end.wait(false);
  }
};

struct Attack {
  const char* name;
  // One line: what it does and how much of it.
  const char* what;
  void (*run)(const ServerFixture& server, Swing& swing);
};
// For the lists of tests.
inline void PrintTo(const Attack& attack, std::ostream* out) {
  *out << attack.what;
}

// The i-th of some 60,000 addresses of the loopback.
std::string ManyAddresses(int i);

// Nobody's, who connect and go no further than a handshake.
std::vector<Attack> AttacksByConnecting();
// Nobody's, without a certificate, within TLS.
std::vector<Attack> AttacksOfStrangers();
// Of "developer", whose certificate is good and who may sign.
std::vector<Attack> AttacksOfCallers();

}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_SERVER_ATTACKS_H_
