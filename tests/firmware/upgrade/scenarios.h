// The sizes and write alignments that every strategy is tried with.
#ifndef BOOTSEAL_TESTS_FIRMWARE_UPGRADE_SCENARIOS_H_
#define BOOTSEAL_TESTS_FIRMWARE_UPGRADE_SCENARIOS_H_

#include <cstdint>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/firmware/upgrade/power_cuts.h"

namespace bootseal::tests {

inline std::vector<Scenario> InEverySize(const Scenario& kind) {
  struct Align {
    std::uint32_t align, max_align;
  };
  struct Sizes {
    const char* name;
    std::uint32_t old_end, new_end;
  };
  constexpr std::uint32_t kLargest = 0xffffffff;
  constexpr Sizes kSizes[] = {
      {"odd", 2 * kSectorSize + 1, kSectorSize + 333},
      {"even", 2 * kSectorSize, 2 * kSectorSize},
      {"small", 700, 555},
      {"largest", kLargest, kLargest},
      {"growing", 900, kLargest},
      {"shrinking", kLargest, 901},
      {"first", 0, 3 * kSectorSize - 1},
  };
  std::vector<Scenario> all;
  for (const Align& align :
       {Align{1, 8}, Align{8, 8}, Align{8, 32}, Align{32, 32}}) {
    for (const Sizes& sizes : kSizes) {
      Scenario one = kind;
      one.name = absl::StrCat(kind.name, "_", sizes.name, "_", align.align, "_",
                              align.max_align);
      one.align = align.align;
      one.max_align = align.max_align;
      one.old_end = sizes.old_end;
      one.new_end = sizes.new_end;
      all.push_back(one);
    }
  }
  return all;
}

}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_FIRMWARE_UPGRADE_SCENARIOS_H_
