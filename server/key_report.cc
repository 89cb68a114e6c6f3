#include "server/key_report.h"

#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "hsm/key_check.h"
#include "hsm/pkcs11/token.h"
#include "server/config.h"
#include "server/key_specs.h"
#include "server/open_token.h"
#include "server/policy_loader.h"

namespace bootseal::server {
namespace {

std::string LineOf(const v1::PinnedKey& key, const absl::Status& status) {
  if (!status.ok()) {
    return absl::StrCat("key ", key.name(), ": ", base::ReasonOf(status), ": ",
                        status.message(), "\n");
  }
  return absl::StrCat("key ", key.name(), ": signs (",
                      v1::KeyPurpose_Name(key.purpose()), ", ",
                      v1::Algorithm_Name(key.algorithm()),
                      ", public key sha256 ", key.public_key_sha256(), ")\n");
}

}  // namespace

absl::StatusOr<KeyReport> CheckKeys(const std::string& config_path) {
  ASSIGN_OR_RETURN(const v1::ServerConfig config, LoadConfig(config_path));
  ASSIGN_OR_RETURN(const auto policy, ReadPolicy(config.policy_path()));
  ASSIGN_OR_RETURN(const auto specs, SpecsOf(policy->proto()));
  ASSIGN_OR_RETURN(const auto token, OpenToken(config.hsm()));
  ASSIGN_OR_RETURN(const auto rows, hsm::CheckKeys(token, specs));
  KeyReport report;
  std::size_t signing = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    signing += rows[i].status.ok() ? 1 : 0;
    absl::StrAppend(
        &report.text,
        LineOf(policy->proto().keys(static_cast<int>(i)), rows[i].status));
  }
  absl::StrAppend(&report.text, signing, " of ", rows.size(),
                  " keys of policy version ", policy->proto().version(),
                  " sign in token \"", token->label(), "\", serial ",
                  token->serial(), "\n");
  report.all_sign = signing == rows.size();
  return report;
}

}  // namespace bootseal::server
