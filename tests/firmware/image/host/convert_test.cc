#include "firmware/image/host/convert.h"

#include <gtest/gtest.h>

#include "tests/support/status_matchers.h"

namespace bootseal::tests {
namespace {

using image::Error;
using image::host::FormatVersion;
using image::host::ParseVersion;
using image::host::ToStatus;
using image::mcuboot::Version;

TEST(ToStatus, CarriesTheCodesNameAndText) {
  EXPECT_OK(ToStatus(Error::kOk));
  EXPECT_THAT(
      ToStatus(Error::kBootRecordMissing),
      StatusIs(absl::StatusCode::kFailedPrecondition, "BOOT_RECORD_MISSING"));
  EXPECT_THAT(ToStatus(Error::kBootRecordMissing),
              MessageHas("boot record missing"));
  EXPECT_THAT(ToStatus(Error::kDer),
              StatusIs(absl::StatusCode::kFailedPrecondition, "DER"));
}

struct VersionCase {
  const char* text;
  Version version;
  const char* formatted;
};

class VersionText : public testing::TestWithParam<VersionCase> {};

TEST_P(VersionText, IsReadAndFormatted) {
  const auto version = ParseVersion(GetParam().text);
  ASSERT_OK(version);
  EXPECT_EQ(*version, GetParam().version);
  EXPECT_EQ(FormatVersion(*version), GetParam().formatted);
}

INSTANTIATE_TEST_SUITE_P(
    Texts, VersionText,
    testing::Values(VersionCase{"1", {1, 0, 0, 0}, "1.0.0"},
                    VersionCase{"1.2", {1, 2, 0, 0}, "1.2.0"},
                    VersionCase{"1.2.3", {1, 2, 3, 0}, "1.2.3"},
                    VersionCase{"1.2.3+4", {1, 2, 3, 4}, "1.2.3+4"},
                    VersionCase{"0.0.0+0", {0, 0, 0, 0}, "0.0.0"},
                    VersionCase{"255.255.65535+4294967295",
                                {255, 255, 65535, 4294967295U},
                                "255.255.65535+4294967295"}));

class VersionRefused
    : public testing::TestWithParam<std::pair<const char*, const char*>> {};

TEST_P(VersionRefused, WithItsReason) {
  EXPECT_THAT(ParseVersion(GetParam().first),
              StatusIs(absl::StatusCode::kInvalidArgument, GetParam().second));
}

INSTANTIATE_TEST_SUITE_P(
    Texts, VersionRefused,
    testing::Values(
        std::pair("", "VERSION_FORMAT"), std::pair(".", "VERSION_FORMAT"),
        std::pair("1.", "VERSION_FORMAT"), std::pair("v1.2", "VERSION_FORMAT"),
        std::pair("01.2", "VERSION_FORMAT"),
        std::pair("1.2+5", "VERSION_FORMAT"),
        std::pair("1+5", "VERSION_FORMAT"),
        std::pair("1.2.3+", "VERSION_FORMAT"),
        std::pair("1.2.3+4+5", "VERSION_FORMAT"),
        std::pair("1.2.3.4", "VERSION_FORMAT"),
        std::pair("1.2.-3", "VERSION_FORMAT"),
        std::pair(" 1.2.3", "VERSION_FORMAT"),
        std::pair("1.2.3 ", "VERSION_FORMAT"),
        std::pair("1.2.0x3", "VERSION_FORMAT"),
        std::pair("256", "VERSION_RANGE"), std::pair("1.256", "VERSION_RANGE"),
        std::pair("1.2.65536", "VERSION_RANGE"),
        std::pair("1.2.3+4294967296", "VERSION_RANGE"),
        std::pair("99999999999999999999", "VERSION_RANGE")));

TEST(VersionText, NamesTheComponentThatDoesNotFit) {
  EXPECT_THAT(ParseVersion("1.300.0"), MessageHas("minor 300"));
}

}  // namespace
}  // namespace bootseal::tests
