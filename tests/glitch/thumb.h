// As much of the T32 instruction set as it takes to leave instructions out and
// to turn branches round. Arm DDI 0553 (Armv8-M), C2 for the encodings, B3.3
// for ITSTATE.
#ifndef BOOTSEAL_TESTS_GLITCH_THUMB_H_
#define BOOTSEAL_TESTS_GLITCH_THUMB_H_

#include <cstdint>
#include <map>
#include <optional>

#include "tests/glitch/program.h"

namespace bootseal::tests {

// 2 or 4, by an instruction's first halfword.
std::uint32_t SizeOfInstruction(std::uint16_t first);

// ITSTATE: which instructions from here on depend on which condition. 0: none.
using ItState = std::uint8_t;
ItState AfterInstruction(ItState state);
// By address, of every instruction in an IT block, as the IT before it says.
std::map<std::uint32_t, ItState> ItStatesOf(const Program& program);

// What an IT makes of the instructions behind it; 0 when it is none.
ItState ItStateBy(std::uint16_t halfword);
// The same with the opposite condition; 0 when there is none, which is so of
// "always".
ItState Inverted(ItState state);

// Where a conditional branch leads when it is taken.
struct ConditionalBranch {
  std::uint32_t target = 0;
  std::uint32_t next = 0;
  // One of these: a condition over the flags, or a register compared with zero.
  std::optional<std::uint8_t> condition;
  std::uint8_t compared = 0;
  bool when_zero = false;  // CBZ
};
std::optional<ConditionalBranch> ReadConditionalBranch(const Program& program,
                                                       std::uint32_t address);

// Whether `condition` holds; flags as in the top bits of XPSR.
bool Holds(std::uint8_t condition, std::uint32_t xpsr);

}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_GLITCH_THUMB_H_
