// What an image says it is: its flags and addresses, for whom, and encrypted.
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "firmware/image/host/convert.h"
#include "firmware/image/mcuboot/expected_header.h"
#include "firmware/image/mcuboot/tlv_types.h"
#include "firmware/image/mcuboot/verifier.h"
#include "tests/support/test_image.h"

namespace bootseal::tests {
namespace {

using image::Algorithm;
using image::Error;
using image::host::AsBytes;
using image::host::NameOf;
using namespace image::mcuboot;

constexpr char kUuid[] = "0123456789abcdef";

struct AttributeCase {
  const char* name;
  Error verdict;
  std::function<void(Rules&)> rules;
  std::function<void(ImageParts&)> before = [](ImageParts&) {};
  std::function<void(ImageParts&)> after = [](ImageParts&) {};
};

std::ostream& operator<<(std::ostream& out, const AttributeCase& one) {
  return out << one.name;
}

class Attributes : public testing::TestWithParam<AttributeCase> {};

TEST_P(Attributes, HaveTheirVerdict) {
  TestTarget target(SharedKey(Algorithm::kP256));
  GetParam().rules(target.rules);
  ImageParts parts = MakeParts(target, TestPayload(304), {});
  parts.header.flags = 0;
  GetParam().before(parts);
  SignAgain(target, parts);
  GetParam().after(parts);
  const auto verdict = Verify(target.rules, AsBytes(Join(parts)));
  EXPECT_EQ(NameOf(verdict.error()), NameOf(GetParam().verdict));
  EXPECT_EQ(verdict->intact(), GetParam().verdict == Error::kOk);
}

void Nothing(Rules&) {}

void Vendor(Rules& rules) { rules.vendor_uuid = AsBytes(kUuid); }
void Class(Rules& rules) { rules.class_uuid = AsBytes(kUuid); }

std::function<void(ImageParts&)> Protected(std::vector<RawTlv> tlvs) {
  return [tlvs = std::move(tlvs)](ImageParts& parts) {
    parts.protected_area = Area(kProtectedMagic, tlvs);
  };
}

INSTANTIATE_TEST_SUITE_P(
    Identity, Attributes,
    testing::Values(
        AttributeCase{"any vendor for who does not ask", Error::kOk, Nothing,
                      Protected({{tlv::kVendorUuid, kUuid}})},
        AttributeCase{"the vendor", Error::kOk, Vendor,
                      Protected({{tlv::kVendorUuid, kUuid}})},
        AttributeCase{"no vendor", Error::kVendorUuid, Vendor},
        AttributeCase{"another vendor", Error::kVendorUuid, Vendor,
                      Protected({{tlv::kVendorUuid, "0123456789abcdeF"}})},
        AttributeCase{"the vendor as a class", Error::kVendorUuid, Vendor,
                      Protected({{tlv::kClassUuid, kUuid}})},
        AttributeCase{"a short vendor", Error::kTlvLength, Vendor,
                      Protected({{tlv::kVendorUuid, "0123456789abcde"}})},
        AttributeCase{
            "two vendors", Error::kTlvDuplicate, Vendor,
            Protected({{tlv::kVendorUuid, kUuid}, {tlv::kVendorUuid, kUuid}})},
        AttributeCase{"a vendor that nobody signed", Error::kTlvNotAllowed,
                      Vendor, Protected({{tlv::kVendorUuid, kUuid}}),
                      [](ImageParts& parts) {
                        parts.unprotected.push_back({tlv::kVendorUuid, kUuid});
                      }},
        AttributeCase{"the class", Error::kOk, Class,
                      Protected({{tlv::kClassUuid, kUuid}})},
        AttributeCase{"no class", Error::kClassUuid, Class},
        AttributeCase{"another class", Error::kClassUuid, Class,
                      Protected({{tlv::kClassUuid, "0123456789abcdeF"}})},
        AttributeCase{"rules with a short vendor", Error::kRules,
                      [](Rules& rules) {
                        rules.vendor_uuid = AsBytes("0123456789abcde");
                      }}));

std::function<void(ImageParts&)> Header(std::uint32_t flags,
                                        std::uint32_t address) {
  return [=](ImageParts& parts) {
    parts.header.flags = flags;
    parts.header.load_address = address;
  };
}

void Fixed(Rules& rules) {
  rules.strategy = Strategy::kDirectXip;
  rules.rom_fixed = 0x20000;
}

INSTANTIATE_TEST_SUITE_P(
    RomFixed, Attributes,
    testing::Values(
        AttributeCase{"the slot's", Error::kOk, Fixed,
                      Header(flags::kRomFixed, 0x20000)},
        AttributeCase{"another slot's", Error::kLoadAddress, Fixed,
                      Header(flags::kRomFixed, 0x40000)},
        AttributeCase{"no flag", Error::kFlags, Fixed, Header(0, 0x20000)},
        AttributeCase{"neither", Error::kFlags, Fixed},
        AttributeCase{"flag of an image to load", Error::kFlags, Fixed,
                      Header(flags::kRamLoad, 0x20000)},
        AttributeCase{"a strategy that moves images", Error::kRules,
                      [](Rules& rules) { rules.rom_fixed = 0x20000; },
                      Header(flags::kRomFixed, 0x20000)},
        AttributeCase{"a load address where nothing is loaded", Error::kRules,
                      [](Rules& rules) { rules.load_address = 0x20000; },
                      Header(flags::kRamLoad, 0x20000)}));

void NonBootable(Rules& rules) { rules.non_bootable = true; }

INSTANTIATE_TEST_SUITE_P(
    NonBootable, Attributes,
    testing::Values(AttributeCase{"the mark", Error::kOk, NonBootable,
                                  Header(flags::kNonBootable, 0)},
                    AttributeCase{"no mark", Error::kFlags, NonBootable},
                    AttributeCase{"the mark on what is started",
                                  Error::kNonBootable, Nothing,
                                  Header(flags::kNonBootable, 0)},
                    AttributeCase{"a payload without vectors", Error::kOk,
                                  NonBootable, [](ImageParts& parts) {
                                    parts.header.flags = flags::kNonBootable;
                                    parts.payload = "data";
                                  }}));

template <Presence kPresence, std::uint32_t kBits = 128,
          std::uint16_t kTlv = tlv::kEncryptionP256>
void Decrypts(Rules& rules) {
  rules.encryption = kPresence;
  rules.encryption_key_bits = kBits;
  rules.encryption_tlv = kTlv;
}
constexpr auto kOptional = Decrypts<Presence::kOptional>;
constexpr auto kRequired = Decrypts<Presence::kRequired>;

const auto kAes128 = Header(flags::kEncryptedAes128, 0);
const auto kAes256 = Header(flags::kEncryptedAes256, 0);

std::function<void(ImageParts&)> WithKey(std::uint16_t type, std::size_t size) {
  return [=](ImageParts& parts) {
    parts.unprotected.push_back({type, std::string(size, 'k')});
  };
}
const auto kKey = WithKey(tlv::kEncryptionP256, 113);

INSTANTIATE_TEST_SUITE_P(
    Encryption, Attributes,
    testing::Values(
        AttributeCase{"none where it is optional", Error::kOk, kOptional},
        AttributeCase{"none where it is required", Error::kEncrypted,
                      kRequired},
        AttributeCase{"the flag where it is forbidden", Error::kEncrypted,
                      Nothing, kAes128},
        AttributeCase{"the flag alone, not encrypted yet", Error::kOk,
                      kRequired, kAes128},
        AttributeCase{"the flag alone, in a file for a device",
                      Error::kEncryptionTlv,
                      [](Rules& rules) {
                        kRequired(rules);
                        rules.encryption_tlv_required = true;
                      },
                      kAes128},
        AttributeCase{"nothing, in a file for a device", Error::kOk,
                      [](Rules& rules) {
                        kOptional(rules);
                        rules.encryption_tlv_required = true;
                      }},
        AttributeCase{"flag and key", Error::kOk, kRequired, kAes128, kKey},
        AttributeCase{"flag and key where optional", Error::kOk, kOptional,
                      kAes128, kKey},
        AttributeCase{"the flag of another key size", Error::kEncrypted,
                      kOptional, kAes256},
        AttributeCase{"both flags", Error::kEncrypted, kOptional,
                      Header(flags::kEncrypted, 0)},
        AttributeCase{"AES-256", Error::kOk, Decrypts<Presence::kRequired, 256>,
                      kAes256, WithKey(tlv::kEncryptionP256, 129)},
        AttributeCase{"the key without the flag", Error::kEncryptionTlv,
                      kOptional, [](ImageParts&) {}, kKey},
        AttributeCase{"the key where nothing is decrypted",
                      Error::kTlvNotAllowed, Nothing, [](ImageParts&) {}, kKey},
        AttributeCase{"the key of another scheme", Error::kTlvNotAllowed,
                      kRequired, kAes128, WithKey(tlv::kEncryptionX25519, 80)},
        AttributeCase{"a key that is cut", Error::kTlvLength, kRequired,
                      kAes128, WithKey(tlv::kEncryptionP256, 112)},
        AttributeCase{"a key of the other size", Error::kTlvLength, kRequired,
                      kAes128, WithKey(tlv::kEncryptionP256, 129)},
        AttributeCase{"two keys", Error::kTlvDuplicate, kRequired, kAes128,
                      [](ImageParts& parts) {
                        kKey(parts);
                        kKey(parts);
                      }},
        AttributeCase{"a key before the signature", Error::kEncryptionTlv,
                      kRequired, kAes128,
                      [](ImageParts& parts) {
                        parts.unprotected.insert(
                            parts.unprotected.begin(),
                            {tlv::kEncryptionP256, std::string(113, 'k')});
                      }},
        AttributeCase{"a key that is signed", Error::kTlvNotAllowed, kRequired,
                      [](ImageParts& parts) {
                        kAes128(parts);
                        parts.protected_area = Area(
                            kProtectedMagic,
                            {{tlv::kEncryptionP256, std::string(113, 'k')}});
                      }},
        AttributeCase{"rules without a scheme", Error::kRules,
                      Decrypts<Presence::kOptional, 128, 0>},
        AttributeCase{"rules with a key of 192 bits", Error::kRules,
                      Decrypts<Presence::kOptional, 192>},
        AttributeCase{"a ciphertext", Error::kDigestMismatch, kRequired,
                      kAes128, [](ImageParts& parts) {
                        kKey(parts);
                        parts.payload[8] ^= 1;
                      }}));

TEST(EncryptionTlv, HasTheLengthOfItsSchemeAndKey) {
  EXPECT_EQ(EncryptionTlvSize(tlv::kEncryptionRsa2048, 128), 256u);
  EXPECT_EQ(EncryptionTlvSize(tlv::kEncryptionRsa2048, 256), 256u);
  EXPECT_EQ(EncryptionTlvSize(tlv::kEncryptionKeyWrap, 128), 24u);
  EXPECT_EQ(EncryptionTlvSize(tlv::kEncryptionKeyWrap, 256), 40u);
  EXPECT_EQ(EncryptionTlvSize(tlv::kEncryptionP256, 128), 113u);
  EXPECT_EQ(EncryptionTlvSize(tlv::kEncryptionP256, 256), 129u);
  EXPECT_EQ(EncryptionTlvSize(tlv::kEncryptionX25519, 128), 80u);
  EXPECT_EQ(EncryptionTlvSize(tlv::kEncryptionX25519, 256), 96u);
  EXPECT_EQ(EncryptionTlvSize(tlv::kEncryptionX25519Sha512, 128), 112u);
  EXPECT_EQ(EncryptionTlvSize(tlv::kEncryptionX25519Sha512, 256), 128u);
  EXPECT_EQ(EncryptionTlvSize(tlv::kSha256, 128), 0u);
}

}  // namespace
}  // namespace bootseal::tests
