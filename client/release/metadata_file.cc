#include "client/release/metadata_file.h"

#include <algorithm>
#include <optional>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "firmware/image/bytes.h"
#include "firmware/image/host/convert.h"

namespace bootseal::release {
namespace {

namespace fwu = image::fwu;
using image::host::AsBytes;

constexpr std::uint32_t kUnknownVersion = 0xffffffff;
constexpr std::size_t kVersionOffset = 4;
constexpr std::size_t kSizeOffset = 0x10;
constexpr std::size_t kDescriptorOffset = 0x14;

std::uint32_t VersionOf(absl::string_view file) {
  if (file.size() < kVersionOffset + 4) return kUnknownVersion;
  image::Reader reader(AsBytes(file.substr(kVersionOffset, 4)));
  return reader.U32();
}

std::uint16_t DescriptorOf(absl::string_view file) {
  image::Reader reader(AsBytes(file.substr(kDescriptorOffset, 2)));
  return reader.U16();
}

// Of version 2.
std::size_t SaidSize(absl::string_view file) {
  image::Reader reader(AsBytes(file.substr(kSizeOffset, 4)));
  return std::max<std::size_t>(reader.U32(), fwu::SizeOf(2, {1, 1}));
}

absl::Status CutShort(absl::string_view file, std::size_t least) {
  return base::Invalid("TRUNCATED", "metadata",
                       absl::StrCat("metadata has ", file.size(),
                                    " bytes, expected at least ", least));
}

// A bootloader that knows its counts takes it; nothing here can tell them.
absl::Status NoDescriptor() {
  return base::Precondition(
      "METADATA_NO_DESCRIPTOR",
      "metadata of version 2 has descriptor_offset 0, expected 0x20: nothing "
      "in "
      "it says how many banks and images there are, and TF-A and U-Boot refuse "
      "it");
}

FoundMetadata Found(const fwu::Read& read) {
  return {read.metadata, image::host::ToString(read.vendor_data)};
}

std::optional<FoundMetadata> FindVersion1(image::Bytes bytes) {
  for (std::uint8_t banks = 1; banks <= fwu::kMaxBanks; ++banks) {
    for (std::uint16_t images = 1; images <= fwu::kMaxImages; ++images) {
      const auto read = fwu::ReadMetadata(bytes, {banks, images});
      if (read.ok()) return Found(*read);
    }
  }
  return std::nullopt;
}

// What made the counts of version 1 fit, if any did, is the better error.
image::Error ErrorOfVersion1(image::Bytes bytes) {
  for (std::uint8_t banks = 1; banks <= fwu::kMaxBanks; ++banks) {
    for (std::uint16_t images = 1; images <= fwu::kMaxImages; ++images) {
      const image::Error error =
          fwu::ReadMetadata(bytes, {banks, images}).error();
      if (error != image::Error::kMetadataCrc &&
          error != image::Error::kTruncated) {
        return error;
      }
    }
  }
  return bytes.size() < fwu::SizeOf(1, {1, 1}) ? image::Error::kTruncated
                                               : image::Error::kMetadataCrc;
}

}  // namespace

absl::StatusOr<FoundMetadata> FindMetadata(absl::string_view file) {
  const image::Bytes bytes = AsBytes(file);
  if (file.size() < fwu::SizeOf(1, {1, 1})) {
    return CutShort(file, fwu::SizeOf(1, {1, 1}));
  }
  if (VersionOf(file) > 1) {
    if (VersionOf(file) == 2 && DescriptorOf(file) == 0) return NoDescriptor();
    const auto read = fwu::ReadMetadata(bytes);
    if (read.error() == image::Error::kTruncated) {
      return CutShort(file, SaidSize(file));
    }
    RETURN_IF_ERROR(image::host::ToStatus(read.error()));
    return Found(*read);
  }
  if (auto found = FindVersion1(bytes)) return *std::move(found);
  return image::host::ToStatus(ErrorOfVersion1(bytes));
}

bool LooksLikeMetadata(absl::string_view file) {
  if (FindMetadata(file).ok()) return true;
  if (VersionOf(file) != 2 || file.size() < fwu::SizeOf(2, {1, 0})) {
    return false;
  }
  image::Reader reader(AsBytes(file.substr(kDescriptorOffset, 4)));
  const std::uint16_t descriptor = reader.U16();
  return (descriptor == 0 || descriptor == 32) && reader.U16() == 0;
}

absl::Status CheckAgrees(const fwu::Metadata& metadata) {
  if (metadata.version < 2) return absl::OkStatus();  // it has no states
  for (std::uint32_t bank = 0; bank < metadata.geometry.banks; ++bank) {
    const fwu::BankState state = metadata.states[bank];
    if (state == fwu::BankState::kInvalid) continue;
    bool accepted = true;
    for (std::uint32_t each = 0; each < metadata.geometry.images; ++each) {
      accepted = accepted && metadata.images[each].banks[bank].accepted;
    }
    if (accepted == (state == fwu::BankState::kAccepted)) continue;
    return base::Precondition(
        "METADATA_CONTRADICTION",
        absl::StrCat("bank ", bank, " has state ",
                     accepted ? "valid (0xfe), and all its images are"
                              : "accepted (0xfc), and not all its images are",
                     " accepted: readers of the one see another device than "
                     "readers of the other"));
  }
  return absl::OkStatus();
}

absl::StatusOr<FoundReplicas> FindReplicas(absl::string_view primary,
                                           absl::string_view secondary) {
  auto first = FindMetadata(primary);
  auto second = FindMetadata(secondary);
  if (!first.ok() && !second.ok()) return first.status();
  const fwu::Geometry geometry =
      first.ok() ? first->metadata.geometry : second->metadata.geometry;
  const auto chosen =
      fwu::ChooseReplica(AsBytes(primary), AsBytes(secondary), geometry);
  RETURN_IF_ERROR(image::host::ToStatus(chosen.error()));
  FoundReplicas found{Found(chosen->read), chosen->from, chosen->other};
  // Of version 1 with other counts it is not the CRC that is wrong.
  if (first.ok() && second.ok() && found.other != image::Error::kOk) {
    found.other = image::Error::kReplicaDiffers;
  }
  return found;
}

}  // namespace bootseal::release
