#include "firmware/upgrade/dependencies.h"

#include <cstdint>

#include "firmware/image/mcuboot/facts.h"
#include "firmware/image/mcuboot/header.h"
#include "firmware/image/mcuboot/tlv.h"

namespace bootseal::upgrade {
namespace {

using image::Bytes;
using image::Result;
using image::mcuboot::Header;
using image::mcuboot::Tlv;
using image::mcuboot::Version;
namespace mcuboot = image::mcuboot;

// Image, three bytes of padding, version.
constexpr std::size_t kDependencyBytes = 12;

// The build number is no part of the order.
bool IsOlder(const Version& a, const Version& b) {
  if (a.major != b.major) return a.major < b.major;
  if (a.minor != b.minor) return a.minor < b.minor;
  return a.revision < b.revision;
}

bool Holds(const Tlv& dependency, std::span<const Bytes> slots) {
  image::Reader reader(dependency.value);
  const std::uint8_t number = reader.U8();
  reader.Take(3);
  Version minimum;
  minimum.major = reader.U8();
  minimum.minor = reader.U8();
  minimum.revision = reader.U16();
  if (dependency.value.size() != kDependencyBytes || number >= slots.size()) {
    return false;
  }
  const Result<Header> other = mcuboot::ReadHeader(slots[number]);
  return other.ok() && !IsOlder(other->version, minimum);
}

bool AllHold(Bytes slot, std::span<const Bytes> slots) {
  const Result<Header> header = mcuboot::ReadHeader(slot);
  if (!header.ok()) return false;
  const std::uint64_t end = mcuboot::SignedSize(*header);
  if (end > slot.size()) return false;
  const Bytes area =
      slot.first(static_cast<std::size_t>(end)).last(header->protected_size);
  for (const Tlv& tlv : mcuboot::Tlvs(area)) {
    if (tlv.type == mcuboot::tlv::kDependency && !Holds(tlv, slots)) {
      return false;
    }
  }
  return true;
}

}  // namespace

bool DependenciesHold(std::span<const Bytes> slots) {
  for (const Bytes slot : slots) {
    if (!AllHold(slot, slots)) return false;
  }
  return true;
}

}  // namespace bootseal::upgrade
