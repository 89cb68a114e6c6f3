// Where the server is and who we are: the command line wins over the
// environment, which wins over the configuration file.
//
//   flag       environment         key in the file
//   --server   BOOTSEAL_SERVER     server     host:port, or several with commas
//   --ca       BOOTSEAL_CA         ca         PEM file
//   --cert     BOOTSEAL_CERT       cert       PEM file
//   --key      BOOTSEAL_KEY        key        PEM file
//   --log-key  BOOTSEAL_LOG_KEY    log-key    vkey text, or a file with it
//
// A token for calls, from one of these; the first source that names any
// decides:
//
//   --token-file      BOOTSEAL_TOKEN_FILE      token-file      read for each
//   call
//   --token-audience  BOOTSEAL_TOKEN_AUDIENCE  token-audience  fetched in
//   GitHub
//                                                              Actions
//                     BOOTSEAL_TOKEN                           the token itself
#ifndef BOOTSEAL_CLIENT_CLI_SETTINGS_H_
#define BOOTSEAL_CLIENT_CLI_SETTINGS_H_

#include <string>

#include "absl/status/statusor.h"

namespace bootseal::cli {

// Empty: not set.
struct Settings {
  std::string server;
  std::string ca;
  std::string certificate;
  std::string key;
  std::string log_key;
  // At most one of the three. Command lines and files have no `token`: others
  // can read them.
  std::string token{};
  std::string token_file{};
  std::string token_audience{};
};

// What the command line gave. `config` names a file that must be there; without
// it $XDG_CONFIG_HOME/bootseal/config or ~/.config/bootseal/config is read when
// it exists ("key = value" lines, # comments).
struct Flags {
  Settings settings;
  std::string config;
};

// Reads the environment and the file. Ends with kUsage: CONFIG_INVALID for a
// key that does not exist (known ones are listed) or a file that does not
// parse, TOKEN_AMBIGUOUS when one source names several tokens, and FILE_* when
// a named file cannot be read. Paths of the file are relative to its folder.
absl::StatusOr<Settings> Resolve(const Flags& flags);

// An environment variable; empty when it is not set.
std::string FromEnvironment(const char* name);

}  // namespace bootseal::cli

#endif  // BOOTSEAL_CLIENT_CLI_SETTINGS_H_
