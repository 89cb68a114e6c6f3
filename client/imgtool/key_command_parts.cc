#include "client/imgtool/key_command_parts.h"

#include <CLI/CLI.hpp>
#include <cstdio>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "base/file.h"
#include "base/status.h"
#include "client/imgtool/server_key.h"

namespace bootseal::imgtool {
namespace {

std::string CheckNotEmpty(const std::string& text) {
  return text.empty() ? "is empty, expected a file's name" : "";
}

std::string CheckSuffix(const std::string& text) {
  for (const char character : text) {
    if (!absl::ascii_isalnum(static_cast<unsigned char>(character)) &&
        character != '_') {
      return "holds other characters than letters, digits and _, which a name "
             "in C cannot have";
    }
  }
  return "";
}

}  // namespace

void AddKeyOption(CLI::App& app, std::string& path,
                  const std::string& description) {
  app.add_option("-k,--key", path, description)
      ->required()
      ->check(CheckNotEmpty)
      ->type_name("FILE");
}

absl::StatusOr<Key> LoadKey(const std::string& path, const Server& server,
                            const Key::Passphrase& passphrase) {
  ASSIGN_OR_RETURN(const std::optional<ServerKey> key, FindServerKey(path));
  // A key file that holds the public key needs no server.
  if (!key || !key->public_key.empty()) return Key::Load(path, passphrase);
  ASSIGN_OR_RETURN(const KeyOnServer found, FindKey(server, key->signer));
  return Key::Parse(found.pem, passphrase);
}

absl::Status CheckInFile(const std::string& path, absl::string_view advice) {
  ASSIGN_OR_RETURN(const std::optional<ServerKey> key, FindServerKey(path));
  if (!key) return absl::OkStatus();
  return base::Invalid(
      "KEY_IN_HSM", "key",
      absl::StrCat("-k ", path, ": private keys never leave the HSM; ",
                   advice));
}

void AddOutputOption(CLI::App& app, std::string& path) {
  app.add_option("-o,--output", path, "where to; default: standard output")
      ->check(CheckNotEmpty)
      ->type_name("FILE");
}

void AddSuffixOption(CLI::App& app, std::string& suffix) {
  app.add_option("--name-suffix", suffix,
                 "put behind the names of C and Rust symbols, so that several "
                 "keys fit into one program")
      ->check(CheckSuffix)
      ->type_name("TEXT");
}

absl::Status Deliver(const std::string& path, absl::string_view content) {
  if (!path.empty()) return base::WriteFileAtomically(path, content);
  if (std::fwrite(content.data(), 1, content.size(), stdout) ==
          content.size() &&
      std::fflush(stdout) == 0) {
    return absl::OkStatus();
  }
  return base::Precondition("FILE_UNWRITABLE",
                            "standard output cannot be written");
}

}  // namespace bootseal::imgtool
