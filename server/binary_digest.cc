#include "server/binary_digest.h"

#include <fstream>
#include <vector>

#include "base/status.h"
#include "firmware/image/crypto.h"
#include "firmware/image/host/convert.h"

namespace bootseal::server {

absl::StatusOr<std::string> BinarySha256() {
  std::ifstream binary("/proc/self/exe", std::ios::binary);
  image::Hash hash(image::HashAlgorithm::kSha256);
  std::vector<char> block(64 << 10);
  std::streamsize total = 0;
  while (binary) {
    binary.read(block.data(), static_cast<std::streamsize>(block.size()));
    total += binary.gcount();
    hash.Update(image::host::AsBytes(
        {block.data(), static_cast<std::size_t>(binary.gcount())}));
  }
  if (total == 0) return base::Internal("cannot read /proc/self/exe");
  return image::host::ToString(hash.Finish().bytes());
}

}  // namespace bootseal::server
