// A page of somebody else's in the same browser: an origin of its own on
// another port, that tries what such a page can.
#ifndef BOOTSEAL_TESTS_CLIENT_CONSOLE_HOSTILE_PAGE_H_
#define BOOTSEAL_TESTS_CLIENT_CONSOLE_HOSTILE_PAGE_H_

#include <memory>
#include <string>
#include <thread>

namespace httplib {
class Server;
}  // namespace httplib

namespace bootseal::tests {

class HostilePage {
 public:
  // Attacks the console at 127.0.0.1:`port`, with the approval of `subject`.
  HostilePage(int port, const std::string& subject);
  ~HostilePage();

  std::string address() const;  // with a trailing slash

 private:
  std::unique_ptr<httplib::Server> http_;
  int port_ = 0;
  std::thread thread_;
};

}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_CLIENT_CONSOLE_HOSTILE_PAGE_H_
