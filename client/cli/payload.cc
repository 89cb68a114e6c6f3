#include "client/cli/payload.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/file.h"
#include "base/status.h"
#include "client/cli/exit_status.h"
#include "client/cli/intel_hex.h"
#include "client/cli/lookalike.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/mcuboot/layout.h"

namespace bootseal::cli {
namespace {

bool StartsWithImageMagic(absl::string_view bytes) {
  image::Reader reader(image::host::AsBytes(bytes));
  return reader.U32() == image::mcuboot::kHeaderMagic && reader.ok();
}

absl::StatusOr<LoadedBytes> LoadHex(const std::string& path,
                                    std::uint64_t max_gap) {
  ASSIGN_OR_RETURN(const std::string text,
                   base::ReadFile(path, kMaxHexTextBytes));
  absl::StatusOr<HexContent> hex = ReadIntelHex(text, max_gap);
  if (!hex.ok()) return base::Annotate(hex.status(), path);
  return LoadedBytes{std::move(hex->bytes), hex->address};
}

absl::StatusOr<LoadedBytes> LoadRaw(const std::string& path) {
  ASSIGN_OR_RETURN(std::string bytes, base::ReadFile(path, kMaxPayloadBytes));
  return LoadedBytes{std::move(bytes), std::nullopt};
}

absl::Status CheckPayload(const std::string& path, absl::string_view bytes) {
  if (bytes.empty()) {
    return LocalFileError("PAYLOAD_EMPTY",
                          absl::StrCat("payload ", path, " is empty"));
  }
  if (!StartsWithImageMagic(bytes)) return absl::OkStatus();
  return LocalFileError(
      "PAYLOAD_IS_IMAGE",
      absl::StrCat("payload ", path,
                   " is already an image: it starts with MCUboot's magic "
                   "0x96f3b83d"));
}

std::vector<std::string> WarningsOfForm(const std::string& path,
                                        absl::string_view bytes) {
  const Lookalike* const lookalike = FindLookalike(bytes);
  if (lookalike == nullptr) return {};
  return {absl::StrCat("payload ", path, " is signed as raw bytes, but is ",
                       lookalike->name, "; ", lookalike->fix)};
}

}  // namespace

absl::StatusOr<LoadedBytes> LoadBytes(const std::string& path) {
  // A padded image has a hole up to its slot's trailer.
  if (IsHexPath(path)) return LoadHex(path, kMaxHexSpanBytes);
  ASSIGN_OR_RETURN(LoadedBytes raw, LoadRaw(path));
  if (!LooksLikeHex(raw.bytes)) return raw;
  return LocalFileError("HEX_NAME",
                        absl::StrCat(path,
                                     " is Intel HEX by its content and raw by "
                                     "its name; give it a name that ends in "
                                     ".hex"));
}

absl::StatusOr<Payload> LoadPayload(const std::string& path) {
  Payload payload;
  if (IsHexPath(path)) {
    ASSIGN_OR_RETURN(payload.loaded, LoadHex(path, kMaxHexGapBytes));
  } else {
    ASSIGN_OR_RETURN(payload.loaded, LoadRaw(path));
    payload.warnings = WarningsOfForm(path, payload.loaded.bytes);
  }
  RETURN_IF_ERROR(CheckPayload(path, payload.loaded.bytes));
  return payload;
}

std::string SignedPath(const std::string& path) {
  const std::size_t name = path.rfind('/') + 1;  // npos + 1 is 0
  const std::size_t dot = path.rfind('.');
  if (dot == std::string::npos || dot <= name) {
    return absl::StrCat(path, ".signed");
  }
  return absl::StrCat(path.substr(0, dot), ".signed", path.substr(dot));
}

bool IsHexPath(absl::string_view path) {
  return absl::EndsWithIgnoreCase(path, ".hex") ||
         absl::EndsWithIgnoreCase(path, ".ihex");
}

}  // namespace bootseal::cli
