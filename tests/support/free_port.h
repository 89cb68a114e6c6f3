// A port for a server that is started again on the same one.
#ifndef BOOTSEAL_TESTS_SUPPORT_FREE_PORT_H_
#define BOOTSEAL_TESTS_SUPPORT_FREE_PORT_H_

#include <string>

namespace bootseal::tests {

// Of 127.0.0.1, and below those that the system gives to clients. Until its end
// no other FreePort of this machine is the same, whether a server listens there
// or not. Aborts when there is none.
class FreePort {
 public:
  FreePort();
  ~FreePort();
  FreePort(FreePort&& other) noexcept;
  FreePort& operator=(FreePort&&) = delete;

  int number() const { return number_; }
  std::string address() const;  // "127.0.0.1:20000"

 private:
  int number_ = 0;
  int claim_ = -1;
};

}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_SUPPORT_FREE_PORT_H_
