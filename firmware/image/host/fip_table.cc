#include "firmware/image/host/fip_table.h"

#include <array>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "firmware/image/fip/toc.h"
#include "firmware/image/host/convert.h"

namespace bootseal::image::host {
namespace {

constexpr absl::string_view kName("\x01\x00\x64\xaa", 4);
constexpr std::array<char, 16> kNoUuidBytes{};
constexpr absl::string_view kNoUuid(kNoUuidBytes.data(), kNoUuidBytes.size());

// The words for what the reader says is wrong.
absl::string_view ReasonFor(Error error, bool all_there_is) {
  switch (error) {
    case Error::kTruncated:
      return all_there_is ? "FIP_TRUNCATED" : "FIP_TABLE";
    case Error::kFipName:
      return "FIP_MAGIC";
    case Error::kFipEntry:
    case Error::kFipTerminator:
      return "FIP_TRUNCATED";
    default:
      return "FIP_TABLE";
  }
}

}  // namespace

bool BeginsAsFip(absl::string_view front) {
  return absl::StartsWith(front, kName);
}

absl::StatusOr<FipTable> ReadFipTable(absl::string_view front,
                                      std::uint64_t room) {
  if (!BeginsAsFip(front)) {
    return base::Precondition("FIP_MAGIC",
                              "does not begin with a FIP's 01 00 64 aa");
  }
  // The table's end where its first image would be.
  if (front.size() > fip::kHeaderBytes &&
      absl::StartsWith(front.substr(fip::kHeaderBytes), kNoUuid)) {
    return base::Precondition("FIP_TABLE", "the FIP has no image");
  }
  const Result<fip::Toc> toc =
      fip::ReadToc(AsBytes(front.substr(0, kFipFrontBytes)), room);
  if (!toc.ok()) {
    return base::Precondition(
        ReasonFor(toc.error(), front.size() >= room),
        absl::StrCat("the FIP's table of contents, of ", room,
                     " bytes that there are: ", Text(toc.error())));
  }
  return FipTable{toc->count, toc->size};
}

}  // namespace bootseal::image::host
