#include "client/cli/compressed_payload.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "base/status.h"
#include "client/cli/report.h"
#include "client/cli/text.h"
#include "firmware/image/algorithm.h"
#include "firmware/image/host/compression.h"
#include "server/trust/format.h"

namespace bootseal::cli {
namespace {

constexpr std::size_t kSizeBytes = 4;  // of DECOMP_SIZE

// Bytes that the image gets for being compressed.
std::size_t DescribedBytes(const image::mcuboot::Rules& rules) {
  return kSizeBytes + image::HashSize(rules.hash) +
         image::TraitsOf(rules.algorithm)->max_signature_size;
}

// It is not compressed: the bootloader writes a header there.
absl::StatusOr<absl::string_view> WithoutRoom(const v1::McubootFormat& format,
                                              absl::string_view payload) {
  if (!format.payload_has_header_room()) return payload;
  const absl::string_view room = payload.substr(0, format.header_size());
  if (payload.size() <= format.header_size()) {
    return base::Invalid(
        "PAYLOAD_WITHOUT_HEADER_ROOM", "payload",
        absl::StrCat("payload has ", payload.size(),
                     " bytes, the target expects it to start with ",
                     format.header_size(), " bytes of room for the header"));
  }
  const std::size_t used = room.find_first_not_of('\0');
  if (used == absl::string_view::npos) {
    return payload.substr(format.header_size());
  }
  return base::Invalid(
      "HEADER_ROOM_NOT_ZERO", "payload",
      absl::StrCat("payload byte ", used, " is not zero; the target expects ",
                   format.header_size(), " zero bytes of header room"));
}

}  // namespace

absl::StatusOr<SentPayload> CompressFor(const v1::Profile& profile,
                                        std::string payload) {
  const v1::McubootFormat& format = profile.target().mcuboot();
  const image::mcuboot::Rules rules =
      trust::RulesOf(format, profile.algorithm());
  if (rules.compression == image::mcuboot::Compression::kNone) {
    return base::Invalid(
        "COMPRESSION_NOT_OF_TARGET", "compression",
        absl::StrCat("target ", Printable(profile.target().name()),
                     " takes no compressed payloads; its bootloader "
                     "decompresses nothing"));
  }
  ASSIGN_OR_RETURN(const absl::string_view plain, WithoutRoom(format, payload));
  ASSIGN_OR_RETURN(std::string compressed,
                   image::host::Compress(rules.compression, plain));
  if (image::host::CompressionPays(plain.size(), compressed.size(),
                                   DescribedBytes(rules))) {
    return SentPayload{std::move(compressed), format.compression()};
  }
  Warn("the payload does not get smaller by compression, and is left plain");
  return SentPayload{std::move(payload), v1::COMPRESSION_UNSPECIFIED};
}

}  // namespace bootseal::cli
