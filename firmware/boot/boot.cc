#include "firmware/boot/boot.h"

#include <utility>

#include "firmware/arch/armv8m/arch.h"
#include "firmware/boards/board.h"
#include "firmware/boot/device.h"
#include "firmware/boot/log.h"
#include "firmware/boot/rules.h"
#include "firmware/crypto/backend.h"
#include "firmware/upgrade/upgrade.h"

namespace bootseal::boot {
namespace {

using image::Bytes;
using image::Error;
using image::Verified;

bool HasKey(const image::mcuboot::Rules& rules) {
  for (const std::byte byte : rules.key_hash) {
    if (byte != std::byte{0}) return true;
  }
  return false;
}

void PrintVersion(const image::mcuboot::Version& version) {
  PrintDecimal(version.major);
  Print(".");
  PrintDecimal(version.minor);
  Print(".");
  PrintDecimal(version.revision);
  Print("+");
  PrintDecimal(version.build);
}

std::uint32_t AddressOf(Bytes bytes) {
  return static_cast<std::uint32_t>(
      reinterpret_cast<std::uintptr_t>(bytes.data()));
}

// The image is genuine, but nothing in its format says that it was linked for
// this board, and the rules may not tell its addresses either: look before the
// core does.
bool CanStart(Bytes payload) {
  image::Reader reader(payload);
  const std::uint32_t stack = reader.U32();
  const std::uint32_t reset = reader.U32();
  const boards::Range ram = boards::Ram();
  if (!reader.ok()) return false;
  if (stack <= ram.begin || stack > ram.end || stack % 8 != 0) return false;
  if (reset % 2 != 1) return false;  // Thumb
  const std::uint32_t begin = AddressOf(payload);
  if (begin % arch::kVectorTableAlignment != 0) return false;
  // Behind the two words just read; a table may end there.
  return reset >= begin + 8 && reset - begin < payload.size();
}

void PrintRefusal(const char* who, const char* reason, Error error) {
  Print(who);
  Print(": refused: ");
  Print(reason);
  Print(" (");
  PrintHex(static_cast<std::uint32_t>(error));
  Print(")\n");
}

constexpr char kNoKey[] = "no key provisioned";
constexpr char kNoFlash[] = "flash cannot be read or written";

[[noreturn]] void RefuseBecause(const char* reason, Error error) {
  PrintRefusal("bootseal", reason, error);
  arch::Stop();
}

void PrintOutcome(const upgrade::Outcome& outcome) {
  if (outcome.refused != Error::kOk) {
    PrintRefusal("upgrade", image::ImageText(outcome.refused), outcome.refused);
  }
  if (outcome.done == nullptr) return;
  Print("upgrade: ");
  Print(outcome.done);
  Print("\n");
}

}  // namespace

void Refuse(Error error) { RefuseBecause(image::ImageText(error), error); }

void RefuseUnlessOk(Error error) {
  if (error == Error::kOk) return;
  if (error == Error::kStorage) RefuseBecause(kNoFlash, error);
  if (error == Error::kRules) RefuseBecause(kNoKey, error);
  Refuse(error);
}

void Run() {
  Print("bootseal ");
  Print(boards::kName);
  Print(" ");
  Print(crypto::kName);
  Print("\n");

  PrepareDevice();
  // Without a key there is nothing to compare with; say so rather than blame
  // the image.
  if (!HasKey(kRules)) RefuseBecause(kNoKey, Error::kRules);

  // Rules for a larger slot than the board has would let the verifier read
  // beyond it.
  const Bytes slot = boards::PrimarySlot();
  if (kRules.slot_size > slot.size()) Refuse(Error::kRules);
  // Rules for another address would pass what was linked for another board.
  if (kRules.slot_address != 0 && kRules.slot_address != AddressOf(slot)) {
    Refuse(Error::kRules);
  }

  // Whatever the slots asked for is done. Verified in place, and it runs in
  // place: what was hashed is what starts.
  upgrade::Outcome outcome = upgrade::Choose(kImages);
  PrintOutcome(outcome);
  if (outcome.image.error() == Error::kStorage) {
    RefuseBecause(kNoFlash, Error::kStorage);
  }
  if (!outcome.image.ok()) Refuse(outcome.image.error());

  // Only now is anything in the image worth repeating.
  Print(outcome.image->image() == slot.data() ? "slot 0" : "slot 1");
  Print(": version ");
  PrintVersion(outcome.image->version());
  Print(", counter ");
  PrintDecimal(outcome.image->security_counter());
  Print("\n");
  Jump(*std::move(outcome.image));
}

void Jump(Verified verified) {
  // The branch above may have been glitched; the seal was written by the
  // verifier's last step and by nothing else.
  if (!verified.intact()) Refuse(Error::kFault);

  const std::uint32_t offset = verified.payload_offset();
  const std::uint32_t size = verified.payload_size();
  if (verified.image() == nullptr || offset > kRules.slot_size ||
      size > kRules.slot_size - offset) {
    Refuse(Error::kFault);
  }
  const Bytes payload(verified.image() + offset, size);
  if (!CanStart(payload)) Refuse(Error::kVectorTable);
  // Not before: a counter that went up for what cannot start would be lost.
  HandOver(verified);

  Print("verified; starting at ");
  PrintHex(AddressOf(payload));
  Print("\n");
  if (!verified.intact()) Refuse(Error::kFault);
  arch::Start(AddressOf(payload));
}

}  // namespace bootseal::boot
