#include "server/sealing/release_sealer.h"

#include <gtest/gtest.h>

#include <functional>

#include "absl/strings/escaping.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/host/dsse.h"
#include "server/trust/format.h"
#include "server/trust/release_format.h"
#include "tests/support/signing_key.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_release.h"

namespace bootseal::sealing {
namespace {

using image::host::AsBytes;
using image::host::ToString;
using tests::Files;
using tests::ReleaseHeader;
using tests::StatusIs;
using tests::TestFip;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

v1::Profile ProfileWith(v1::Algorithm algorithm) {
  v1::Profile profile;
  profile.mutable_target()->set_name("board");
  *profile.mutable_target()->mutable_release() = tests::TestReleaseFormat();
  profile.set_algorithm(algorithm);
  profile.set_public_key(
      tests::SharedKey(trust::ToImage(algorithm)).public_key());
  return profile;
}

Files TwoFiles() { return {{"fip", TestFip(5000)}, {"bootfs", "boot files"}}; }

absl::StatusOr<std::unique_ptr<Sealer>> Fed(const v1::Profile& profile,
                                            const v1::SignHeader& header,
                                            const std::string& payload,
                                            std::size_t chunk = 4096) {
  ASSIGN_OR_RETURN(const auto made, trust::TargetProfile::Make(profile));
  ASSIGN_OR_RETURN(auto sealer,
                   StartSealer(made, header, header.security_counter()));
  for (std::size_t at = 0; at < payload.size(); at += chunk) {
    RETURN_IF_ERROR(sealer->Payload(payload.substr(at, chunk)));
  }
  RETURN_IF_ERROR(sealer->EndOfPayload());
  return sealer;
}

absl::Status Judged(const v1::SignHeader& header, const std::string& payload,
                    std::size_t chunk = 4096) {
  return Fed(ProfileWith(v1::P256), header, payload, chunk).status();
}

std::string Sha256(const std::string& text) {
  return ToString(
      image::HashOf(image::HashAlgorithm::kSha256, AsBytes(text)).bytes());
}

absl::StatusOr<Sealed> SealedBy(const Sealer& sealer,
                                const tests::SigningKey& key) {
  return sealer.Seal(
      [&](const Signable& what, Check check) -> absl::StatusOr<std::string> {
        EXPECT_TRUE(what.message.empty());
        const std::string signature = key.Sign(AsBytes(what.digest));
        RETURN_IF_ERROR(check(signature));
        return signature;
      });
}

TEST(ReleaseSealer, MakesAnEnvelopeThatDevicesOpenWithEveryAlgorithm) {
  for (const v1::Algorithm algorithm :
       {v1::RSA2048, v1::RSA3072, v1::P256, v1::P384, v1::ED25519}) {
    const v1::Profile profile = ProfileWith(algorithm);
    const auto sealer = Fed(profile, ReleaseHeader("board", TwoFiles()),
                            tests::Joined(TwoFiles()));
    ASSERT_OK(sealer);
    const auto sealed =
        SealedBy(**sealer, tests::SharedKey(trust::ToImage(algorithm)));
    ASSERT_OK(sealed);
    const auto& release = std::get<SealedRelease>(*sealed);
    const auto opened = image::host::OpenRelease(
        release.envelope, "",
        {trust::ToImage(algorithm), profile.public_key(), ""});
    ASSERT_OK(opened);
    const auto& manifest = opened->manifest();
    EXPECT_EQ(manifest.product, "board");
    EXPECT_EQ(manifest.security_counter, 5u);
    EXPECT_EQ(image::host::FormatVersion(manifest.version), "1.2.3");
    ASSERT_EQ(manifest.images.size(), 2u);
    EXPECT_EQ(manifest.images[0].sha256, Sha256(TestFip(5000)));
    EXPECT_EQ(manifest.images[1].sha256, Sha256("boot files"));
    EXPECT_EQ(manifest.images[1].size, 10u);
  }
}

TEST(ReleaseSealer, MakesTheSameOfAnyChunks) {
  const v1::SignHeader header = ReleaseHeader("board", TwoFiles());
  std::string digest;
  for (const std::size_t chunk : {1, 3, 4999, 5000, 5001, 100'000}) {
    const auto sealer =
        Fed(ProfileWith(v1::P256), header, tests::Joined(TwoFiles()), chunk);
    ASSERT_OK(sealer) << chunk;
    if (digest.empty()) digest = (*sealer)->signable().digest;
    EXPECT_EQ((*sealer)->signable().digest, digest) << chunk;
    EXPECT_EQ((*sealer)->payload_sha256(), Sha256(tests::Joined(TwoFiles())));
    ASSERT_EQ((*sealer)->components().size(), 2u);
    EXPECT_EQ((*sealer)->components()[1].sha256(), Sha256("boot files"));
  }
}

TEST(ReleaseSealer, TellsApproversWhatTheDigestIsOver) {
  const auto sealer =
      Fed(ProfileWith(v1::P384), ReleaseHeader("board", TwoFiles()),
          tests::Joined(TwoFiles()));
  ASSERT_OK(sealer);
  v1::SigningEvent event;
  event.set_target("board");
  event.set_version("1.2.3");
  event.set_security_counter(5);
  for (const auto& each : (*sealer)->components()) {
    *event.add_components() = each;
  }
  v1::SignedDigest& digest = *event.add_digests();
  digest.set_algorithm(v1::P384);
  digest.set_digest((*sealer)->signable().digest);
  *digest.mutable_preimage() = (*sealer)->preimage();
  EXPECT_OK(trust::OpenReleaseMessage(event));
}

TEST(ReleaseSealer, RefusesASignatureThatDevicesWould) {
  const auto sealer =
      Fed(ProfileWith(v1::P256), ReleaseHeader("board", TwoFiles()),
          tests::Joined(TwoFiles()));
  ASSERT_OK(sealer);
  const tests::SigningKey other(image::Algorithm::kP256);
  EXPECT_THAT(
      SealedBy(**sealer, other),
      StatusIs(absl::StatusCode::kPermissionDenied, "SIGNATURE_INVALID"));
  // Whoever signs and does not check gets nothing either.
  const auto unchecked = (*sealer)->Seal(
      [](const Signable&, Check) -> absl::StatusOr<std::string> {
        return std::string("signature");
      });
  EXPECT_EQ(unchecked.status().code(), absl::StatusCode::kInternal);
}

TEST(ReleaseSealer, TakesWhatWasAnnouncedToTheByte) {
  const v1::SignHeader header = ReleaseHeader("board", TwoFiles());
  const std::string payload = tests::Joined(TwoFiles());
  for (const std::size_t chunk : {1, 4096}) {
    EXPECT_THAT(Judged(header, payload + "x", chunk),
                StatusIs(kInvalid, "SIZE_MISMATCH"));
    EXPECT_THAT(Judged(header, payload.substr(0, payload.size() - 1), chunk),
                StatusIs(kInvalid, "SIZE_MISMATCH"));
    EXPECT_THAT(Judged(header, payload.substr(0, 5000), chunk),
                StatusIs(kInvalid, "SIZE_MISMATCH"));
    EXPECT_THAT(Judged(header, "", chunk), StatusIs(kInvalid, "SIZE_MISMATCH"));
  }
}

TEST(ReleaseSealer, RefusesAFipThatIsNone) {
  for (const std::string& fip :
       {std::string("x"), std::string("\x01\x00\x64", 3),
        std::string("\x01\x00\x64\xab more", 9), std::string(5000, '\0')}) {
    const Files files{{"fip", fip}, {"bootfs", TestFip(100)}};
    for (const std::size_t chunk : {1, 2, 4096}) {
      EXPECT_THAT(
          Judged(ReleaseHeader("board", files), tests::Joined(files), chunk),
          StatusIs(kInvalid, "NOT_A_FIP"))
          << absl::CHexEscape(fip.substr(0, 4)) << " " << chunk;
    }
  }
  // Cut short, and with a table that has no end.
  const std::string whole = TestFip(6000);
  for (const std::string& fip :
       {whole.substr(0, 5999), whole.substr(0, 96), whole.substr(0, 40),
        whole.substr(0, 56) + std::string(5000, 'x')}) {
    const Files files{{"fip", fip}, {"bootfs", TestFip(100)}};
    EXPECT_THAT(Judged(ReleaseHeader("board", files), tests::Joined(files)),
                StatusIs(kInvalid, "NOT_A_FIP"))
        << fip.size();
  }
  const Files swapped{{"fip", "boot files"}, {"bootfs", TestFip(5000)}};
  EXPECT_THAT(Judged(ReleaseHeader("board", swapped), tests::Joined(swapped)),
              StatusIs(kInvalid, "NOT_A_FIP"));
}

TEST(ReleaseSealer, RefusesWhatThePolicyWouldHave) {
  const struct {
    std::function<void(v1::SignHeader&)> spoil;
    const char* reason;
  } kBad[] = {
      {[](auto& h) { h.mutable_components()->RemoveLast(); },
       "COMPONENT_MISSING"},
      {[](auto& h) { *h.add_components() = h.components(0); },
       "COMPONENT_TWICE"},
      {[](auto& h) { h.mutable_components()->SwapElements(0, 1); },
       "COMPONENT_ORDER"},
      {[](auto& h) { h.mutable_components(0)->set_size(0); },
       "COMPONENT_EMPTY"},
      {[](auto& h) { h.mutable_components(0)->set_size(0x10001); },
       "COMPONENT_TOO_LARGE"},
      {[](auto& h) { h.set_payload_size(h.payload_size() + 1); },
       "COMPONENTS_DIFFER_FROM_SIZE"},
      {[](auto& h) { h.mutable_provisioning()->set_active(2); },
       "PROVISIONING_INVALID"},
  };
  for (const auto& bad : kBad) {
    v1::SignHeader header = ReleaseHeader("board", TwoFiles());
    bad.spoil(header);
    EXPECT_THAT(Judged(header, tests::Joined(TwoFiles())),
                StatusIs(kInvalid, bad.reason));
  }
}

}  // namespace
}  // namespace bootseal::sealing
