// All that `bootseal explain` says of an image, as text and as JSON. The names
// of the JSON members are a contract: client/README.md lists them.
#ifndef BOOTSEAL_CLIENT_CLI_EXPLAIN_REPORT_H_
#define BOOTSEAL_CLIENT_CLI_EXPLAIN_REPORT_H_

#include <optional>
#include <string>
#include <vector>

#include "client/cli/key_in_use.h"
#include "firmware/image/host/diagnosis.h"
#include "firmware/image/host/explain.h"
#include "firmware/image/host/mcuboot_prediction.h"
#include "firmware/image/host/upgrade_prediction.h"

namespace bootseal::cli {

// What lies in the primary slot, as --primary gives it.
struct PrimarySlot {
  image::host::TrailerFacts trailer;
  std::optional<image::mcuboot::Version> version;  // no image: none
};

struct ExplainReport {
  std::string image;  // path, as given
  image::host::Evidence evidence;
  image::host::Explanation explanation;
  std::vector<image::host::Diagnosis> diagnoses;
  std::vector<image::host::Prediction> predictions;
  std::optional<PrimarySlot> primary;
  std::vector<image::host::DependencyFact> dependencies;
  KeyInUse key{};  // of those that the target trusts, the image's

  bool bootable() const { return explanation.bootable(); }
};

std::string FormatText(const ExplainReport& report);
std::string FormatJson(const ExplainReport& report);

}  // namespace bootseal::cli

#endif  // BOOTSEAL_CLIENT_CLI_EXPLAIN_REPORT_H_
