// Each way to be wrong has its own verdict. The images are signed anew after
// they were spoilt wherever the signature is not the point: a refusal must not
// come from the digest alone.
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "firmware/image/host/convert.h"
#include "firmware/image/mcuboot/verifier.h"
#include "tests/support/test_image.h"

namespace bootseal::tests {
namespace {

using image::Algorithm;
using image::Error;
using image::HashAlgorithm;
using image::host::AsBytes;
using image::host::NameOf;
using namespace image::mcuboot;

struct Spoilt {
  const char* name;
  Error verdict;
  // Changes parts before they are signed, after it, and the target's rules.
  // An empty one changes nothing.
  std::function<void(ImageParts&)> before = {};
  std::function<void(ImageParts&)> after = {};
  std::function<void(Rules&)> rules = {};
};

std::ostream& operator<<(std::ostream& out, const Spoilt& spoilt) {
  return out << spoilt.name;
}

// The signed protected area of these TLVs.
std::function<void(ImageParts&)> Protect(std::vector<RawTlv> tlvs) {
  return [tlvs = std::move(tlvs)](ImageParts& parts) {
    parts.protected_area = Area(kProtectedMagic, tlvs);
  };
}

std::string Counter(char value) { return {value, 0, 0, 0}; }

class VerifierRefuses : public testing::TestWithParam<Spoilt> {};

TEST_P(VerifierRefuses, AnImageThat) {
  TestTarget target(SharedKey(Algorithm::kP256));
  ImageParts parts = MakeParts(target, TestPayload(301), {});
  if (GetParam().before) GetParam().before(parts);
  SignAgain(target, parts);
  if (GetParam().after) GetParam().after(parts);
  if (GetParam().rules) GetParam().rules(target.rules);
  const auto verdict = Verify(target.rules, AsBytes(Join(parts)));
  EXPECT_EQ(NameOf(verdict.error()), NameOf(GetParam().verdict));
  EXPECT_FALSE(verdict->intact());
}

std::function<void(ImageParts&)> Flag(std::uint32_t flag) {
  return [flag](ImageParts& parts) { parts.header.flags = flag; };
}

INSTANTIATE_TEST_SUITE_P(
    Header, VerifierRefuses,
    testing::Values(
        Spoilt{"has a longer header", Error::kHeaderSize,
               [](ImageParts& parts) { parts.header.header_size = 0x40; }},
        Spoilt{"is marked non-bootable", Error::kNonBootable,
               Flag(flags::kNonBootable)},
        Spoilt{"says AES-128", Error::kEncrypted,
               Flag(flags::kEncryptedAes128)},
        Spoilt{"says AES-256", Error::kEncrypted,
               Flag(flags::kEncryptedAes256)},
        Spoilt{"says LZMA1", Error::kCompressed, Flag(flags::kCompressedLzma1)},
        Spoilt{"says LZMA2", Error::kCompressed, Flag(flags::kCompressedLzma2)},
        Spoilt{"says a Thumb filter", Error::kCompressed,
               Flag(flags::kCompressedArmThumb)},
        Spoilt{"loads to RAM", Error::kFlags, Flag(flags::kRamLoad)},
        Spoilt{"is fixed in ROM", Error::kFlags, Flag(flags::kRomFixed)},
        Spoilt{"is position-independent", Error::kFlags, Flag(flags::kPic)},
        Spoilt{"has an unknown flag", Error::kFlags, Flag(0x80000000)},
        Spoilt{"has a load address", Error::kLoadAddress,
               [](ImageParts& parts) { parts.header.load_address = 4; }},
        Spoilt{"is larger than the slot", Error::kImageTooLarge,
               [](ImageParts& parts) { parts.payload.resize(0x10000); }},
        Spoilt{"reaches into the trailer", Error::kImageTooLarge,
               [](ImageParts& parts) {
                 parts.payload.resize(0x10000 - 48 - 0x20 - 100);
               }},
        Spoilt{"has an empty protected area", Error::kProtectedSize,
               Protect({})},
        Spoilt{"has no room for vectors", Error::kVectorTable,
               [](ImageParts& parts) { parts.payload.resize(7); }},
        Spoilt{"has no payload", Error::kVectorTable,
               [](ImageParts& parts) { parts.payload.clear(); }}));

INSTANTIATE_TEST_SUITE_P(
    Areas, VerifierRefuses,
    testing::Values(
        Spoilt{"protects a key hash", Error::kTlvNotAllowed,
               Protect({{tlv::kKeyHash, std::string(32, 'k')}})},
        Spoilt{"protects a digest", Error::kTlvNotAllowed,
               Protect({{tlv::kSha256, std::string(32, 'd')}})},
        Spoilt{"protects a signature", Error::kTlvNotAllowed,
               Protect({{tlv::kEcdsa, std::string(70, 's')}})},
        Spoilt{"protects something unknown", Error::kTlvNotAllowed,
               Protect({{0x76, "manifest"}})},
        Spoilt{"protects type 0", Error::kTlvNotAllowed, Protect({{0, ""}})},
        Spoilt{"protects the wildcard", Error::kTlvNotAllowed,
               Protect({{0xffff, ""}})},
        Spoilt{
            "has its counter unprotected",
            Error::kTlvNotAllowed,
            {},
            [](ImageParts& parts) {
              parts.unprotected.push_back({tlv::kSecurityCounter, Counter(9)});
            }},
        Spoilt{"has an unprotected boot record",
               Error::kTlvNotAllowed,
               {},
               [](ImageParts& parts) {
                 parts.unprotected.push_back({tlv::kBootRecord, "r"});
               }},
        Spoilt{"says its signature is pure",
               Error::kTlvNotAllowed,
               {},
               [](ImageParts& parts) {
                 parts.unprotected.push_back({tlv::kSignaturePure, "\x01"});
               }},
        Spoilt{"has type 0 at the end",
               Error::kTlvNotAllowed,
               {},
               [](ImageParts& parts) {
                 parts.unprotected.push_back({0, ""});
               }},
        Spoilt{"has two counters", Error::kTlvDuplicate,
               Protect({{tlv::kSecurityCounter, Counter(9)},
                        {tlv::kSecurityCounter, Counter(4)}})},
        Spoilt{"has two boot records", Error::kTlvDuplicate,
               Protect({{tlv::kBootRecord, "a"}, {tlv::kBootRecord, "a"}})},
        Spoilt{"has two digests",
               Error::kTlvDuplicate,
               {},
               [](ImageParts& parts) {
                 parts.unprotected.push_back(parts.unprotected[0]);
               }},
        Spoilt{
            "has a second digest of another kind",
            Error::kTlvDuplicate,
            {},
            [](ImageParts& parts) {
              parts.unprotected.push_back({tlv::kSha512, std::string(64, 'd')});
            }},
        Spoilt{"has a second key and signature",
               Error::kTlvDuplicate,
               {},
               [](ImageParts& parts) {
                 parts.unprotected.push_back(parts.unprotected[1]);
                 parts.unprotected.push_back(parts.unprotected[2]);
               }},
        Spoilt{"has a second signature of another kind",
               Error::kTlvDuplicate,
               {},
               [](ImageParts& parts) {
                 parts.unprotected.push_back(
                     {tlv::kEd25519, std::string(64, 's')});
               }},
        Spoilt{"has a counter of three bytes", Error::kTlvLength,
               Protect({{tlv::kSecurityCounter, "abc"}})},
        Spoilt{"has a counter of eight bytes", Error::kTlvLength,
               Protect({{tlv::kSecurityCounter, "abcdefgh"}})},
        Spoilt{"has a dependency of eleven bytes", Error::kTlvLength,
               Protect({{tlv::kDependency, std::string(11, '\0')}})},
        Spoilt{"has a short UUID", Error::kTlvLength,
               Protect({{tlv::kVendorUuid, std::string(15, '\0')}})},
        Spoilt{
            "has a digest of 31 bytes",
            Error::kTlvLength,
            {},
            [](ImageParts& parts) { parts.unprotected[0].value.pop_back(); }}));

INSTANTIATE_TEST_SUITE_P(
    Trust, VerifierRefuses,
    testing::Values(
        Spoilt{"has no digest",
               Error::kDigestMissing,
               {},
               [](ImageParts& parts) {
                 parts.unprotected.erase(parts.unprotected.begin());
               }},
        Spoilt{"has a digest of another algorithm",
               Error::kDigestType,
               {},
               [](ImageParts& parts) {
                 parts.unprotected[0] = {tlv::kSha384, std::string(48, 'd')};
               }},
        Spoilt{"has another digest",
               Error::kDigestMismatch,
               {},
               [](ImageParts& parts) { parts.unprotected[0].value[31] ^= 1; }},
        Spoilt{"has another payload",
               Error::kDigestMismatch,
               {},
               [](ImageParts& parts) { parts.payload[300] ^= 1; }},
        Spoilt{"has another version",
               Error::kDigestMismatch,
               {},
               [](ImageParts& parts) { parts.header.version.minor ^= 1; }},
        Spoilt{"has no key",
               Error::kKeyMissing,
               {},
               [](ImageParts& parts) {
                 parts.unprotected.erase(parts.unprotected.begin() + 1);
               }},
        Spoilt{"has the full key instead of its hash",
               Error::kKeyFormat,
               {},
               [](ImageParts& parts) {
                 parts.unprotected[1] = {
                     tlv::kPublicKey, SharedKey(Algorithm::kP256).public_key()};
               }},
        Spoilt{"has the hash instead of the full key",
               Error::kKeyFormat,
               {},
               {},
               [](Rules& rules) { rules.key_format = KeyFormat::kFull; }},
        Spoilt{"names another key",
               Error::kKeyUnknown,
               {},
               [](ImageParts& parts) { parts.unprotected[1].value[0] ^= 1; }},
        Spoilt{
            "names a prefix of the key's hash",
            Error::kKeyUnknown,
            {},
            [](ImageParts& parts) { parts.unprotected[1].value.resize(31); }},
        Spoilt{"names nothing",
               Error::kKeyUnknown,
               {},
               [](ImageParts& parts) { parts.unprotected[1].value.clear(); }},
        Spoilt{"names the key's hash and more",
               Error::kKeyUnknown,
               {},
               [](ImageParts& parts) { parts.unprotected[1].value += 'x'; }},
        Spoilt{"has no signature",
               Error::kSignatureMissing,
               {},
               [](ImageParts& parts) { parts.unprotected.pop_back(); }},
        Spoilt{"has a signature of another kind",
               Error::kSignatureType,
               {},
               [](ImageParts& parts) {
                 parts.unprotected[2] = {tlv::kEd25519, std::string(64, 's')};
               }},
        Spoilt{"has its signature before the key",
               Error::kTlvOrder,
               {},
               [](ImageParts& parts) {
                 std::swap(parts.unprotected[1], parts.unprotected[2]);
               }},
        Spoilt{
            "has a signature that is too long",
            Error::kSignatureLength,
            {},
            [](ImageParts& parts) { parts.unprotected[2].value.resize(73); }},
        Spoilt{"has a byte after the signature",
               Error::kDer,
               {},
               [](ImageParts& parts) {
                 // Short enough that one byte more is still a possible length.
                 std::string& signature = parts.unprotected[2].value;
                 const std::string& digest = parts.unprotected[0].value;
                 while (signature.size() > 71) {
                   signature =
                       SharedKey(Algorithm::kP256).Sign(AsBytes(digest));
                 }
                 signature += '\0';
               }},
        Spoilt{"has raw r and s",
               Error::kDer,
               {},
               [](ImageParts& parts) {
                 parts.unprotected[2].value = std::string(64, '\x11');
               }},
        Spoilt{"has an empty signature",
               Error::kDer,
               {},
               [](ImageParts& parts) { parts.unprotected[2].value.clear(); }},
        Spoilt{"has another signature",
               Error::kSignatureMismatch,
               {},
               [](ImageParts& parts) {
                 const std::string digest(32, 'x');
                 parts.unprotected[2].value =
                     SharedKey(Algorithm::kP256).Sign(AsBytes(digest));
               }}));

INSTANTIATE_TEST_SUITE_P(
    RulesThat, VerifierRefuses,
    testing::Values(
        Spoilt{"cannot be: RSA with SHA-512",
               Error::kRules,
               {},
               {},
               [](Rules& rules) { rules.hash = HashAlgorithm::kSha512; }},
        Spoilt{"cannot be: no key",
               Error::kRules,
               {},
               {},
               [](Rules& rules) { rules.public_key = {}; }},
        Spoilt{"cannot be: half a key hash",
               Error::kRules,
               {},
               {},
               [](Rules& rules) { rules.key_hash = rules.key_hash.first(16); }},
        Spoilt{"cannot be: no slot",
               Error::kRules,
               {},
               {},
               [](Rules& rules) { rules.slot_size = 0; }},
        Spoilt{"cannot be: alignment 3",
               Error::kRules,
               {},
               {},
               [](Rules& rules) { rules.align = 3; }},
        Spoilt{"cannot be: RAM load to nowhere",
               Error::kRules,
               {},
               {},
               [](Rules& rules) { rules.strategy = Strategy::kRamLoad; }},
        Spoilt{"name a hash that is not the key's",
               Error::kKeyUnknown,
               {},
               [](ImageParts& parts) {
                 parts.unprotected[1].value = std::string(32, 'k');
               },
               [](Rules& rules) {
                 static const std::string kOther(32, 'k');
                 rules.key_hash = AsBytes(kOther);
               }}));

}  // namespace
}  // namespace bootseal::tests
