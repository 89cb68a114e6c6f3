// What dumpinfo tells of an image: header, TLVs, trailer. Facts: mcuboot 2.5.
#ifndef BOOTSEAL_CLIENT_IMGTOOL_IMAGE_INFO_H_
#define BOOTSEAL_CLIENT_IMGTOOL_IMAGE_INFO_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "firmware/image/mcuboot/layout.h"

namespace bootseal::imgtool {

struct TlvInfo {
  std::uint16_t type = 0;
  std::string name;  // imgtool's, "UNKNOWN" for those it does not know
  std::string data;
};

// The cells of a slot's trailer; each is one byte as read.
struct TrailerCells {
  std::uint8_t image_ok = 0;
  std::uint8_t copy_done = 0;
  std::uint8_t swap_info = 0;
  std::uint32_t swap_size = 0;
  // Bytes of the two keys together; only for an encrypted image.
  std::optional<std::uint32_t> key_bytes;
};

struct ImageInfo {
  std::string filename;  // without its folder
  image::mcuboot::Header header;
  std::vector<TlvInfo> protected_tlvs;
  std::uint16_t unprotected_size = 0;
  std::vector<TlvInfo> tlvs;
  // The file's last 16 bytes, when anything follows the image.
  std::optional<std::string> trailer_magic;
  std::optional<TrailerCells> trailer;  // when that magic is one
};

// FAILED_PRECONDITION with the code of what does not hold in the structure.
absl::StatusOr<ImageInfo> ReadImageInfo(absl::string_view filename,
                                        absl::string_view bytes);

std::string FormatHuman(const ImageInfo& info);
// imgtool's schemas, byte for byte.
std::string FormatJson(const ImageInfo& info);
std::string FormatYaml(const ImageInfo& info);

}  // namespace bootseal::imgtool

#endif  // BOOTSEAL_CLIENT_IMGTOOL_IMAGE_INFO_H_
