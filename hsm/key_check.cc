#include "hsm/key_check.h"

#include <utility>

#include "hsm/public_key.h"
#include "hsm/signing_key.h"

namespace bootseal::hsm {
namespace {

constexpr char kProbe[] = "bootseal key check, not firmware\n";

absl::Status Prove(SigningKey& key) {
  return key.Sign(KeyHash(key.info().algorithm, kProbe)).status();
}

}  // namespace

absl::StatusOr<std::vector<ServingKey>> CheckKeys(
    const std::shared_ptr<Token>& token, const std::vector<KeySpec>& keys) {
  std::vector<ServingKey> rows;
  // Until the end: one key with two purposes is found.
  std::vector<std::unique_ptr<SigningKey>> opened;
  for (const KeySpec& spec : keys) {
    ServingKey row{spec, {}, absl::OkStatus()};
    auto key = SigningKey::Open(token, spec);
    row.status = key.ok() ? Prove(**key) : key.status();
    if (absl::IsUnavailable(row.status)) return row.status;
    if (key.ok()) {
      row.info = (*key)->info();
      opened.push_back(*std::move(key));
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace bootseal::hsm
