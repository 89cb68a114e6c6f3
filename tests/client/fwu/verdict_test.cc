#include "client/fwu/verdict.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "tests/client/fwu/test_release.h"
#include "tests/support/status_matchers.h"

namespace bootseal::fwu {
namespace {

using image::host::ReleaseVerdict;
using image::host::TrialEnd;
using tests::StatusIs;
using Code = absl::StatusCode;

constexpr std::int64_t kNow = 1800000000;

class Verdict : public testing::Test {
 protected:
  Verdict() : release_(MakeRelease({.image_bytes = 9})) {
    verdict_.product = release_.manifest.product;
    verdict_.target = release_.manifest.target;
    verdict_.version = release_.manifest.version;
    verdict_.end = TrialEnd::kAccept;
    verdict_.not_after = kNow + 60;
    verdict_.release_sha256 = image::host::ReleaseDigest(release_.manifest);
  }

  VerdictExpected Expected() const {
    return {"gateway", release_.manifest, TrialEnd::kAccept,
            absl::FromUnixSeconds(kNow)};
  }
  static absl::Status Check(
      const ReleaseVerdict& verdict, const VerdictExpected& expected,
      const image::host::ReleaseTrust& trust = TestTrust()) {
    return CheckVerdict(SignedEnvelope(image::host::WriteVerdict(verdict)), "",
                        trust, expected)
        .status();
  }

  TestRelease release_;
  ReleaseVerdict verdict_;
};

TEST_F(Verdict, OfTheKeyOrdersWhatItSays) {
  EXPECT_OK(Check(verdict_, Expected()));
  verdict_.end = TrialEnd::kReject;
  VerdictExpected reject = Expected();
  reject.end = TrialEnd::kReject;
  EXPECT_OK(Check(verdict_, reject));
}

TEST_F(Verdict, OfAnotherKeyIsRefused) {
  image::host::ReleaseTrust trust = TestTrust();
  trust.public_key.back() = static_cast<char>(trust.public_key.back() ^ 1);
  EXPECT_THAT(Check(verdict_, Expected(), trust),
              StatusIs(Code::kPermissionDenied, "SIGNATURE_INVALID"));
}

TEST_F(Verdict, OfSomethingElseIsRefused) {
  const std::function<void(ReleaseVerdict&)> kOthers[] = {
      [](auto& v) { v.product = "toaster"; },
      [](auto& v) { v.target = "gateway/other"; },
      [](auto& v) { v.version.revision = 1; },
      [](auto& v) { v.version.build = 1; },
      [](auto& v) { v.end = TrialEnd::kReject; },
      [](auto& v) { v.release_sha256[31] ^= 1; },
  };
  for (const auto& make : kOthers) {
    ReleaseVerdict other = verdict_;
    make(other);
    EXPECT_THAT(Check(other, Expected()),
                StatusIs(Code::kPermissionDenied, "VERDICT_MISMATCH"))
        << image::host::WriteVerdict(other);
  }
  VerdictExpected elsewhere = Expected();
  elsewhere.product = "toaster";
  EXPECT_THAT(Check(verdict_, elsewhere),
              StatusIs(Code::kPermissionDenied, "VERDICT_MISMATCH"));
}

TEST_F(Verdict, OfTheSameVersionBuiltAnewIsRefused) {
  VerdictExpected rebuilt = Expected();
  rebuilt.release.images[0].sha256[0] ^= 1;
  EXPECT_THAT(Check(verdict_, rebuilt),
              StatusIs(Code::kPermissionDenied, "VERDICT_MISMATCH"));
  rebuilt = Expected();
  ++rebuilt.release.security_counter;
  EXPECT_THAT(Check(verdict_, rebuilt),
              StatusIs(Code::kPermissionDenied, "VERDICT_MISMATCH"));
}

TEST_F(Verdict, HoldsToTheEndOfItsLastSecond) {
  VerdictExpected late = Expected();
  late.now = absl::FromUnixSeconds(kNow + 61) - absl::Nanoseconds(1);
  EXPECT_OK(Check(verdict_, late));
  late.now = absl::FromUnixSeconds(kNow + 61);
  EXPECT_THAT(Check(verdict_, late),
              StatusIs(Code::kPermissionDenied, "VERDICT_EXPIRED"));
}

// As verdict.h says: nothing better can be had of such a device.
TEST_F(Verdict, ThatIsOverIsObeyedByADeviceWhoseClockIsNotSet) {
  VerdictExpected unset = Expected();
  unset.now = absl::UnixEpoch();
  verdict_.not_after = 1;
  EXPECT_OK(Check(verdict_, unset));
}

TEST_F(Verdict, WithoutReceiptIsRefusedWhereTheLogIsTrusted) {
  image::host::ReleaseTrust trust = TestTrust();
  trust.log_key = "log.example+00000000+AAAA";
  EXPECT_THAT(Check(verdict_, Expected(), trust),
              StatusIs(Code::kPermissionDenied, "RECEIPT_MISSING"));
}

TEST_F(Verdict, IsNoReleaseAndNoReleaseIsAVerdict) {
  EXPECT_THAT(CheckVerdict(release_.head.envelope, "", TestTrust(), Expected()),
              StatusIs(Code::kInvalidArgument, "VERDICT_MALFORMED"));
  EXPECT_THAT(
      image::host::OpenRelease(
          SignedEnvelope(image::host::WriteVerdict(verdict_)), "", TestTrust()),
      StatusIs(Code::kInvalidArgument, "MANIFEST_MALFORMED"));
  EXPECT_THAT(CheckVerdict("x", "", TestTrust(), Expected()),
              StatusIs(Code::kInvalidArgument, "ENVELOPE_MALFORMED"));
}

}  // namespace
}  // namespace bootseal::fwu
