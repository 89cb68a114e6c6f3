#include "firmware/image/host/signed_data.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "firmware/image/crypto.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/host/open_capsule.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_capsule.h"

namespace bootseal::tests {
namespace {

using namespace image::host;

constexpr auto kDenied = absl::StatusCode::kPermissionDenied;
constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

const std::string kFirmware = "a firmware of a few bytes";

absl::Status Opened(const std::string& file,
                    const CapsuleKey& key = SharedCapsuleKey()) {
  return OpenCapsule(file, key.certificate).status();
}

std::string Signed(const CapsuleKey& key = SharedCapsuleKey()) {
  return MakeCapsule(TestCapsuleHeader(), kFirmware, key);
}

std::string Sha256(const std::string& text) {
  return ToString(
      image::HashOf(image::HashAlgorithm::kSha256, AsBytes(text)).bytes());
}

TEST(SignedAttributes, AreContentTypeAndMessageDigestAlone) {
  EXPECT_EQ(absl::BytesToHexString(SignedAttributes(std::string(32, 'd'))),
            absl::StrCat("314b"
                         "301806092a864886f70d010903310b"
                         "06092a864886f70d010701"
                         "302f06092a864886f70d01090431220420",
                         absl::BytesToHexString(std::string(32, 'd'))));
}

TEST(SignedCapsule, IsItsKeysAlone) {
  EXPECT_OK(Opened(Signed()));
  EXPECT_THAT(Opened(Signed(), OtherCapsuleKey()),
              StatusIs(kDenied, "CERTIFICATE_MISMATCH"));
  EXPECT_THAT(Opened(Signed(OtherCapsuleKey())),
              StatusIs(kDenied, "CERTIFICATE_MISMATCH"));
}

// With the right certificate, by the wrong key.
TEST(SignedCapsule, BySomebodyElseIsRefused) {
  CapsuleKey forged{MakeKey("RSA", 2048), "", SharedCapsuleKey().certificate};
  EXPECT_THAT(Opened(Signed(forged)), StatusIs(kDenied, "SIGNATURE_INVALID"));
}

TEST(SignedCapsule, OfAnotherFirmwareVersionOrCountIsRefused) {
  std::string file = Signed();
  file.back() ^= 1;
  EXPECT_THAT(Opened(file), StatusIs(kDenied, "CONTENT_MISMATCH"));
  file = Signed();
  file[file.size() - kFirmware.size() - 8] ^= 1;  // version
  EXPECT_THAT(Opened(file), StatusIs(kDenied, "CONTENT_MISMATCH"));
  file = Signed();
  file[0x5c] ^= 1;  // monotonic count
  EXPECT_THAT(Opened(file), StatusIs(kDenied, "CONTENT_MISMATCH"));
}

bool IsNotSigned(std::size_t offset) {
  const bool oem_flags = offset == 0x14 || offset == 0x15;
  const bool type_and_index = offset >= 0x30 && offset <= 0x40;
  const bool hardware_instance = offset >= 0x4c && offset < 0x54;
  return oem_flags || type_and_index || hardware_instance;
}

// U-Boot's own: what stands in the headers is anybody's.
TEST(SignedCapsule, HoldsEveryBitButThoseThatUefiLeavesOut) {
  const std::string good = Signed();
  const auto read = ReadCapsuleFront(good, good.size());
  ASSERT_OK(read);
  int passed = 0;
  for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
    std::string file = good;
    file[bit / 8] = static_cast<char>(file[bit / 8] ^ 1 << bit % 8);
    const absl::Status status = Opened(file);
    if (!status.ok()) continue;
    ++passed;
    EXPECT_TRUE(IsNotSigned(bit / 8)) << bit / 8 << "." << bit % 8;
    const auto changed = ReadCapsuleFront(file, file.size());
    ASSERT_OK(changed);
    EXPECT_NE(changed->header, read->header);
  }
  // Two bytes of flags, a GUID, an instance, and an index that is not 0.
  EXPECT_EQ(passed, 8 * (2 + 16 + 8) + 7);
}

TEST(SignedCapsule, SaysWhatItsKeySigned) {
  const std::string file = Signed();
  const auto read = ReadCapsuleFront(file, file.size());
  ASSERT_OK(read);
  const auto made = SignatureIn(read->signed_data);
  ASSERT_OK(made);
  EXPECT_EQ(
      made->digest,
      Sha256(SignedAttributes(ContentSha256(TestCapsuleHeader(), kFirmware))));
  const std::string key = SharedCapsuleKey().certificate.public_key();
  EXPECT_OK(VerifyPkcs1(key, made->digest, made->signature));
  EXPECT_THAT(VerifyPkcs1(OtherCapsuleKey().certificate.public_key(),
                          made->digest, made->signature),
              StatusIs(kDenied, "SIGNATURE_INVALID"));
  EXPECT_THAT(VerifyPkcs1(key, made->digest, ""),
              StatusIs(kDenied, "SIGNATURE_INVALID"));
  EXPECT_THAT(VerifyPkcs1(key + "x", made->digest, made->signature),
              StatusIs(kDenied, "SIGNATURE_INVALID"));
  EXPECT_THAT(VerifyPkcs1("", made->digest, made->signature),
              StatusIs(kDenied, "SIGNATURE_INVALID"));
}

TEST(SignedData, CutAtAnyByteIsRefused) {
  const std::string content(32, 'c');
  const CapsuleKey& key = SharedCapsuleKey();
  const std::string der = WriteSignedData(
      key.certificate, content,
      SignPkcs1(key.key.get(), Sha256(SignedAttributes(content))));
  ASSERT_OK(VerifySignedData(der, content, key.certificate));
  for (std::size_t size = 0; size < der.size(); ++size) {
    EXPECT_THAT(VerifySignedData(der.substr(0, size), content, key.certificate),
                StatusIs(kInvalid, "SIGNED_DATA_MALFORMED"))
        << size;
  }
  EXPECT_THAT(VerifySignedData(absl::StrCat(der, std::string(1, '\0')), content,
                               key.certificate),
              StatusIs(kInvalid, "SIGNED_DATA_MALFORMED"));
}

TEST(CapsuleCertificate, IsOneOfAnRsaKey) {
  const CapsuleCertificate& good = SharedCapsuleKey().certificate;
  EXPECT_EQ(good.subject(), "CN=capsules");
  EXPECT_EQ(good.bits(), 2048);
  const struct {
    const char* kind;
    unsigned bits;
    const char* says;
  } kBad[] = {{"P-256", 0, "key is EC"},
              {"P-384", 0, "key is EC"},
              {"RSA", 1024, "key is RSA of 1024 bits"}};
  for (const auto& bad : kBad) {
    const auto key = MakeKey(bad.kind, bad.bits);
    const auto parsed =
        CapsuleCertificate::Parse(CertificatePem(key.get(), "bad"));
    EXPECT_THAT(parsed, StatusIs(kInvalid, "CERTIFICATE_KEY"));
    EXPECT_THAT(parsed, MessageHas(bad.says));
  }
}

TEST(CapsuleCertificate, IsOneInPemAlone) {
  const std::string& good = SharedCapsuleKey().pem;
  EXPECT_OK(CapsuleCertificate::Parse(good + "\n"));
  for (const std::string& bad :
       {std::string(), std::string("x"), "x" + good, good + "x", good + good,
        good.substr(0, good.size() - 2), good.substr(0, 100),
        SharedCapsuleKey().certificate.der(),
        good + PrivateKeyPem(SharedCapsuleKey().key.get()),
        PrivateKeyPem(SharedCapsuleKey().key.get()),
        absl::StrReplaceAll(good, {{"M", "N"}})}) {
    EXPECT_THAT(CapsuleCertificate::Parse(bad),
                StatusIs(kInvalid, "CERTIFICATE_INVALID"))
        << bad;
  }
}

}  // namespace
}  // namespace bootseal::tests
