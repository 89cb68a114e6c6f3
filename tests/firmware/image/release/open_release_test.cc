#include <gtest/gtest.h>

#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/host/dsse.h"
#include "firmware/image/host/release_manifest.h"
#include "tests/firmware/image/release/release_case.h"
#include "tests/support/status_matchers.h"

namespace bootseal::tests {
namespace {

using image::Algorithm;
using image::host::AsBytes;
using image::host::OpenRelease;
using image::host::ReleaseTrust;
using image::host::WriteManifest;

class Release : public testing::Test {
 protected:
  Release()
      : manifest_(WriteManifest(FipManifest(2))),
        text_(SignedManifest(key(), manifest_)),
        trust_{key().algorithm(), key().public_key(), log_.verifier_key()} {}

  static const SigningKey& key() { return SharedKey(Algorithm::kP256); }
  std::string Entry() const {
    return EntryOf(text_.digest, "before" + text_.signature + "behind");
  }
  std::string Receipt() const { return log_.Receipt(Entry()); }

  std::string Refused(const std::string& envelope,
                      const std::string& receipt) const {
    const auto release = OpenRelease(envelope, receipt, trust_);
    return release.ok() ? "taken" : base::ReasonOf(release.status());
  }

  TestLog log_;
  std::string manifest_;
  SignedText text_;
  ReleaseTrust trust_;
};

TEST_F(Release, OpensWithItsReceipt) {
  const auto release = OpenRelease(text_.envelope, Receipt(), trust_);
  ASSERT_OK(release);
  EXPECT_EQ(release->manifest().product, "pump-controller");
  EXPECT_EQ(release->log_index(), 0u);
}

TEST_F(Release, OpensWithoutOneWhereNoLogIsNamed) {
  trust_.log_key.clear();
  const auto release = OpenRelease(text_.envelope, "", trust_);
  ASSERT_OK(release);
  EXPECT_EQ(release->log_index(), std::nullopt);
}

TEST_F(Release, OpensForEveryAlgorithm) {
  for (const Algorithm algorithm :
       {Algorithm::kP256, Algorithm::kP384, Algorithm::kEd25519,
        Algorithm::kRsa2048, Algorithm::kRsa3072}) {
    const SigningKey& each = SharedKey(algorithm);
    const SignedText text = SignedManifest(each, manifest_);
    const ReleaseTrust trust{algorithm, each.public_key(), log_.verifier_key()};
    EXPECT_OK(OpenRelease(text.envelope,
                          log_.Receipt(EntryOf(text.digest, text.signature)),
                          trust));
  }
}

TEST_F(Release, ChangedAtAnyByteOfItsManifestIsRefused) {
  for (std::size_t at = 0; at < manifest_.size(); ++at) {
    std::string changed = manifest_;
    changed[at] ^= 1;
    const std::string envelope =
        image::host::WriteEnvelope({image::host::kManifestPayloadType, changed,
                                    "release", text_.signature});
    ASSERT_EQ(Refused(envelope, Receipt()), "SIGNATURE_INVALID") << at;
  }
}

TEST_F(Release, ChangedAtAnyByteOfItsEnvelopeIsRefusedOrTheSame) {
  for (std::size_t at = 0; at < text_.envelope.size(); ++at) {
    std::string changed = text_.envelope;
    changed[at] ^= 1;
    const auto release = OpenRelease(changed, Receipt(), trust_);
    if (!release.ok()) continue;
    // The key id is a hint, and the line's end is no part.
    ASSERT_EQ(WriteManifest(release->manifest()), manifest_) << at;
  }
}

TEST_F(Release, CutAtAnyByteIsRefused) {
  for (std::size_t at = 0; at + 1 < text_.envelope.size(); ++at) {
    ASSERT_EQ(Refused(text_.envelope.substr(0, at), Receipt()),
              "ENVELOPE_MALFORMED")
        << at;
  }
}

TEST_F(Release, OfAnotherKeyOrAlgorithmIsRefused) {
  const SigningKey other(Algorithm::kP256);
  trust_.public_key = other.public_key();
  EXPECT_EQ(Refused(text_.envelope, Receipt()), "SIGNATURE_INVALID");
  trust_.public_key.clear();
  EXPECT_EQ(Refused(text_.envelope, Receipt()), "SIGNATURE_INVALID");
  trust_ = {Algorithm::kEd25519, SharedKey(Algorithm::kEd25519).public_key(),
            log_.verifier_key()};
  EXPECT_EQ(Refused(text_.envelope, Receipt()), "SIGNATURE_INVALID");
}

TEST_F(Release, OfAnotherPayloadTypeIsRefused) {
  const std::string envelope = image::host::WriteEnvelope(
      {"application/json", manifest_, "release", text_.signature});
  EXPECT_EQ(Refused(envelope, Receipt()), "PAYLOAD_TYPE");
}

TEST_F(Release, WhoseSignedTextIsNoManifestIsRefused) {
  text_ = SignedManifest(key(), manifest_ + " ");
  EXPECT_EQ(Refused(text_.envelope, Receipt()), "MANIFEST_MALFORMED");
}

TEST_F(Release, WithoutAReceiptIsRefused) {
  EXPECT_EQ(Refused(text_.envelope, ""), "RECEIPT_MISSING");
}

TEST_F(Release, WithTheReceiptOfAnotherSignatureIsRefused) {
  const SignedText other = SignedManifest(key(), manifest_ + " ");
  EXPECT_EQ(Refused(text_.envelope,
                    log_.Receipt(EntryOf(other.digest, other.signature))),
            "RECEIPT_OF_ANOTHER");
}

TEST_F(Release, WithTheReceiptOfARequestThatStillWaitedIsRefused) {
  EXPECT_EQ(Refused(text_.envelope, log_.Receipt(EntryOf(text_.digest, ""))),
            "RECEIPT_OF_ANOTHER");
  // The same manifest, signed another time.
  const SignedText again = SignedManifest(key(), manifest_);
  ASSERT_NE(again.signature, text_.signature);
  EXPECT_EQ(Refused(text_.envelope,
                    log_.Receipt(EntryOf(again.digest, again.signature))),
            "RECEIPT_OF_ANOTHER");
}

TEST_F(Release, WithTheReceiptOfAnEntryOfAnotherKindIsRefused) {
  EXPECT_EQ(Refused(text_.envelope,
                    log_.Receipt(EntryOf(text_.digest, text_.signature, 15))),
            "RECEIPT_OF_ANOTHER");
  const std::string entry = Entry();
  for (std::size_t at = 0; at < 8 + text_.digest.size(); ++at) {
    std::string changed = entry;
    changed[at] ^= 1;
    ASSERT_EQ(Refused(text_.envelope, log_.Receipt(changed)),
              "RECEIPT_OF_ANOTHER")
        << at;
  }
  for (const std::size_t size : {1, 8, 71, 72}) {
    ASSERT_EQ(Refused(text_.envelope, log_.Receipt(entry.substr(0, size))),
              "RECEIPT_OF_ANOTHER")
        << size;
  }
}

TEST_F(Release, WithAReceiptThatIsChangedOrOfAnotherLogIsRefused) {
  const std::string receipt = Receipt();
  for (std::size_t at = 0; at < receipt.size(); ++at) {
    std::string changed = receipt;
    changed[at] ^= 1;
    ASSERT_NE(Refused(text_.envelope, changed), "taken") << at;
    ASSERT_NE(Refused(text_.envelope, receipt.substr(0, at)), "taken") << at;
  }
  EXPECT_EQ(Refused(text_.envelope, TestLog().Receipt(Entry())),
            "RECEIPT_INVALID");
  EXPECT_EQ(Refused(text_.envelope, "receipt"), "RECEIPT_INVALID");
}

TEST_F(Release, WithALogKeyThatIsNoneIsRefused) {
  trust_.log_key = "log.example+00000000+AAAA";
  EXPECT_EQ(Refused(text_.envelope, Receipt()), "LOG_KEY_MALFORMED");
}

}  // namespace
}  // namespace bootseal::tests
