// A provisioned bootloader, and images that it refuses, each for another
// reason.
#ifndef BOOTSEAL_TESTS_GLITCH_SCENARIO_H_
#define BOOTSEAL_TESTS_GLITCH_SCENARIO_H_

#include <optional>
#include <ostream>
#include <string>

#include "tests/glitch/campaign.h"
#include "tests/support/device.h"

namespace bootseal::tests {

enum class Refused : std::uint8_t {
  kNone,         // a valid image
  kForgedWhole,  // with a genuine signature over something else
  kForeignKey,
  kBody,    // one byte changed
  kHeader,  // its version changed
  kOld,     // a lower security counter
  kNoCounter,
  kNoSignature,
  kEmpty,
};

struct Scenario {
  image::Algorithm algorithm = image::Algorithm::kP256;
  image::mcuboot::Strategy strategy = image::mcuboot::Strategy::kSingleSlot;
  Refused refused = Refused::kNone;
  // Image 1 of two is what is refused; image 0, which would be started, is
  // valid.
  bool second = false;

  std::string name() const;
};

inline void PrintTo(const Scenario& scenario, std::ostream* out) {
  *out << scenario.name();
}

class Setting {
 public:
  // `source` goes into the bootloader beside its rules, and before what is in
  // the archives.
  explicit Setting(const Scenario& scenario, const std::string& source = "");

  const Board& board() const { return *board_; }
  // A valid image; in upgrades, the one in slot 0.
  const std::optional<Permitted>& permitted() const { return permitted_; }
  // Enough to verify and start a valid image, and to refuse this one.
  std::uint64_t budget() const { return budget_; }

 private:
  std::uint64_t MeasureBudget(const Scenario& scenario);
  std::string Image(Refused refused);
  std::string SealWithCounter(std::uint32_t counter) const;
  std::string Provision(const Scenario& scenario, const std::string& source,
                        const std::string& elf);
  void Apply(const Scenario& scenario, Device& device) const;
  Device device_;
  Device second_;
  Device& judged_;
  std::string payload_;
  std::optional<Board> board_;
  std::optional<Permitted> permitted_;
  std::uint64_t budget_ = 0;
};

// What the board is made of: where RAM, slots and UART of the MPS2+ are, and
// Stop() of this program.
Board Mps2(const std::string& elf);

}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_GLITCH_SCENARIO_H_
