// One fault per run: at every address that a board executes from reset to its
// stop, in its first and in its last execution, instructions are left out or a
// branch goes the other way, and then the program goes on by itself.
#ifndef BOOTSEAL_TESTS_GLITCH_CAMPAIGN_H_
#define BOOTSEAL_TESTS_GLITCH_CAMPAIGN_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tests/glitch/machine.h"

namespace bootseal::tests {

// An image that may be started, whole and where it is: in an upgrade, the one
// that was there before.
struct Permitted {
  Bytes32 image;
  std::uint32_t entry = 0;  // without the Thumb bit
};
// By its vector table, behind a header of so many bytes.
Permitted PermittedImage(Bytes32 image, std::uint32_t header_size);

struct Limits {
  // Of halfwords of code in one run; more is a hang.
  std::uint64_t budget = 20'000'000;
  // One of so many executions is disturbed, beginning with number `first`.
  unsigned every = 1;
  // Only in functions whose names have one of these in them; none: everywhere.
  std::vector<std::string> only;
  unsigned first = 0;
};

// Whether that is what `machine` was about to do when its run ended.
bool IsPermitted(const Machine& machine, End end,
                 const std::optional<Permitted>& permitted);

struct Report {
  std::string log;            // of the undisturbed boot
  End end = End::kFault;      // the same
  std::uint64_t length = 0;   // the same, in instructions
  std::size_t addresses = 0;  // that it executed
  std::size_t runs = 0;
  std::map<End, std::size_t> ends;  // of the runs
  std::size_t permitted = 0;        // of the starts
  // What went wrong in every other start, one line each.
  std::vector<std::string> starts;

  // Counts a run of `machine` that ended so. True when that is a start of what
  // is not permitted: it belongs into `starts`.
  bool Count(const Machine& machine, End how,
             const std::optional<Permitted>& allowed);
};

// The board's own boot has to end at one of its stops, or in a start of what is
// permitted; nothing is disturbed when it does not.
Report Disturb(const Board& board, const std::optional<Permitted>& permitted,
               const Limits& limits);

// "starts/runs: ..." in one line.
std::string Summary(const Report& report);

}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_GLITCH_CAMPAIGN_H_
