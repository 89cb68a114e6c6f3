// What a bootloader has in the place of rule_table.cc and target_constants.cc:
// the rules that matter to its images, and numbers instead of sums.
// firmware/provision compiles one source that includes the device's rules.cc
// and defines what they define by BOOTSEAL_DEFINE_DEVICE_RULES.
#ifndef BOOTSEAL_FIRMWARE_IMAGE_MCUBOOT_DEVICE_RULES_H_
#define BOOTSEAL_FIRMWARE_IMAGE_MCUBOOT_DEVICE_RULES_H_

#include "firmware/image/mcuboot/rule_rows.h"

namespace bootseal::image::mcuboot {

// kFirst, kOthers: constexpr rules of the device's images. Those that a device
// adjusts when it starts differ from them in key and counter alone.
template <const Rules& kFirst, const Rules&... kOthers>
class DeviceRules {
 private:
  // A rule is left out when it matters to no image.
  struct OfAny {
    static constexpr bool Of(const RuleRow& row) {
      return row.matters(kFirst) || (... || row.matters(kOthers));
    }
  };
  using Made = MadeTable<OfAny>;
  static constexpr typename Made::Array kArray = Made::Make();

 public:
  static constexpr RuleTable kTable =
      TableOf(kArray.rules, Made::CountHeaderRules(kArray));

  static_assert((... && (kFirst.algorithm == kOthers.algorithm)));
  static constexpr AlgorithmTraits kTraits = *TraitsOf(kFirst.algorithm);

  static std::uint32_t MaxImageEnd(const Rules& rules) {
    constexpr std::uint32_t kEnd = arithmetic::MaxImageEnd(kFirst);
    if constexpr ((... && (kEnd == arithmetic::MaxImageEnd(kOthers)))) {
      return kEnd;
    } else {
      return arithmetic::MaxImageEnd(rules);
    }
  }

  static TrailerLayout LayOutTrailer(const Rules& rules) {
    constexpr TrailerLayout kLayout = arithmetic::LayOutTrailer(kFirst);
    if constexpr ((... && (kLayout == arithmetic::LayOutTrailer(kOthers)))) {
      return kLayout;
    } else {
      return arithmetic::LayOutTrailer(rules);
    }
  }

  static TrailerMagicBytes TrailerMagic(const Rules& rules) {
    if constexpr ((... && (kFirst.max_align == kOthers.max_align))) {
      return kMagic;
    } else {
      return TrailerMagicOf(rules.max_align);
    }
  }

 private:
  static constexpr TrailerMagicBytes kMagic = TrailerMagicOf(kFirst.max_align);
};

}  // namespace bootseal::image::mcuboot

// Once in a program, with the names of its constexpr rules, image 0 first.
#define BOOTSEAL_DEFINE_DEVICE_RULES(...)                     \
  namespace bootseal::image::mcuboot {                        \
  using Device = DeviceRules<__VA_ARGS__>;                    \
  constinit const RuleTable kRuleTable = Device::kTable;      \
  std::uint32_t MaxImageEnd(const Rules& rules) {             \
    return Device::MaxImageEnd(rules);                        \
  }                                                           \
  TrailerLayout LayOutTrailer(const Rules& rules) {           \
    return Device::LayOutTrailer(rules);                      \
  }                                                           \
  TrailerMagicBytes TrailerMagic(const Rules& rules) {        \
    return Device::TrailerMagic(rules);                       \
  }                                                           \
  const AlgorithmTraits* checks::TargetTraits(const Rules&) { \
    return &Device::kTraits;                                  \
  }                                                           \
  }  // namespace bootseal::image::mcuboot

#endif  // BOOTSEAL_FIRMWARE_IMAGE_MCUBOOT_DEVICE_RULES_H_
