#include "server/key_report.h"

#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/status.h"
#include "hsm/key_check.h"
#include "hsm/pkcs11/token.h"
#include "server/config.h"
#include "server/key_specs.h"
#include "server/key_uses.h"
#include "server/open_token.h"
#include "server/policy_loader.h"
#include "server/start_checks.h"

namespace bootseal::server {
namespace {

std::string LineOf(const StartCheck& check) {
  const absl::Status& status = check.found.status();
  return absl::StrCat(check.of, ": ",
                      status.ok() ? *check.found
                                  : absl::StrCat(base::ReasonOf(status), ": ",
                                                 status.message()),
                      "\n");
}

StartCheck CheckOf(const v1::Policy& policy, const v1::PinnedKey& key,
                   const absl::Status& status) {
  const std::string of = absl::StrCat("key ", key.name());
  if (!status.ok()) {
    return {of, base::Fail(status.code(), base::ReasonOf(status),
                           absl::StrCat(status.message(), "; without it: ",
                                        DescribeLoss(policy, key)))};
  }
  const std::string uses = DescribeUses(policy, key);
  return {of, absl::StrCat("signs (", v1::KeyPurpose_Name(key.purpose()), ", ",
                           v1::Algorithm_Name(key.algorithm()),
                           ", public key sha256 ", key.public_key_sha256(), ")",
                           uses.empty() ? "" : "; ", uses)};
}

}  // namespace

absl::StatusOr<KeyReport> CheckKeys(const std::string& config_path) {
  ASSIGN_OR_RETURN(const v1::ServerConfig config, LoadConfig(config_path));
  ASSIGN_OR_RETURN(const auto policy, ReadPolicy(config.policy_path()));
  ASSIGN_OR_RETURN(const auto specs, SpecsOf(policy->proto()));
  ASSIGN_OR_RETURN(const auto token, OpenToken(config.hsm()));
  ASSIGN_OR_RETURN(const auto rows, hsm::CheckKeys(token, specs));
  KeyReport report{"", true};
  const auto tell = [&report](const StartCheck& check) {
    absl::StrAppend(&report.text, LineOf(check));
    report.all_well = report.all_well && check.found.ok();
  };
  std::size_t signing = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    signing += rows[i].status.ok() ? 1 : 0;
    tell(CheckOf(policy->proto(), policy->proto().keys(static_cast<int>(i)),
                 rows[i].status));
  }
  for (const StartCheck& check : CheckStart(config, *policy, absl::Now())) {
    tell(check);
  }
  absl::StrAppend(&report.text, signing, " of ", rows.size(),
                  " keys of policy version ", policy->proto().version(),
                  " sign in token \"", token->label(), "\", serial ",
                  token->serial(), "\n");
  return report;
}

}  // namespace bootseal::server
