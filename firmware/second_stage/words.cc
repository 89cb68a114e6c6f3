#include "firmware/second_stage/words.h"

#include "firmware/boot/log.h"

namespace bootseal::second_stage {
namespace {

using boot::Print;
using boot::PrintDecimal;
using image::Error;
using image::fwu::BootReason;
using image::fwu::Replica;

const char* NameOf(Replica replica) {
  return replica == Replica::kPrimary ? "primary" : "secondary";
}

const char* WordsOf(BootReason reason) {
  switch (reason) {
    case BootReason::kAccepted:
      return "accepted";
    case BootReason::kTrial:
      return "on trial";
    case BootReason::kTrialsSpent:
      return "fallback: the active bank's trials are spent";
    case BootReason::kTrialLost:
      return "fallback: backup domain lost, no trial was run";
    case BootReason::kInvalid:
      return "fallback: the active bank is not complete";
    case BootReason::kFailed:
      return "fallback: the active bank did not start";
  }
  return "";
}

void PrintBank(std::uint8_t bank) {
  Print("bank ");
  PrintDecimal(bank);
  Print(": ");
}

}  // namespace

void PrintError(Error error) {
  Print(image::Text(error));
  Print(" (");
  boot::PrintHex(static_cast<std::uint32_t>(error));
  Print(")");
}

void PrintTableDamage(Error error) {
  Print("partition table: primary: ");
  PrintError(error);
  Print("; its backup serves\n");
}

void PrintReplicaError(Replica replica, Error error) {
  Print("metadata: ");
  Print(NameOf(replica));
  Print(": ");
  PrintError(error);
  Print("\n");
}

void PrintMetadata(const image::fwu::Chosen& chosen) {
  Print("metadata: ");
  Print(NameOf(chosen.from));
  Print(", version ");
  PrintDecimal(chosen.read.metadata.version);
  Print(", active ");
  PrintDecimal(chosen.read.metadata.active);
  Print(", previous ");
  PrintDecimal(chosen.read.metadata.previous);
  Print("\n");
  if (chosen.other == Error::kOk) return;
  PrintReplicaError(chosen.from == Replica::kPrimary ? Replica::kSecondary
                                                     : Replica::kPrimary,
                    chosen.other);
}

void PrintSelection(const image::fwu::Selection& selection) {
  PrintBank(selection.bank);
  Print(WordsOf(selection.reason));
  const bool again =
      selection.reason == BootReason::kFailed && selection.next.trials > 0;
  if (selection.reason == BootReason::kTrial || again) {
    Print(", ");
    PrintDecimal(selection.next.trials);
    Print(" left");
  }
  Print("\n");
}

void PrintBankRefusal(std::uint8_t bank, Error error,
                      const image::certificate::Place& place) {
  PrintBank(bank);
  Print("refused: ");
  Print(image::certificate::NameOf(place));
  Print(": ");
  PrintError(error);
  Print("\n");
}

}  // namespace bootseal::second_stage
