#include "firmware/image/host/stm32_chip.h"

namespace bootseal::image::host {
namespace {

using certificate::KeyHashForm;
using stm32::Version;

constexpr Stm32Chip kChips[] = {
    {"stm32mp15", Version::kV1, KeyHashForm::kPoint},
    {"stm32mp13", Version::kV20, KeyHashForm::kNumberedPoint},
    {"stm32mp23", Version::kV22, KeyHashForm::kNumberedPoint},
    {"stm32mp25", Version::kV22, KeyHashForm::kNumberedPoint},
    {"stm32mp21", Version::kV23, KeyHashForm::kNumberedPoint},
};

}  // namespace

std::span<const Stm32Chip> Stm32Chips() { return kChips; }

const Stm32Chip* FindStm32Chip(absl::string_view name) {
  for (const Stm32Chip& chip : kChips) {
    if (chip.name == name) return &chip;
  }
  return nullptr;
}

}  // namespace bootseal::image::host
