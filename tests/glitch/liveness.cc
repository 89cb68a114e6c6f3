#include "tests/glitch/liveness.h"

namespace bootseal::tests {

Liveness::Liveness(const std::vector<Range32>& ranges) {
  for (const Range32& range : ranges) {
    const std::size_t size = range.end - range.begin;
    all_.push_back({range, std::vector<std::uint8_t>(size),
                    std::vector<std::uint32_t>(size)});
  }
}

const Liveness::Memory* Liveness::Of(std::uint32_t address) const {
  for (const Memory& memory : all_) {
    if (memory.range.Holds(address)) return &memory;
  }
  return nullptr;
}

void Liveness::See(Machine::Access access, std::uint32_t address,
                   std::uint32_t size) {
  for (; size > 0; --size, ++address) {
    auto* memory = const_cast<Memory*>(Of(address));
    if (memory == nullptr) continue;
    const std::uint32_t at = address - memory->range.begin;
    if (access == Machine::Access::kRead) {
      for (unsigned moment = memory->seen[at]; moment < moments_; ++moment) {
        memory->live[at] |= std::uint32_t{1} << moment;
      }
    }
    memory->seen[at] = moments_;
  }
}

Machine::State Liveness::Keep(const Machine::State& saved,
                              std::size_t moment) const {
  Machine::State kept{saved.registers, {}, saved.system};
  for (const Bytes32& whole : saved.memory) {
    bool open = false;
    for (std::uint32_t i = 0; i < whole.bytes.size(); ++i) {
      const Memory* memory = Of(whole.begin + i);
      const bool is_live =
          memory != nullptr &&
          (memory->live[whole.begin + i - memory->range.begin] >> moment & 1);
      if (is_live && !open) kept.memory.push_back({whole.begin + i, ""});
      if (is_live) kept.memory.back().bytes += whole.bytes[i];
      open = is_live;
    }
  }
  return kept;
}

}  // namespace bootseal::tests
