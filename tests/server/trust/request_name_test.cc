#include "server/trust/request_name.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace bootseal::trust {
namespace {

// Of the request that the tests ask about.
const std::string& Subject() {
  static const std::string subject =
      absl::StrCat("\xde\xad\xbe\xef", std::string(28, '\x5a'));
  return subject;
}

TEST(RequestName, OfEightDigitsAndMoreIsTheSubjects) {
  const std::string digits = absl::BytesToHexString(Subject());
  EXPECT_TRUE(IsNamed("deadbeef", Subject(), "job-1"));
  EXPECT_TRUE(IsNamed("DEADbeef5", Subject(), "job-1"));
  EXPECT_TRUE(IsNamed(digits, Subject(), "job-1"));
  EXPECT_TRUE(IsWholeSubject(digits));
  EXPECT_FALSE(IsNamed("deadbee0", Subject(), "job-1"));
  EXPECT_FALSE(IsNamed(digits + "5", Subject(), "job-1"));
  EXPECT_FALSE(IsWholeSubject("deadbeef"));
}

TEST(RequestName, OfDigitsIsNeverTheIdOfAnothersRequest) {
  const std::string other(32, '\x11');
  EXPECT_FALSE(IsNamed("deadbeef", other, "deadbeef"));
  EXPECT_FALSE(IsNamed(absl::BytesToHexString(Subject()), other,
                       absl::BytesToHexString(Subject())));
}

TEST(RequestName, AfterIdColonIsTheRequestIdWhateverItLooksLike) {
  EXPECT_TRUE(IsNamed("id:cafecafe", Subject(), "cafecafe"));
  EXPECT_TRUE(IsNamed("id:job-1", Subject(), "job-1"));
  EXPECT_FALSE(IsNamed("id:deadbeef", Subject(), "job-1"));
  EXPECT_FALSE(IsNamed("id:cafecafe", Subject(), "CAFECAFE"));
}

TEST(RequestName, OfFewDigitsIsARequestIdAndNoSubject) {
  EXPECT_TRUE(IsNamed("dead", Subject(), "dead"));
  EXPECT_FALSE(IsNamed("dead", Subject(), "job-1"));
  EXPECT_FALSE(IsNamed("deadbee", Subject(), "job-1"));
}

TEST(RequestName, OfNothingIsNobodys) {
  EXPECT_FALSE(IsNamed("", Subject(), ""));
  EXPECT_FALSE(IsNamed("id:", Subject(), ""));
}

}  // namespace
}  // namespace bootseal::trust
