// The registers that outlive a reset: what the next boot needs, and what the
// next stage and the update agent may know of this one. Not thread-safe.
//
// kReport, written before a bank is started and when nothing can be:
//
//   31:16  0xb0a7, or the word is not ours
//   10     the primary partition table was damaged, its backup served
//    9     the other copy of the metadata is to be repaired
//    8     the secondary copy of the metadata was taken
//    7:4   bit n: bank n was tried in this boot, and did not start
//    3:0   1 and the BootReason's number; 0: nothing was started
//
// kError: of the last bank that did not start, or why nothing does, an
// image::Error; kOk. Source: facts: fwu 2.2, 2.3, 9.
#ifndef BOOTSEAL_FIRMWARE_SECOND_STAGE_REPORT_H_
#define BOOTSEAL_FIRMWARE_SECOND_STAGE_REPORT_H_

#include <cstdint>

#include "firmware/image/fwu/replicas.h"
#include "firmware/image/fwu/selection.h"
#include "firmware/image/result.h"

namespace bootseal::second_stage {

// Random (openssl rand -hex 4). Not what memory holds after a loss.
inline constexpr std::uint32_t kDomainWord = 0x6b2dc935;

// Trials above kMaxTrials are nobody's and read as they are.
image::fwu::BootRegister ReadBootRegister();
// Bits 31:8 stay. The word of kDomain comes last: a reset between the two
// leaves a lost register.
void WriteBootRegister(const image::fwu::BootRegister& value);

struct Report {
  bool table_damaged = false;
  bool replica_damaged = false;
  image::fwu::Replica replica = image::fwu::Replica::kPrimary;
  std::uint8_t failed = 0;  // bit n: bank n
  image::Error error = image::Error::kOk;
};

inline constexpr std::uint32_t kReportTag = 0xb0a70000;

void WriteReport(const Report& report, image::fwu::BootReason reason);
// Of a boot that starts nothing.
void WriteReport(const Report& report);

}  // namespace bootseal::second_stage

#endif  // BOOTSEAL_FIRMWARE_SECOND_STAGE_REPORT_H_
