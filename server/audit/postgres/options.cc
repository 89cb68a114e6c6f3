#include "server/audit/postgres/options.h"

#include <arpa/inet.h>
#include <libpq-fe.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "base/input_file.h"
#include "base/status.h"

namespace bootseal::audit {
namespace {

constexpr std::size_t kMaxPasswordBytes = 1024;
constexpr int kMaxConnectSeconds = 30;
// Debian's libpq's own.
constexpr char kSockets[] = "/var/run/postgresql";

struct Default {
  const char* keyword;
  const char* value;
};
// A server that is gone is noticed within seconds, and one that only follows
// another is none of ours.
constexpr Default kDefaults[] = {
    {"application_name", "bootseald"},
    {"connect_timeout", "5"},
    {"keepalives_idle", "5"},
    {"keepalives_interval", "2"},
    {"keepalives_count", "3"},
    {"tcp_user_timeout", "10000"},
    {"target_session_attrs", "read-write"},
};

absl::Status ConnectionInvalid(absl::string_view what) {
  return base::Invalid("CONNECTION_INVALID", "connection", what);
}

struct OptionsFreer {
  void operator()(PQconninfoOption* options) const { PQconninfoFree(options); }
};

// As libpq reads an address, whole: a name may begin like one.
bool IsLoopback(const std::string& host) {
  in_addr address{};
  return host == "::1" || (absl::StartsWith(host, "127.") &&
                           inet_pton(AF_INET, host.c_str(), &address) == 1);
}

// An empty one is the socket's folder.
bool IsLocal(const std::string& host) {
  return host.empty() || absl::StartsWith(host, "/") ||
         absl::StartsWith(host, "@") || host == "localhost" || IsLoopback(host);
}

// Each address wins over the name at its place, unless it is empty.
bool StaysOnThisMachine(const std::string& host, const std::string& hostaddr) {
  std::vector<std::string> places = absl::StrSplit(host, ',');
  if (!hostaddr.empty()) {
    const std::vector<std::string> addresses = absl::StrSplit(hostaddr, ',');
    if (host.empty()) places.resize(addresses.size());
    // libpq refuses them.
    if (places.size() != addresses.size()) return false;
    for (std::size_t i = 0; i < places.size(); ++i) {
      if (!addresses[i].empty()) places[i] = addresses[i];
    }
  }
  return std::all_of(places.begin(), places.end(), IsLocal);
}

// Of libpq's modes the only one that holds the certificate against the name.
bool DemandsProof(const Keywords& keywords) {
  const auto mode = keywords.find("sslmode");
  return mode != keywords.end() && mode->second == "verify-full";
}

// libpq waits for ever with 0 or less.
bool ConnectsInTime(const Keywords& keywords) {
  const auto limit = keywords.find("connect_timeout");
  if (limit == keywords.end()) return true;
  int seconds = 0;
  return absl::SimpleAtoi(limit->second, &seconds) && seconds >= 1 &&
         seconds <= kMaxConnectSeconds;
}

// libpq: in single quotes, with a backslash before quotes and backslashes.
std::string Quoted(absl::string_view value) {
  std::string quoted = "'";
  for (const char c : value) {
    if (c == '\'' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + "'";
}

absl::StatusOr<std::string> ReadPassword(const std::string& path) {
  ASSIGN_OR_RETURN(std::string text,
                   base::ReadPrivateFile(path, kMaxPasswordBytes,
                                         base::Accepts::kRegularFile));
  text.erase(std::find_if(text.begin(), text.end(),
                          [](char c) { return c == '\n' || c == '\r'; }),
             text.end());
  if (!text.empty()) return text;
  return base::Precondition(
      "PASSWORD_EMPTY",
      absl::StrCat(path, " is empty, expected the password in its first line"));
}

}  // namespace

absl::StatusOr<Keywords> ParseConnection(const std::string& connection,
                                         HostProof host_proof) {
  char* error = nullptr;
  const std::unique_ptr<PQconninfoOption, OptionsFreer> options(
      PQconninfoParse(connection.c_str(), &error));
  if (!options) {
    const std::string why = error == nullptr ? "out of memory" : error;
    PQfreemem(error);
    return ConnectionInvalid(absl::StripSuffix(why, "\n"));
  }
  Keywords keywords;
  for (const PQconninfoOption* each = options.get(); each->keyword; ++each) {
    if (each->val != nullptr) keywords[each->keyword] = each->val;
  }
  if (keywords.count("password") != 0) {
    return ConnectionInvalid(
        "a password does not belong into this file; put it into password_path");
  }
  if (keywords.count("service") != 0) {
    return ConnectionInvalid(
        "a service names hosts that are not seen here; give host and sslmode");
  }
  // Else the environment, or a service that it names, would say where.
  std::string& hostaddr = keywords["hostaddr"];
  std::string& host = keywords["host"];
  if (host.empty() && hostaddr.empty()) host = kSockets;
  if (!ConnectsInTime(keywords)) {
    return ConnectionInvalid(
        absl::StrCat("connect_timeout ", keywords["connect_timeout"],
                     ", expected 1 to ", kMaxConnectSeconds, " seconds"));
  }
  if (host_proof == HostProof::kRequired &&
      !StaysOnThisMachine(host, hostaddr) && !DemandsProof(keywords)) {
    return ConnectionInvalid(absl::StrCat(
        "a host on the network and sslmode ",
        keywords.count("sslmode") == 0 ? "not set" : keywords["sslmode"],
        ", with which another one can take its place; give "
        "sslmode=verify-full and sslrootcert, or set accepts_unverified_host"));
  }
  return keywords;
}

absl::StatusOr<std::string> ConnectionText(const PostgresOptions& options) {
  ASSIGN_OR_RETURN(Keywords keywords,
                   ParseConnection(options.connection, options.host_proof));
  for (const Default& each : kDefaults) {
    keywords.emplace(each.keyword, each.value);
  }
  if (!options.password_path.empty()) {
    ASSIGN_OR_RETURN(keywords["password"], ReadPassword(options.password_path));
  }
  std::string text;
  for (const auto& [keyword, value] : keywords) {
    absl::StrAppend(&text, keyword, "=", Quoted(value), " ");
  }
  return text;
}

}  // namespace bootseal::audit
