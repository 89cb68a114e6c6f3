// Images that do not suit the slot, the address or the device's counter.
#include <gtest/gtest.h>

#include <string>

#include "tests/firmware/image/host/mistake_case.h"

namespace bootseal::tests {
namespace {

using image::host::FilePadding;
using image::host::ToString;
using namespace image::mcuboot;

class DiagnosedLayout : public testing::TestWithParam<MistakeRow> {};

TEST_P(DiagnosedLayout, IsRecognised) { ExpectDiagnosis(GetParam()); }

INSTANTIATE_TEST_SUITE_P(
    Slots, DiagnosedLayout,
    testing::Values(
        MistakeRow{"padded to the target's slot", nullptr,
                   [](MistakeCase& one) {
                     one.words.padding = FilePadding::kPad;
                     one.Pad(TrailerKind::kPad, 0x10000);
                   }},
        MistakeRow{"padded to half the slot", "SLOT_SIZE",
                   [](MistakeCase& one) {
                     one.words.padding = FilePadding::kPad;
                     one.Pad(TrailerKind::kPad, 0x8000);
                   },
                   0x7ff0,
                   "trailer magic at 0x7ff0: padded for a slot of 0x8000"},
        MistakeRow{
            "padded to twice the slot", "SLOT_SIZE",
            [](MistakeCase& one) { one.Pad(TrailerKind::kConfirm, 0x20000); },
            0x1fff0, "the target's slot has 0x10000 bytes"},
        MistakeRow{"longer than the slot", "FILE_EXCEEDS_SLOT",
                   [](MistakeCase& one) { one.image.resize(0x10001, '\xff'); },
                   0x10000},
        MistakeRow{"exactly as long as the slot", nullptr,
                   [](MistakeCase& one) { one.image.resize(0x10000, '\xff'); }},
        MistakeRow{
            "not padded", "PADDING_MISSING",
            [](MistakeCase& one) { one.words.padding = FilePadding::kPad; },
            std::nullopt, "--pad"},
        MistakeRow{"not padded, and need not be", nullptr, [](MistakeCase&) {}},
        MistakeRow{"filled without a magic", "PADDING_MISSING",
                   [](MistakeCase& one) {
                     one.words.padding = FilePadding::kConfirm;
                     one.image.resize(0x10000, '\xff');
                   },
                   std::nullopt, "--confirm"},
        MistakeRow{"padded where it should be confirmed", "NOT_CONFIRMED",
                   [](MistakeCase& one) {
                     one.words.padding = FilePadding::kConfirm;
                     one.Pad(TrailerKind::kPad, 0x10000);
                   },
                   0xfff0, "test"},
        MistakeRow{"confirmed", nullptr,
                   [](MistakeCase& one) {
                     one.words.padding = FilePadding::kConfirm;
                     one.Pad(TrailerKind::kConfirm, 0x10000);
                   }},
        MistakeRow{
            "padded with the magic of max-align 32", "MAX_ALIGN",
            [](MistakeCase& one) { one.Pad(TrailerKind::kPad, 0x10000, 32); },
            0xfff0, "max-align 32"},
        MistakeRow{"padded with the magic of max-align 32 for it", nullptr,
                   [](MistakeCase& one) {
                     one.target.rules.max_align = 32;
                     one.Pad(TrailerKind::kPad, 0x10000, 32);
                   }},
        MistakeRow{"padded with a broken magic", "TRAILER_MAGIC",
                   [](MistakeCase& one) {
                     one.Pad(TrailerKind::kPad, 0x10000);
                     one.image.back() ^= 1;
                   },
                   0xfff0},
        MistakeRow{"that fits for imgtool alone", "IMGTOOL_SIZE_CHECK",
                   [](MistakeCase& one) {
                     Rules& rules = one.target.rules;
                     rules.strategy = Strategy::kSwapMove;
                     rules.sector_size = 0x1000;
                     one.Make(0xf000);
                   },
                   0xe000, "imgtool lets up to"},
        MistakeRow{"that fits for both", nullptr, [](MistakeCase& one) {
                     Rules& rules = one.target.rules;
                     rules.strategy = Strategy::kSwapMove;
                     rules.sector_size = 0x1000;
                     one.Make(0xd000);
                   }}));

INSTANTIATE_TEST_SUITE_P(
    Addresses, DiagnosedLayout,
    testing::Values(
        MistakeRow{"linked for another slot", "LINK_ADDRESS",
                   [](MistakeCase& one) {
                     one.target.rules.slot_address = 0x08010000;
                   },
                   0x24, "the slot starts at 0x08010000"},
        MistakeRow{"linked for the other alias", "LINK_ADDRESS",
                   [](MistakeCase& one) {
                     one.target.rules.slot_address = 0x10000000;
                   },
                   0x24, "other security alias"},
        MistakeRow{
            "linked for its slot", nullptr,
            [](MistakeCase& one) { one.target.rules.slot_address = 0x60; }},
        MistakeRow{"linked for nothing", nullptr,
                   [](MistakeCase& one) {
                     one.target.rules.slot_address = 0x08010000;
                     one.parts.payload.replace(0, 8, std::string(8, '\0'));
                     one.SignAgain();
                   }},
        MistakeRow{"fixed in the other slot of direct-xip", "OTHER_SLOT",
                   [](MistakeCase& one) {
                     one.target.rules.strategy = Strategy::kDirectXip;
                     one.target.rules.rom_fixed = 0x10000;
                     one.parts.header.flags = flags::kRomFixed;
                     one.parts.header.load_address = 0x20000;
                     one.SignAgain();
                   },
                   4, "one build"},
        MistakeRow{"fixed in its slot of direct-xip", nullptr,
                   [](MistakeCase& one) {
                     one.target.rules.strategy = Strategy::kDirectXip;
                     one.target.rules.rom_fixed = 0x10000;
                     one.parts.header.flags = flags::kRomFixed;
                     one.parts.header.load_address = 0x10000;
                     one.SignAgain();
                   }},
        MistakeRow{"without a load address for ram-load",
                   "LOAD_ADDRESS_MISSING",
                   [](MistakeCase& one) {
                     one.target.rules.strategy = Strategy::kRamLoad;
                     one.target.rules.load_address = 0x60;
                   },
                   0x10, "-L 0x60"},
        MistakeRow{"with a load address for ram-load", nullptr,
                   [](MistakeCase& one) {
                     one.target.rules.strategy = Strategy::kRamLoad;
                     one.target.rules.load_address = 0x60;
                     one.parts.header.flags = flags::kRamLoad;
                     one.parts.header.load_address = 0x60;
                     one.SignAgain();
                   }},
        MistakeRow{"with another base in HEX", "HEX_BASE",
                   [](MistakeCase& one) {
                     one.target.rules.slot_address = 0x60;
                     one.hex_address = 0x08000000;
                   },
                   0, " payload.bin image.hex -x 0x00000060"},
        MistakeRow{"with the payload's base in HEX", "HEX_BASE",
                   [](MistakeCase& one) {
                     one.target.rules.slot_address = 0x60;
                     one.hex_address = 0x80;
                   },
                   0, "the header is not in front"},
        MistakeRow{"with the slot's base in HEX", nullptr,
                   [](MistakeCase& one) {
                     one.target.rules.slot_address = 0x60;
                     one.hex_address = 0x60;
                   }},
        MistakeRow{"with any base in HEX where the target tells none", nullptr,
                   [](MistakeCase& one) { one.hex_address = 0x08000000; }}));

// TestTarget's images are of version 1.2.3+4.
INSTANTIATE_TEST_SUITE_P(
    ProtectedParts, DiagnosedLayout,
    testing::Values(
        MistakeRow{"with imgtool's automatic counter", "COUNTER_FROM_VERSION",
                   [](MistakeCase& one) {
                     one.target.rules.security_counter_ceiling = 512;
                     one.Make(301, CounterOf(0x01020003));
                   },
                   0x20 + 301 + 8, "-s auto"},
        MistakeRow{"with another counter that is too high", nullptr,
                   [](MistakeCase& one) {
                     one.target.rules.security_counter_ceiling = 512;
                     one.Make(301, CounterOf(0x01020004));
                   }},
        MistakeRow{
            "with an automatic counter and no ceiling", nullptr,
            [](MistakeCase& one) { one.Make(301, CounterOf(0x01020003)); }},
        MistakeRow{"without the boot record that is wanted",
                   "BOOT_RECORD_ABSENT",
                   [](MistakeCase& one) {
                     one.target.rules.boot_record = Presence::kRequired;
                   },
                   0x20 + 301, "--boot-record SPE"},
        MistakeRow{"without a boot record that nobody wants", nullptr,
                   [](MistakeCase&) {}},
        MistakeRow{"with a boot record", nullptr,
                   [](MistakeCase& one) { one.Make(301, Record()); }},
        MistakeRow{"with a boot record that names nobody", "BOOT_RECORD_SIGNER",
                   [](MistakeCase& one) {
                     one.Make(301, Record());
                     const std::string signer =
                         ToString(one.target.rules.key_hash);
                     std::string& area = one.parts.protected_area;
                     area.replace(area.find(signer), 32, std::string(32, '\0'));
                     one.SignAgain();
                   },
                   std::nullopt, "sign in one run"},
        MistakeRow{"with a boot record that names somebody else", nullptr,
                   [](MistakeCase& one) {
                     one.Make(301, Record());
                     const std::string signer =
                         ToString(one.target.rules.key_hash);
                     std::string& area = one.parts.protected_area;
                     area.replace(area.find(signer), 32, std::string(32, 'k'));
                     one.SignAgain();
                   }}));

}  // namespace
}  // namespace bootseal::tests
