// Which bank starts: the metadata, the register that survives resets, and what
// each bank's package is worth decide. Not thread-safe.
#ifndef BOOTSEAL_FIRMWARE_SECOND_STAGE_BANK_H_
#define BOOTSEAL_FIRMWARE_SECOND_STAGE_BANK_H_

#include "firmware/image/certificate/verified_package.h"
#include "firmware/image/fwu/selection.h"
#include "firmware/image/result.h"
#include "firmware/second_stage/report.h"

namespace bootseal::second_stage {

struct Started {
  image::certificate::VerifiedPackage package;
  image::fwu::Selection selection;
};

// Reads the table, both copies of the metadata and then one bank after another,
// in the order of fwu::SelectBank, until one verifies. The boot register is
// written before a bank is read. Says on the log what it finds and notes it in
// `report`. kStorage, the errors of the partition table, of ChooseReplica and
// of SelectBank; kRules when no key hash was fused.
image::Result<Started> ChooseBank(Report& report);

// Once the bank is accepted, what was signed with lower counters never starts
// again. Does nothing for a bank on trial, or one that was fallen back to, or
// for a package that is not intact. kFault when the counter does not count.
image::Error RaiseCounter(const Started& started);

}  // namespace bootseal::second_stage

#endif  // BOOTSEAL_FIRMWARE_SECOND_STAGE_BANK_H_
