// Targets for capsules: what a policy must say, what a request may, and what
// approvers are told.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "firmware/image/crypto.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/host/open_capsule.h"
#include "firmware/image/host/signed_data.h"
#include "server/trust/capsule_format.h"
#include "server/trust/decision.h"
#include "server/trust/target_format.h"
#include "server/trust/target_profile.h"
#include "tests/server/trust/spoilt_policy.h"
#include "tests/support/signing_key.h"
#include "tests/support/test_capsule.h"

namespace bootseal::trust {
namespace {

using image::host::AsBytes;
using image::host::ToString;
using tests::MessageHas;
using tests::Spoilt;
using tests::StatusIs;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
constexpr auto kState = absl::StatusCode::kFailedPrecondition;

std::string Sha256(const std::string& text) {
  return ToString(
      image::HashOf(image::HashAlgorithm::kSha256, AsBytes(text)).bytes());
}

v1::Policy WithCapsule() {
  v1::Policy policy = tests::ExamplePolicy();
  tests::AddKey(policy, "capsules",
                tests::SharedCapsuleKey().certificate.public_key(),
                v1::RSA2048);
  *tests::AddTarget(policy, "board/capsule", "capsules").mutable_capsule() =
      tests::TestCapsuleFormat();
  return policy;
}

v1::CapsuleFormat& FormatOf(v1::Policy& policy) {
  return *tests::AddedTarget(policy).mutable_capsule();
}

TEST(CapsuleFormat, IsTakenAsItIs) {
  EXPECT_OK(Policy::Parse(tests::TextOf(WithCapsule())));
  v1::Policy policy = WithCapsule();
  FormatOf(policy).set_image_index(255);
  FormatOf(policy).set_must_be_accepted(true);
  FormatOf(policy).clear_with_version();
  FormatOf(policy).clear_lowest_supported_version();
  EXPECT_OK(Policy::Parse(tests::TextOf(policy)));
}

class CapsuleRefuses : public ::testing::TestWithParam<Spoilt> {};

TEST_P(CapsuleRefuses, ByName) {
  tests::ExpectAddedRefusedByName(WithCapsule(), GetParam());
}

std::string CertificateOf(const char* kind, unsigned bits) {
  return tests::CertificatePem(tests::MakeKey(kind, bits).get(), "other");
}

const Spoilt kSpoilt[] = {
    {"NoImageType", [](auto& p) { FormatOf(p).clear_image_type_guid(); },
     "capsule.image_type_guid: required"},
    {"ImageTypeThatIsNone",
     [](auto& p) { FormatOf(p).set_image_type_guid("fip"); },
     "capsule.image_type_guid: \"fip\" is no GUID"},
    {"ImageTypeOfZeros",
     [](auto& p) {
       FormatOf(p).set_image_type_guid("00000000-0000-0000-0000-000000000000");
     },
     "capsule.image_type_guid: is all zeros"},
    {"IndexAbove255", [](auto& p) { FormatOf(p).set_image_index(256); },
     "capsule.image_index: 256, expected 1 to 255"},
    {"NoCertificate", [](auto& p) { FormatOf(p).clear_certificate_pem(); },
     "capsule.certificate_pem: required"},
    {"CertificateThatIsNone",
     [](auto& p) { FormatOf(p).set_certificate_pem("x"); },
     "capsule.certificate_pem: it is no certificate in PEM"},
    {"TwoCertificates",
     [](auto& p) {
       FormatOf(p).set_certificate_pem(tests::SharedCapsuleKey().pem +
                                       tests::OtherCapsuleKey().pem);
     },
     "capsule.certificate_pem: the file goes on behind a certificate"},
    {"CertificateOfACurve",
     [](auto& p) {
       FormatOf(p).set_certificate_pem(CertificateOf("P-256", 0));
     },
     "capsule.certificate_pem: the certificate's key is EC, expected RSA"},
    {"CertificateOfAShortKey",
     [](auto& p) {
       FormatOf(p).set_certificate_pem(CertificateOf("RSA", 1024));
     },
     "capsule.certificate_pem: the certificate's key is RSA of 1024 bits"},
    {"CertificateOfAnotherKey",
     [](auto& p) {
       FormatOf(p).set_certificate_pem(tests::OtherCapsuleKey().pem);
     },
     "capsule.certificate_pem: is of the key with public_key_sha256"},
    {"NoMaxSize", [](auto& p) { FormatOf(p).clear_max_size(); },
     "capsule.max_size: required"},
    {"MaxSizeThatNoCapsuleHolds",
     [](auto& p) { FormatOf(p).set_max_size(1ull << 32); },
     "capsule.max_size: 4294967296, expected at most"},
    {"LowestVersionWithoutVersions",
     [](auto& p) { FormatOf(p).clear_with_version(); },
     "capsule.lowest_supported_version: never used"},
    {"KeyOfACurve",
     [](auto& p) {
       v1::PinnedKey& key = *p.mutable_keys(p.keys_size() - 1);
       key.set_algorithm(v1::P256);
     },
     "capsule: needs a key of RSA2048 or RSA3072, U-Boot verifies no other; "
     "the key is P256"},
    {"KeyOfAnImageToo",
     [](auto& p) {
       v1::Target& image = *p.add_targets();
       image = p.targets(0);
       image.set_name("image");
       image.set_key("capsules");
     },
     "key: key \"capsules\" is that of target \"image\" too, which is no "
     "capsule"},
};
INSTANTIATE_TEST_SUITE_P(Spoilt, CapsuleRefuses, testing::ValuesIn(kSpoilt),
                         [](const auto& each) { return each.param.name; });

v1::Profile ProfileOf(const tests::CapsuleKey& key) {
  v1::Profile profile;
  v1::Policy policy = WithCapsule();
  *profile.mutable_target() = tests::AddedTarget(policy);
  profile.set_algorithm(v1::RSA2048);
  profile.set_public_key(key.certificate.public_key());
  return profile;
}

TEST(CapsuleProfile, IsOfItsCertificatesKeyAlone) {
  const auto made = TargetProfile::Make(ProfileOf(tests::SharedCapsuleKey()));
  ASSERT_OK(made);
  EXPECT_EQ(made->key_hash(),
            Sha256(tests::SharedCapsuleKey().certificate.public_key()));
  EXPECT_THAT(TargetProfile::Make(ProfileOf(tests::OtherCapsuleKey())),
              MessageHas("is of another key than target board/capsule has"));
  v1::Profile image = ProfileOf(tests::SharedCapsuleKey());
  EXPECT_THAT(McubootProfile::Make(image),
              MessageHas("bootseal capsule create"));
  EXPECT_THAT(ReleaseProfile::Make(image),
              StatusIs(kInvalid, "PROFILE_INVALID"));
}

v1::SignHeader Header() {
  v1::SignHeader header;
  header.set_target("board/capsule");
  header.set_version("0.0.7");
  header.set_request_id("r-1");
  header.set_payload_size(1000);
  return header;
}

TEST(CapsuleJudge, TakesTheCounterFromTheVersionOrAsItIsGiven) {
  const auto policy = tests::Parsed(WithCapsule());
  const auto counter = [&](const v1::SignHeader& header) {
    const auto admission =
        Judge(*policy).Admit(tests::CallerNamed("ci"), header);
    EXPECT_EQ(admission.decision, v1::ALLOWED) << admission.reason;
    return admission.security_counter;
  };
  EXPECT_EQ(counter(Header()), 7u);
  v1::SignHeader header = Header();
  header.set_version("1.2.3");
  EXPECT_EQ(counter(header), 0x01020003u);
  header.set_security_counter(4);
  EXPECT_EQ(counter(header), 4u);
}

TEST(CapsuleJudge, RefusesByTheNameOfTheRule) {
  const auto policy = tests::Parsed(WithCapsule());
  const struct {
    std::function<void(v1::SignHeader&)> spoil;
    const char* rule;
    const char* code;
  } kBad[] = {
      {[](auto& h) { h.set_version("0.0.2"); },
       "target.lowest_supported_version", "VERSION_BELOW_LOWEST"},
      {[](auto& h) { h.set_security_counter(2); },
       "target.lowest_supported_version", "VERSION_BELOW_LOWEST"},
      {[](auto& h) { h.set_payload_size(0); }, "target.slot_size",
       "EMPTY_PAYLOAD"},
      {[](auto& h) { h.set_payload_size((64 << 10) + 1); }, "target.slot_size",
       "PAYLOAD_TOO_LARGE"},
      {[](auto& h) { h.mutable_signed_range(); }, "signed_range",
       "RANGE_NOT_OF_TARGET"},
      {[](auto& h) { h.set_compression(v1::LZMA2); }, "target.compression",
       "COMPRESSION_NOT_OF_TARGET"},
      {[](auto& h) { h.add_components()->set_name("fip"); }, "target.images",
       "COMPONENTS_NOT_OF_TARGET"},
      {[](auto& h) { h.mutable_provisioning(); }, "provisioning",
       "PROVISIONING_NOT_OF_TARGET"},
      {[](auto& h) { h.add_vendor_tlvs()->set_type(0xa0); },
       "target.request_tlvs", "VENDOR_TLV_NOT_ALLOWED"},
      {[](auto& h) { h.set_encrypted(true); }, "target.encryption",
       "ENCRYPTION_NOT_ALLOWED"},
  };
  for (const auto& bad : kBad) {
    v1::SignHeader header = Header();
    bad.spoil(header);
    const auto admission =
        Judge(*policy).Admit(tests::CallerNamed("ci"), header);
    EXPECT_EQ(admission.decision, v1::REFUSED) << bad.code;
    EXPECT_EQ(admission.rule, bad.rule);
    EXPECT_EQ(admission.code, bad.code);
  }
}

TEST(CapsuleOfTarget, DiffersByName) {
  const v1::CapsuleFormat format = tests::TestCapsuleFormat();
  EXPECT_OK(CheckIsOfTarget(format, CapsuleHeaderOf(format, 9)));
  const struct {
    std::function<void(image::host::CapsuleHeader&)> spoil;
    const char* says;
  } kBad[] = {
      {[](auto& h) { h.image_type = image::guids::kFipA; }, "image type GUID"},
      {[](auto& h) { h.image_index = 2; }, "image index is 2, the target's 1"},
      {[](auto& h) { h.hardware_instance = 1; }, "hardware instance is 1"},
      {[](auto& h) { h.oem_flags = 0x8000; }, "flags is 0x8000"},
      {[](auto& h) { h.version.reset(); }, "payload header is none"},
      {[](auto& h) { h.version->lowest_supported = 2; },
       "with 2 as the lowest"},
  };
  for (const auto& bad : kBad) {
    image::host::CapsuleHeader header = CapsuleHeaderOf(format, 9);
    bad.spoil(header);
    const absl::Status status = CheckIsOfTarget(format, header);
    EXPECT_THAT(status, StatusIs(kState, "CAPSULE_OF_ANOTHER"));
    EXPECT_THAT(status, MessageHas(bad.says));
  }
}

v1::SigningEvent Waiting() {
  const auto header = CapsuleHeaderOf(tests::TestCapsuleFormat(), 7);
  v1::SigningEvent event;
  event.set_security_counter(7);
  v1::SignedDigest& digest = *event.add_digests();
  v1::Preimage& preimage = *digest.mutable_preimage();
  preimage.set_header(image::host::SignedInFront(header));
  preimage.set_protected_tlvs(image::host::SignedBehind(header));
  preimage.set_message(image::host::SignedAttributes(
      image::host::ContentSha256(header, "firmware")));
  digest.set_digest(Sha256(preimage.message()));
  return event;
}

TEST(CapsuleMessage, TellsApproversWhatGetsSigned) {
  const auto opened = OpenCapsuleMessage(Waiting());
  ASSERT_OK(opened);
  EXPECT_EQ(opened->header.monotonic_count, 7u);
  EXPECT_EQ(opened->header.version, (image::host::CapsuleVersion{7, 3}));
  EXPECT_EQ(opened->content_sha256,
            image::host::ContentSha256(opened->header, "firmware"));
  EXPECT_TRUE(IsCapsuleMessage(Waiting().digests(0).preimage()));
}

TEST(CapsuleMessage, ThatContradictsItselfIsRefused) {
  using Event = v1::SigningEvent;
  const auto preimage = [](Event& e) {
    return e.mutable_digests(0)->mutable_preimage();
  };
  const std::function<void(Event&)> kSpoil[] = {
      [](Event& e) { e.clear_digests(); },
      [](Event& e) { *e.add_digests() = e.digests(0); },
      [](Event& e) { e.mutable_digests(0)->clear_preimage(); },
      [](Event& e) { e.mutable_digests(0)->set_pure(true); },
      [](Event& e) { e.mutable_digests(0)->mutable_digest()->back() ^= 1; },
      [](Event& e) { e.set_security_counter(8); },
      [&](Event& e) { preimage(e)->mutable_message()->back() ^= 1; },
      [&](Event& e) { preimage(e)->set_message("short"); },
      [&](Event& e) { preimage(e)->mutable_message()->append("x"); },
      [&](Event& e) { preimage(e)->mutable_header()->pop_back(); },
      [&](Event& e) { preimage(e)->mutable_header()->front() = 'm'; },
      [&](Event& e) { (*preimage(e)->mutable_header())[8] ^= 1; },
      [&](Event& e) { preimage(e)->mutable_protected_tlvs()->pop_back(); },
      [&](Event& e) { preimage(e)->mutable_protected_tlvs()->front() ^= 1; },
      [&](Event& e) { preimage(e)->set_padding_bytes(1); },
      [&](Event& e) { preimage(e)->set_payload_padding_bytes(1); },
  };
  for (const auto& spoil : kSpoil) {
    Event event = Waiting();
    spoil(event);
    EXPECT_THAT(OpenCapsuleMessage(event), StatusIs(kState, "CAPSULE_MISMATCH"))
        << event.ShortDebugString();
  }
}

}  // namespace
}  // namespace bootseal::trust
