// What a request must be before anything looks at it: ours in every way that a
// hostile page, or another name of this address, cannot imitate.
#ifndef BOOTSEAL_CLIENT_CONSOLE_GATE_H_
#define BOOTSEAL_CLIENT_CONSOLE_GATE_H_

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>

#include "client/console/access.h"

namespace httplib {
struct Request;
}  // namespace httplib

namespace bootseal::console {

// Followed by a ticket: leads to the page that takes it.
inline constexpr char kOpenPath[] = "/open/";
inline constexpr char kTokenHeader[] = "Bootseal-Console-Token";
inline constexpr std::size_t kMaxBodyBytes = 16 << 10;
inline constexpr std::size_t kMaxPathBytes = 256;

// Sent with every answer, refusals too. Source: Content Security Policy 3,
// Fetch (CORP), HTML (COOP, COEP), Referrer Policy.
extern const std::array<std::pair<const char*, const char*>, 11>
    kSecurityHeaders;

struct Refusal {
  int status = 0;  // of HTTP
  const char* reason = "";
  std::string message;
};

// Immutable; thread-safe.
class Gate {
 public:
  // Of 127.0.0.1:`port`. `access` must outlive the gate.
  Gate(int port, const Access& access);

  // nullopt: let it in. The first of these that fails: METHOD_NOT_ALLOWED,
  // PATH_TOO_LONG, HEADER_TWICE, BODY_TOO_LARGE, WRONG_HOST, CROSS_SITE,
  // FOREIGN_ORIGIN, NOT_JSON, TOKEN_MISSING. Needs the head alone: no byte of a
  // refused body is read.
  // The one way in from elsewhere is kOpenPath with a ticket that is open: our
  // own file leads there, and nobody else knows it.
  std::optional<Refusal> Judge(const httplib::Request& request) const;

 private:
  using Answer = std::optional<Refusal>;
  Answer CheckMethod(const httplib::Request& request) const;
  Answer CheckSize(const httplib::Request& request) const;
  Answer CheckHost(const httplib::Request& request) const;
  Answer CheckFetchMetadata(const httplib::Request& request) const;
  Answer CheckOrigin(const httplib::Request& request) const;
  Answer CheckContentType(const httplib::Request& request) const;
  Answer CheckToken(const httplib::Request& request) const;

  const std::array<std::string, 2> hosts_;
  const Access& access_;
};

}  // namespace bootseal::console

#endif  // BOOTSEAL_CLIENT_CONSOLE_GATE_H_
