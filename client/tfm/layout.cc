#include "client/tfm/layout.h"

#include <array>
#include <limits>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "base/file.h"
#include "base/status.h"
#include "client/tfm/expression.h"

namespace bootseal::tfm {
namespace {

constexpr std::size_t kMostBytes = std::size_t{16} * 1024 * 1024;
constexpr absl::string_view kElfMagic(
    "\x7f"
    "ELF",
    4);

struct Name {
  absl::string_view text;
  std::optional<LayoutValue> Layout::*value;
};
constexpr std::array<Name, 3> kNames{{
    {"RE_SIGN_BIN_SIZE", &Layout::slot_size},
    {"RE_IMAGE_LOAD_ADDRESS", &Layout::load_address},
    {"RE_IMAGE_ROM_FIXED", &Layout::rom_fixed},
}};

// What follows "NAME =" on a line that starts with it; nullopt on another.
std::optional<absl::string_view> ExpressionOf(absl::string_view line,
                                              absl::string_view name) {
  line = absl::StripLeadingAsciiWhitespace(line);
  if (!absl::ConsumePrefix(&line, name)) return std::nullopt;
  line = absl::StripLeadingAsciiWhitespace(line);
  if (!absl::ConsumePrefix(&line, "=")) return std::nullopt;
  return line;
}

absl::StatusOr<std::uint32_t> ValueOf(absl::string_view expression) {
  const std::string text = absl::StrReplaceAll(expression, {{",", ""}});
  ASSIGN_OR_RETURN(const std::int64_t value, Evaluate(text));
  if (value >= 0 && value <= std::numeric_limits<std::uint32_t>::max()) {
    return static_cast<std::uint32_t>(value);
  }
  return base::Invalid(
      "LAYOUT_RANGE", "--layout",
      absl::StrCat("is ", value, ", expected 0 to 4294967295"));
}

absl::Status Take(const Name& name, absl::string_view expression,
                  std::size_t line, Layout& layout) {
  std::optional<LayoutValue>& known = layout.*name.value;
  const auto value = ValueOf(expression);
  if (!value.ok()) {
    return base::Annotate(value.status(),
                          absl::StrCat(name.text, " in line ", line));
  }
  if (!known) known = LayoutValue{*value, line};
  if (known->value == *value) return absl::OkStatus();
  return base::Invalid(
      "LAYOUT_TWICE", "--layout",
      absl::StrCat(name.text, " is ", known->value, " in line ", known->line,
                   " and ", *value, " in line ", line));
}

absl::string_view BaseName(absl::string_view path) {
  return path.substr(path.rfind('/') + 1);
}

}  // namespace

absl::StatusOr<Layout> ParseLayout(absl::string_view text) {
  if (absl::StartsWith(text, kElfMagic)) {
    return base::Invalid("LAYOUT_OBJECT", "--layout",
                         "it is a compiled object, expected C after the "
                         "preprocessor: build it with -E, as TF-M does");
  }
  Layout layout;
  std::size_t number = 0;
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    ++number;
    for (const Name& name : kNames) {
      const auto expression = ExpressionOf(line, name.text);
      if (!expression) continue;
      RETURN_IF_ERROR(Take(name, *expression, number, layout));
    }
  }
  return layout;
}

absl::StatusOr<Layout> LoadLayout(const std::string& path) {
  ASSIGN_OR_RETURN(const std::string text, base::ReadFile(path, kMostBytes));
  absl::StatusOr<Layout> layout = ParseLayout(text);
  if (layout.ok()) return layout;
  return base::Annotate(layout.status(), absl::StrCat("layout ", path));
}

std::string SoftwareTypeOf(absl::string_view path) {
  const absl::string_view name = BaseName(path);
  const absl::string_view stem = name.substr(0, name.find('.'));
  if (absl::EndsWith(stem, "_s_ns")) return "NSPE_SPE";
  if (absl::EndsWith(stem, "_ns")) return "NSPE";
  return absl::EndsWith(stem, "_s") ? "SPE" : "NSPE_SPE";
}

std::string WrapperSoftwareTypeOf(absl::string_view path) {
  if (absl::StrContains(path, "_s.o")) return "SPE";
  return absl::StrContains(path, "_ns.o") ? "NSPE" : "NSPE_SPE";
}

}  // namespace bootseal::tfm
