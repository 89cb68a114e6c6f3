// The update agent's states and what leads from one to another: one table
// (kTransitions in update.cc), which the README draws. Pure: metadata in,
// metadata out; writing it down safely is client/fwu's.
//
//                 begin            end             (reset)          accept
//     regular ───────────▶ staging ────▶ trial pending ────▶ trial ───────▶
//     regular
//        ▲                    │                │               │
//        └────── cancel ──────┘                └─── reject ────┤ fell back
//        ▲                                                     ▼
//        └──────────────────── reconcile ───────────────── fallen back
//
// Source: Arm DEN0118 sections 3 and 4, by its implementations; facts:
// fwu 1.10, 7.1.
#ifndef BOOTSEAL_FIRMWARE_IMAGE_FWU_UPDATE_H_
#define BOOTSEAL_FIRMWARE_IMAGE_FWU_UPDATE_H_

#include <cstdint>

#include "firmware/image/fwu/metadata.h"

namespace bootseal::image::fwu {

enum class State : std::uint8_t {
  kRegular,       // the active bank is accepted, and runs
  kStaging,       // the same, and another bank is being written
  kTrialPending,  // the active bank is to be tried, and does not run yet
  kTrial,         // it runs, and is not accepted yet
  kFallenBack,    // another bank than the active one runs
};

enum class Operation : std::uint8_t {
  kBegin,      // a bank is going to be written: it is invalid from here on
  kCancel,     // give that up; the bank stays invalid
  kEnd,        // the bank is complete: the next boot tries it
  kAccept,     // the running bank is good
  kReject,     // back to the previous bank
  kRollback,   // of a regular device: back to the previous bank, accepted
  kReconcile,  // the bank that runs is the active one from now on
};

// `running`: the bank that was started. In version 1, which has no marker for
// it, staging is: previous equals active, and the other bank is not accepted.
// A metadata whose active bank is accepted and runs is regular.
State StateOf(const Metadata& metadata, std::uint8_t running);

// The bank that an update of a regular device writes: neither the running nor
// the active one; of several the lowest that is not accepted, else the lowest.
// kNoBank when there is one bank only.
Result<std::uint8_t> UpdateBank(const Metadata& metadata, std::uint8_t running);

// `bank`: the update bank for kBegin, kEnd and kCancel, and the one to go back
// to for kRollback (which must be accepted); ignored otherwise. Version and
// geometry stay. kUpdateState when `operation` is not allowed in this state,
// kNoBank when there is no accepted bank to go back to, kMetadataIndex when
// `bank` is none, or the running one.
Result<Metadata> Apply(Operation operation, const Metadata& metadata,
                       std::uint8_t running, std::uint8_t bank);

}  // namespace bootseal::image::fwu

#endif  // BOOTSEAL_FIRMWARE_IMAGE_FWU_UPDATE_H_
