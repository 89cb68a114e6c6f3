#include "server/trust/parts.h"

#include <cstddef>

#include "absl/strings/str_cat.h"
#include "firmware/image/crypto.h"
#include "firmware/image/host/convert.h"

namespace bootseal::trust {

std::string BigEndian(std::uint64_t value) {
  std::string bytes(8, '\0');
  for (std::size_t i = 8; i > 0; --i, value >>= 8) {
    bytes[i - 1] = static_cast<char>(value & 0xff);
  }
  return bytes;
}

std::string Sha256Of(absl::string_view text) {
  return image::host::ToString(
      image::HashOf(image::HashAlgorithm::kSha256, image::host::AsBytes(text))
          .bytes());
}

void Parts::Add(absl::string_view part) {
  absl::StrAppend(&text_, BigEndian(part.size()), part);
}

void Parts::AddNumber(std::uint64_t value) { Add(BigEndian(value)); }

std::string Parts::Sha256() const { return Sha256Of(text_); }

}  // namespace bootseal::trust
