#include "hsm/commands/options.h"

#include <openssl/rand.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdio>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "base/file.h"
#include "base/input_file.h"
#include "base/status.h"
#include "hsm/commands/report.h"
#include "hsm/pin_source.h"
#include "hsm/pkcs11/uri.h"
#include "hsm/signer.h"

namespace bootseal::hsm::commands {
namespace {

constexpr std::size_t kMaxPinBytes = 4096;
// Keys before ours in the queue: an HSM may take a minute for one.
constexpr std::chrono::minutes kPatience{5};

// The token is closed before the next process may open it.
struct HeldToken {
  HeldToken(pkcs11::ModuleLock taken, std::shared_ptr<Token> opened)
      : lock(std::move(taken)), token(std::move(opened)) {}

  pkcs11::ModuleLock lock;
  std::shared_ptr<Token> token;
};

std::string UriOf(const TokenChoice& choice) {
  if (!choice.uri.empty()) return choice.uri;
  if (choice.label.empty()) return "pkcs11:";
  return absl::StrCat("pkcs11:token=", pkcs11::UriEscape(choice.label));
}

}  // namespace

void AddJsonFlag(CLI::App& command, Form& form) {
  command.add_flag_callback(
      "--json", [&form] { form = Form::kJson; }, "results and errors as JSON");
}

std::string MadeText(const std::string& token_label, Form form) {
  return form == Form::kJson
             ? absl::StrCat("{\"token\":", JsonString(token_label), "}\n")
             : absl::StrCat("token \"", token_label, "\" is ready\n");
}

std::string MadeText(KeyInfo key, const Token& token, Form form) {
  if (form == Form::kText) return Line(key);
  key.token_label = token.label();
  key.token_serial = token.serial();
  return absl::StrCat(Json(key), "\n");
}

void AddModuleOption(CLI::App& command, std::string& module) {
  command
      .add_option("--module", module,
                  "PKCS#11 module; default: SoftHSM where it is installed")
      ->envname("BOOTSEAL_PKCS11_MODULE");
}

void AddTokenOptions(CLI::App& command, TokenChoice& choice) {
  AddModuleOption(command, choice.module);
  auto* label = command.add_option(
      "--token", choice.label,
      "label of the token; may be left out when there is only one");
  command
      .add_option("--token-uri", choice.uri,
                  "the token as RFC 7512 URI, for example "
                  "pkcs11:token=bootseal;serial=0a1b")
      ->excludes(label);
  command
      .add_option("--pin-file", choice.pin_file,
                  "file with the user's PIN, mode 0600")
      ->required();
}

absl::StatusOr<std::string> ModulePath(const std::string& module,
                                       const std::string& uri) {
  if (!module.empty()) return module;
  ASSIGN_OR_RETURN(const auto parsed, pkcs11::Uri::Parse(uri));
  return pkcs11::FindModule(parsed);
}

absl::StatusOr<HeldModule> HoldModule(const std::string& module,
                                      const std::string& uri) {
  ASSIGN_OR_RETURN(const std::string path, ModulePath(module, uri));
  ASSIGN_OR_RETURN(auto lock, pkcs11::ModuleLock::Take(path, kPatience));
  ASSIGN_OR_RETURN(auto loaded, pkcs11::Module::Load(path));
  return HeldModule{std::move(lock), std::move(loaded)};
}

absl::StatusOr<base::Secret> ReadPin(const std::string& path) {
  ASSIGN_OR_RETURN(
      std::string text,
      base::ReadPrivateFile(path, kMaxPinBytes, base::Accepts::kAnything));
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) {
    text.pop_back();
  }
  if (!text.empty() && text.find('\n') == std::string::npos) {
    return base::Secret(std::move(text));
  }
  OPENSSL_cleanse(text.data(), text.size());
  return base::FailField(absl::StatusCode::kFailedPrecondition, "FILE_CONTENT",
                         path,
                         absl::StrCat(path,
                                      " does not hold one line, expected "
                                      "the PIN and nothing else"));
}

absl::StatusOr<std::shared_ptr<Token>> Open(const TokenChoice& choice) {
  TokenOptions options;
  options.uri = UriOf(choice);
  ASSIGN_OR_RETURN(options.pin, ReadPin(choice.pin_file));
  ASSIGN_OR_RETURN(HeldModule module, HoldModule(choice.module, options.uri));
  auto token = Token::Open(std::move(module.module), std::move(options));
  if (!token.ok()) return WithPinSource(token.status(), choice.pin_file);
  const auto held =
      std::make_shared<HeldToken>(std::move(module.lock), *std::move(token));
  return std::shared_ptr<Token>(held, held->token.get());
}

absl::Status Deliver(const std::string& path, const std::string& content) {
  if (!path.empty()) return base::WriteFileAtomically(path, content);
  const bool written = std::fwrite(content.data(), 1, content.size(), stdout) ==
                           content.size() &&
                       std::fflush(stdout) == 0;
  if (written) return absl::OkStatus();
  return base::Precondition("FILE_UNWRITABLE",
                            "cannot write to standard output");
}

void AddKeyOptions(CLI::App& command, std::string& label, std::string& id) {
  command.add_option("--label", label, "label of the key");
  command.add_option("--id", id, "CKA_ID of the key, in hex");
}

absl::StatusOr<pkcs11::Selector> SelectorOf(const std::string& label,
                                            const std::string& id) {
  pkcs11::Selector selector;
  if (!label.empty()) selector.label = label;
  if (!id.empty()) {
    ASSIGN_OR_RETURN(selector.id, ParseId(id));
  }
  if (selector.label || selector.id) return selector;
  return base::Invalid("NO_KEY_NAMED", "--label",
                       "no key is named, expected --label or --id");
}

void AddPaddingOption(CLI::App& command, std::string& padding) {
  command
      .add_option("--padding", padding,
                  "what an RSA key signs with, and nothing else: pss "
                  "(default), or pkcs1 for UEFI capsules")
      ->check(CLI::IsMember({"pss", "pkcs1"}));
}

RsaPadding PaddingNamed(const std::string& padding) {
  return padding == "pkcs1" ? RsaPadding::kPkcs1 : RsaPadding::kPss;
}

absl::StatusOr<std::string> ParseId(const std::string& hex) {
  const std::string digits = absl::StrReplaceAll(hex, {{":", ""}});
  const bool valid =
      !digits.empty() && digits.size() % 2 == 0 && digits.size() <= 128 &&
      std::all_of(digits.begin(), digits.end(), [](char c) {
        return absl::ascii_isxdigit(static_cast<unsigned char>(c));
      });
  if (valid) return absl::HexStringToBytes(digits);
  return base::Invalid("KEY_ID", "--id",
                       absl::StrCat("\"", hex,
                                    "\" is no id, expected 1 to 64 bytes in "
                                    "hex"));
}

absl::StatusOr<std::string> IdOrRandom(const std::string& hex) {
  if (!hex.empty()) return ParseId(hex);
  std::string id(16, '\0');
  if (RAND_bytes(reinterpret_cast<unsigned char*>(id.data()),
                 static_cast<int>(id.size())) == 1) {
    return id;
  }
  return base::Internal("no random numbers");
}

}  // namespace bootseal::hsm::commands
