#include <array>
#include <cstdint>

#include "absl/strings/str_cat.h"
#include "client/cli/imgtool_checks.h"
#include "client/cli/text.h"

namespace bootseal::cli {
namespace {

namespace mcuboot = image::mcuboot;
using imgtool::Padding;

Complaint Compare(absl::string_view option, std::uint32_t expected,
                  std::uint32_t found) {
  if (expected == found) return {};
  return Differs(absl::StrCat("has ", option), absl::StrCat(expected),
                 absl::StrCat(found));
}

Complaint CompareHex(absl::string_view option, std::uint32_t expected,
                     std::uint32_t found) {
  if (expected == found) return {};
  return Differs(absl::StrCat("has ", option), HexNumber(expected),
                 HexNumber(found));
}

Complaint HeaderSize(const TargetCase& on) {
  return CompareHex("--header-size", on.rules.header_size,
                    on.options.header_size);
}

Complaint PadHeader(const TargetCase& on) {
  if (!on.format.payload_has_header_room()) return {};
  return "takes payloads with room for the header, the command line says "
         "--pad-header";
}

// 0 says that the size is not known.
Complaint SlotSize(const TargetCase& on) {
  if (on.options.slot_size == 0) return {};
  return CompareHex("--slot-size", on.rules.slot_size, on.options.slot_size);
}

Complaint Align(const TargetCase& on) {
  return Compare("--align", on.rules.align, on.options.align);
}

Complaint MaxAlign(const TargetCase& on) {
  return Compare("--max-align", on.rules.max_align, on.options.max_align);
}

Complaint MaxSectors(const TargetCase& on) {
  return Compare("--max-sectors", on.rules.max_sectors, on.options.max_sectors);
}

Complaint SectorSize(const TargetCase& on) {
  return CompareHex("--sector-size", on.rules.sector_size,
                    on.options.sector_size);
}

absl::string_view NameOf(mcuboot::Strategy strategy) {
  constexpr std::array<absl::string_view, 7> kNames{
      "single-slot", "overwrite-only", "swap-scratch", "swap-move",
      "swap-offset", "direct-xip",     "ram-load"};
  return kNames[static_cast<std::size_t>(strategy)];
}

Complaint Strategy(const TargetCase& on) {
  if (on.options.strategy == on.rules.strategy) return {};
  return Differs("has strategy", NameOf(on.rules.strategy),
                 NameOf(on.options.strategy.value_or(on.rules.strategy)));
}

Complaint OverwriteOnly(const TargetCase& on) {
  if (on.rules.strategy == mcuboot::Strategy::kOverwriteOnly) return {};
  return Differs("has strategy", NameOf(on.rules.strategy), "--overwrite-only");
}

absl::string_view NameOf(Padding padding) {
  constexpr std::array<absl::string_view, 4> kNames{"no padding", "--pad",
                                                    "--test", "--confirm"};
  return kNames[static_cast<std::size_t>(padding)];
}

// --test differs from --pad in what a HEX file leaves out, alone.
Complaint SlotPadding(const TargetCase& on) {
  const Padding expected = PaddingOf(on.format);
  const Padding found = on.options.padding;
  const bool is_pad = found == Padding::kPad || found == Padding::kTest;
  if (expected == found || (expected == Padding::kPad && is_pad)) return {};
  return Differs("has", NameOf(expected), NameOf(found));
}

absl::string_view Erased(std::byte value) {
  return value == std::byte{0} ? "0" : "0xff";
}

Complaint ErasedValue(const TargetCase& on) {
  const std::byte expected = ErasedOf(on.format);
  if (on.options.erased == expected) return {};
  return Differs("has --erased-val", Erased(expected),
                 Erased(on.options.erased));
}

Complaint LoadAddress(const TargetCase& on) {
  if (on.rules.load_address == 0 && on.options.load_address != 0) {
    return Differs("has no", "--load-addr", HexNumber(on.options.load_address));
  }
  return CompareHex("--load-addr", on.rules.load_address,
                    on.options.load_address);
}

constexpr std::array<TargetCheck, 14> kChecks{{
    {"--header-size", HeaderSize},
    {"--pad-header", PadHeader},
    {"--slot-size", SlotSize},
    {"--align", Align},
    {"--max-align", MaxAlign},
    {"--max-sectors", MaxSectors},
    {"--sector-size", SectorSize},
    {"--strategy", Strategy},
    {"--overwrite-only", OverwriteOnly},
    {"--pad", SlotPadding},
    {"--test", SlotPadding},
    {"--confirm", SlotPadding},
    {"--erased-val", ErasedValue},
    {"--load-addr", LoadAddress},
}};

}  // namespace

std::span<const TargetCheck> LayoutChecks() { return kChecks; }

Padding PaddingOf(const v1::McubootFormat& format) {
  if (format.padding() == v1::PAD) return Padding::kPad;
  return format.padding() == v1::CONFIRM ? Padding::kConfirm : Padding::kNone;
}

std::byte ErasedOf(const v1::McubootFormat& format) {
  return format.erased_zero() ? std::byte{0} : std::byte{0xff};
}

}  // namespace bootseal::cli
