#include "client/tfm/layout.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_folder.h"

namespace bootseal::tests {
namespace {

using testing::HasSubstr;

// As the preprocessor leaves TF-M's signing_layout.c.in for one board.
constexpr char kSecure[] =
    "# 1 \"signing_layout_s.c\"\n"
    "# 1 \"platform/region_defs.h\" 1\n"
    "extern int nothing;\n"
    "# 13 \"signing_layout_s.c\" 2\n"
    "enum image_attributes {\n"
    "    RE_SECURE_IMAGE_OFFSET = (0x0),\n"
    "    RE_SECURE_IMAGE_MAX_SIZE = ((0x2D000)),\n"
    "    RE_NON_SECURE_IMAGE_OFFSET = ((0x0) + (0x2D000)),\n"
    "    RE_SIGN_BIN_SIZE = ((0x2D000)),\n"
    "};\n";

tfm::Layout Parsed(const std::string& text) {
  const auto layout = tfm::ParseLayout(text);
  EXPECT_OK(layout);
  return layout.value_or(tfm::Layout());
}

TEST(Layout, TellsTheSlotOfABoard) {
  const tfm::Layout layout = Parsed(kSecure);
  ASSERT_TRUE(layout.slot_size.has_value());
  EXPECT_EQ(layout.slot_size->value, 0x2d000U);
  EXPECT_EQ(layout.slot_size->line, 9U);
  EXPECT_FALSE(layout.load_address.has_value());
  EXPECT_FALSE(layout.rom_fixed.has_value());
}

TEST(Layout, TellsAddressesOfRamAndFlash) {
  const tfm::Layout layout = Parsed(
      "\tRE_IMAGE_LOAD_ADDRESS=(0x30000000 + 0x400),\r\n"
      "RE_SIGN_BIN_SIZE = 0x80000,\n"
      "RE_IMAGE_ROM_FIXED = 0x80000\n");
  EXPECT_EQ(layout.load_address->value, 0x30000400U);
  EXPECT_EQ(layout.slot_size->value, 0x80000U);
  EXPECT_EQ(layout.rom_fixed->value, 0x80000U);
}

TEST(Layout, OverlooksLinesThatNameSomethingElse) {
  const tfm::Layout layout = Parsed(
      "x RE_SIGN_BIN_SIZE = 1,\n"
      "RE_SIGN_BIN_SIZE_MORE = 2,\n"
      "RE_SIGN_BIN_SIZE\n"
      "// RE_SIGN_BIN_SIZE = 3\n");
  EXPECT_FALSE(layout.slot_size.has_value());
}

TEST(Layout, TakesTheSameValueTwice) {
  const tfm::Layout layout =
      Parsed("RE_SIGN_BIN_SIZE = 16,\nRE_SIGN_BIN_SIZE = 0x10,\n");
  EXPECT_EQ(layout.slot_size->line, 1U);
}

TEST(Layout, RefusesTwoValuesOfOneName) {
  const auto layout =
      tfm::ParseLayout("RE_SIGN_BIN_SIZE = 16,\nRE_SIGN_BIN_SIZE = 17,\n");
  EXPECT_EQ(base::ReasonOf(layout.status()), "LAYOUT_TWICE");
}

TEST(Layout, NamesMacroAndLineOfWhatCannotBeEvaluated) {
  const std::vector<std::pair<std::string, std::string>> cases{
      {"FLASH_AREA_0_SIZE", "EXPRESSION_INVALID"},
      {"(0x1000 / 0)", "EXPRESSION_DIVISION"},
      {"0x1000 * 0x7fffffffffffffff", "EXPRESSION_OVERFLOW"},
      {"-1", "LAYOUT_RANGE"},
      {"0x100000000", "LAYOUT_RANGE"},
      {"", "EXPRESSION_INVALID"},
  };
  for (const auto& [text, reason] : cases) {
    const auto layout =
        tfm::ParseLayout(absl::StrCat("\n RE_SIGN_BIN_SIZE = ", text, ",\n"));
    EXPECT_EQ(base::ReasonOf(layout.status()), reason) << text;
    EXPECT_THAT(layout.status().message(),
                HasSubstr("RE_SIGN_BIN_SIZE in line 2"));
  }
}

TEST(Layout, SaysThatACompiledObjectIsNone) {
  const auto layout =
      tfm::ParseLayout(std::string("\x7f"
                                   "ELF\x01\x01\x01\0",
                                   8));
  EXPECT_EQ(base::ReasonOf(layout.status()), "LAYOUT_OBJECT");
}

TEST(Layout, NamesTheFileThatIsMissing) {
  const TemporaryFolder folder;
  EXPECT_THAT(tfm::LoadLayout(folder.File("nothing.o")).status().message(),
              HasSubstr("nothing.o"));
}

struct Software {
  const char* path;
  const char* right;
  const char* wrapper;
};

TEST(Layout, NamesTheSoftwareByItsFile) {
  const std::vector<Software> cases{
      {"/b/signing_layout_s.o", "SPE", "SPE"},
      {"/b/signing_layout_ns.o", "NSPE", "NSPE"},
      {"/b/signing_layout_s_ns.o", "NSPE_SPE", "NSPE"},
      {"/b/layout.i", "NSPE_SPE", "NSPE_SPE"},
      {"/b/signing_layout_s.dir/signing_layout_ns.o", "NSPE", "NSPE"},
      {"/b/old_s.o/signing_layout_ns.o", "NSPE", "SPE"},
      {"/b/signing_layout_s.c.o", "SPE", "NSPE_SPE"},
      {"signing_layout_ns.obj", "NSPE", "NSPE"},
      {"", "NSPE_SPE", "NSPE_SPE"},
  };
  for (const Software& each : cases) {
    EXPECT_EQ(tfm::SoftwareTypeOf(each.path), each.right) << each.path;
    EXPECT_EQ(tfm::WrapperSoftwareTypeOf(each.path), each.wrapper) << each.path;
  }
}

}  // namespace
}  // namespace bootseal::tests
