#include "tests/glitch/thumb.h"

namespace bootseal::tests {
namespace {

// The two's complement number in the low bits.
std::uint32_t SignExtend(std::uint32_t value, unsigned bits) {
  const std::uint32_t sign = 1U << (bits - 1);
  return (value ^ sign) - sign;
}

std::uint32_t Bits(std::uint32_t value, unsigned low, unsigned count) {
  return value >> low & ((1U << count) - 1);
}

}  // namespace

std::uint32_t SizeOfInstruction(std::uint16_t first) {
  return first >> 11 >= 0x1d ? 4 : 2;
}

ItState AfterInstruction(ItState state) {
  if ((state & 0x07) == 0) return 0;
  return static_cast<ItState>((state & 0xe0) | (state << 1 & 0x1f));
}

ItState ItStateBy(std::uint16_t halfword) {
  const bool is_it = halfword >> 8 == 0xbf && (halfword & 0xf) != 0;
  return is_it ? static_cast<ItState>(halfword & 0xff) : ItState{0};
}

// Every bit above the lowest one in the mask is the low bit of a condition.
ItState Inverted(ItState state) {
  if (state >> 5 == 7) return 0;
  const unsigned end = state & (0U - state);
  return static_cast<ItState>(state ^ (0x1e & ~((end << 1) - 1)));
}

std::map<std::uint32_t, ItState> ItStatesOf(const Program& program) {
  std::map<std::uint32_t, ItState> states;
  for (const Range32& range : program.instructions()) {
    ItState state = 0;
    for (std::uint32_t at = range.begin; at < range.end;) {
      const std::uint16_t first = program.Halfword(at);
      if (state != 0) {
        states[at] = state;
        state = AfterInstruction(state);
      } else {
        state = ItStateBy(first);
      }
      at += SizeOfInstruction(first);
    }
  }
  return states;
}

std::optional<ConditionalBranch> ReadConditionalBranch(const Program& program,
                                                       std::uint32_t address) {
  constexpr std::uint32_t kAlways = 14;
  const std::uint32_t first = program.Halfword(address);
  const std::uint32_t pc = address + 4;
  ConditionalBranch branch;
  if (first >> 12 == 0xd && Bits(first, 8, 4) < kAlways) {  // B, T1
    branch.condition = static_cast<std::uint8_t>(Bits(first, 8, 4));
    branch.target = pc + SignExtend(Bits(first, 0, 8) << 1, 9);
    branch.next = address + 2;
    return branch;
  }
  if ((first & 0xf500) == 0xb100) {  // CBZ, CBNZ
    branch.compared = static_cast<std::uint8_t>(Bits(first, 0, 3));
    branch.when_zero = Bits(first, 11, 1) == 0;
    branch.target = pc + (Bits(first, 9, 1) << 6 | Bits(first, 3, 5) << 1);
    branch.next = address + 2;
    return branch;
  }
  const std::uint32_t second = program.Halfword(address + 2);
  if (first >> 11 == 0x1e && (second & 0xd000) == 0x8000 &&
      Bits(first, 6, 4) < kAlways) {  // B, T3
    branch.condition = static_cast<std::uint8_t>(Bits(first, 6, 4));
    branch.target =
        pc + SignExtend(Bits(first, 10, 1) << 20 | Bits(second, 11, 1) << 19 |
                            Bits(second, 13, 1) << 18 |
                            Bits(first, 0, 6) << 12 | Bits(second, 0, 11) << 1,
                        21);
    branch.next = address + 4;
    return branch;
  }
  return std::nullopt;
}

bool Holds(std::uint8_t condition, std::uint32_t xpsr) {
  const bool n = xpsr >> 31 & 1, z = xpsr >> 30 & 1, c = xpsr >> 29 & 1,
             v = xpsr >> 28 & 1;
  bool holds = true;
  switch (condition >> 1) {
    case 0:
      holds = z;
      break;
    case 1:
      holds = c;
      break;
    case 2:
      holds = n;
      break;
    case 3:
      holds = v;
      break;
    case 4:
      holds = c && !z;
      break;
    case 5:
      holds = n == v;
      break;
    case 6:
      holds = n == v && !z;
      break;
    default:
      return true;
  }
  return (condition & 1) != 0 ? !holds : holds;
}

}  // namespace bootseal::tests
