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
  kNothingToJudge,  // about a TLV that is not there and need not be, or about
                    // a plaintext that the device's key alone yields
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
  // What mcuboot::Verify says; of an encrypted payload, without the rules that
  // are about its plaintext.
  Error verdict = Error::kOk;
  bool payload_encrypted = false;  // the device alone can judge it
  std::vector<Finding> findings;   // in the verifier's order

  bool bootable() const { return verdict == Error::kOk && !payload_encrypted; }
};

// Of the verdict: "OK", "PAYLOAD_ENCRYPTED", or the error's.
std::string NameOf(const Explanation& explanation);
const char* Text(const Explanation& explanation);

// What the target writes and no rule of the verifier tells, for the fixes.
struct Additions {
  std::string dependencies = {};               // as imgtool's -d: "(0,1.2.0+0)"
  bool security_counter_from_version = false;  // where the caller gives none
  std::uint32_t default_security_counter = 0;  // the same; 0: none
};

// Judges with the same rule table as the verifier; never throws.
Explanation Explain(const mcuboot::Rules& rules, Bytes image,
                    const Additions& additions = {});

}  // namespace bootseal::image::host

#endif  // BOOTSEAL_FIRMWARE_IMAGE_HOST_EXPLAIN_H_
