// Packages and first stages of an STM32MP over real mutual TLS, signed by keys
// in a real token.
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "firmware/image/certificate/verifier.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/host/fip_package.h"
#include "firmware/image/host/stm32_image.h"
#include "server/trust/first_stage_format.h"
#include "server/trust/package_format.h"
#include "server/trust/package_profile.h"
#include "server/trust/parts.h"
#include "tests/server/approval_fixture.h"
#include "tests/server/log_entries.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_package.h"

namespace bootseal::tests {
namespace {

using image::host::AsBytes;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
constexpr auto kState = absl::StatusCode::kFailedPrecondition;

class PackageTest : public ApprovalFixture {
 protected:
  PackageTest() {
    for (const char* name : {"root", "tw", "ntw", "tee", "fsbl"}) {
      server_.AddKey(name, hsm::Algorithm::kP256);
    }
    AddPackage("fip");
    v1::Target& guarded = AddPackage("guarded-fip");
    guarded.set_approvals(2);
    guarded.add_approvers("release-manager");
    v1::Target& fsbl = Add("fsbl", "fsbl");
    *fsbl.mutable_stm32_header() = TestFirstStageFormat();
    v1::Target& open = Add("open-fsbl", "fsbl");
    *open.mutable_stm32_header() = TestFirstStageFormat();
    open.mutable_stm32_header()->set_open_chips(true);
    v1::Target& guarded_fsbl = Add("guarded-fsbl", "fsbl");
    *guarded_fsbl.mutable_stm32_header() = TestFirstStageFormat();
    guarded_fsbl.set_approvals(1);
    guarded_fsbl.add_approvers("release-manager");
  }

  v1::Target& Add(const std::string& name, const std::string& key) {
    v1::Target& target = *server_.policy().add_targets();
    target.set_name(name);
    target.set_key(key);
    target.add_requesters("ci");
    return target;
  }
  v1::Target& AddPackage(const std::string& name) {
    v1::Target& target = Add(name, "root");
    *target.mutable_fip() = TestPackageFormat();
    target.mutable_fip()->set_trusted_world_key("tw");
    target.mutable_fip()->set_non_trusted_world_key("ntw");
    target.mutable_fip()->set_tos_fw_key("tee");
    return target;
  }

  absl::StatusOr<v1::SignReply> Ask(const v1::SignHeader& header,
                                    const PackageFiles& files,
                                    const std::string& caller = "ci") {
    return Sign(server_.Channel(caller), header, PackageUpload(files));
  }
  absl::StatusOr<v1::SignReply> Ask(const std::string& target,
                                    std::uint32_t counter = 1) {
    v1::SignHeader header = PackageHeader(target, files_);
    header.set_security_counter(counter);
    return Ask(header, files_);
  }

  v1::SignHeader StageHeader(const std::string& target,
                             std::uint32_t version) const {
    v1::SignHeader header = HeaderFor(stage_);
    header.set_target(target);
    header.set_security_counter(version);
    return header;
  }
  absl::StatusOr<v1::SignReply> AskStage(const v1::SignHeader& header) {
    return Sign(server_.Channel("ci"), header, stage_);
  }

  std::string FipOf(const v1::SignReply& reply) const {
    image::host::FipPackage package;
    for (const auto& [name, content] : files_) {
      package.images.push_back({image::host::FindFipName(name)->uuid, content});
    }
    for (const v1::Certificate& each : reply.certificates()) {
      package.images.push_back(
          {image::host::FindFipName(each.name())->uuid, each.der()});
    }
    return image::host::WriteFip(package).value();
  }
  // "", or what the device says.
  std::string Verdict(const v1::SignReply& reply) const {
    const auto profile = trust::PackageProfile::Make(reply.profile());
    EXPECT_OK(profile);
    const std::string fip = FipOf(reply);
    const auto verdict =
        image::certificate::Verify((*profile)->rules(), AsBytes(fip));
    return verdict.ok() ? "" : image::Text(verdict.error());
  }

  const PackageFiles files_ = TestPackageFiles();
  const std::string stage_ = absl::StrCat("bl2", std::string(30'000, 'b'));
};

TEST_F(PackageTest, IsSignedByTheTokensKeysInOneEntry) {
  server_.Start();
  const std::size_t before = Releases(server_);
  const auto reply = Ask("fip");
  ASSERT_OK(reply);
  EXPECT_EQ(Verdict(*reply), "");
  EXPECT_EQ(reply->header(), "");
  EXPECT_EQ(reply->tlvs(), "");
  ASSERT_EQ(reply->certificates_size(), 6);
  EXPECT_EQ(Releases(server_), before + 1);
  const v1::SigningEvent event = EventOf(*reply);
  EXPECT_EQ(event.decision(), v1::ALLOWED);
  EXPECT_EQ(event.security_counter(), 1u);
  ASSERT_EQ(event.components_size(), 5);
  EXPECT_EQ(event.components(4).name(), "nt-fw");
  EXPECT_EQ(event.components(4).sha256(), trust::Sha256Of(files_[4].second));
  const char* const kKeys[] = {"root", "root", "tw", "tee", "ntw", "ntw"};
  ASSERT_EQ(event.digests_size(), 6);
  for (int i = 0; i < 6; ++i) {
    const v1::SignedDigest& digest = event.digests(i);
    const auto made = image::certificate::ReadCertificate(
        AsBytes(reply->certificates(i).der()));
    ASSERT_TRUE(made.ok());
    EXPECT_EQ(digest.name(), reply->certificates(i).name());
    EXPECT_EQ(digest.key(), kKeys[i]);
    EXPECT_EQ(digest.digest(),
              trust::Sha256Of(image::host::ToString(made->to_be_signed)));
    EXPECT_EQ(digest.signature(), image::host::ToString(made->signature));
    EXPECT_EQ(digest.key_hash(),
              trust::Sha256Of(image::host::ToString(made->key.der)));
    EXPECT_FALSE(digest.has_preimage());
  }
}

TEST_F(PackageTest, GivesARetryTheSameBytesAndAnotherContentNothing) {
  server_.Start();
  const v1::SignHeader header = PackageHeader("fip", files_);
  const auto first = Ask(header, files_);
  ASSERT_OK(first);
  const auto again = Ask(header, files_);
  ASSERT_OK(again);
  EXPECT_TRUE(again->replayed());
  EXPECT_EQ(FipOf(*again), FipOf(*first));
  PackageFiles other = files_;
  other[4].second.back() = 'v';
  EXPECT_THAT(Ask(header, other),
              StatusIs(absl::StatusCode::kAlreadyExists, "REQUEST_ID_REUSED"));
  v1::SignHeader later = header;
  later.set_valid_from_unix_seconds(1'800'000'000);
  EXPECT_THAT(Ask(later, files_),
              StatusIs(absl::StatusCode::kAlreadyExists, "REQUEST_ID_REUSED"));
  // Another id, another signature over the same certificates.
  const auto fresh = Ask("fip");
  ASSERT_OK(fresh);
  EXPECT_EQ(EventOf(*fresh).digests(3).digest(),
            EventOf(*first).digests(3).digest());
}

TEST_F(PackageTest, GivesTheSameBytesAfterARestart) {
  server_.Start();
  const v1::SignHeader header = PackageHeader("fip", files_);
  const auto first = Ask(header, files_);
  ASSERT_OK(first);
  server_.Stop();
  server_.Start();
  const auto again = Ask(header, files_);
  ASSERT_OK(again);
  EXPECT_EQ(FipOf(*again), FipOf(*first));
}

TEST_F(PackageTest, ReleasesTheBytesThatWereApproved) {
  server_.Start();
  const v1::SignHeader header = PackageHeader("guarded-fip", files_);
  const auto asked = Ask(header, files_);
  ASSERT_THAT(asked, StatusIs(kState, "APPROVALS_REQUIRED"));
  const auto pending = PendingEntries();
  ASSERT_EQ(pending.size(), 1u);
  ASSERT_EQ(pending[0].signing().digests_size(), 6);
  EXPECT_EQ(pending[0].signing().digests(5).signature(), "");
  const auto told = trust::OpenPackageMessage(pending[0].signing());
  ASSERT_OK(told);
  const auto request = Get(DetailOf(asked.status(), "subject"), "ci");
  ASSERT_OK(request);
  Approve(*request, {&alice_});
  EXPECT_THAT(Ask(header, files_), StatusIs(kState, "APPROVALS_REQUIRED"));
  Approve(*request, {&bob_});
  PackageFiles other = files_;
  other[0].second += "x";
  EXPECT_THAT(Ask(PackageHeader("guarded-fip", other), other),
              StatusIs(kState, "APPROVALS_REQUIRED"));
  v1::SignHeader later = header;
  later.set_request_id("later");
  later.set_valid_from_unix_seconds(1'800'000'000);
  EXPECT_THAT(Ask(later, files_), StatusIs(kState, "APPROVALS_REQUIRED"));
  const auto reply = Ask(header, files_);
  ASSERT_OK(reply);
  EXPECT_EQ(Verdict(*reply), "");
  const v1::SigningEvent event = EventOf(*reply);
  EXPECT_EQ(event.approval_indices_size(), 2);
  ASSERT_EQ(event.digests_size(), 6);
  for (int i = 0; i < 6; ++i) {
    EXPECT_EQ(event.digests(i).digest(),
              told->certificates[static_cast<std::size_t>(i)].digest);
  }
  // Released once: what asks again gets that.
  const auto again = Ask(header, files_);
  ASSERT_OK(again);
  EXPECT_EQ(FipOf(*again), FipOf(*reply));
}

TEST_F(PackageTest, IsNotReleasedOnceSomebodyDenied) {
  server_.Start();
  const v1::SignHeader header = PackageHeader("guarded-fip", files_);
  const auto asked = Ask(header, files_);
  ASSERT_THAT(asked, StatusIs(kState, "APPROVALS_REQUIRED"));
  const auto request = Get(DetailOf(asked.status(), "subject"), "ci");
  ASSERT_OK(request);
  ASSERT_OK(Submit(carol_.Sign(DenialFor(*request, "another u-boot"))));
  EXPECT_THAT(Ask(header, files_),
              StatusIs(absl::StatusCode::kPermissionDenied, "REQUEST_DENIED"));
}

TEST_F(PackageTest, KeepsCountersFromGoingDownAndFromLeaping) {
  server_.Start();
  EXPECT_THAT(Ask("fip", 3), StatusIs(kState, "SECURITY_COUNTER_LEAP"));
  for (const auto counter : {2u, 3u, 4u, 5u}) ASSERT_OK(Ask("fip", counter));
  EXPECT_THAT(Ask("fip", 4), StatusIs(kState, "SECURITY_COUNTER_LOWERED"));
  EXPECT_THAT(Ask("fip", 7), StatusIs(kState, "SECURITY_COUNTER_LEAP"));
  const auto high = Ask("fip", 1025);
  EXPECT_THAT(high, StatusIs(kInvalid, "SECURITY_COUNTER_TOO_HIGH"));
  v1::SignHeader differ = PackageHeader("fip", files_);
  differ.set_security_counter(5);
  differ.set_non_trusted_counter(6);
  EXPECT_THAT(Ask(differ, files_),
              testing::AllOf(StatusIs(kInvalid, "COUNTERS_DIFFER"),
                             MessageHas("give one value")));
  EXPECT_EQ(RefusedEntries(server_).size(), 5u);
  EXPECT_OK(Ask("fip", 6));
}

TEST_F(PackageTest, RefusesImagesThatAreWrong) {
  server_.Start();
  const auto refused = [&](PackageFiles files) {
    return Ask(PackageHeader("fip", files), files);
  };
  PackageFiles fewer = files_;
  fewer.pop_back();
  EXPECT_THAT(refused(fewer), StatusIs(kInvalid, "COMPONENT_MISSING"));
  PackageFiles twice = files_;
  twice.push_back(files_.back());
  EXPECT_THAT(refused(twice), StatusIs(kInvalid, "COMPONENT_TWICE"));
  PackageFiles unknown = files_;
  unknown.emplace_back("rmm-fw", "x");
  EXPECT_THAT(refused(unknown), StatusIs(kInvalid, "COMPONENT_UNKNOWN"));
  PackageFiles large = files_;
  large[4].second = std::string(256 << 10, 'x');
  EXPECT_THAT(refused(large), StatusIs(kInvalid, "PACKAGE_TOO_LARGE"));
  const auto good = Ask("fip");
  ASSERT_OK(good);
  PackageFiles wrapped = files_;
  wrapped[4].second = FipOf(*good);
  const auto answer = refused(wrapped);
  EXPECT_THAT(answer, StatusIs(kInvalid, "ALREADY_A_PACKAGE"));
  EXPECT_EQ(base::FieldOf(answer.status()), "nt-fw");
  const v1::SignHeader header = PackageHeader("fip", files_);
  EXPECT_THAT(Sign(server_.Channel("ci"), header, PackageUpload(files_) + "x"),
              StatusIs(kInvalid, "SIZE_MISMATCH"));
  EXPECT_THAT(Ask(header, files_, "developer"),
              StatusIs(absl::StatusCode::kPermissionDenied, "WRONG_ROLE"));
  EXPECT_THAT(
      tests::Release(server_.Channel("ci"), header, PackageUpload(files_)),
      StatusIs(kInvalid, "WRONG_CALL"));
}

// A key that the token lacks stops the target, and no other signs for it.
TEST_F(PackageTest, WithoutOneOfItsKeysIsNotSigned) {
  v1::PinnedKey& key = *server_.policy().add_keys();
  key = server_.policy().keys(2);
  key.set_name("lost");
  key.set_uri("pkcs11:object=lost");
  key.set_public_key_sha256(std::string(64, 'a'));
  for (v1::Target& target : *server_.policy().mutable_targets()) {
    if (target.name() == "fip") target.mutable_fip()->set_nt_fw_key("lost");
  }
  server_.Start();
  const auto answer = Ask("fip");
  EXPECT_THAT(answer, StatusIs(kState, "KEY_MISSING"));
  EXPECT_THAT(answer, MessageHas("lost"));
  EXPECT_EQ(Releases(server_), 0u);
}

// The token holds a key of that name, and it is not the one that is pinned.
TEST_F(PackageTest, WithAnotherKeyThanThePinnedOneIsNotSigned) {
  for (v1::PinnedKey& key : *server_.policy().mutable_keys()) {
    if (key.name() == "tee") key.set_public_key_sha256(std::string(64, 'a'));
  }
  server_.Start();
  EXPECT_THAT(Ask("fip"), StatusIs(kState, "KEY_NOT_PINNED"));
}

TEST_F(PackageTest, ProfileNamesAllKeys) {
  server_.Start();
  const auto reply = Ask("fip");
  ASSERT_OK(reply);
  std::set<std::string> names;
  for (const v1::ProfileKey& key : reply->profile().keys()) {
    names.insert(key.name());
    EXPECT_EQ(key.public_key().size(), 91u);
  }
  EXPECT_EQ(names, (std::set<std::string>{"tw", "ntw", "tee"}));
}

TEST_F(PackageTest, FirstStageStartsOnAClosedChip) {
  server_.Start();
  const auto reply = AskStage(StageHeader("fsbl", 2));
  ASSERT_OK(reply);
  EXPECT_EQ(reply->tlvs(), "");
  const std::string image = reply->header() + stage_;
  const auto profile = trust::FirstStageProfile::Make(reply->profile());
  ASSERT_OK(profile);
  const image::Digest fused(AsBytes((*profile)->fused_hash()));
  EXPECT_TRUE(image::stm32::RomCheck(
                  {image::stm32::Version::kV1, true, fused, 2}, AsBytes(image))
                  .starts);
  EXPECT_FALSE(image::stm32::RomCheck(
                   {image::stm32::Version::kV1, true, fused, 3}, AsBytes(image))
                   .starts);
  ASSERT_EQ(reply->otp_words_size(), 8);
  EXPECT_EQ(reply->otp_words(0).number(), 24u);
  const auto words = image::host::OtpWords(image::stm32::Version::kV1,
                                           (*profile)->fused_hash());
  ASSERT_OK(words);
  for (std::size_t i = 0; i < words->size(); ++i) {
    EXPECT_EQ(reply->otp_words(static_cast<int>(i)).value(), (*words)[i].value);
  }
  const v1::SigningEvent event = EventOf(*reply);
  ASSERT_EQ(event.digests_size(), 1);
  EXPECT_EQ(event.digests(0).key(), "fsbl");
  EXPECT_EQ(event.digests(0).name(), "");
}

TEST_F(PackageTest, FirstStageThatKillsAChipIsRefused) {
  server_.Start();
  const auto zero = AskStage(StageHeader("fsbl", 0));
  EXPECT_THAT(zero, StatusIs(kInvalid, "IMAGE_VERSION_ZERO"));
  EXPECT_THAT(zero, MessageHas("closing one raises its counter to 1"));
  EXPECT_OK(AskStage(StageHeader("open-fsbl", 0)));
  EXPECT_THAT(AskStage(StageHeader("fsbl", 33)),
              StatusIs(kInvalid, "SECURITY_COUNTER_TOO_HIGH"));
  ASSERT_OK(AskStage(StageHeader("fsbl", 2)));
  EXPECT_THAT(AskStage(StageHeader("fsbl", 1)),
              StatusIs(kState, "SECURITY_COUNTER_LOWERED"));
  EXPECT_THAT(AskStage(StageHeader("fsbl", 4)),
              StatusIs(kState, "SECURITY_COUNTER_LEAP"));
  const std::string image = "STM2" + stage_.substr(4);
  EXPECT_THAT(Sign(server_.Channel("ci"), StageHeader("fsbl", 2), image),
              StatusIs(kInvalid, "ALREADY_A_FIRST_STAGE"));
  EXPECT_THAT(Sign(server_.Channel("ci"), StageHeader("fsbl", 2), stage_ + "x"),
              StatusIs(kInvalid, "SIZE_MISMATCH"));
}

TEST_F(PackageTest, FirstStageIsReleasedAsItWasApproved) {
  server_.Start();
  const v1::SignHeader header = StageHeader("guarded-fsbl", 1);
  const auto asked = AskStage(header);
  ASSERT_THAT(asked, StatusIs(kState, "APPROVALS_REQUIRED"));
  const auto pending = PendingEntries();
  ASSERT_EQ(pending.size(), 1u);
  const auto told = trust::OpenFirstStageMessage(pending[0].signing());
  ASSERT_OK(told);
  EXPECT_EQ(told->image_version, 1u);
  const auto request = Get(DetailOf(asked.status(), "subject"), "ci");
  ASSERT_OK(request);
  Approve(*request, {&alice_});
  const auto reply = AskStage(header);
  ASSERT_OK(reply);
  EXPECT_EQ(EventOf(*reply).digests(0).digest(),
            pending[0].signing().digests(0).digest());
  const auto again = AskStage(header);
  ASSERT_OK(again);
  EXPECT_EQ(again->header(), reply->header());
}

}  // namespace
}  // namespace bootseal::tests
