// What the commands of bootseal-token share: which token, its PIN, output.
#ifndef BOOTSEAL_HSM_COMMANDS_OPTIONS_H_
#define BOOTSEAL_HSM_COMMANDS_OPTIONS_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/secret.h"
#include "hsm/pkcs11/keys.h"
#include "hsm/pkcs11/module.h"
#include "hsm/pkcs11/module_lock.h"
#include "hsm/pkcs11/token.h"

namespace CLI {
class App;
}  // namespace CLI

namespace bootseal::hsm::commands {

// Set by the subcommand that was given.
using Action = std::function<absl::Status()>;

enum class Form { kText, kJson };

// --json; errors are JSON then too.
void AddJsonFlag(CLI::App& command, Form& form);

// A token that was just made, and a key in one: a line, or what show --json
// says.
std::string MadeText(const std::string& token_label, Form form);
std::string MadeText(KeyInfo key, const Token& token, Form form);

// Path of a module; the default is SoftHSM's.
void AddModuleOption(CLI::App& command, std::string& module);

struct TokenChoice {
  std::string module;
  std::string uri;
  std::string label;
  std::string pin_file;
};

void AddTokenOptions(CLI::App& command, TokenChoice& choice);

// `module`, or what `uri` names. FAILED_PRECONDITION (MODULE_MISSING) without
// one; errors of Uri::Parse.
absl::StatusOr<std::string> ModulePath(const std::string& module,
                                       const std::string& uri);

// While it is held, every other bootseal-token waits; closed before the next
// one may open it.
struct HeldModule {
  pkcs11::ModuleLock lock;
  std::unique_ptr<pkcs11::Module> module;
};

// Of ModulePath. UNAVAILABLE (TOKEN_BUSY) after five minutes; errors of
// Module::Load.
absl::StatusOr<HeldModule> HoldModule(const std::string& module,
                                      const std::string& uri = "pkcs11:");

// One line, private to its owner. FILE_... errors; FILE_EMPTY.
absl::StatusOr<base::Secret> ReadPin(const std::string& path);

// Holds the module until the token is closed.
absl::StatusOr<std::shared_ptr<Token>> Open(const TokenChoice& choice);

// To `path` whole or not at all, or to standard output when it is empty.
absl::Status Deliver(const std::string& path, const std::string& content);

// --label and --id of a key that is there; one of them must be given:
// INVALID_ARGUMENT (KEY_ID, NO_KEY_NAMED).
void AddKeyOptions(CLI::App& command, std::string& label, std::string& id);
absl::StatusOr<pkcs11::Selector> SelectorOf(const std::string& label,
                                            const std::string& id);

// --padding of an RSA key that is made: pss, or pkcs1 for UEFI capsules.
void AddPaddingOption(CLI::App& command, std::string& padding);
RsaPadding PaddingNamed(const std::string& padding);

// Hex digits, colons allowed, as raw bytes. INVALID_ARGUMENT (KEY_ID).
absl::StatusOr<std::string> ParseId(const std::string& hex);

// The id given, or 16 random bytes.
absl::StatusOr<std::string> IdOrRandom(const std::string& hex);

}  // namespace bootseal::hsm::commands

#endif  // BOOTSEAL_HSM_COMMANDS_OPTIONS_H_
