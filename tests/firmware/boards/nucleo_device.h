// A NUCLEO-L552ZE-Q whose power goes: the real strategy and the real flash
// driver over the model of its controller. Like tests/firmware/upgrade, where
// flash is simpler; here every single doubleword is an operation of its own.
#ifndef BOOTSEAL_TESTS_FIRMWARE_BOARDS_NUCLEO_DEVICE_H_
#define BOOTSEAL_TESTS_FIRMWARE_BOARDS_NUCLEO_DEVICE_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "firmware/image/mcuboot/rules.h"
#include "firmware/upgrade/upgrade.h"
#include "tests/firmware/boards/flash_model.h"
#include "tests/firmware/upgrade/cut_tally.h"
#include "tests/support/test_image.h"

namespace bootseal::tests {

struct NucleoScenario {
  std::string name;
  bool two_banks = true;
  std::uint32_t sector_size = 0x800;
  int images = 1;
  std::uint32_t old_end = 0x900;  // of every image, in bytes; 0: empty slots
  std::uint32_t new_end = 0x900;
  bool permanent = false;
  bool confirms = false;
  bool tampered = false;
};

struct NucleoCourse {
  std::vector<int> booted;  // versions, in this order
  std::vector<FlashOperation> log;
  bool cut = false;
  FlashOperation cut_in;
  std::string failure;
};

inline constexpr int kOldVersion = 1;
inline constexpr int kNewVersion = 2;

class NucleoDevice {
 public:
  NucleoDevice(image::mcuboot::Strategy strategy, NucleoScenario scenario);

  const NucleoScenario& scenario() const { return scenario_; }
  const image::mcuboot::Rules& rules() const { return targets_[0]->rules; }
  FlashModel& flash() { return model_; }

  // Boots until nothing changes any more, power going in the one operation.
  NucleoCourse Run(const PowerCut* cut);

  // Offsets in flash of what lies at this place of the slot.
  static std::uint32_t Primary(int image, std::uint32_t offset = 0);
  static std::uint32_t Secondary(int image, std::uint32_t offset = 0);
  bool Holds(std::uint32_t where, int version, int image) const;

  using Judge = std::function<std::string(const NucleoCourse&)>;
  // Power goes once in every operation of the course: in those of trailers and
  // in erasures in every way, in others in three ways that alternate.
  CutTally CutEverywhere(const Judge& judge);

 private:
  std::string Seal(int image, int version, std::uint32_t end) const;
  void Fill();
  std::string CheckBoot(const upgrade::Outcome& outcome, int& version) const;
  void Application(int version);
  std::vector<PowerCut> TearsOf(std::uint64_t number,
                                const FlashOperation& operation) const;

  NucleoScenario scenario_;
  std::vector<std::unique_ptr<TestTarget>> targets_;
  std::vector<const image::mcuboot::Rules*> rules_;
  std::vector<std::string> old_, new_;
  FlashModel model_;
};

}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_FIRMWARE_BOARDS_NUCLEO_DEVICE_H_
