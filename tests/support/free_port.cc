#include "tests/support/free_port.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <utility>

#include "absl/strings/str_cat.h"
#include "tests/support/loopback.h"

namespace bootseal::tests {
namespace {

bool IsFree(int port) {
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = LoopbackAddress("127.0.0.1", port);
  const bool free = bind(listener, reinterpret_cast<const sockaddr*>(&address),
                         sizeof(address)) == 0;
  close(listener);
  return free;
}

// A name of no file (unix(7)): one process has it, and the system takes it back
// however that ends. -1 when another has it.
int Claim(int port) {
  const int claim = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const std::string name = absl::StrCat("bootseal-test-port-", port);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  name.copy(address.sun_path + 1, sizeof(address.sun_path) - 1);
  const auto size =
      static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
  if (bind(claim, reinterpret_cast<const sockaddr*>(&address), size) == 0) {
    return claim;
  }
  close(claim);
  return -1;
}

}  // namespace

FreePort::FreePort() {
  std::random_device random;
  std::uniform_int_distribution<int> ports(20000, 32000);
  for (int i = 0; i < 1000; ++i) {
    number_ = ports(random);
    claim_ = Claim(number_);
    if (claim_ >= 0 && IsFree(number_)) return;
    if (claim_ >= 0) close(claim_);
  }
  std::fprintf(stderr, "no free port in 1000 tries\n");
  std::abort();
}

FreePort::FreePort(FreePort&& other) noexcept
    : number_(other.number_), claim_(std::exchange(other.claim_, -1)) {}

FreePort::~FreePort() {
  if (claim_ >= 0) close(claim_);
}

std::string FreePort::address() const {
  return absl::StrCat("127.0.0.1:", number_);
}

}  // namespace bootseal::tests
