#include "firmware/arch/armv7a/arch.h"

extern "C" {
// start.S.
[[noreturn]] void ArchStart(const bootseal::arch::Entry* entry);
[[noreturn]] void ArchMain();
[[noreturn]] void ArchFault(std::uint32_t kind, std::uint32_t program);
}

namespace bootseal::arch {

void Stop() {
  for (;;) {
    __asm__ volatile("cpsid aif\n\twfi" ::: "memory");
  }
}

void Start(const Entry& entry) { ArchStart(&entry); }

}  // namespace bootseal::arch

using bootseal::arch::Fault;
using bootseal::arch::FaultKind;

void ArchMain() { bootseal::arch::Main(); }

void ArchFault(std::uint32_t kind, std::uint32_t program) {
  Fault fault{static_cast<FaultKind>(kind), program, 0, 0};
  if (fault.kind == FaultKind::kPrefetchAbort) {
    __asm__ volatile("mrc p15, 0, %0, c5, c0, 1" : "=r"(fault.status));
    __asm__ volatile("mrc p15, 0, %0, c6, c0, 2" : "=r"(fault.address));
  }
  if (fault.kind == FaultKind::kDataAbort) {
    __asm__ volatile("mrc p15, 0, %0, c5, c0, 0" : "=r"(fault.status));
    __asm__ volatile("mrc p15, 0, %0, c6, c0, 0" : "=r"(fault.address));
  }
  bootseal::arch::OnFault(fault);
}
