// What login says of an identity: to people, and to machines. Members of the
// JSON are added, never renamed. Thread-safe: free functions.
#ifndef BOOTSEAL_CLIENT_LOGIN_REPORT_H_
#define BOOTSEAL_CLIENT_LOGIN_REPORT_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "client/cli/settings.h"
#include "client/login/bearer.h"

namespace bootseal::login {

// As a server that was asked sees us.
struct SeenAs {
  std::string identity;
  std::vector<std::string> roles;
};

struct Report {
  std::string settings_path;
  cli::Settings settings{};
  std::optional<Bearer> bearer{};             // without a certificate: none
  std::optional<absl::Time> token_expires{};  // when a token file tells
  std::optional<SeenAs> seen_as{};            // nullopt: not asked
  std::vector<std::string> replaced{};        // lines of the settings file
  std::vector<std::string> removed{};
  std::vector<std::string> overridden_by{};  // variables of the environment
};

std::string FormatText(const Report& report, absl::Time now);
std::string FormatJson(const Report& report, absl::Time now);

// Why no command would be let in: of a certificate, as
// client/cli/credentials.h has it. Ends with kLocalFile: CERTIFICATE_EXPIRED,
// CERTIFICATE_NOT_YET_VALID.
absl::Status CheckUsable(const Report& report, absl::Time now);

// "certificate of ... expires soon: ..."; empty while there is time, and once
// the certificate itself is over, which CheckUsable and LoadCredentials refuse.
std::string ExpiryNotice(const Bearer& bearer, absl::Time now);

}  // namespace bootseal::login

#endif  // BOOTSEAL_CLIENT_LOGIN_REPORT_H_
