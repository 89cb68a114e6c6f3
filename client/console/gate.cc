#include "client/console/gate.h"

#include <httplib.h>

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace bootseal::console {
namespace {

using Answer = std::optional<Refusal>;

constexpr char kSessionPath[] = "/api/session";

// Two of one of these are read differently by different programs.
constexpr std::array<const char*, 6> kSingleHeaders{
    {"Host", "Origin", "Content-Type", "Content-Length", "Sec-Fetch-Site",
     kTokenHeader}};

bool IsApi(const httplib::Request& request) {
  return absl::StartsWith(request.path, "/api/");
}

bool ChangesState(const httplib::Request& request) {
  return request.method != "GET";
}

// A whole page that is opened, and neither a frame nor a fetch of another.
bool IsOpening(const httplib::Request& request, const Access& access) {
  absl::string_view path = request.path;
  return !ChangesState(request) &&
         request.get_header_value("Sec-Fetch-Mode") == "navigate" &&
         request.get_header_value("Sec-Fetch-Dest") == "document" &&
         absl::ConsumePrefix(&path, kOpenPath) && access.IsOpen(path);
}

}  // namespace

const std::array<std::pair<const char*, const char*>, 11> kSecurityHeaders{{
    {"Content-Security-Policy",
     "default-src 'none'; script-src 'self'; style-src 'self'; "
     "img-src 'self'; connect-src 'self'; frame-ancestors 'none'; "
     "base-uri 'none'; form-action 'none'; "
     "require-trusted-types-for 'script'; trusted-types 'none'"},
    {"X-Content-Type-Options", "nosniff"},
    {"X-Frame-Options", "DENY"},
    {"Referrer-Policy", "no-referrer"},
    {"Cross-Origin-Opener-Policy", "same-origin"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
    {"Cross-Origin-Embedder-Policy", "require-corp"},
    {"Permissions-Policy",
     "camera=(), geolocation=(), microphone=(), payment=(), usb=()"},
    {"Cache-Control", "no-store"},
    {"X-DNS-Prefetch-Control", "off"},
    {"Vary", "Origin, Sec-Fetch-Site"},
}};

Gate::Gate(int port, const Access& access)
    : hosts_{absl::StrCat("127.0.0.1:", port),
             absl::StrCat("localhost:", port)},
      access_(access) {}

std::optional<Refusal> Gate::Judge(const httplib::Request& request) const {
  for (const auto check :
       {&Gate::CheckMethod, &Gate::CheckSize, &Gate::CheckHost,
        &Gate::CheckFetchMetadata, &Gate::CheckOrigin, &Gate::CheckContentType,
        &Gate::CheckToken}) {
    if (Answer refusal = (this->*check)(request)) return refusal;
  }
  return std::nullopt;
}

// OPTIONS too: nobody is told that a foreign page might ask.
Answer Gate::CheckMethod(const httplib::Request& request) const {
  if (request.method == "GET" || request.method == "POST") return std::nullopt;
  return Refusal{405, "METHOD_NOT_ALLOWED",
                 "the console takes GET and POST only"};
}

Answer Gate::CheckSize(const httplib::Request& request) const {
  if (request.path.size() > kMaxPathBytes) {
    return Refusal{414, "PATH_TOO_LONG",
                   absl::StrCat("a path of ", request.path.size(),
                                " bytes, expected at most ", kMaxPathBytes)};
  }
  for (const char* const name : kSingleHeaders) {
    if (request.get_header_value_count(name) > 1) {
      return Refusal{400, "HEADER_TWICE",
                     absl::StrCat(name, " is there twice")};
    }
  }
  if (request.has_header("Transfer-Encoding")) {
    return Refusal{411, "BODY_TOO_LARGE", "a body must say its length"};
  }
  if (!request.has_header("Content-Length")) return std::nullopt;
  std::uint64_t length = 0;
  if (absl::SimpleAtoi(request.get_header_value("Content-Length"), &length) &&
      length <= kMaxBodyBytes) {
    return std::nullopt;
  }
  return Refusal{413, "BODY_TOO_LARGE",
                 absl::StrCat("a body may have ", kMaxBodyBytes, " bytes")};
}

// A name that somebody else's DNS points at this address is not ours.
Answer Gate::CheckHost(const httplib::Request& request) const {
  const std::string host = request.get_header_value("Host");
  if (std::find(hosts_.begin(), hosts_.end(), host) != hosts_.end()) {
    return std::nullopt;
  }
  return Refusal{421, "WRONG_HOST",
                 absl::StrCat("this is the console of ", hosts_[0])};
}

// Browsers say who made the request, and pages cannot change it.
Answer Gate::CheckFetchMetadata(const httplib::Request& request) const {
  const std::string site = request.get_header_value("Sec-Fetch-Site");
  if (site.empty() || site == "same-origin") return std::nullopt;
  // Typed or pasted by the user.
  if (site == "none" && !ChangesState(request)) return std::nullopt;
  if (IsOpening(request, access_)) return std::nullopt;
  return Refusal{403, "CROSS_SITE",
                 "another page led here; paste the address from the terminal"};
}

Answer Gate::CheckOrigin(const httplib::Request& request) const {
  if (!request.has_header("Origin") && !ChangesState(request)) {
    return std::nullopt;
  }
  if (request.get_header_value("Origin") ==
      absl::StrCat("http://", request.get_header_value("Host"))) {
    return std::nullopt;
  }
  return Refusal{403, "FOREIGN_ORIGIN", "the request is not of our own page"};
}

// What a form or a plain fetch can send without asking is never this.
Answer Gate::CheckContentType(const httplib::Request& request) const {
  if (!ChangesState(request)) return std::nullopt;
  const std::string type = request.get_header_value("Content-Type");
  if (type == "application/json") return std::nullopt;
  return Refusal{415, "NOT_JSON", "expected content of type application/json"};
}

Answer Gate::CheckToken(const httplib::Request& request) const {
  if (!IsApi(request) || request.path == kSessionPath) return std::nullopt;
  if (access_.Admits(request.get_header_value(kTokenHeader))) {
    return std::nullopt;
  }
  return Refusal{401, "TOKEN_MISSING",
                 "this page was not opened with an address from the terminal "
                 "of this start; press Enter there for a new one"};
}

}  // namespace bootseal::console
