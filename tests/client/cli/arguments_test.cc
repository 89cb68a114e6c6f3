#include "client/cli/arguments.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>

namespace bootseal::cli {
namespace {

struct Number {
  const char* text;
  std::optional<std::uint64_t> value;
};

// Python 3: int(text, 0); where it is laxer (signs, spaces, underscores), so
// much is no number here.
TEST(Number, IsReadAsImgtoolReadsIt) {
  const Number numbers[] = {
      {"0", 0},
      {"10", 10},
      {"0x10", 16},
      {"0XfF", 255},
      {"0x0010", 16},
      {"0o10", 8},
      {"0b101", 5},
      {"18446744073709551615", 18446744073709551615U},
      {"010", std::nullopt},
      {"00", std::nullopt},
      {"", std::nullopt},
      {"0x", std::nullopt},
      {"x10", std::nullopt},
      {"0xg", std::nullopt},
      {"0o8", std::nullopt},
      {"-1", std::nullopt},
      {"0x-1", std::nullopt},
      {"+1", std::nullopt},
      {" 1", std::nullopt},
      {"1 ", std::nullopt},
      {"1.0", std::nullopt},
      {"1_0", std::nullopt},
      {"auto", std::nullopt},
      {"18446744073709551616", std::nullopt},
  };
  for (const Number& number : numbers) {
    EXPECT_EQ(ParseNumber(number.text), number.value) << number.text;
  }
}

std::string Judge(const CLI::Validator& validator, std::string text) {
  return validator(text);
}

TEST(Number, OutsideItsRangeIsNamedWithTheRange) {
  EXPECT_EQ(Judge(WholeNumber(1, 1000), "0x3e8"), "");
  for (const char* text : {"0", "1001", "", "010"}) {
    const std::string wrong = Judge(WholeNumber(1, 1000), text);
    EXPECT_NE(wrong.find(std::string("\"") + text + "\""), std::string::npos);
    EXPECT_NE(wrong.find("from 1 to 1000"), std::string::npos);
  }
  EXPECT_EQ(Judge(WholeNumber32(), "0xffffffff"), "");
  EXPECT_NE(Judge(WholeNumber32(), "0x100000000"), "");
}

TEST(Number, IsHandedOnInDecimal) {
  std::string text = "0x10";
  EXPECT_EQ(WholeNumber()(text), "");
  EXPECT_EQ(text, "16");
}

}  // namespace
}  // namespace bootseal::cli
