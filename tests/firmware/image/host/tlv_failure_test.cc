// TLVs that a rule refuses are named, with place and length, and so is what
// wrote them.
#include "firmware/image/host/tlv_failure.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <ostream>
#include <string>

#include "firmware/image/host/convert.h"
#include "firmware/image/host/explain.h"
#include "tests/firmware/image/host/finding.h"
#include "tests/support/test_image.h"

namespace bootseal::tests {
namespace {

using image::Algorithm;
using image::Error;
using image::host::AsBytes;
using image::host::Explain;
using image::host::Finding;
using image::host::Outcome;
using namespace image::mcuboot;
using testing::HasSubstr;
using testing::Not;

struct TlvRow {
  const char* name;
  Error code;
  std::function<void(TestTarget&, ImageParts&)> spoil;
  const char* detail;
  const char* fix;
  std::uint64_t offset = kFirstUnprotected;

  // Header, payload of 300, info header.
  static constexpr std::uint64_t kFirstUnprotected = 0x20 + 300 + 4;
};

std::ostream& operator<<(std::ostream& out, const TlvRow& row) {
  return out << row.name;
}

void Front(ImageParts& parts, std::uint16_t type, std::size_t size) {
  parts.unprotected.insert(parts.unprotected.begin(),
                           {type, std::string(size, 'x')});
}

void Protect(const TestTarget& target, ImageParts& parts,
             const std::vector<RawTlv>& tlvs) {
  parts.protected_area = Area(kProtectedMagic, tlvs);
  SignAgain(target, parts);
}

class TlvRule : public testing::TestWithParam<TlvRow> {};

TEST_P(TlvRule, NamesTheOffendingTlvAlone) {
  const TlvRow& row = GetParam();
  TestTarget target(SharedKey(Algorithm::kP256));
  ImageParts parts = MakeParts(target, TestPayload(300), {});
  row.spoil(target, parts);
  const std::string image = Join(parts);
  const Finding finding =
      FindingOf(Explain(target.rules, AsBytes(image)), row.code);
  EXPECT_EQ(finding.outcome, Outcome::kFail);
  EXPECT_EQ(finding.offset, row.offset);
  EXPECT_THAT(finding.detail, HasSubstr(row.detail));
  EXPECT_THAT(finding.detail, Not(HasSubstr("KEYHASH")));
  EXPECT_THAT(finding.fix, HasSubstr(row.fix));
  EXPECT_THAT(finding.fix, Not(HasSubstr("damaged")));
}

INSTANTIATE_TEST_SUITE_P(
    NotAllowed, TlvRule,
    testing::Values(
        TlvRow{"a counter among the unprotected", Error::kTlvNotAllowed,
               [](TestTarget&, ImageParts& parts) { Front(parts, 0x50, 4); },
               "SEC_CNT TLV (0x50) of 4 bytes in the unprotected area at "
               "0x150, expected in the protected area",
               "no option of imgtool's"},
        TlvRow{"a mark of pure", Error::kTlvNotAllowed,
               [](TestTarget&, ImageParts& parts) { Front(parts, 0x25, 1); },
               "SIG_PURE TLV (0x25) of 1 bytes in the unprotected area at "
               "0x150, expected in no image of this target",
               "without --pure"},
        TlvRow{"a content key", Error::kTlvNotAllowed,
               [](TestTarget&, ImageParts& parts) { Front(parts, 0x33, 80); },
               "ENC_X25519 TLV (0x33) of 80 bytes", "without -E"},
        TlvRow{"a content key of another kind", Error::kTlvNotAllowed,
               [](TestTarget& target, ImageParts& parts) {
                 target.rules.encryption = Presence::kOptional;
                 target.rules.encryption_tlv = 0x32;
                 Front(parts, 0x33, 80);
               },
               "ENC_X25519 TLV (0x33) of 80 bytes",
               "the kind that makes ENC_EC256 TLV (0x32); or set the target's "
               "encryption.key_exchange"},
        TlvRow{"a decompressed size", Error::kTlvNotAllowed,
               [](TestTarget& target, ImageParts& parts) {
                 Protect(target, parts, {{0x70, "size"}});
               },
               "DECOMP_SIZE TLV (0x70) of 4 bytes in the protected area at "
               "0x150",
               "without --compression"},
        TlvRow{"a UUID among the unprotected", Error::kTlvNotAllowed,
               [](TestTarget&, ImageParts& parts) { Front(parts, 0x75, 16); },
               "UUID_CID TLV (0x75) of 16 bytes in the unprotected area",
               "--cid"},
        TlvRow{"a vendor's with an allow list", Error::kTlvNotAllowed,
               [](TestTarget& target, ImageParts& parts) {
                 target.rules.allow_list = true;
                 Front(parts, 0xa5, 3);
               },
               "VENDOR TLV (0xa5) of 3 bytes in the unprotected area at 0x150, "
               "expected in the protected area",
               "--custom-tlv 0xa5 VALUE"},
        TlvRow{"one that nobody knows, and another", Error::kTlvNotAllowed,
               [](TestTarget&, ImageParts& parts) {
                 Front(parts, 0x99, 0);
                 Front(parts, 0x25, 1);
               },
               "expected in no image of this target; UNKNOWN TLV (0x99) of 0 "
               "bytes in the unprotected area at 0x155",
               "MCUBOOT_SIGN_PURE; no option of imgtool's"}),
    [](const auto& each) { return "Case" + std::to_string(each.index); });

INSTANTIATE_TEST_SUITE_P(
    Forms, TlvRule,
    testing::Values(
        TlvRow{"a counter of eight bytes", Error::kTlvLength,
               [](TestTarget& target, ImageParts& parts) {
                 Protect(target, parts, {{0x50, "12345678"}});
               },
               "SEC_CNT TLV (0x50) of 8 bytes in the protected area at 0x150, "
               "expected 4",
               "sign the payload anew"},
        TlvRow{"a digest of 31 bytes", Error::kTlvLength,
               [](TestTarget&, ImageParts& parts) {
                 parts.unprotected[0].value.pop_back();
               },
               "SHA256 TLV (0x10) of 31 bytes in the unprotected area at "
               "0x150, expected 32",
               "sign the payload anew"},
        TlvRow{"a content key of 256 bits", Error::kTlvLength,
               [](TestTarget& target, ImageParts& parts) {
                 target.rules.encryption = Presence::kOptional;
                 target.rules.encryption_tlv = 0x34;
                 Front(parts, 0x34, 128);
               },
               "ENC_X25519_SHA512 TLV (0x34) of 128 bytes in the unprotected "
               "area at 0x150, expected 112",
               "--encrypt-keylen 128 --hmac-sha 512"},
        TlvRow{"two counters", Error::kTlvDuplicate,
               [](TestTarget& target, ImageParts& parts) {
                 Protect(target, parts, {{0x50, "1234"}, {0x50, "5678"}});
               },
               "SEC_CNT TLV (0x50) of 4 bytes in the protected area at 0x158, "
               "after SEC_CNT TLV (0x50) at 0x150, expected one of them",
               "sign the payload anew", 0x158},
        TlvRow{"two digests", Error::kTlvDuplicate,
               [](TestTarget&, ImageParts& parts) { Front(parts, 0x12, 64); },
               "SHA256 TLV (0x10) of 32 bytes in the unprotected area at "
               "0x194, after SHA512 TLV (0x12) at 0x150",
               "sign the payload anew", 0x194},
        TlvRow{"no content key", Error::kEncryptionTlv,
               [](TestTarget& target, ImageParts& parts) {
                 target.rules.encryption = Presence::kOptional;
                 target.rules.encryption_tlv = 0x32;
                 target.rules.encryption_tlv_required = true;
                 parts.header.flags = flags::kEncryptedAes128;
                 SignAgain(target, parts);
               },
               "flags 0x4 at 0x10 say encrypted, expected ENC_EC256 TLV (0x32) "
               "of 113 bytes as the last, found none",
               "-E DEVICE.pem", 0x10},
        TlvRow{"a content key and no flag", Error::kEncryptionTlv,
               [](TestTarget& target, ImageParts& parts) {
                 target.rules.encryption = Presence::kOptional;
                 target.rules.encryption_tlv = 0x32;
                 Front(parts, 0x32, 113);
               },
               "ENC_EC256 TLV (0x32) of 113 bytes in the unprotected area at "
               "0x150, and flags 0x0 at 0x10, expected 0x4",
               "-E DEVICE.pem"},
        TlvRow{"a content key that is not the last", Error::kEncryptionTlv,
               [](TestTarget& target, ImageParts& parts) {
                 target.rules.encryption = Presence::kOptional;
                 target.rules.encryption_tlv = 0x32;
                 parts.header.flags = flags::kEncryptedAes128;
                 SignAgain(target, parts);
                 Front(parts, 0x32, 113);
               },
               "at 0x150, followed by SHA256 TLV (0x10) of 32 bytes in the "
               "unprotected area at 0x1c5, expected as the last",
               "sign the payload anew"}),
    [](const auto& each) { return "Case" + std::to_string(each.index); });

}  // namespace
}  // namespace bootseal::tests
