// The command line that makes an image right: the target's own options, ready
// to be typed. Thread-safe: free functions.
#ifndef BOOTSEAL_FIRMWARE_IMAGE_HOST_SIGN_COMMAND_H_
#define BOOTSEAL_FIRMWARE_IMAGE_HOST_SIGN_COMMAND_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "firmware/image/mcuboot/layout.h"
#include "firmware/image/mcuboot/rules.h"

namespace bootseal::image::host {

enum class FilePadding { kNone, kPad, kConfirm };

// What a target says beyond the verifier's rules.
struct TargetWords {
  std::string name =
      {};  // "nucleo-l552ze-q/tfm-s"; empty: TARGET stands for it
  FilePadding padding = FilePadding::kNone;
  bool payload_has_header_room = false;
  std::byte erased{0xff};
  std::uint32_t default_security_counter = 0;  // 0: the caller gives one
  std::string dependencies = {};               // as imgtool's -d: "(0,1.2.0+0)"
};

// An argument as a shell takes it: quoted when it must be.
std::string ShellWord(absl::string_view word);

// bootseal sign --target T --version 1.2.3 [--security-counter N] ...
// Without a version, VERSION stands for it.
std::string SignCommand(const mcuboot::Rules& rules, const TargetWords& target,
                        const std::optional<mcuboot::Version>& version);

// bootseal imgtool sign -k bootseal:T -v 1.2.3 -H 0x400 ... PAYLOAD OUT
std::string ImgtoolCommand(const mcuboot::Rules& rules,
                           const TargetWords& target,
                           const std::optional<mcuboot::Version>& version);

}  // namespace bootseal::image::host

#endif  // BOOTSEAL_FIRMWARE_IMAGE_HOST_SIGN_COMMAND_H_
