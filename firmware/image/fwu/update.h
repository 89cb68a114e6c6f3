// The update agent's states and what leads from one to another: one table
// (kTransitions in update.cc), which the README draws. Pure: metadata in,
// metadata out; writing it down safely is client/fwu's.
//
//   regular ──begin──▶ staging ──end──▶ trial pending ──reset──▶ trial
//      │ ▲               │                   │                   │  │
//      │ ├────cancel─────┘                   │                   │  │
//      │ ├────reject, reconcile──────────────┘                   │  │
//      │ ├────accept─────────────────────────────────────────────┘  │
//      │ └────reset──── return pending ◀────────reject──────────────┤
//      └───rollback──────────▲                                      │
//   regular ◀──reconcile──── fallen back ◀─────────────reset────────┘
//
// Source: Arm DEN0118 sections 3 and 4, by its implementations; facts:
// fwu 1.10, 7.1.
#ifndef BOOTSEAL_FIRMWARE_IMAGE_FWU_UPDATE_H_
#define BOOTSEAL_FIRMWARE_IMAGE_FWU_UPDATE_H_

#include <cstdint>

#include "firmware/image/fwu/metadata.h"
#include "firmware/image/fwu/selection.h"

namespace bootseal::image::fwu {

enum class State : std::uint8_t {
  kRegular,       // the active bank is accepted, and runs
  kStaging,       // the same, and another bank is being written
  kTrialPending,  // the active bank is to be tried, and does not run yet
  kTrial,         // it runs, and is not accepted yet
  kFallenBack,    // another bank than the active one was started
  // The active bank is accepted, and the next reset starts it: the running one
  // was rejected, or is rolled back from.
  kReturnPending,
};

enum class Operation : std::uint8_t {
  kBegin,      // a bank is going to be written: it is invalid from here on
  kCancel,     // give that up; the bank stays invalid
  kEnd,        // the bank is complete: the next boot tries it
  kAccept,     // the running bank is good
  kReject,     // back to the previous bank
  kRollback,   // of a regular device: back to the previous bank, accepted
  kReconcile,  // the bank that runs is the active one from now on, accepted
};

// `running`: the bank that was started, and how many trials that left. Before a
// reset the metadata says the same as after one that fell back; the trials
// tell, for only a fallback leaves none to an accepted bank.
//
// Staging is: previous equals active, and another bank is invalid; in version
// 1, which has no marker for it, not accepted. A version 1 device that fell
// back to a bank it never accepted looks like one that is to return.
State StateOf(const Metadata& metadata, const BootRegister& running);

// The same without knowing the trials: what a fallback looks like is taken for
// kTrialPending when the active bank is on trial and the running one accepted,
// and for kFallenBack when both are accepted.
State StateOf(const Metadata& metadata, std::uint8_t running);

// The bank that an update of a regular device writes: neither the running nor
// the active one; of several the lowest that is not accepted, else the lowest.
// kNoBank when there is one bank only.
Result<std::uint8_t> UpdateBank(const Metadata& metadata, std::uint8_t running);

// `bank`: the update bank for kBegin, kEnd and kCancel, and the one to go back
// to for kRollback; ignored otherwise. Version and geometry stay, and
// `previous` is an accepted bank whenever there is one. What is given up,
// rejected or fell back from is invalid: version 1 can only say that it is not
// accepted.
//
// kUpdateState when `operation` is not allowed in this state (as StateOf
// without trials has it), or the bank to end or cancel is not the one begun;
// kMetadataIndex when a bank does not exist, or `bank` is the running or active
// one; kNoBank when the bank to go on with is not accepted (kRollback), when
// there is none (kReject), or when the running one is invalid (kAccept,
// kReconcile).
Result<Metadata> Apply(Operation operation, const Metadata& metadata,
                       std::uint8_t running, std::uint8_t bank);

}  // namespace bootseal::image::fwu

#endif  // BOOTSEAL_FIRMWARE_IMAGE_FWU_UPDATE_H_
