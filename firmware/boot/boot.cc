#include "firmware/boot/boot.h"

#include "firmware/arch/armv8m/arch.h"
#include "firmware/boards/board.h"
#include "firmware/boards/flash.h"
#include "firmware/boot/device.h"
#include "firmware/boot/panic.h"
#include "firmware/boot/report.h"
#include "firmware/boot/rules.h"
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

std::uint32_t AddressOf(Bytes bytes) {
  return static_cast<std::uint32_t>(
      reinterpret_cast<std::uintptr_t>(bytes.data()));
}

// The image is genuine, but nothing in its format says that it was linked for
// this board, and the rules may not tell its addresses either: look before the
// core does.
bool CanStart(Bytes payload) {
  if (payload.size() < 8) return false;
  const std::uint32_t stack = image::Little32(payload.data());
  const std::uint32_t reset = image::Little32(payload.data() + 4);
  const boards::Range ram = boards::Ram();
  if (stack <= ram.begin || stack > ram.end || stack % 8 != 0) return false;
  if (reset % 2 != 1) return false;  // Thumb
  const std::uint32_t begin = AddressOf(payload);
  if (begin % arch::kVectorTableAlignment != 0) return false;
  // Behind the two words just read; a table may end there.
  return reset >= begin + 8 && reset - begin < payload.size();
}

[[noreturn]] void RefuseWithoutKey() {
  ReportNoKey();
  Panic(BlinksFor(Error::kRules));
}

}  // namespace

void Refuse(Error error) {
  ReportRefusal(error);
  Panic(BlinksFor(error));
}

void RefuseUnlessOk(Error error) {
  if (error == Error::kOk) return;
  if (error == Error::kRules) RefuseWithoutKey();
  Refuse(error);
}

void Run() {
  ReportStart();

  const char* flaw = boards::FlashFlaw();
  if (flaw != nullptr) {
    ReportFlaw(flaw);
    Panic(BlinksFor(Error::kRules));
  }

  PrepareDevice();
  // Without a key there is nothing to compare with; say so rather than blame
  // the image.
  if (!HasKey(kRules)) RefuseWithoutKey();

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
  ReportUpgrade(outcome);
  if (!outcome.image.ok()) Refuse(outcome.image.error());

  // Only now is anything in the image worth repeating.
  ReportImage(*outcome.image, outcome.image->image() == slot.data() ? 0 : 1);
  Jump(*outcome.image);
}

void Jump(const Verified& verified) {
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

  ReportJump(AddressOf(payload));
  if (!verified.intact()) Refuse(Error::kFault);
  arch::Start(AddressOf(payload));
}

}  // namespace bootseal::boot
