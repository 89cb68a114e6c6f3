// Does the image suit the slot that it is for?
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "firmware/image/host/attribute_words.h"
#include "firmware/image/host/diagnosis.h"
#include "firmware/image/mcuboot/facts.h"
#include "firmware/image/mcuboot/tlv.h"

namespace bootseal::image::host {
namespace {

using Found = std::optional<Diagnosis>;
using mcuboot::Strategy;

constexpr char kAnew[] = "sign the payload anew, with the target's options";

Found OtherSlotSize(const Evidence& e) {
  if (!e.whole() || e.slot.padded_for == 0 ||
      e.slot.padded_for == e.rules.slot_size) {
    return std::nullopt;
  }
  return Diagnosis{
      "SLOT_SIZE",
      absl::StrFormat("trailer magic at 0x%x: padded for a slot of 0x%x",
                      e.slot.padded_for - mcuboot::kTrailerMagicBytes,
                      e.slot.padded_for),
      e.slot.padded_for - mcuboot::kTrailerMagicBytes,
      absl::StrFormat("the target's slot has 0x%x bytes, its magic is at 0x%x",
                      e.rules.slot_size,
                      e.rules.slot_size - mcuboot::kTrailerMagicBytes),
      kAnew,
      ImgtoolCommandFor(e)};
}

Found FileExceedsSlot(const Evidence& e) {
  if (!e.whole() || e.file.size() <= e.rules.slot_size ||
      e.slot.padded_for > e.rules.slot_size) {
    return std::nullopt;
  }
  return Diagnosis{
      "FILE_EXCEEDS_SLOT",
      absl::StrFormat("the file has 0x%x bytes", e.file.size()),
      e.rules.slot_size,
      absl::StrFormat("at most 0x%x, the slot's size", e.rules.slot_size),
      kAnew,
      ImgtoolCommandFor(e)};
}

Found OtherMaxAlign(const Evidence& e) {
  if (!e.whole() || e.slot.trailer.magic != TrailerMagic::kOther) {
    return std::nullopt;
  }
  return Diagnosis{
      "MAX_ALIGN",
      absl::StrFormat("trailer magic for max-align %d",
                      e.slot.trailer.magic_align),
      e.slot.trailer.magic_offset,
      absl::StrFormat("the one for %d: the bootloader (BOOT_MAX_ALIGN) takes "
                      "any other for no upgrade, although the signature is "
                      "right",
                      e.rules.max_align),
      kAnew,
      ImgtoolCommandFor(e)};
}

Found BadTrailer(const Evidence& e) {
  if (!e.whole() || e.slot.trailer.magic != TrailerMagic::kBad) {
    return std::nullopt;
  }
  return Diagnosis{
      "TRAILER_MAGIC",
      "the slot's last 16 bytes are neither a magic nor erased",
      e.slot.trailer.magic_offset,
      absl::StrFormat("the magic for max-align %d", e.rules.max_align),
      kAnew,
      ImgtoolCommandFor(e)};
}

Found MissingPadding(const Evidence& e) {
  const bool wanted = e.target.padding != FilePadding::kNone;
  const TrailerMagic magic = e.slot.trailer.magic;
  if (!e.whole() || !wanted || e.slot.padded_for != 0 ||
      (magic != TrailerMagic::kAbsent && magic != TrailerMagic::kUnset)) {
    return std::nullopt;
  }
  const bool confirm = e.target.padding == FilePadding::kConfirm;
  return Diagnosis{
      "PADDING_MISSING",
      absl::StrFormat("the file ends at 0x%x, without a trailer",
                      e.file.size()),
      e.file.size(),
      absl::StrFormat("the target says %s: filled up to 0x%x, magic at 0x%x",
                      confirm ? "CONFIRM" : "PAD", e.rules.slot_size,
                      e.rules.slot_size - mcuboot::kTrailerMagicBytes),
      kAnew,
      ImgtoolCommandFor(e)};
}

Found NotConfirmed(const Evidence& e) {
  if (!e.whole() || e.target.padding != FilePadding::kConfirm ||
      e.slot.trailer.magic != TrailerMagic::kGood ||
      e.rules.strategy == Strategy::kOverwriteOnly ||
      e.slot.trailer.image_ok == TrailerFlag::kSet) {
    return std::nullopt;
  }
  return Diagnosis{"NOT_CONFIRMED",
                   "the trailer's image_ok is not set",
                   e.slot.trailer.magic_offset,
                   "the target says CONFIRM: without it the upgrade is a test",
                   kAnew,
                   ImgtoolCommandFor(e)};
}

// Fits for imgtool and not for the bootloader.
Found ImgtoolTooGenerous(const Evidence& e) {
  if (!e.whole() || e.slot.limit == 0 || e.slot.image_end <= e.slot.limit ||
      e.slot.image_end > e.slot.imgtool_limit) {
    return std::nullopt;
  }
  return Diagnosis{
      "IMGTOOL_SIZE_CHECK",
      absl::StrFormat("the image ends at 0x%x: imgtool lets up to 0x%x pass",
                      e.slot.image_end, e.slot.imgtool_limit),
      e.slot.limit,
      absl::StrFormat("at most 0x%x: imgtool leaves out what this strategy "
                      "keeps free of a slot of 0x%x",
                      e.slot.limit, e.rules.slot_size),
      "make the payload smaller, or give the target a larger slot; bootseal "
      "sign refuses it before it is flashed"};
}

// Not the vectors that the device will see.
bool IsCiphertext(const Evidence& e) {
  return PayloadIsEncrypted(e.reading.facts);
}

// Where the payload was linked to, by its reset vector; 0: it cannot be told.
std::uint32_t EntryOf(const Evidence& e) {
  const std::uint32_t reset = e.reading.facts.reset_vector;
  const bool blank = reset == 0 || reset == 0xffffffff;
  return blank || (reset & 1) == 0 ? 0 : reset & ~1U;
}

Found LinkedElsewhere(const Evidence& e) {
  const std::uint32_t base =
      e.rules.load_address != 0 ? e.rules.load_address : e.rules.slot_address;
  const std::uint32_t entry = EntryOf(e);
  if (!e.whole() || IsCiphertext(e) || base == 0 || entry == 0) {
    return std::nullopt;
  }
  const std::uint64_t first =
      std::uint64_t{base} + e.reading.facts.header.header_size;
  if (entry >= first && entry < first + e.reading.payload.size()) {
    return std::nullopt;
  }
  constexpr std::uint32_t kAlias = 0xf0000000;
  const bool alias = ((entry ^ base) & ~kAlias) < e.rules.slot_size &&
                     (entry & kAlias) != (base & kAlias);
  return Diagnosis{
      "LINK_ADDRESS",
      absl::StrFormat("linked for another region: its reset vector is 0x%08x%s",
                      e.reading.facts.reset_vector,
                      alias ? ", in the other security alias" : ""),
      e.OffsetOf(e.reading.payload) + 4,
      absl::StrFormat("an address in 0x%08x to 0x%08x: the %s starts at 0x%08x",
                      first, first + e.reading.payload.size(),
                      e.rules.load_address != 0 ? "load region" : "slot", base),
      absl::StrFormat("link the payload for 0x%08x (%s), then sign it", first,
                      e.rules.strategy == Strategy::kDirectXip
                          ? "direct-xip needs one build for each slot"
                          : "slot and header"),
      SignCommandFor(e)};
}

// Direct-xip: an image runs where it was linked for, in one of the two slots.
Found OtherSlot(const Evidence& e) {
  const mcuboot::Header& header = e.reading.facts.header;
  const std::uint32_t expected =
      e.rules.rom_fixed != 0 ? e.rules.rom_fixed : e.rules.slot_address;
  const bool fixed = (header.flags & mcuboot::flags::kRomFixed) != 0;
  if (!e.whole() || e.rules.strategy != Strategy::kDirectXip || expected == 0 ||
      !fixed || header.load_address == expected) {
    return std::nullopt;
  }
  return Diagnosis{
      "OTHER_SLOT",
      absl::StrFormat("fixed in ROM at 0x%08x", header.load_address),
      0x04,
      absl::StrFormat("0x%08x, the target's slot: direct-xip needs one build "
                      "for each slot, and one target",
                      expected),
      absl::StrFormat("link the payload for 0x%08x, then sign it", expected),
      ImgtoolCommandFor(e)};
}

Found NoLoadAddress(const Evidence& e) {
  const mcuboot::Header& header = e.reading.facts.header;
  const bool loads = (header.flags & mcuboot::flags::kRamLoad) != 0;
  if (!e.whole() || e.rules.strategy != Strategy::kRamLoad || loads) {
    return std::nullopt;
  }
  return Diagnosis{
      "LOAD_ADDRESS_MISSING",
      "the flag RAM_LOAD is not set",
      0x10,
      absl::StrFormat("RAM_LOAD and load address 0x%08x: a bootloader that "
                      "loads to RAM takes no other image",
                      e.rules.load_address),
      kAnew,
      ImgtoolCommandFor(e)};
}

Found HexBase(const Evidence& e) {
  const std::uint32_t slot = e.rules.slot_address;
  const auto& found = e.words.hex_address;
  if (!found || slot == 0 || *found == slot) return std::nullopt;
  const bool headerless = *found == slot + e.rules.header_size;
  ImageWords image = e.image;
  image.hex_address = slot;
  return Diagnosis{
      "HEX_BASE",
      absl::StrFormat("the HEX file starts at 0x%08x", *found),
      0,
      absl::StrFormat("0x%08x, where the slot starts%s", slot,
                      headerless ? ": the header is not in front of it" : ""),
      absl::StrFormat("sign the payload anew, with -x 0x%08x", slot),
      image.version ? ImgtoolCommand(e.rules, e.target, image) : ""};
}

// imgtool's -s auto is far above what a unary counter stores.
Found AutomaticCounter(const Evidence& e) {
  const mcuboot::Version& version = e.reading.facts.header.version;
  const std::uint32_t derived = CounterFromVersion(version);
  const std::uint32_t counter = mcuboot::SecurityCounterOf(e.reading.facts);
  const std::uint32_t ceiling = e.rules.security_counter_ceiling;
  if (!e.whole() || ceiling == 0 || counter <= ceiling || counter != derived) {
    return std::nullopt;
  }
  const mcuboot::Tlv tlv = mcuboot::FindTlv(e.reading.facts.protected_area,
                                            mcuboot::tlv::kSecurityCounter);
  return Diagnosis{
      "COUNTER_FROM_VERSION",
      absl::StrFormat("security counter %d is version and nothing else: "
                      "imgtool's -s auto",
                      counter),
      e.OffsetOf(tlv.value),
      absl::StrFormat("at most %d, all that the device can store", ceiling),
      "sign the payload anew, with a counter of your own",
      SignCommandFor(e)};
}

constexpr Detector kDetectors[] = {
    OtherSlotSize,      FileExceedsSlot, OtherMaxAlign,
    BadTrailer,         MissingPadding,  NotConfirmed,
    ImgtoolTooGenerous, LinkedElsewhere, OtherSlot,
    NoLoadAddress,      HexBase,         AutomaticCounter};

}  // namespace

std::span<const Detector> LayoutDetectors() { return kDetectors; }

}  // namespace bootseal::image::host
