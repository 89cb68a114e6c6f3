// A device with two images, secure and non-secure, that want each other's new
// version: power goes at every operation, and no boot may find one old and one
// new.
#ifndef BOOTSEAL_TESTS_FIRMWARE_UPGRADE_PAIR_OF_IMAGES_H_
#define BOOTSEAL_TESTS_FIRMWARE_UPGRADE_PAIR_OF_IMAGES_H_

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "firmware/upgrade/upgrade.h"
#include "tests/firmware/upgrade/power_cuts.h"
#include "tests/firmware/upgrade/simulated_flash.h"
#include "tests/support/test_image.h"

namespace bootseal::tests {

struct PairScenario {
  std::string name;
  std::uint32_t align = 8;
  bool permanent = false;  // how both secondary trailers ask
  bool confirms = false;   // the new pair, image 0 first
  bool tampered = false;   // the new image 1
  // Version of image 1 that the new image 0 wants; the new one is 2.
  std::uint8_t wants = 2;
  bool counted = false;  // images have counters: CounterOf(version)
};

class PairOfImages {
 public:
  PairOfImages(image::mcuboot::Strategy strategy, const PairScenario& scenario,
               BootFlow boot = upgrade::Choose);

  struct Course {
    std::vector<int> booted;  // the version of both
    std::optional<Operation> cut;
    image::Error refused = image::Error::kOk;  // at the last boot
    std::string failure;
  };
  Course Run(const std::optional<Cut>& cut);

  SimulatedFlash& flash() { return *flash_; }
  const image::mcuboot::Rules& rules() const { return targets_[0]->rules; }
  const std::string& image(int version, int number) const;
  // Where the primary trailers say that an image was tried, or confirmed.
  bool IsVerdict(const Operation& operation) const;

 private:
  std::string Seal(int version, int number) const;
  void Reset();
  void Confirm();
  // The version that both have; 0 when they differ.
  int Booted() const;

  PairScenario scenario_;
  BootFlow boot_;
  std::array<std::unique_ptr<TestTarget>, 2> targets_;
  std::array<std::array<std::string, 2>, 2> images_;  // version - 1, number
  std::optional<SimulatedFlash> flash_;
};

// Every operation of the scenario, torn in every way. What fails: a pair that
// differs, another end than `last` where nothing was lost between a swap and
// its confirmation.
CutTally CutPairEverywhere(PairOfImages& device, int last);

}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_FIRMWARE_UPGRADE_PAIR_OF_IMAGES_H_
