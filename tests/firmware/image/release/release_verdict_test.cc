#include "firmware/image/host/release_verdict.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_replace.h"
#include "tests/support/status_matchers.h"

namespace bootseal::image::host {
namespace {

using tests::StatusIs;

// Written out: what others' tools read.
constexpr char kText[] =
    "{\"_type\":\"https://in-toto.io/Statement/v1\",\"predicate\":{"
    "\"notAfter\":\"2027-01-31T00:00:00Z\",\"product\":\"gateway\","
    "\"target\":\"gateway/fip\",\"verdict\":\"accept\",\"version\":\"1.3.0\"},"
    "\"predicateType\":\"https://bootseal.dev/firmware-verdict/v1\","
    "\"subject\":[{\"digest\":{\"sha256\":"
    "\"00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\"},"
    "\"name\":\"release\"}]}";

std::string With(absl::string_view from, absl::string_view to) {
  return absl::StrReplaceAll(kText, {{from, to}});
}

TEST(ReleaseVerdict, IsReadAndWrittenAsTheOneTextThatSaysIt) {
  const auto verdict = ReadVerdict(kText);
  ASSERT_OK(verdict);
  EXPECT_EQ(verdict->product, "gateway");
  EXPECT_EQ(verdict->target, "gateway/fip");
  EXPECT_EQ(verdict->version.minor, 3);
  EXPECT_EQ(verdict->end, TrialEnd::kAccept);
  EXPECT_EQ(verdict->not_after, 1801353600);
  EXPECT_EQ(verdict->release_sha256.substr(0, 3),
            std::string("\x00\x11\x22", 3));
  EXPECT_EQ(WriteVerdict(*verdict), kText);
  EXPECT_TRUE(IsVerdict(kText));
}

TEST(ReleaseVerdict, InAnyOtherTextIsNamed) {
  const std::string bad[] = {
      "",
      "x",
      "[]",
      "{}",
      With("in-toto.io/Statement/v1", "in-toto.io/Statement/v2"),
      With("firmware-verdict", "firmware-release"),
      With("2027-01-31T00:00:00Z", "soon"),
      With("\"2027-01-31T00:00:00Z\"", "1801353600"),
      With("2027-01-31T00:00:00Z", "2027-01-31T01:00:00+01:00"),
      With("2027-01-31T00:00:00Z", "2027-01-31T00:00:00.5Z"),
      With("2027-01-31T00:00:00Z", "1969-12-31T23:59:59Z"),
      With("2027-01-31T00:00:00Z", "10000-01-01T00:00:00Z"),
      With("2027-01-31T00:00:00Z", "infinite-future"),
      With("\"accept\"", "\"maybe\""),
      With("\"accept\"", "\"Accept\""),
      With("\"accept\"", "true"),
      With("\"1.3.0\"", "\"1.3\""),
      With("\"1.3.0\"", "\"1.3.x\""),
      With("\"gateway\"", "\"\""),
      With("\"product\":\"gateway\",", ""),
      With("\"target\":\"gateway/fip\",", ""),
      With("0011", "001"),
      With("aabb", "AABB"),
      With("0011", "xx11"),
      With("\"release\"", "\"fip\""),
      With("\"release\"}]", "\"release\"},{}]"),
      With("\"target\"", "\"colour\":\"red\",\"target\""),
      With("\"target\":\"gateway/fip\"",
           "\"target\":\"gateway/fip\",\"target\":\"gateway/fip\""),
      With(",\"subject\"", ", \"subject\""),
      std::string(kText) + "\n",
  };
  for (const std::string& text : bad) {
    EXPECT_THAT(ReadVerdict(text), StatusIs(absl::StatusCode::kInvalidArgument,
                                            "VERDICT_MALFORMED"))
        << text;
  }
}

TEST(ReleaseVerdict, CutAnywhereIsMalformed) {
  const std::string text(kText);
  for (std::size_t size = 0; size < text.size(); ++size) {
    EXPECT_FALSE(ReadVerdict(text.substr(0, size)).ok()) << size;
  }
}

TEST(ReleaseVerdict, IsToldFromARelease) {
  EXPECT_FALSE(IsVerdict(With("firmware-verdict", "firmware-release")));
  EXPECT_FALSE(IsVerdict("no JSON"));
}

}  // namespace
}  // namespace bootseal::image::host
