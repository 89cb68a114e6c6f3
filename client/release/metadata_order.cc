#include "client/release/metadata_order.h"

#include <array>
#include <cstddef>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/status.h"
#include "client/cli/exit_status.h"
#include "client/fwu/bundle.h"
#include "client/release/guid_words.h"
#include "firmware/image/host/convert.h"

namespace bootseal::release {
namespace {

using cli::UsageError;
using image::Guid;
using image::fwu::BankState;
using image::fwu::Image;
using image::fwu::kMaxBanks;
using image::fwu::kMaxImages;
using image::fwu::Metadata;

constexpr auto kStateNames =
    std::to_array<std::pair<absl::string_view, BankState>>({
        {"accepted", BankState::kAccepted},
        {"valid", BankState::kValid},
        {"invalid", BankState::kInvalid},
    });

std::string Quoted(absl::string_view text) {
  return absl::StrCat("\"", absl::Utf8SafeCEscape(text), "\"");
}

struct OrderedImage {
  Image image;
  std::size_t banks = 0;
};

absl::StatusOr<OrderedImage> ParseImage(const std::string& text,
                                        const Guid& location) {
  const std::vector<std::string> parts = absl::StrSplit(text, ':');
  if (parts.size() != 2) {
    return UsageError("IMAGE_INVALID",
                      absl::StrCat("image is ", Quoted(text),
                                   ", expected TYPE:BANK0,BANK1[,...], for "
                                   "example fip:fip-a,fip-b"));
  }
  OrderedImage ordered;
  ASSIGN_OR_RETURN(ordered.image.type, ParseGuidWord("image type", parts[0]));
  ordered.image.location = location;
  const std::vector<std::string> banks = absl::StrSplit(parts[1], ',');
  if (banks.size() > kMaxBanks) {
    return UsageError(
        "BANK_COUNT",
        absl::StrCat("image ", Quoted(parts[0]), " has ", banks.size(),
                     " banks, at most ", kMaxBanks, " are possible"));
  }
  for (const std::string& bank : banks) {
    ASSIGN_OR_RETURN(ordered.image.banks[ordered.banks].guid,
                     ParseGuidWord(absl::StrCat("bank ", ordered.banks,
                                                " of image ", parts[0]),
                                   bank));
    ++ordered.banks;
  }
  return ordered;
}

// A bootloader finds a bank by its GUID and nothing else.
absl::Status CheckBankGuids(const Metadata& metadata) {
  std::vector<Guid> seen;
  for (const Image& image : metadata.entries()) {
    for (std::size_t i = 0; i < metadata.geometry.banks; ++i) {
      const Guid& guid = image.banks[i].guid;
      if (guid.zero()) {
        return UsageError("BANK_GUID_ZERO",
                          absl::StrCat("the GUID of bank ", i, " of image ",
                                       GuidWords(image.type),
                                       " is zeros, and no partition has that"));
      }
      for (const Guid& other : seen) {
        if (other != guid) continue;
        return UsageError("BANK_GUID_TWICE",
                          absl::StrCat("bank GUID ", GuidWords(guid),
                                       " is given twice, expected one of its "
                                       "own for each image and bank"));
      }
      seen.push_back(guid);
    }
  }
  return absl::OkStatus();
}

absl::Status AddImages(const MetadataOrder& order, Metadata& metadata) {
  if (order.images.empty() || order.images.size() > kMaxImages) {
    return UsageError("IMAGE_MISSING",
                      absl::StrCat("there are ", order.images.size(),
                                   " images, expected 1 to ", kMaxImages,
                                   "; give --image for each"));
  }
  Guid location;
  if (!order.location.empty()) {
    ASSIGN_OR_RETURN(location, ParseGuidWord("location", order.location));
  }
  metadata.geometry = {0, 0};
  for (const std::string& text : order.images) {
    ASSIGN_OR_RETURN(const OrderedImage ordered, ParseImage(text, location));
    for (const Image& other : metadata.entries()) {
      if (other.type != ordered.image.type) continue;
      return UsageError("IMAGE_TWICE",
                        absl::StrCat("image type ", GuidWords(other.type),
                                     " is given twice"));
    }
    const std::size_t banks = metadata.geometry.banks;
    if (metadata.geometry.images > 0 && ordered.banks != banks) {
      return UsageError(
          "BANK_COUNT",
          absl::StrCat("image ", Quoted(text), " has ", ordered.banks,
                       " banks, and the first image has ", banks));
    }
    metadata.geometry.banks = static_cast<std::uint8_t>(ordered.banks);
    metadata.images[metadata.geometry.images++] = ordered.image;
  }
  return CheckBankGuids(metadata);
}

absl::Status CheckBank(const char* what, std::uint32_t bank,
                       std::uint32_t banks) {
  if (bank < banks) return absl::OkStatus();
  return UsageError("BANK_UNKNOWN",
                    absl::StrCat(what, " is bank ", bank,
                                 ", the images have banks 0 to ", banks - 1));
}

absl::Status AddStates(const std::string& text, Metadata& metadata) {
  ASSIGN_OR_RETURN(const std::vector<BankState> states, ParseStates(text));
  if (states.size() != metadata.geometry.banks) {
    return UsageError("STATE_COUNT",
                      absl::StrCat("there are ", states.size(), " states for ",
                                   metadata.geometry.banks,
                                   " banks, expected one for each bank"));
  }
  if (states[metadata.active] == BankState::kInvalid) {
    return UsageError(
        "ACTIVE_BANK_INVALID",
        absl::StrCat("bank ", metadata.active,
                     " is active and invalid: the device would not boot; make "
                     "it accepted, or valid for a trial"));
  }
  for (std::size_t bank = 0; bank < states.size(); ++bank) {
    metadata.states[bank] = states[bank];
    for (std::size_t i = 0; i < metadata.geometry.images; ++i) {
      metadata.images[i].banks[bank].accepted =
          states[bank] == BankState::kAccepted;
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::vector<BankState>> ParseStates(absl::string_view text) {
  std::vector<BankState> states;
  for (const absl::string_view word : absl::StrSplit(text, ',')) {
    const std::size_t before = states.size();
    for (const auto& [name, state] : kStateNames) {
      if (word == name) states.push_back(state);
    }
    if (states.size() > before) continue;
    return UsageError(
        "STATE_INVALID",
        absl::StrCat("state of bank ", before, " is ", Quoted(word),
                     ", expected accepted, valid or invalid"));
  }
  return states;
}

absl::StatusOr<Metadata> MakeMetadata(const MetadataOrder& order) {
  if (order.version != 1 && order.version != 2) {
    return UsageError("VERSION_INVALID",
                      absl::StrCat("metadata version is ", order.version,
                                   ", expected 1 or 2"));
  }
  Metadata metadata;
  metadata.version = order.version;
  RETURN_IF_ERROR(AddImages(order, metadata));
  const std::uint32_t banks = metadata.geometry.banks;
  RETURN_IF_ERROR(CheckBank("active", order.active, banks));
  const std::uint32_t before = order.active == 0 ? banks - 1 : order.active - 1;
  metadata.active = order.active;
  metadata.previous = order.previous.value_or(before);
  RETURN_IF_ERROR(CheckBank("previous", metadata.previous, banks));
  RETURN_IF_ERROR(AddStates(order.states, metadata));
  return metadata;
}

absl::StatusOr<std::string> EncodeMetadata(const Metadata& metadata,
                                           absl::string_view vendor_data) {
  std::array<std::byte, fwu::kMaxMetadataBytes> buffer;
  const std::size_t size =
      image::fwu::SizeOf(metadata.version, metadata.geometry);
  if (!vendor_data.empty() &&
      (metadata.version != 2 || size + vendor_data.size() > buffer.size())) {
    return UsageError(
        "VENDOR_DATA",
        absl::StrCat(vendor_data.size(), " bytes of vendor data in metadata ",
                     "version ", metadata.version,
                     ", expected version 2 and at most ", buffer.size(),
                     " bytes of metadata"));
  }
  const auto written = image::fwu::WriteMetadata(
      metadata, image::host::AsBytes(vendor_data), buffer);
  RETURN_IF_ERROR(image::host::ToStatus(written.error()));
  return image::host::ToString(*written);
}

}  // namespace bootseal::release
