// Banks of a device, for tests of which one starts.
#ifndef BOOTSEAL_TESTS_FIRMWARE_IMAGE_FWU_SELECTION_CASE_H_
#define BOOTSEAL_TESTS_FIRMWARE_IMAGE_FWU_SELECTION_CASE_H_

#include <initializer_list>

#include "firmware/image/fwu/selection.h"
#include "tests/firmware/image/fwu/metadata_case.h"

namespace bootseal::tests {

// By the byte that metadata 2 has of them.
inline constexpr auto kFF = image::fwu::BankState::kInvalid;
inline constexpr auto kFE = image::fwu::BankState::kValid;
inline constexpr auto kFC = image::fwu::BankState::kAccepted;

inline image::fwu::Metadata Banks(
    std::initializer_list<image::fwu::BankState> states, std::uint32_t active,
    std::uint32_t previous) {
  image::fwu::Metadata metadata =
      MetadataWith(2, {static_cast<std::uint8_t>(states.size()), 1});
  metadata.active = active;
  metadata.previous = previous;
  std::size_t bank = 0;
  for (const auto state : states) metadata.states[bank++] = state;
  return metadata;
}

}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_FIRMWARE_IMAGE_FWU_SELECTION_CASE_H_
