// OpenToken and ListKeys: from a URI to a token that is logged in.
#include <algorithm>
#include <chrono>
#include <tuple>

#include "base/status.h"
#include "hsm/pkcs11/keys.h"
#include "hsm/pkcs11/module.h"
#include "hsm/pkcs11/module_lock.h"
#include "hsm/pkcs11/token.h"
#include "hsm/pkcs11/uri.h"
#include "hsm/signer.h"

namespace bootseal::hsm {
namespace {

constexpr std::chrono::seconds kStartPatience{10};

}  // namespace

absl::StatusOr<std::shared_ptr<Token>> OpenToken(TokenOptions options) {
  ASSIGN_OR_RETURN(const pkcs11::Uri uri, pkcs11::Uri::Parse(options.uri));
  ASSIGN_OR_RETURN(const std::string path, pkcs11::FindModule(uri));
  // A start beside another's may fail; a start that is never tried always does.
  const auto lock = pkcs11::ModuleLock::Take(path, kStartPatience);
  ASSIGN_OR_RETURN(auto module, pkcs11::Module::Load(path));
  return Token::Open(std::move(module), std::move(options));
}

absl::StatusOr<std::vector<KeyInfo>> ListKeys(Token& token) {
  ASSIGN_OR_RETURN(const auto found, token.Run(pkcs11::FindAllKeys));
  std::vector<KeyInfo> keys;
  for (const pkcs11::FoundKey& key : found) {
    keys.push_back(key.info);
    keys.back().token_label = token.label();
    keys.back().token_serial = token.serial();
  }
  std::sort(keys.begin(), keys.end(), [](const auto& a, const auto& b) {
    return std::tie(a.label, a.id) < std::tie(b.label, b.id);
  });
  return keys;
}

}  // namespace bootseal::hsm
