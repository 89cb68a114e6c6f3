// A device on simulated flash: images for both slots, an application that
// confirms or does not, and power that goes at any operation. Drives whatever
// strategy the program is linked with.
#ifndef BOOTSEAL_TESTS_FIRMWARE_UPGRADE_POWER_CUTS_H_
#define BOOTSEAL_TESTS_FIRMWARE_UPGRADE_POWER_CUTS_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "firmware/image/mcuboot/rules.h"
#include "firmware/upgrade/upgrade.h"
#include "tests/firmware/upgrade/cut_tally.h"
#include "tests/firmware/upgrade/simulated_flash.h"
#include "tests/support/signing_key.h"
#include "tests/support/test_image.h"

namespace bootseal::tests {

// How a device looks before its first boot, and what its application does.
struct Scenario {
  std::string name;
  std::uint32_t align = 8;
  std::uint32_t max_align = 8;
  std::uint32_t old_end = 0;  // end of the image in the primary slot; 0: empty
  std::uint32_t new_end = 0;  // of the one in the secondary slot
  bool permanent = false;     // how the secondary trailer asks
  bool confirms = false;      // the new image, when it runs
  bool tampered = false;      // the new image was
  bool counted = false;       // images have counters: CounterOf(version)
};

// The security counter of a version's image, where images have some.
constexpr std::uint32_t CounterOf(int version) {
  return 10 * static_cast<std::uint32_t>(version);
}

// From reset to the jump, as far as it is about slots.
using BootFlow = std::function<upgrade::Outcome(upgrade::Images)>;

// What a device came to.
struct Course {
  // Versions' major numbers in the order in which they were booted; the last
  // one boots from now on, with no more writing.
  std::vector<int> booted;
  std::uint64_t operations = 0;
  std::optional<Operation> cut;  // the operation that power went in
  std::string failure;           // empty: nothing went wrong
};

inline constexpr int kOld = 1;
inline constexpr int kNew = 2;
inline constexpr std::uint32_t kSectorSize = 1024;
inline constexpr std::uint32_t kSlotSize = 16 * kSectorSize;

// The strategy, for a device with this one image.
inline upgrade::Outcome Choose(const image::mcuboot::Rules& rules) {
  const image::mcuboot::Rules* const images[] = {&rules};
  return upgrade::Choose(images);
}

class PowerCuts {
 public:
  PowerCuts(image::mcuboot::Strategy strategy, const Scenario& scenario,
            BootFlow boot = upgrade::Choose);

  const image::mcuboot::Rules& rules() const { return target_.rules; }
  const Scenario& scenario() const { return scenario_; }
  const std::string& image(int version) const {
    return version == kOld ? old_ : new_;
  }
  std::uint32_t largest() const { return largest_; }

  // Boots until nothing changes any more; power goes at every cut, one for each
  // time it is on. `flash` is what it leaves.
  Course Run(const std::vector<Cut>& cuts);
  // The boot flow, once.
  upgrade::Outcome Boot() const;
  SimulatedFlash& flash() { return *flash_; }
  void PutMagic(boards::Slot slot);
  // Whether the secondary trailer has a good magic.
  bool SecondaryAsks() const;
  // The flash as before the first boot.
  void Reset();
  // The same with nothing that asks for anything.
  void ResetWithoutTrailer();

  // The course without cuts, and every operation of it torn in every way: how
  // many runs, with what `judge` says of each; empty when all is well.
  using Judge = std::function<std::string(const Course&)>;
  CutTally CutEverywhere(const Judge& judge);

  // The ways in which this operation can be torn.
  static std::vector<Cut> TearsOf(std::uint64_t number,
                                  const Operation& operation);

 private:
  std::string Seal(int version, std::uint32_t end) const;
  std::string CheckBoot(const upgrade::Outcome& outcome, int& version) const;
  void Application(int version);

  Scenario scenario_;
  BootFlow boot_;
  TestTarget target_;
  std::uint32_t largest_ = 0;
  std::string old_, new_;
  std::optional<SimulatedFlash> flash_;
};

}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_FIRMWARE_UPGRADE_POWER_CUTS_H_
