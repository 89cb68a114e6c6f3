#include "client/cli/payload.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/file.h"
#include "base/status.h"
#include "client/cli/exit_status.h"
#include "client/cli/intel_hex.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/mcuboot/layout.h"

namespace bootseal::cli {
namespace {

bool StartsWithImageMagic(absl::string_view bytes) {
  image::Reader reader(image::host::AsBytes(bytes));
  return reader.U32() == image::mcuboot::kHeaderMagic && reader.ok();
}

}  // namespace

absl::StatusOr<LoadedBytes> LoadBytes(const std::string& path) {
  ASSIGN_OR_RETURN(std::string text, base::ReadFile(path, kMaxPayloadBytes));
  if (!LooksLikeHex(text)) return LoadedBytes{std::move(text), std::nullopt};
  absl::StatusOr<HexContent> hex = ReadIntelHex(text);
  if (!hex.ok()) return base::Annotate(hex.status(), path);
  return LoadedBytes{std::move(hex->bytes), hex->address};
}

absl::StatusOr<LoadedBytes> LoadPayload(const std::string& path) {
  ASSIGN_OR_RETURN(LoadedBytes payload, LoadBytes(path));
  if (payload.bytes.empty()) {
    return LocalFileError("PAYLOAD_EMPTY",
                          absl::StrCat("payload ", path, " is empty"));
  }
  if (StartsWithImageMagic(payload.bytes)) {
    return LocalFileError(
        "PAYLOAD_IS_IMAGE",
        absl::StrCat("payload ", path,
                     " is already an image: it starts with MCUboot's magic "
                     "0x96f3b83d"));
  }
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
  return absl::EndsWithIgnoreCase(path, ".hex");
}

}  // namespace bootseal::cli
