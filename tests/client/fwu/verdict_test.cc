#include "client/fwu/verdict.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "tests/client/fwu/test_release.h"
#include "tests/support/status_matchers.h"

namespace bootseal::fwu {
namespace {

using tests::StatusIs;
using Code = absl::StatusCode;

constexpr char kStatement[] =
    "{\"_type\":\"https://in-toto.io/Statement/v1\",\"predicate\":{"
    "\"notAfter\":\"2030-01-01T00:00:00Z\",\"product\":\"gateway\","
    "\"verdict\":\"accept\",\"version\":\"1.2.0\"},\"predicateType\":"
    "\"https://bootseal.dev/firmware-verdict/v1\",\"subject\":[]}";

VerdictExpected Expected() {
  return {"gateway", "1.2.0", "accept", absl::FromUnixSeconds(1800000000)};
}

absl::Status Check(const std::string& statement,
                   const VerdictExpected& expected = Expected()) {
  return CheckVerdict(SignedEnvelope(statement), TestTrust(), expected);
}

std::string With(absl::string_view from, absl::string_view to) {
  return absl::StrReplaceAll(kStatement, {{from, to}});
}

TEST(Verdict, OfTheKeyOrdersWhatItSays) { EXPECT_OK(Check(kStatement)); }

TEST(Verdict, OfAnotherKeyIsRefused) {
  image::host::ReleaseTrust trust = TestTrust();
  trust.public_key.back() = static_cast<char>(trust.public_key.back() ^ 1);
  EXPECT_THAT(CheckVerdict(SignedEnvelope(kStatement), trust, Expected()),
              StatusIs(Code::kPermissionDenied, "SIGNATURE_INVALID"));
}

TEST(Verdict, OfSomethingElseIsRefused) {
  for (const auto& [from, to] : {std::pair{"gateway", "toaster"},
                                 {"accept", "reject"},
                                 {"1.2.0", "1.2.1"}}) {
    EXPECT_THAT(Check(With(from, to)),
                StatusIs(Code::kPermissionDenied, "VERDICT_MISMATCH"))
        << to;
  }
}

TEST(Verdict, IsNotGoodForever) {
  VerdictExpected late = Expected();
  late.now = absl::FromUnixSeconds(1900000000);
  EXPECT_THAT(Check(kStatement, late),
              StatusIs(Code::kPermissionDenied, "VERDICT_EXPIRED"));
}

TEST(Verdict, ThatIsMalformedIsNamed) {
  for (const std::string& statement :
       {std::string("{}"), std::string("x"), std::string("[]"),
        With("firmware-verdict", "firmware-release"),
        With("\"2030-01-01T00:00:00Z\"", "17"),
        With("2030-01-01T00:00:00Z", "soon"), With("\"product\"", "\"x\""),
        With("\"verdict\":\"accept\"", "\"verdict\":true")}) {
    EXPECT_THAT(Check(statement),
                StatusIs(Code::kInvalidArgument, "VERDICT_MALFORMED"))
        << statement;
  }
  EXPECT_THAT(CheckVerdict("x", TestTrust(), Expected()),
              StatusIs(Code::kInvalidArgument, "ENVELOPE_MALFORMED"));
}

TEST(Verdict, IsNoReleaseAndNoReleaseIsAVerdict) {
  EXPECT_THAT(CheckVerdict(MakeRelease({.image_bytes = 9}).head.envelope,
                           TestTrust(), Expected()),
              StatusIs(Code::kInvalidArgument, "VERDICT_MALFORMED"));
  EXPECT_FALSE(
      image::host::OpenRelease(SignedEnvelope(kStatement), "", TestTrust())
          .ok());
}

}  // namespace
}  // namespace bootseal::fwu
