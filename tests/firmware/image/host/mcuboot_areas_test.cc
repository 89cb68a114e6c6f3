// Which areas, counters and headers MCUboot takes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "firmware/image/host/convert.h"
#include "firmware/image/host/mcuboot_prediction.h"
#include "tests/firmware/image/host/loader_case.h"

namespace bootseal::tests {
namespace {

using image::Algorithm;
using image::HashAlgorithm;
using image::host::AsBytes;
using namespace image::mcuboot;

constexpr Algorithm kP = Algorithm::kP256;

void WantsCounter(Rules& rules) {
  rules.security_counter = Presence::kRequired;
  rules.minimum_security_counter = 5;
}

std::function<void(LoaderCase&)> Counters(
    const std::vector<std::uint32_t>& values) {
  return [values](LoaderCase& one) {
    std::vector<RawTlv> tlvs;
    for (const std::uint32_t value : values) {
      tlvs.push_back({tlv::kSecurityCounter, U32(value)});
    }
    Protect(one, tlvs);
  };
}

void AllowsNoOther(Rules& rules) { rules.allow_list = true; }

class McubootArea : public testing::TestWithParam<LoaderRow> {};

TEST_P(McubootArea, OfAnImage) { ExpectPrediction(GetParam()); }

INSTANTIATE_TEST_SUITE_P(
    Areas, McubootArea,
    testing::Values(
        LoaderRow{.name = "with a vendor TLV in the unprotected area",
                  .algorithm = kP,
                  .expected = kStarts,
                  .after = [](LoaderCase& one) { one.Add(0xa0, "v"); }},
        LoaderRow{.name = "with a vendor TLV that the allow list lacks",
                  .algorithm = kP,
                  .expected = "ALLOW_LIST",
                  .rules = AllowsNoOther,
                  .after = [](LoaderCase& one) { one.Add(0xa0, "v"); }},
        LoaderRow{.name = "with type 0 at its end",
                  .algorithm = kP,
                  .expected = kStarts,
                  .after = [](LoaderCase& one) { one.Add(0, ""); }},
        LoaderRow{.name = "with type 0 at its end and an allow list",
                  .algorithm = kP,
                  .expected = "ALLOW_LIST",
                  .rules = AllowsNoOther,
                  .after = [](LoaderCase& one) { one.Add(0, ""); }},
        LoaderRow{
            .name = "that is not pure and says so",
            .algorithm = kP,
            .expected = kStarts,
            .after =
                [](LoaderCase& one) { one.Add(tlv::kSignaturePure, "\1"); }},
        LoaderRow{
            .name = "that is not pure and says so, with an allow list",
            .algorithm = kP,
            .expected = "ALLOW_LIST",
            .rules = AllowsNoOther,
            .after =
                [](LoaderCase& one) { one.Add(tlv::kSignaturePure, "\1"); }},
        LoaderRow{
            .name = "with a vendor TLV that is protected, with an allow list",
            .algorithm = kP,
            .expected = kStarts,
            .rules = AllowsNoOther,
            .before =
                [](LoaderCase& one) {
                  Protect(one, {{0xa0, "v"}});
                }},
        LoaderRow{.name = "with an empty protected area",
                  .algorithm = kP,
                  .expected = kStarts,
                  .before = [](LoaderCase& one) { Protect(one, {}); }},
        LoaderRow{.name = "whose header knows of a larger protected area",
                  .algorithm = kP,
                  .expected = "TLV_INFO",
                  .before =
                      [](LoaderCase& one) {
                        Protect(one, {{0xa0, "v"}});
                      },
                  .bytes = [](std::string& image) { ++image[0x0a]; }},
        LoaderRow{.name = "whose header knows of a smaller protected area",
                  .algorithm = kP,
                  .expected = "TLV_INFO",
                  .before =
                      [](LoaderCase& one) {
                        Protect(one, {{0xa0, "v"}});
                      },
                  .bytes = [](std::string& image) { --image[0x0a]; }},
        LoaderRow{.name = "whose header knows of no protected area",
                  .algorithm = kP,
                  .expected = "TLV_INFO",
                  .before =
                      [](LoaderCase& one) {
                        Protect(one, {{0xa0, "v"}});
                      },
                  .bytes = [](std::string& image) { image[0x0a] = 0; }},
        LoaderRow{
            .name = "whose header knows of a protected area that is not there",
            .algorithm = kP,
            .expected = "TLV_INFO",
            .bytes = [](std::string& image) { image[0x0a] = 12; }},
        LoaderRow{.name = "whose TLVs say that they have no bytes",
                  .algorithm = kP,
                  .expected = "HASH_TLV",
                  .bytes =
                      [](std::string& image) {
                        image.replace(0x20 + 301 + 2, 2, U16(0));
                      }},
        LoaderRow{.name = "whose TLVs say that they have three bytes",
                  .algorithm = kP,
                  .expected = "HASH_TLV",
                  .bytes =
                      [](std::string& image) {
                        image.replace(0x20 + 301 + 2, 2, U16(3));
                      }},
        LoaderRow{.name = "whose TLVs say that there is none",
                  .algorithm = kP,
                  .expected = "HASH_TLV",
                  .bytes =
                      [](std::string& image) {
                        image.replace(0x20 + 301 + 2, 2, U16(4));
                      }},
        LoaderRow{.name = "whose TLVs say too little",
                  .algorithm = kP,
                  .expected = "TLV_BOUNDS",
                  .bytes =
                      [](std::string& image) {
                        image.replace(0x20 + 301 + 2, 2, U16(4 + 36 + 3));
                      }},
        LoaderRow{.name = "whose TLVs end beyond the file",
                  .algorithm = kP,
                  .expected = "TLV_BOUNDS",
                  .bytes =
                      [](std::string& image) {
                        image.replace(0x20 + 301 + 2, 2, U16(0x1000));
                      }},
        LoaderRow{.name = "whose TLVs end beyond the slot",
                  .algorithm = kP,
                  .expected = "IMAGE_END",
                  .bytes =
                      [](std::string& image) {
                        image.replace(0x20 + 301 + 2, 2, U16(0xffff));
                      }},
        LoaderRow{.name = "with bytes behind its end",
                  .algorithm = kP,
                  .expected = kStarts,
                  .bytes = [](std::string& image) { image += "trailing"; }},
        LoaderRow{.name = "that is cut short",
                  .algorithm = kP,
                  .expected = "TLV_INFO",
                  .bytes = [](std::string& image) { image.resize(100); }}));

INSTANTIATE_TEST_SUITE_P(
    Counters, McubootArea,
    testing::Values(
        LoaderRow{"with a counter below the device's", kP, "SECURITY_COUNTER",
                  WantsCounter, Counters({4})},
        LoaderRow{"with the device's counter", kP, kStarts, WantsCounter,
                  Counters({5})},
        LoaderRow{"with a counter above the device's", kP, kStarts,
                  WantsCounter, Counters({6})},
        LoaderRow{"with the largest counter", kP, kStarts, WantsCounter,
                  Counters({0xffffffff})},
        LoaderRow{.name = "with a counter that the device cannot store",
                  .algorithm = kP,
                  .expected = "stops:COUNTER_UPDATE",
                  .rules =
                      [](Rules& rules) {
                        WantsCounter(rules);
                        rules.security_counter_ceiling = 512;
                      },
                  .before = Counters({513})},
        LoaderRow{"without a counter", kP, "SECURITY_COUNTER", WantsCounter},
        LoaderRow{
            .name = "with a counter of eight bytes",
            .algorithm = kP,
            .expected = "SECURITY_COUNTER",
            .rules = WantsCounter,
            .before =
                [](LoaderCase& one) {
                  Protect(one, {{tlv::kSecurityCounter, U32(9) + U32(0)}});
                }},
        LoaderRow{"with counters 9 and 4", kP, "SECURITY_COUNTER", WantsCounter,
                  Counters({9, 4})},
        LoaderRow{.name = "with a counter in the unprotected area",
                  .algorithm = kP,
                  .expected = "stops:COUNTER_UPDATE",
                  .rules = WantsCounter,
                  .after =
                      [](LoaderCase& one) {
                        one.Add(tlv::kSecurityCounter, U32(9));
                      }},
        LoaderRow{
            .name = "with an old counter and no rollback protection",
            .algorithm = kP,
            .expected = kStarts,
            .rules = [](Rules& rules) { rules.minimum_security_counter = 5; },
            .before = Counters({4})}));

void SlotAt(Rules& rules) {
  rules.strategy = Strategy::kDirectXip;
  rules.rom_fixed = 0x10000;
}

INSTANTIATE_TEST_SUITE_P(
    Headers, McubootArea,
    testing::Values(
        LoaderRow{.name = "with another magic",
                  .algorithm = kP,
                  .expected = "MAGIC",
                  .bytes = [](std::string& image) { image[0] ^= 1; }},
        LoaderRow{.name = "that is empty",
                  .algorithm = kP,
                  .expected = "MAGIC",
                  .bytes = [](std::string& image) { image.clear(); }},
        LoaderRow{.name = "that is not bootable",
                  .algorithm = kP,
                  .expected = "BOOTABLE",
                  .before =
                      [](LoaderCase& one) {
                        one.parts.header.flags = flags::kNonBootable;
                      }},
        LoaderRow{.name = "that is encrypted",
                  .algorithm = kP,
                  .expected = "ENCRYPTION",
                  .before =
                      [](LoaderCase& one) {
                        one.parts.header.flags = flags::kEncryptedAes128;
                      }},
        LoaderRow{.name = "that is encrypted, for a device that decrypts",
                  .algorithm = kP,
                  .expected = "KEY_UNWRAP",
                  .rules =
                      [](Rules& rules) {
                        rules.encryption = Presence::kOptional;
                        rules.encryption_tlv = 0x32;
                      },
                  .before =
                      [](LoaderCase& one) {
                        one.parts.header.flags = flags::kEncryptedAes128;
                      }},
        LoaderRow{.name = "that is compressed",
                  .algorithm = kP,
                  .expected = "COMPRESSION",
                  .before =
                      [](LoaderCase& one) {
                        one.parts.header.flags = flags::kCompressedLzma2;
                      }},
        LoaderRow{
            .name = "with a longer header than the target's",
            .algorithm = kP,
            .expected = kStarts,
            .before =
                [](LoaderCase& one) { one.parts.header.header_size = 0x40; }},
        LoaderRow{.name = "that fills more than the slot",
                  .algorithm = kP,
                  .expected = "SIZE",
                  .rules = [](Rules& rules) { rules.slot_size = 0x100; }},
        LoaderRow{.name = "that reaches into the trailer",
                  .algorithm = kP,
                  .expected = "IMAGE_END",
                  .rules = [](Rules& rules) { rules.slot_size = 0x200; }},
        LoaderRow{.name = "built for the other slot of direct-xip",
                  .algorithm = kP,
                  .expected = "ROM_ADDRESS",
                  .rules = SlotAt,
                  .before =
                      [](LoaderCase& one) {
                        one.parts.header.flags = flags::kRomFixed;
                        one.parts.header.load_address = 0x20000;
                      }},
        LoaderRow{.name = "built for its slot of direct-xip",
                  .algorithm = kP,
                  .expected = kStarts,
                  .rules = SlotAt,
                  .before =
                      [](LoaderCase& one) {
                        one.parts.header.flags = flags::kRomFixed;
                        one.parts.header.load_address = 0x10000;
                      }},
        LoaderRow{.name = "without a load address for ram-load",
                  .algorithm = kP,
                  .expected = "RAM_LOAD",
                  .rules =
                      [](Rules& rules) {
                        rules.strategy = Strategy::kRamLoad;
                        rules.load_address = 0x20000000;
                      }},
        LoaderRow{.name = "that depends on an image that does not exist",
                  .algorithm = kP,
                  .expected = "DEPENDENCIES",
                  .rules = [](Rules& rules) { rules.image_count = 2; },
                  .before =
                      [](LoaderCase& one) {
                        Protect(one, {{tlv::kDependency,
                                       U32(2) + std::string(8, '\0')}});
                      }},
        LoaderRow{
            .name = "without a boot record for measured boot",
            .algorithm = kP,
            .expected = "stops:BOOT_RECORD",
            .rules =
                [](Rules& rules) { rules.boot_record = Presence::kRequired; }},
        LoaderRow{
            .name = "with any boot record for measured boot",
            .algorithm = kP,
            .expected = kStarts,
            .rules =
                [](Rules& rules) { rules.boot_record = Presence::kRequired; },
            .before =
                [](LoaderCase& one) {
                  Protect(one, {{tlv::kBootRecord, std::string(40, 'r')}});
                }},
        LoaderRow{
            .name = "with a boot record beyond the device's buffer",
            .algorithm = kP,
            .expected = "stops:BOOT_RECORD",
            .rules =
                [](Rules& rules) {
                  rules.boot_record = Presence::kRequired;
                  rules.max_boot_record_size = 64;
                },
            .before =
                [](LoaderCase& one) {
                  Protect(one, {{tlv::kBootRecord, std::string(91, 'r')}});
                }}));

}  // namespace
}  // namespace bootseal::tests
