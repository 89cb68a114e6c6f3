// Metadata as somebody asks for it on a command line. Thread-safe: free
// functions.
#ifndef BOOTSEAL_CLIENT_RELEASE_METADATA_ORDER_H_
#define BOOTSEAL_CLIENT_RELEASE_METADATA_ORDER_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "firmware/image/fwu/metadata.h"

namespace bootseal::release {

struct MetadataOrder {
  std::uint32_t version = 2;
  std::uint32_t active = 0;
  // Default, as mkfwumdata has it: the bank before the active one, the last
  // before the first.
  std::optional<std::uint32_t> previous;
  // TYPE:BANK0,BANK1[,...]: GUIDs, or names of guid_words.h.
  std::vector<std::string> images;
  // One for each bank: accepted, valid, invalid.
  std::string states;
  std::string location;  // of every image; empty: zeros
};

// All errors end with kUsage and name the argument.

// STATE_INVALID.
absl::StatusOr<std::vector<image::fwu::BankState>> ParseStates(
    absl::string_view text);

// VERSION_INVALID, IMAGE_MISSING, IMAGE_INVALID, IMAGE_TWICE, GUID_INVALID,
// BANK_GUID_TWICE, BANK_GUID_ZERO, BANK_COUNT (not as many as the first image
// has, or more than four), BANK_UNKNOWN (active or previous), STATE_COUNT,
// ACTIVE_BANK_INVALID: the device would not boot. Of version 1, which has no
// states, accepted is all that is kept of them.
absl::StatusOr<image::fwu::Metadata> MakeMetadata(const MetadataOrder& order);

// The bytes of one replica. VENDOR_DATA (in another version than 2, or more
// than a bundle's reader takes); as image::fwu::WriteMetadata.
absl::StatusOr<std::string> EncodeMetadata(const image::fwu::Metadata& metadata,
                                           absl::string_view vendor_data);

}  // namespace bootseal::release

#endif  // BOOTSEAL_CLIENT_RELEASE_METADATA_ORDER_H_
