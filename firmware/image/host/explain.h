// Every rule of a target over one image: pass or fail, why, and the fix.
#ifndef BOOTSEAL_FIRMWARE_IMAGE_HOST_EXPLAIN_H_
#define BOOTSEAL_FIRMWARE_IMAGE_HOST_EXPLAIN_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "firmware/image/bytes.h"
#include "firmware/image/mcuboot/rules.h"
#include "firmware/image/result.h"

namespace bootseal::image::host {

enum class Outcome {
  kPass,
  kFail,
  kNothingToJudge,  // about a TLV that is not there and need not be
  kNotReached,
};

struct Finding {
  Error code = Error::kOk;  // the rule's error; also its identity
  Outcome outcome = Outcome::kNotReached;
  std::string rule;         // "boot record present"
  std::string detail;       // what was found: "no BOOT_RECORD TLV (0x60)"
  std::string demanded_by;  // the switch: "MCUBOOT_MEASURED_BOOT"; may be empty
  std::string fix;          // what to do; empty when it passes
  // Where it lies, in bytes from the image's start.
  std::optional<std::uint64_t> offset = std::nullopt;
};

struct Explanation {
  Error verdict = Error::kOk;     // what mcuboot::Verify says
  std::vector<Finding> findings;  // in the verifier's order
};

// What the target writes and no rule of the verifier tells, for the fixes.
struct Additions {
  std::string dependencies;  // as imgtool's -d takes them: "(0,1.2.0+0)"
};

// Judges with the same rule table as the verifier; never throws.
Explanation Explain(const mcuboot::Rules& rules, Bytes image,
                    const Additions& additions = {});

}  // namespace bootseal::image::host

#endif  // BOOTSEAL_FIRMWARE_IMAGE_HOST_EXPLAIN_H_
