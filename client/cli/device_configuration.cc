#include "client/cli/device_configuration.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/substitute.h"
#include "base/status.h"
#include "client/cli/public_key.h"
#include "server/trust/target_profile.h"

namespace bootseal::cli {
namespace {

// Filled in by hand: a device without them is refused by name.
constexpr char kText[] =
    R"(# /etc/bootseal-fwu.conf of devices that take releases of $0

# the board's; bootseal-fwu asks for what is missing
#device = "/dev/mmcblk0"
#boot-register = "devmem:0x5c00a128"       # MP13, MP15: TAMP register 10
#security-counter = "devmem:0x5c00a040"    # MP13, MP15: TAMP counter

# the target's
product = "$1"
metadata-version = $2
banks = $3
images-per-bank = $4

# $5
release-key = "/etc/bootseal-fwu.pem"
algorithm = "$6"
log-key = "$7"
)";

// How the file of keys is made: all that devices trust, the current one first.
std::string KeyCommands(const v1::Target& target) {
  std::string commands =
      absl::StrCat("bootseal keys show ", target.key(), " --format pem");
  if (target.overlap_keys().empty()) return commands;
  for (const std::string& name : target.overlap_keys()) {
    absl::StrAppend(&commands, " && bootseal keys show ", name,
                    " --format pem");
  }
  return absl::StrCat("(", commands, ") > bootseal-fwu.pem");
}

}  // namespace

absl::StatusOr<std::string> FormatDeviceConfiguration(
    const v1::Profile& profile, const LogKey& log_key) {
  const v1::Target& target = profile.target();
  RETURN_IF_ERROR(trust::ReleaseProfile::Make(profile).status());
  const v1::ReleaseFormat& format = target.release();
  int banks = 0;
  for (const v1::ReleaseImage& image : format.images()) {
    banks = std::max(banks, image.bank_guids_size());
  }
  return absl::Substitute(kText, target.name(), format.product(),
                          format.metadata_version(), banks,
                          format.images_size(), KeyCommands(target),
                          AlgorithmName(profile.algorithm()), log_key.text());
}

}  // namespace bootseal::cli
