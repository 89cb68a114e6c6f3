#include "server/trust/trace_context.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"

namespace bootseal::trust {
namespace {

// The specification's own example.
constexpr char kTrace[] = "4bf92f3577b34da6a3ce929d0e0e4736";
constexpr char kSpan[] = "00f067aa0ba902b7";

std::string Parent(const std::string& version, const std::string& trace,
                   const std::string& span, const std::string& flags) {
  return absl::StrCat(version, "-", trace, "-", span, "-", flags);
}

TEST(TraceParent, GivesTraceAndSpan) {
  const auto parsed = ParseTraceParent(Parent("00", kTrace, kSpan, "01"));
  ASSERT_TRUE(parsed.has_value());
  EXPECT_EQ(parsed->trace_id, kTrace);
  EXPECT_EQ(parsed->span_id, kSpan);
}

TEST(TraceParent, OfALaterVersionMayGoOn) {
  const std::string later = Parent("cc", kTrace, kSpan, "01");
  EXPECT_TRUE(ParseTraceParent(later).has_value());
  EXPECT_TRUE(ParseTraceParent(later + "-what-comes").has_value());
  EXPECT_FALSE(ParseTraceParent(later + ".what-comes").has_value());
  EXPECT_FALSE(ParseTraceParent(later + "-" + std::string(512, 'a')));
}

TEST(TraceParent, IsNothingElse) {
  const std::string good = Parent("00", kTrace, kSpan, "01");
  const std::string bad[] = {
      "",
      "00",
      good.substr(0, 54),
      good + "-",
      good + "-01",
      good + " ",
      " " + good.substr(0, 54),
      Parent("ff", kTrace, kSpan, "01"),
      Parent("FF", kTrace, kSpan, "01"),
      Parent("0g", kTrace, kSpan, "01"),
      Parent("00", "4BF92F3577B34DA6A3CE929D0E0E4736", kSpan, "01"),
      Parent("00", kTrace, "00F067AA0BA902B7", "01"),
      Parent("00", std::string(32, '0'), kSpan, "01"),
      Parent("00", kTrace, std::string(16, '0'), "01"),
      Parent("00", std::string(32, 'z'), kSpan, "01"),
      Parent("00", kTrace, kSpan, "0G"),
      Parent("00", kTrace, kSpan, "0\n"),
      "00_" + good.substr(3),
      good.substr(0, 35) + "_" + good.substr(36),
      good.substr(0, 52) + "_" + good.substr(53),
      std::string(55, '-'),
      std::string(55, '\0'),
      std::string(100'000, '0'),
  };
  for (const std::string& text : bad) {
    EXPECT_FALSE(ParseTraceParent(text).has_value()) << text;
  }
}

TEST(TraceState, IsAListOfKeysAndValues) {
  for (const char* text :
       {"", "a=1", "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE", "a=1, b=2 ,c=3",
        "a=1,,b=2", "1t@ven=x y", "a_-*/9=!~"}) {
    EXPECT_TRUE(IsTraceState(text)) << text;
  }
}

TEST(TraceState, IsNothingElse) {
  std::string many;
  for (int i = 0; i < 33; ++i) absl::StrAppend(&many, "k", i, "=1,");
  const std::string bad[] = {"a",
                             "=1",
                             "a=",
                             "A=1",
                             "1=1",
                             "a=b=c",
                             "a=\x7f",
                             "a=\n",
                             "a b=1",
                             "@a=1",
                             "a@=1",
                             "a@1b=1",
                             "a@b@c=1",
                             "a=\xc3\xa9",
                             many,
                             "a@" + std::string(15, 'b') + "=1",
                             std::string(257, 'a') + "=1",
                             "a=" + std::string(257, 'b'),
                             "a=1" + std::string(512, ' ')};
  for (const std::string& text : bad) EXPECT_FALSE(IsTraceState(text)) << text;
}

}  // namespace
}  // namespace bootseal::trust
