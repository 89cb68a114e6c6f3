// The command line that makes an image right: the target's own options, ready
// to be typed. Thread-safe: free functions.
#ifndef BOOTSEAL_FIRMWARE_IMAGE_HOST_SIGN_COMMAND_H_
#define BOOTSEAL_FIRMWARE_IMAGE_HOST_SIGN_COMMAND_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "base/shell_word.h"
#include "firmware/image/mcuboot/layout.h"
#include "firmware/image/mcuboot/reader.h"
#include "firmware/image/mcuboot/rules.h"

namespace bootseal::image::host {

enum class FilePadding { kNone, kPad, kConfirm };

struct VendorTlv {
  std::uint16_t type = 0;
  std::string value;
  friend bool operator==(const VendorTlv&, const VendorTlv&) = default;
};

// What a target says beyond the verifier's rules.
struct TargetWords {
  std::string name =
      {};  // "nucleo-l552ze-q/tfm-s"; empty: TARGET stands for it
  FilePadding padding = FilePadding::kNone;
  bool payload_has_header_room = false;
  std::byte erased{0xff};
  std::uint32_t default_security_counter = 0;  // 0: the caller gives one
  bool security_counter_from_version = false;  // where the caller gives none
  std::string dependencies = {};               // as imgtool's -d: "(0,1.2.0+0)"
  std::vector<VendorTlv> vendor_tlvs = {};     // that it adds by itself
  std::vector<std::uint16_t> request_tlvs = {};  // that a caller may add
};

// The image that the command line is to make.
struct ImageWords {
  std::optional<mcuboot::Version> version = {};  // none: VERSION stands for it
  std::optional<std::uint32_t> security_counter = {};
  bool encrypted = false;
  bool compressed = false;
  std::vector<VendorTlv> vendor_tlvs = {};        // that the caller is to add
  std::optional<std::uint32_t> hex_address = {};  // image.hex, not image.bin
  std::string payload = "payload.bin";
};

// One like the image that was read, as far as it was read.
ImageWords WordsOfImage(const mcuboot::Reading& reading,
                        const TargetWords& target);

// As imgtool's -s auto: major << 24 | minor << 16 | revision.
std::uint32_t CounterFromVersion(const mcuboot::Version& version);

using base::ShellWord;

// Key files are DEVICE.pem, that of AES key wrap DEVICE.key. Parameters that
// the target does not take are left out, and the counter where the target
// derives the image's own. It is never below the image's, where the device can
// store that, nor below the device's.
//
// bootseal sign --target T --version 1.2.3 [--security-counter N] ...
std::string SignCommand(const mcuboot::Rules& rules, const TargetWords& target,
                        const ImageWords& image);

// bootseal imgtool sign -k bootseal:T -v 1.2.3 -H 0x400 ... PAYLOAD OUT
std::string ImgtoolCommand(const mcuboot::Rules& rules,
                           const TargetWords& target, const ImageWords& image);

}  // namespace bootseal::image::host

#endif  // BOOTSEAL_FIRMWARE_IMAGE_HOST_SIGN_COMMAND_H_
