#include "client/tfm/expression.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/status.h"
#include "tests/support/status_matchers.h"

namespace bootseal::tests {
namespace {

using testing::HasSubstr;

std::int64_t ValueOf(const std::string& text) {
  const auto value = tfm::Evaluate(text);
  EXPECT_OK(value) << text;
  return value.value_or(-1);
}

struct Case {
  const char* text;
  std::int64_t value;
};

TEST(Expression, IsWhatCMakesOfIt) {
  const std::vector<Case> cases{
      {"0x2D000", 0x2d000},
      {"(0x2D000)", 0x2d000},
      {" ((0x14000) + (0x2D000)) ", 0x41000},
      {"1 + 2 * 3", 7},
      {"(1 + 2) * 3", 9},
      {"10 - 4 - 3", 3},
      {"100 / 7", 14},
      {"100 / 10 / 2", 5},
      {"100 % 7", 2},
      {"1 << 4 + 1", 32},
      {"0xff & 0x0f | 0x100", 0x10f},
      {"6 ^ 3 & 1", 7},
      {"0x8000 >> 3", 0x1000},
      {"-1 + 2", 1},
      {"- -3", 3},
      {"~0xff & 0xfff", 0xf00},
      {"+5", 5},
      {"0", 0},
      {"4096U", 4096},
      {"0x1000UL * 2u", 0x2000},
      {"0x10ull", 16},
      {"0x0C000000LU", 0x0c000000},
      {"(uint32_t)0x1000", 0x1000},
      {"((uint32_t)(0x1000 + 1))", 0x1001},
      {"(unsigned  long) 7", 7},
      {"(uint8_t)0xff + 1", 256},
      {"9223372036854775807", 9223372036854775807},
  };
  for (const Case& each : cases) {
    EXPECT_EQ(ValueOf(each.text), each.value) << each.text;
  }
}

struct Bad {
  const char* text;
  const char* reason;
};

TEST(Expression, RefusesAnythingElseByName) {
  const std::vector<Bad> cases{
      {"", "EXPRESSION_INVALID"},
      {"()", "EXPRESSION_INVALID"},
      {"(1", "EXPRESSION_INVALID"},
      {"1)", "EXPRESSION_INVALID"},
      {"1 +", "EXPRESSION_INVALID"},
      {"1 2", "EXPRESSION_INVALID"},
      {"0x", "EXPRESSION_INVALID"},
      {"010", "EXPRESSION_INVALID"},
      {"08", "EXPRESSION_INVALID"},
      {"1.5", "EXPRESSION_INVALID"},
      {"12abc", "EXPRESSION_INVALID"},
      {"0x10uu", "EXPRESSION_INVALID"},
      {"1 && 1", "EXPRESSION_INVALID"},
      {"1 < 2", "EXPRESSION_INVALID"},
      {"1 ? 2 : 3", "EXPRESSION_INVALID"},
      {"2 ** 3", "EXPRESSION_INVALID"},
      {"sizeof(int)", "EXPRESSION_INVALID"},
      {"(float)1", "EXPRESSION_INVALID"},
      {"(uint32_t)", "EXPRESSION_INVALID"},
      {"(uint32_t", "EXPRESSION_INVALID"},
      {"__import__('os').system('true')", "EXPRESSION_INVALID"},
      {"1 / 0", "EXPRESSION_DIVISION"},
      {"1 % (2 - 2)", "EXPRESSION_DIVISION"},
      {"9223372036854775808", "EXPRESSION_OVERFLOW"},
      {"0xffffffffffffffff", "EXPRESSION_OVERFLOW"},
      {"9223372036854775807 + 1", "EXPRESSION_OVERFLOW"},
      {"-9223372036854775807 - 2", "EXPRESSION_OVERFLOW"},
      {"0x7fffffffffffffff * 2", "EXPRESSION_OVERFLOW"},
      {"(-9223372036854775807 - 1) / -1", "EXPRESSION_OVERFLOW"},
      {"(-9223372036854775807 - 1) % -1", "EXPRESSION_OVERFLOW"},
      {"-(-9223372036854775807 - 1)", "EXPRESSION_OVERFLOW"},
      {"1 << 63", "EXPRESSION_OVERFLOW"},
      {"1 << -1", "EXPRESSION_OVERFLOW"},
      {"1 >> 64", "EXPRESSION_OVERFLOW"},
      {"(uint8_t)256", "EXPRESSION_OVERFLOW"},
      {"(uint32_t)-1", "EXPRESSION_OVERFLOW"},
  };
  for (const Bad& each : cases) {
    const auto value = tfm::Evaluate(each.text);
    ASSERT_FALSE(value.ok()) << each.text;
    EXPECT_EQ(base::ReasonOf(value.status()), each.reason) << each.text;
  }
}

TEST(Expression, SaysThatAMacroWasLeftOver) {
  EXPECT_THAT(tfm::Evaluate("FLASH_AREA_0_SIZE").status().message(),
              HasSubstr("has the name FLASH_AREA_0_SIZE"));
}

TEST(Expression, EndsWhereNothingEndsInIt) {
  for (const char* open : {"(", "-", "~", "(uint32_t)"}) {
    std::string text;
    for (int i = 0; i < 100000; ++i) text += open;
    EXPECT_EQ(base::ReasonOf(tfm::Evaluate(text + "1").status()),
              "EXPRESSION_DEPTH");
  }
}

TEST(Expression, IsReadHoweverLongItIs) {
  std::string text = "1";
  for (int i = 0; i < 100000; ++i) text += "+1";
  EXPECT_EQ(ValueOf(text), 100001);
}

TEST(Expression, NestsAsDeepAsMacrosDo) {
  const std::string text =
      std::string(60, '(') + "0x1000" + std::string(60, ')');
  EXPECT_EQ(ValueOf(text), 0x1000);
}

}  // namespace
}  // namespace bootseal::tests
