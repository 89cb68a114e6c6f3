// A target that contradicts itself in what its images are is refused with one
// line about it.
#include "tests/server/trust/spoilt_policy.h"

namespace bootseal::trust {
namespace {

using tests::Format;
using tests::kApp;
using tests::kEdwards;
using tests::Spoilt;

class AttributesRefused : public ::testing::TestWithParam<Spoilt> {};

TEST_P(AttributesRefused, ByName) { tests::ExpectRefusedByName(GetParam()); }

const Spoilt kCases[] = {
    {"RequestTlvBelowItsRange",
     [](auto& p) { Format(p, kEdwards).add_request_tlvs(0x9f); },
     "targets[2].mcuboot.request_tlvs[0]: 0x009f, expected 0x00a0 to 0xfffe"},
    {"RequestTlvGivenTwice",
     [](auto& p) {
       Format(p, kApp).add_request_tlvs(0xa5);
       Format(p, kApp).add_request_tlvs(0xa5);
     },
     "targets[0].mcuboot.request_tlvs[1]: 0x00a5 is given twice"},
    {"RequestTlvThatIsTheTargetsOwn",
     [](auto& p) { Format(p, kEdwards).add_request_tlvs(0xa0); },
     "targets[2].mcuboot.request_tlvs[0]: 0x00a0 is one of vendor_tlvs"},
    {"RomFixedWhereImagesMove",
     [](auto& p) { Format(p, kApp).set_rom_fixed_address(0x8000); },
     "targets[0].mcuboot.rom_fixed_address: expected only with strategy "
     "DIRECT_XIP"},
    {"RomFixedBeyondTheLastAddress",
     [](auto& p) {
       Format(p, kApp).set_strategy(v1::DIRECT_XIP);
       Format(p, kApp).set_rom_fixed_address(0xfffffff0);
     },
     "targets[0].mcuboot.rom_fixed_address: leaves no room"},
    {"PlaceOfAnImageThatIsNeverStarted",
     [](auto& p) {
       Format(p, kApp).set_non_bootable(true);
       Format(p, kApp).set_slot_address(0x10000000);
     },
     "targets[0].mcuboot.slot_address: never used: non_bootable is set"},
    {"MemoryOfAnImageThatIsNeverStarted",
     [](auto& p) {
       Format(p, kApp).set_non_bootable(true);
       Format(p, kApp).set_ram_address(0x20000000);
       Format(p, kApp).set_ram_size(0x1000);
     },
     "targets[0].mcuboot.ram_address: never used: non_bootable is set"},
    {"VendorThatIsNoName",
     [](auto& p) { Format(p, kApp).set_vendor_id("acme\x7f"); },
     "targets[0].mcuboot.vendor_id: is neither a UUID nor a printable name"},
    {"ClassNameWithoutVendor",
     [](auto& p) { Format(p, kApp).set_class_id("board-1"); },
     "targets[0].mcuboot.class_id: \"board-1\" is a name, which counts within "
     "a vendor: give vendor_id, or a UUID"},
    {"ForbiddenEncryption",
     [](auto& p) {
       Format(p, kApp).set_strategy(v1::OVERWRITE_ONLY);
       Format(p, kApp).mutable_encryption()->set_presence(v1::FORBIDDEN);
     },
     "targets[0].mcuboot.encryption.presence: FORBIDDEN, expected REQUIRED or "
     "OPTIONAL"},
    {"ContentKeyOf192Bits",
     [](auto& p) {
       Format(p, kApp).set_strategy(v1::OVERWRITE_ONLY);
       Format(p, kApp).mutable_encryption()->set_key_bits(192);
     },
     "targets[0].mcuboot.encryption.key_bits: 192, expected 128 or 256"},
    {"KeyExchangeOfNoName",
     [](auto& p) {
       Format(p, kApp).set_strategy(v1::OVERWRITE_ONLY);
       Format(p, kApp).mutable_encryption()->set_key_exchange(
           static_cast<v1::KeyExchange>(42));
     },
     "targets[0].mcuboot.encryption.key_exchange: no value has the number 42"},
    {"EncryptionOfWhatRunsInPlace",
     [](auto& p) {
       Format(p, kApp).set_strategy(v1::DIRECT_XIP);
       Format(p, kApp).mutable_encryption()->set_presence(v1::REQUIRED);
     },
     "targets[0].mcuboot.encryption: never used: with strategy DIRECT_XIP"},
    {"EncryptionWithoutWordOfWhatDecrypts",
     [](auto& p) {
       Format(p, kApp).clear_strategy();
       Format(p, kApp).mutable_encryption()->set_presence(v1::REQUIRED);
     },
     "targets[0].mcuboot.strategy: required by encryption: images are "
     "decrypted as they change slots or are loaded"},
    {"EncryptionUnderASignatureOverWhatLiesInFlash",
     [](auto& p) {
       Format(p, kEdwards).set_pure(true);
       Format(p, kEdwards).set_strategy(v1::OVERWRITE_ONLY);
       Format(p, kEdwards).mutable_encryption()->set_presence(v1::OPTIONAL);
     },
     "targets[2].mcuboot.pure: expected without encryption: the bootloader "
     "checks the signature "
     "over what lies in flash"},
    {"LoadAddressAtTheEndOfMemory",
     [](auto& p) {
       Format(p, kApp).set_strategy(v1::RAM_LOAD);
       Format(p, kApp).set_load_address(0xfffffff0);
     },
     "targets[0].mcuboot.load_address: leaves no room for slot_size"},
};

INSTANTIATE_TEST_SUITE_P(Targets, AttributesRefused,
                         ::testing::ValuesIn(kCases),
                         [](const auto& each) { return each.param.name; });

TEST(Attributes, ThatGoTogetherAreTaken) {
  v1::Policy policy = tests::ExamplePolicy();
  v1::McubootFormat& format = Format(policy, kApp);
  format.set_strategy(v1::DIRECT_XIP);
  format.set_rom_fixed_address(0x20000);
  format.set_vendor_id("acme.example");
  format.set_class_id("board-1");
  format.add_request_tlvs(0xa5);
  v1::McubootFormat& other = Format(policy, kEdwards);
  other.set_class_id("e398ebfb-49d6-5a0a-abb8-deb5668107d1");
  other.set_strategy(v1::OVERWRITE_ONLY);
  other.mutable_encryption()->set_key_bits(256);
  other.mutable_encryption()->set_key_exchange(v1::RSA_OAEP);
  EXPECT_OK(Policy::Parse(tests::TextOf(policy)));
}

}  // namespace
}  // namespace bootseal::trust
