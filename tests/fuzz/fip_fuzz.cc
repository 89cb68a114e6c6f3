// Any bytes as a package: what is read lies in it and is written again as it
// was; and whatever is done to the package of tests/vectors, what a device
// starts of it are the images that were signed.
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string>

#include "firmware/image/certificate/verifier.h"
#include "firmware/image/fip/toc.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/host/fip_package.h"

namespace {

using namespace bootseal::image;
using bootseal::image::host::AsBytes;
using bootseal::image::host::ToString;

// SHA-256 over the point of tests/vectors/package/root.pub.der.
constexpr std::array<std::uint8_t, 32> kRootKeyHash = {
    0x99, 0xd4, 0x9f, 0x79, 0xa4, 0x96, 0xfa, 0x53, 0x86, 0x8d, 0xa4,
    0x86, 0x64, 0xec, 0xbd, 0x14, 0x5d, 0xe7, 0x78, 0x70, 0x6c, 0xbb,
    0xca, 0x7b, 0x58, 0x0e, 0xce, 0xee, 0x3a, 0x91, 0x95, 0x86};

void Demand(bool holds) {
  if (!holds) std::abort();
}

void RequireSame(const fip::Toc& toc, Bytes bytes) {
  std::array<std::byte, fip::kMaxTocBytes> buffer;
  const auto written = fip::WriteToc(toc, buffer);
  Demand(written.ok());
  Demand(Equal(*written, bytes.first(written->size())));
  for (const fip::Entry& entry : toc.entries()) {
    const auto image = fip::FindImage(toc, entry.uuid, bytes);
    Demand(image.ok() && image->size() == entry.size);
    Demand(image->data() == bytes.data() + entry.offset);
  }
}

void RequirePackage(Bytes bytes) {
  const auto package = host::ReadFip(ToString(bytes));
  Demand(package.ok());
  const auto written = host::WriteFip(*package, 16);
  Demand(written.ok());
  const auto again = host::ReadFip(*written);
  Demand(again.ok() && again->images.size() == package->images.size());
  Demand(*host::WriteFip(*again, 16) == *written);
}

void RequireSigned(const certificate::VerifiedPackage& package) {
  Demand(package.intact());
  for (std::size_t i = 0; i < certificate::kImageRoles; ++i) {
    const auto role = static_cast<certificate::ImageRole>(i);
    const std::string image = ToString(package.image(role));
    const std::string name = certificate::TraitsOf(role).name;
    Demand(image.empty() || image == name + " of a package, for tests\n");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  const Bytes bytes = std::as_bytes(std::span(data, size));
  const auto toc = fip::ReadToc(bytes, size);
  if (!toc.ok()) return 0;
  RequireSame(*toc, bytes);
  RequirePackage(bytes);
  certificate::Rules rules;
  rules.root_key_hash = std::as_bytes(std::span(kRootKeyHash));
  const auto verified = certificate::Verify(rules, bytes);
  if (verified.ok()) RequireSigned(*verified);
  return 0;
}
