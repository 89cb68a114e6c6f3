#include "client/cli/witness_check.h"

#include <CLI/CLI.hpp>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "client/cli/arguments.h"
#include "client/cli/exit_status.h"
#include "client/cli/report.h"
#include "client/witness/sighting.h"

namespace bootseal::cli {
namespace {

// Nothing when it saw nothing.
absl::StatusOr<std::vector<review::KnownCheckpoint>> ReadOne(
    const std::string& source, const std::string& key_text, const LogKey& log) {
  const auto key = image::host::CosignerKey::Parse(key_text);
  if (!key.ok()) return WithExit(key.status(), ExitStatus::kUsage);
  const auto seen = witness::ReadSighting(source, *key, log.origin());
  if (absl::IsNotFound(seen.status()) &&
      base::ReasonOf(seen.status()) == "WITNESS_SAW_NOTHING") {
    Warn(seen.status().message());
    return std::vector<review::KnownCheckpoint>();
  }
  if (absl::IsUnavailable(seen.status())) {
    return WithExit(seen.status(), ExitStatus::kUnreachable);
  }
  if (!seen.ok()) return seen.status();
  return std::vector<review::KnownCheckpoint>{
      {absl::StrCat("witness ", source), seen->size, seen->root}};
}

}  // namespace

void DeclareWitnessOptions(CLI::App& app, WitnessOptions& options) {
  auto* const source =
      app.add_option("--witness", options.sources,
                     "URL or file of what a witness saw (repeatable)")
          ->check(NotEmpty());
  app.add_option("--witness-key", options.keys,
                 "that witness's key: name+id+key, one for each --witness")
      ->check(NotEmpty())
      ->needs(source);
}

absl::StatusOr<std::vector<review::KnownCheckpoint>> ReadWitnesses(
    const WitnessOptions& options, const LogKey& key) {
  if (options.sources.size() != options.keys.size()) {
    return UsageError(
        "WITNESS_KEY_MISSING",
        absl::StrCat(options.sources.size(), " --witness and ",
                     options.keys.size(),
                     " --witness-key, expected one key for each"));
  }
  std::vector<review::KnownCheckpoint> all;
  for (std::size_t i = 0; i < options.sources.size(); ++i) {
    ASSIGN_OR_RETURN(const auto seen,
                     ReadOne(options.sources[i], options.keys[i], key));
    all.insert(all.end(), seen.begin(), seen.end());
  }
  return all;
}

}  // namespace bootseal::cli
