// A target of the policy against the bootloader that will judge its images.
#ifndef BOOTSEAL_CLIENT_BOOTLOADER_COMPARE_H_
#define BOOTSEAL_CLIENT_BOOTLOADER_COMPARE_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "bootseal/v1/policy.pb.h"
#include "client/bootloader/settings.h"

namespace bootseal::bootloader {

// kUnproven: not told either, and the target requires it.
enum class Verdict { kAgree, kDiffer, kNotTold, kUnproven };

// "agree", "DIFFER", "not told", "NOT TOLD"
absl::string_view Text(Verdict verdict);

// Whether a target may be used with that build: kAgree, kNotTold.
bool IsAcceptable(Verdict verdict);

struct Finding {
  std::string setting;  // "measured boot"
  Verdict verdict = Verdict::kNotTold;
  Said build;          // empty when not told
  std::string target;  // "yes", "0x2d000"
  std::string effect;  // on the device, when not acceptable
  std::string fix;     // line of the target's mcuboot { }, when one mends it
};

// One for each setting, measured boot first. `profile` needs no key.
// Thread-safe.
std::vector<Finding> Compare(const Settings& build, const v1::Profile& profile);

// The mcuboot { } block that agrees with all that the build tells; what it does
// not tell is left out. Thread-safe.
std::string Suggest(const Settings& build);

}  // namespace bootseal::bootloader

#endif  // BOOTSEAL_CLIENT_BOOTLOADER_COMPARE_H_
