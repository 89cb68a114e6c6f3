#include "tests/glitch/campaign.h"

#include <algorithm>
#include <cstring>
#include <functional>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "tests/glitch/liveness.h"

namespace bootseal::tests {
namespace {

constexpr std::uint32_t kSkips[] = {2, 4, 6, 8, 10};

// When an address was executed: numbers of instructions since reset.
struct Visits {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
};

struct Path {
  std::uint64_t length = 0;
  std::map<std::uint32_t, Visits> visits;
};

// An execution that is to be disturbed.
struct Point {
  std::uint64_t number;
  std::uint32_t address;
  const char* which;
};

class Campaign {
 public:
  Campaign(const Board& board, const std::optional<Permitted>& permitted,
           const Limits& limits)
      : board_(board),
        permitted_(permitted),
        limits_(limits),
        it_states_(ItStatesOf(board.program)),
        disturbed_(board) {}

  Report Run() {
    Walk();
    if (as_expected_) {
      KeepLandmarks();
      WalkAgain(Points());
    }
    return std::move(report_);
  }

 private:
  bool IsStop(std::uint32_t address) const {
    return std::find(board_.stops.begin(), board_.stops.end(), address) !=
           board_.stops.end();
  }

  // Once around in the stop's loop: it is part of the path.
  void Walk() {
    Machine machine(board_);
    std::optional<int> left;
    machine.Watch([&](std::uint32_t address) {
      constexpr int kOnceAround = 64;
      if (!left && IsStop(address)) left = kOnceAround;
      if (left && --*left < 0) return machine.Halt();
      const auto [visit, is_new] =
          path_.visits.try_emplace(address, Visits{path_.length, path_.length});
      visit->second.last = path_.length++;
    });
    report_.end = machine.Reset(limits_.budget);
    if (report_.end == End::kStopped && !left) {
      report_.end = End::kFault;
    }
    as_expected_ = report_.end == End::kStopped ||
                   IsPermitted(machine, report_.end, permitted_);
    report_.log = machine.said();
    report_.length = path_.length;
    report_.addresses = path_.visits.size();
  }

  // Most of the time goes into the loops of the arithmetic. Before the longest
  // of them, runs are looked at: those in the very state that the undisturbed
  // boot was in need not be run to their end, which is known.
  std::vector<std::uint32_t> Landmarks() const {
    constexpr std::size_t kCount = 24;
    std::map<std::uint64_t, std::uint32_t> once;
    for (const auto& [address, visits] : path_.visits) {
      const bool in_block = it_states_.count(address) != 0;
      if (visits.first == visits.last && !in_block && !IsStop(address)) {
        once.emplace(visits.first, address);
      }
    }
    std::multimap<std::uint64_t, std::uint32_t, std::greater<>> by_gap;
    for (auto at = once.begin(); at != once.end(); ++at) {
      const auto next = std::next(at);
      by_gap.emplace(
          (next == once.end() ? path_.length : next->first) - at->first,
          at->second);
    }
    std::vector<std::uint32_t> longest;
    for (const auto& [gap, address] : by_gap) {
      if (longest.size() < kCount) longest.push_back(address);
    }
    return longest;
  }

  void KeepLandmarks() {
    const std::vector<std::uint32_t> all = Landmarks();
    const std::set<std::uint32_t> landmarks(all.begin(), all.end());
    std::vector<Range32> ranges = board_.ram;
    ranges.insert(ranges.end(), board_.slots.begin(), board_.slots.end());
    Liveness liveness(ranges);
    std::vector<std::pair<std::uint32_t, Machine::State>> saved;
    Machine machine(board_);
    std::uint64_t number = 0;
    machine.Watch([&](std::uint32_t address) {
      if (landmarks.count(address) != 0) {
        saved.emplace_back(address, machine.Save());
        liveness.Mark();
      }
      if (++number >= path_.length) machine.Halt();
    });
    machine.WatchMemory(
        [&](Machine::Access access, std::uint32_t address, std::uint32_t size) {
          liveness.See(access, address, size);
        });
    machine.Reset(limits_.budget);
    for (std::size_t i = 0; i < saved.size(); ++i) {
      disturbed_.EndAt(saved[i].first, liveness.Keep(saved[i].second, i));
    }
  }

  bool IsWanted(std::uint32_t address) const {
    if (limits_.only.empty()) return true;
    const std::string place = board_.program.Describe(address);
    return std::any_of(limits_.only.begin(), limits_.only.end(),
                       [&](const std::string& part) {
                         return place.find(part) != std::string::npos;
                       });
  }

  std::vector<Point> Points() const {
    std::vector<Point> all;
    for (const auto& [address, visits] : path_.visits) {
      if (!IsWanted(address)) continue;
      all.push_back({visits.first, address, "first"});
      if (visits.last != visits.first) {
        all.push_back({visits.last, address, "last"});
      }
    }
    std::vector<Point> some;
    for (std::size_t i = limits_.first; i < all.size(); i += limits_.every) {
      some.push_back(all[i]);
    }
    std::sort(some.begin(), some.end(), [](const Point& a, const Point& b) {
      return a.number < b.number;
    });
    return some;
  }

  void WalkAgain(const std::vector<Point>& points) {
    if (points.empty()) return;
    Machine machine(board_);
    std::uint64_t number = 0;
    auto next = points.begin();
    machine.Watch([&](std::uint32_t address) {
      while (next != points.end() && next->number == number) {
        DisturbAt(machine, *next++);
      }
      ++number;
      if (next == points.end()) machine.Halt();
      static_cast<void>(address);
    });
    machine.Reset(limits_.budget);
  }

  void DisturbAt(const Machine& machine, const Point& point) {
    for (const std::uint32_t size : kSkips) {
      const std::uint32_t target = point.address + size;
      Try(machine, point, absl::StrCat("skip ", size), target,
          AfterSkip(point.address, target));
    }
    if (const auto branch =
            ReadConditionalBranch(board_.program, point.address);
        branch) {
      Try(machine, point, "invert branch",
          IsTaken(machine, *branch) ? branch->next : branch->target, 0);
    }
    const ItState it =
        it_states_.count(point.address) == 0
            ? Inverted(ItStateBy(board_.program.Halfword(point.address)))
            : ItState{0};
    if (it != 0) Try(machine, point, "invert IT", point.address + 2, it);
  }

  // As if each had been a NOP; also an IT, which leaves what is behind it
  // unconditional.
  ItState AfterSkip(std::uint32_t address, std::uint32_t target) const {
    const auto found = it_states_.find(address);
    ItState state = found == it_states_.end() ? ItState{0} : found->second;
    while (address < target) {
      state = AfterInstruction(state);
      address += SizeOfInstruction(board_.program.Halfword(address));
    }
    return state;
  }

  static bool IsTaken(const Machine& machine, const ConditionalBranch& branch) {
    if (branch.condition) {
      return Holds(*branch.condition, machine.Get(UC_ARM_REG_XPSR));
    }
    return (machine.Get(UC_ARM_REG_R0 + branch.compared) == 0) ==
           branch.when_zero;
  }

  void Try(const Machine& machine, const Point& point, std::string what,
           std::uint32_t target, ItState state) {
    disturbed_.TakeFrom(machine);
    const End end = disturbed_.GoFrom(target, state, limits_.budget);
    if (!report_.Count(disturbed_, end, permitted_)) return;
    report_.starts.push_back(absl::StrFormat(
        "%s in the %s execution of %s: %s at %08x", what, point.which,
        board_.program.Describe(point.address), Text(end), disturbed_.pc()));
  }

  const Board& board_;
  const std::optional<Permitted>& permitted_;
  const Limits limits_;
  const std::map<std::uint32_t, ItState> it_states_;
  Machine disturbed_;
  Path path_;
  bool as_expected_ = false;
  Report report_;
};

}  // namespace

Permitted PermittedImage(Bytes32 image, std::uint32_t header_size) {
  std::uint32_t reset = 0;
  if (image.bytes.size() >= std::size_t{header_size} + 8) {
    std::memcpy(&reset, image.bytes.data() + header_size + 4, sizeof(reset));
  }
  return {std::move(image), reset & ~1U};
}

bool IsPermitted(const Machine& machine, End end,
                 const std::optional<Permitted>& permitted) {
  return permitted && IsStart(end) && machine.pc() == permitted->entry &&
         machine.Read(permitted->image.begin, permitted->image.bytes.size()) ==
             permitted->image.bytes;
}

bool Report::Count(const Machine& machine, End how,
                   const std::optional<Permitted>& allowed) {
  ++runs;
  ++ends[how];
  if (!IsStart(how)) return false;
  if (!IsPermitted(machine, how, allowed)) return true;
  ++permitted;
  return false;
}

Report Disturb(const Board& board, const std::optional<Permitted>& permitted,
               const Limits& limits) {
  return Campaign(board, permitted, limits).Run();
}

std::string Summary(const Report& report) {
  std::string ends;
  for (const auto& [end, count] : report.ends) {
    absl::StrAppend(&ends, ", ", count, " ", Text(end));
  }
  return absl::StrCat(report.starts.size(), " starts in ", report.runs,
                      " runs; ", report.length, " instructions at ",
                      report.addresses, " addresses", ends, "; ",
                      report.permitted, " of the starts permitted");
}

}  // namespace bootseal::tests
