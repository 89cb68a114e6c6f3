// Capsules over real mutual TLS, signed by a key in a real token, with a
// certificate that bootseal-token made of it.
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/host/open_capsule.h"
#include "firmware/image/host/signed_data.h"
#include "server/trust/capsule_format.h"
#include "server/trust/entry.h"
#include "tests/server/approval_fixture.h"
#include "tests/server/log_entries.h"
#include "tests/support/capsule_target.h"
#include "tests/support/status_matchers.h"

namespace bootseal::tests {
namespace {

using image::host::CapsuleCertificate;
using image::host::OpenCapsule;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
constexpr auto kState = absl::StatusCode::kFailedPrecondition;

class CapsuleTest : public ApprovalFixture {
 protected:
  CapsuleTest() {
    key_ = server_.AddKey("capsules", hsm::Algorithm::kRsa2048,
                          hsm::RsaPadding::kPkcs1);
    const v1::Target& target = AddCapsuleTarget(server_, "capsule", "capsules");
    certificate_ = target.capsule().certificate_pem();
    v1::Target& two = AddCapsuleTarget(server_, "guarded-capsule", "capsules");
    two.set_approvals(2);
    two.add_approvers("release-manager");
    // One key, one certificate; each that is made has a serial of its own.
    two.mutable_capsule()->set_certificate_pem(certificate_);
  }

  static v1::SignHeader HeaderOf(const std::string& target,
                                 const std::string& firmware,
                                 const std::string& version = "0.0.7") {
    v1::SignHeader header = HeaderFor(firmware);
    header.set_target(target);
    header.set_version(version);
    return header;
  }
  absl::StatusOr<v1::SignReply> Ask(const v1::SignHeader& header,
                                    const std::string& firmware,
                                    const std::string& caller = "ci") {
    return tests::Capsule(server_.Channel(caller), header, firmware);
  }

  CapsuleCertificate Certificate() const {
    return CapsuleCertificate::Parse(certificate_).value();
  }

  hsm::KeyInfo key_;
  std::string certificate_;
  const std::string firmware_ =
      absl::StrCat("firmware", std::string(300'000, 'f'));
};

TEST_F(CapsuleTest, IsSignedByTheTokensKeyAndLogged) {
  server_.Start();
  const auto reply = Ask(HeaderOf("capsule", firmware_), firmware_);
  ASSERT_OK(reply);
  EXPECT_EQ(reply->tlvs(), "");
  EXPECT_EQ(reply->manifest(), "");
  EXPECT_EQ(Certificate().public_key(), key_.public_key);
  const auto opened = OpenCapsule(reply->header() + firmware_, Certificate());
  ASSERT_OK(opened);
  EXPECT_EQ(opened->front().header.version,
            (image::host::CapsuleVersion{7, 3}));
  EXPECT_EQ(opened->front().header.monotonic_count, 7u);
  const v1::SigningEvent event = EventOf(*reply);
  EXPECT_EQ(event.decision(), v1::ALLOWED);
  EXPECT_EQ(event.security_counter(), 7u);
  ASSERT_EQ(event.digests_size(), 1);
  const auto made = image::host::SignatureIn(opened->front().signed_data);
  ASSERT_OK(made);
  EXPECT_EQ(event.digests(0).key(), "capsules");
  EXPECT_EQ(event.digests(0).digest(), made->digest);
  EXPECT_EQ(event.digests(0).signature(), made->signature);
}

TEST_F(CapsuleTest, GivesARetryTheSameBytesAndAnotherContentNothing) {
  server_.Start();
  const v1::SignHeader header = HeaderOf("capsule", firmware_);
  const auto first = Ask(header, firmware_);
  ASSERT_OK(first);
  const auto again = Ask(header, firmware_);
  ASSERT_OK(again);
  EXPECT_TRUE(again->replayed());
  EXPECT_EQ(again->header(), first->header());
  std::string other = firmware_;
  other.back() = 'g';
  EXPECT_THAT(Ask(header, other),
              StatusIs(absl::StatusCode::kAlreadyExists, "REQUEST_ID_REUSED"));
}

TEST_F(CapsuleTest, OfAnOlderVersionIsRefused) {
  server_.Start();
  ASSERT_OK(Ask(HeaderOf("capsule", firmware_), firmware_));
  EXPECT_THAT(Ask(HeaderOf("capsule", firmware_, "0.0.6"), firmware_),
              StatusIs(kState, "SECURITY_COUNTER_LOWERED"));
  EXPECT_THAT(Ask(HeaderOf("capsule", firmware_, "0.0.2"), firmware_),
              StatusIs(kInvalid, "VERSION_BELOW_LOWEST"));
  EXPECT_OK(Ask(HeaderOf("capsule", firmware_, "0.0.8"), firmware_));
}

TEST_F(CapsuleTest, RefusesWhatIsNoFirmware) {
  server_.Start();
  const auto refused = [&](const std::string& firmware) {
    return Ask(HeaderOf("capsule", firmware), firmware);
  };
  EXPECT_THAT(refused(absl::StrCat("MSS1", firmware_)),
              StatusIs(kInvalid, "ALREADY_WITH_VERSION"));
  EXPECT_THAT(refused(image::host::WriteRevertCapsule()),
              StatusIs(kInvalid, "ALREADY_A_CAPSULE"));
  EXPECT_THAT(refused(std::string((1 << 20) + 1, 'f')),
              StatusIs(kInvalid, "PAYLOAD_TOO_LARGE"));
  EXPECT_THAT(refused(""), StatusIs(kInvalid, "EMPTY_PAYLOAD"));
  EXPECT_THAT(Ask(HeaderOf("capsule", firmware_), firmware_ + "x"),
              StatusIs(kInvalid, "SIZE_MISMATCH"));
  EXPECT_EQ(RefusedEntries(server_).size(), 5u);
}

TEST_F(CapsuleTest, TellsWhereToAskForTheOther) {
  server_.Start();
  const auto channel = server_.Channel("ci");
  const auto image = Sign(channel, HeaderOf("capsule", firmware_), firmware_);
  EXPECT_THAT(image, StatusIs(kInvalid, "WRONG_CALL"));
  EXPECT_THAT(image, MessageHas("bootseal capsule create"));
  EXPECT_THAT(
      tests::Release(channel, HeaderOf("capsule", firmware_), firmware_),
      StatusIs(kInvalid, "WRONG_CALL"));
  EXPECT_THAT(Ask(HeaderOf("app", firmware_), firmware_),
              StatusIs(kInvalid, "WRONG_CALL"));
  EXPECT_THAT(Ask(HeaderOf("capsule", firmware_), firmware_, "developer"),
              StatusIs(absl::StatusCode::kPermissionDenied, "WRONG_ROLE"));
}

TEST_F(CapsuleTest, ReleasesTheBytesThatWereApproved) {
  server_.Start();
  const v1::SignHeader header = HeaderOf("guarded-capsule", firmware_);
  const auto asked = Ask(header, firmware_);
  ASSERT_THAT(asked, StatusIs(kState, "APPROVALS_REQUIRED"));
  const auto pending = PendingEntries();
  ASSERT_EQ(pending.size(), 1u);
  EXPECT_EQ(pending[0].signing().digests(0).signature(), "");
  const auto told = trust::OpenCapsuleMessage(pending[0].signing());
  ASSERT_OK(told);
  EXPECT_EQ(told->content_sha256,
            image::host::ContentSha256(told->header, firmware_));
  const auto request = Get(DetailOf(asked.status(), "subject"), "ci");
  ASSERT_OK(request);
  Approve(*request, {&alice_});
  EXPECT_THAT(Ask(header, firmware_), StatusIs(kState, "APPROVALS_REQUIRED"));
  Approve(*request, {&bob_});
  std::string other = firmware_;
  other.back() = 'g';
  EXPECT_THAT(Ask(HeaderOf("guarded-capsule", other), other),
              StatusIs(kState, "APPROVALS_REQUIRED"));
  const auto reply = Ask(header, firmware_);
  ASSERT_OK(reply);
  const auto opened = OpenCapsule(reply->header() + firmware_, Certificate());
  ASSERT_OK(opened);
  EXPECT_EQ(opened->content_sha256(), told->content_sha256);
}

// One padding for each key: what signs images signs no capsules.
TEST_F(CapsuleTest, KeyOfAnImageIsRefusedWithThePolicy) {
  server_.policy().mutable_targets(0)->set_key("capsules");
  EXPECT_NE(server_.StartAndFail(), 0);
  EXPECT_NE(server_.ServerLog().find("a key signs capsules alone"),
            std::string::npos)
      << server_.ServerLog();
}

TEST_F(CapsuleTest, CertificateOfAnotherKeyIsRefusedWithThePolicy) {
  server_.AddKey("other", hsm::Algorithm::kRsa2048, hsm::RsaPadding::kPkcs1);
  server_.policy()
      .mutable_targets(server_.policy().targets_size() - 1)
      ->set_key("other");
  EXPECT_NE(server_.StartAndFail(), 0);
  EXPECT_NE(server_.ServerLog().find("certificate_pem: is of the key with"),
            std::string::npos)
      << server_.ServerLog();
}

}  // namespace
}  // namespace bootseal::tests
