#include "tests/glitch/flips.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_format.h"

namespace bootseal::tests {
namespace {

Range32 RangeOf(const Program& program, const std::string& function) {
  const absl::StatusOr<Symbol> symbol = program.Find(function);
  if (!symbol.ok()) return {};  // inlined
  return {symbol->address, symbol->address + symbol->size};
}

class Flips {
 public:
  Flips(const Board& board, const std::optional<Permitted>& permitted,
        const Moments& moments, const Limits& limits)
      : board_(board),
        permitted_(permitted),
        limits_(limits),
        it_states_(ItStatesOf(board.program)),
        after_(RangeOf(board.program, moments.after)),
        stack_top_(AddressOf("__stack_top")),
        statics_{AddressOf("__data_begin"), AddressOf("__ram_end")},
        disturbed_(board) {
    for (const std::string& function : moments.in) {
      in_.push_back(RangeOf(board.program, function));
    }
  }

  Report Run() {
    Machine machine(board_);
    machine.Watch([&](std::uint32_t address) {
      begun_ = begun_ || after_.Holds(address);
      ++report_.length;
      if (begun_ && IsMoment(address) && tried_.insert(address).second) {
        FlipAt(machine, address);
      }
      if (IsStop(address)) machine.Halt();
    });
    report_.end = machine.Reset(limits_.budget);
    report_.log = machine.said();
    report_.addresses = tried_.size();
    return std::move(report_);
  }

 private:
  std::uint32_t AddressOf(const char* symbol) const {
    return board_.program.Find(symbol).value().address;
  }

  bool IsStop(std::uint32_t address) const {
    return std::find(board_.stops.begin(), board_.stops.end(), address) !=
           board_.stops.end();
  }

  bool IsMoment(std::uint32_t address) const {
    return std::any_of(in_.begin(), in_.end(), [&](const Range32& range) {
      return range.Holds(address);
    });
  }

  void FlipAt(const Machine& machine, std::uint32_t moment) {
    const std::uint32_t stack = machine.Get(UC_ARM_REG_SP);
    for (const Range32& used : {Range32{stack, stack_top_}, statics_}) {
      for (std::uint32_t at = used.begin; at < used.end; ++at) {
        for (unsigned bit = 0; bit < 8; ++bit) {
          if (turn_++ % limits_.every == limits_.first) {
            Try(machine, moment, at, bit);
          }
        }
      }
    }
  }

  void Try(const Machine& machine, std::uint32_t moment, std::uint32_t at,
           unsigned bit) {
    disturbed_.TakeFrom(machine);
    disturbed_.FlipBit(at, bit);
    const auto it = it_states_.find(moment);
    const End end = disturbed_.GoFrom(
        moment, it == it_states_.end() ? ItState{0} : it->second,
        limits_.budget);
    if (!report_.Count(disturbed_, end, permitted_)) return;
    report_.starts.push_back(absl::StrFormat(
        "bit %u of %08x (sp+0x%x) at %s: %s at %08x", bit, at,
        at - machine.Get(UC_ARM_REG_SP), board_.program.Describe(moment),
        Text(end), disturbed_.pc()));
  }

  const Board& board_;
  const std::optional<Permitted>& permitted_;
  const Limits limits_;
  const std::map<std::uint32_t, ItState> it_states_;
  const Range32 after_;
  const std::uint32_t stack_top_;
  const Range32 statics_;
  std::vector<Range32> in_;
  Machine disturbed_;
  bool begun_ = false;
  std::uint64_t turn_ = 0;
  std::set<std::uint32_t> tried_;
  Report report_;
};

}  // namespace

Report FlipBits(const Board& board, const std::optional<Permitted>& permitted,
                const Moments& moments, const Limits& limits) {
  return Flips(board, permitted, moments, limits).Run();
}

}  // namespace bootseal::tests
