// The tables behind imgtool_target.h: one function for each option of imgtool
// that a target has its own word on. Thread-safe: free functions.
#ifndef BOOTSEAL_CLIENT_CLI_IMGTOOL_CHECKS_H_
#define BOOTSEAL_CLIENT_CLI_IMGTOOL_CHECKS_H_

#include <cstddef>
#include <span>
#include <string>

#include "absl/strings/string_view.h"
#include "bootseal/v1/policy.pb.h"
#include "client/imgtool/options.h"
#include "firmware/image/mcuboot/rules.h"

namespace bootseal::cli {

struct TargetCase {
  const imgtool::SignOptions& options;
  const v1::McubootFormat& format;
  image::mcuboot::Rules rules;  // of `format`
};

// What follows "target NAME "; empty when both agree.
using Complaint = std::string;

struct TargetCheck {
  absl::string_view option;  // "--slot-size"
  Complaint (*judge)(const TargetCase& on);
};

// Of header, slot and trailer.
std::span<const TargetCheck> LayoutChecks();

// Of TLVs, hash and key, and of what changes the payload.
std::span<const TargetCheck> ContentChecks();

// Of what an image says it is: flags, addresses, identity, vendor TLVs, and
// encryption.
std::span<const TargetCheck> AttributeChecks();

// "HAS EXPECTED, the command line says FOUND"
Complaint Differs(absl::string_view has, absl::string_view expected,
                  absl::string_view found);

// The two values that Rules do not hold.
imgtool::Padding PaddingOf(const v1::McubootFormat& format);
std::byte ErasedOf(const v1::McubootFormat& format);

}  // namespace bootseal::cli

#endif  // BOOTSEAL_CLIENT_CLI_IMGTOOL_CHECKS_H_
