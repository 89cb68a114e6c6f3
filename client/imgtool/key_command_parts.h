// What the commands for keys share.
#ifndef BOOTSEAL_CLIENT_IMGTOOL_KEY_COMMAND_PARTS_H_
#define BOOTSEAL_CLIENT_IMGTOOL_KEY_COMMAND_PARTS_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "client/imgtool/key.h"
#include "client/imgtool/server.h"

namespace CLI {
class App;
}  // namespace CLI

namespace bootseal::imgtool {

// -k/--key, required.
void AddKeyOption(CLI::App& app, std::string& path,
                  const std::string& description);

// Of a PEM file, or the public half of a key of the server for
// "bootseal:...". Errors of Key::Load and FindKey.
absl::StatusOr<Key> LoadKey(const std::string& path, const Server& server,
                            const Key::Passphrase& passphrase);

// OK for the path of a file. INVALID_ARGUMENT (KEY_IN_HSM) for "bootseal:...",
// ending with `advice`.
absl::Status CheckInFile(const std::string& path, absl::string_view advice);

// -o/--output; empty: standard output.
void AddOutputOption(CLI::App& app, std::string& path);

// --name-suffix: letters, digits and underscores.
void AddSuffixOption(CLI::App& app, std::string& suffix);

// To `path` whole or not at all, or to standard output when it is empty.
// FILE_UNWRITABLE.
absl::Status Deliver(const std::string& path, absl::string_view content);

}  // namespace bootseal::imgtool

#endif  // BOOTSEAL_CLIENT_IMGTOOL_KEY_COMMAND_PARTS_H_
