#include "firmware/image/host/content_words.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace bootseal::image::host {

using mcuboot::Compression;

std::string CompressionFound(const mcuboot::Rules& rules,
                             const mcuboot::Facts& facts) {
  const std::uint32_t expected = mcuboot::CompressionFlags(rules.compression);
  return absl::StrCat(
      absl::StrFormat("flags 0x%x, of them compression 0x%x, expected none",
                      facts.header.flags,
                      facts.header.flags & mcuboot::flags::kCompressed),
      expected == 0 ? "" : absl::StrFormat(" or 0x%x", expected));
}

std::string CompressionFix(const Wanted& wanted) {
  switch (wanted.rules.compression) {
    case Compression::kNone:
      break;
    case Compression::kLzma2:
      return "imgtool sign --compression lzma2; or bootseal sign, --compress";
    case Compression::kLzma2ArmThumb:
      return "imgtool sign --compression lzma2armthumb; or bootseal sign, "
             "--compress";
  }
  return "imgtool sign without --compression; or bootseal sign, which "
         "compresses nothing for this target";
}

std::string PureFix(const Wanted&) {
  return "imgtool sign --pure; or bootseal sign, which signs the image itself "
         "for this target";
}

}  // namespace bootseal::image::host
