// From TF-M's command line and layout to imgtool's.
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/status.h"
#include "client/cli/text.h"
#include "client/imgtool/message.h"
#include "client/tfm/arguments.h"
#include "client/tfm/layout.h"

namespace bootseal::tfm {
namespace {

using imgtool::SignArguments;
using imgtool::Warn;

// What TF-M's wrapper drops in silence when imgtool has no place for it.
absl::Status Drop(bool is_compatible, absl::string_view reason,
                  absl::string_view field, absl::string_view what) {
  if (!is_compatible) return base::Invalid(reason, field, what);
  Warn(what);
  return absl::OkStatus();
}

absl::Status TakeKey(const WrapperArguments& given, SignArguments& read) {
  if (given.keys.empty()) return absl::OkStatus();
  read.options.key = given.keys.front();
  if (given.keys.size() == 1) return absl::OkStatus();
  return Drop(
      read.options.imgtool_compatible, "KEYS_SEVERAL", "--key",
      absl::StrCat(given.keys.size(),
                   " keys are given, and an image has one signature: TF-M's "
                   "wrapper signs with the first alone, ",
                   cli::Printable(given.keys.front())));
}

absl::Status TakeKeyId(const WrapperArguments& given, SignArguments& read) {
  if (given.key_ids.empty()) return absl::OkStatus();
  read.options.key_id = given.key_ids.front();
  if (given.key_ids.size() == 1) return absl::OkStatus();
  return Drop(read.options.imgtool_compatible, "KEY_IDS_SEVERAL",
              "--psa-key-ids",
              absl::StrCat(given.key_ids.size(),
                           " key numbers are given, and an image names one: "
                           "TF-M's imgtool writes the first alone, ",
                           given.key_ids.front()));
}

absl::Status CheckExtraTlvs(const WrapperArguments& given) {
  if (given.extra_tlvs.empty()) return absl::OkStatus();
  return Drop(given.sign.options.imgtool_compatible, "EXTRA_TLV", "--extra-tlv",
              absl::StrCat("--extra-tlv ",
                           cli::Printable(given.extra_tlvs.front().first),
                           " is not written: no imgtool has such a TLV, and "
                           "TF-M's wrapper drops it"));
}

// CMake's quoting can reach us: -d "\"(1,0.0.0+0)\"".
void TrimQuotes(std::string& text) {
  absl::string_view view = absl::StripAsciiWhitespace(text);
  const bool is_quoted =
      view.size() > 1 && view.front() == '"' && view.back() == '"';
  if (is_quoted) text = std::string(view.substr(1, view.size() - 2));
}

std::uint32_t Value(const std::optional<LayoutValue>& value) {
  return value ? value->value : 0;
}

absl::Status TakeLayout(const WrapperArguments& given, SignArguments& read) {
  if (given.layout.empty()) {
    return base::Invalid("LAYOUT_MISSING", "--layout",
                         "--layout is required: it tells the slot's size");
  }
  ASSIGN_OR_RETURN(const Layout layout, LoadLayout(given.layout));
  if (Value(layout.slot_size) == 0) {
    return base::Invalid(
        "LAYOUT_SIZE", "--layout",
        absl::StrCat("layout ", given.layout,
                     " has no RE_SIGN_BIN_SIZE above 0, the size of the slot "
                     "that the image must fit; give the build's "
                     "signing_layout_(s|ns|s_ns).o"));
  }
  read.slot_size = Value(layout.slot_size);
  read.options.load_address = Value(layout.load_address);
  read.options.rom_fixed = Value(layout.rom_fixed);
  return absl::OkStatus();
}

void TakeSoftwareType(const WrapperArguments& given, SignArguments& read) {
  if (!given.measured_boot_record) return;
  const std::string wrong = WrapperSoftwareTypeOf(given.layout);
  const std::string right = SoftwareTypeOf(given.layout);
  read.options.software_type = read.options.imgtool_compatible ? wrong : right;
  if (right == wrong) return;
  Warn(absl::StrCat(
      "layout ", given.layout, " is that of ", right,
      ", and TF-M's wrapper takes it for ", wrong, ": the boot record says ",
      read.options.software_type,
      read.options.imgtool_compatible
          ? ""
          : "; --imgtool-compatible writes what the wrapper writes"));
}

// In TF-M's wrapper --confirm does nothing without --pad.
void TakePadding(SignArguments& read) {
  if (!read.confirm || read.pad) return;
  Warn("--confirm without --pad writes no trailer, and confirms nothing");
  read.confirm = false;
}

}  // namespace

absl::StatusOr<SignArguments> ReadWrapperArguments(
    const WrapperArguments& given) {
  SignArguments read = given.sign;
  TrimQuotes(read.dependencies);
  RETURN_IF_ERROR(TakeKey(given, read));
  RETURN_IF_ERROR(TakeKeyId(given, read));
  RETURN_IF_ERROR(CheckExtraTlvs(given));
  RETURN_IF_ERROR(TakeLayout(given, read));
  TakeSoftwareType(given, read);
  TakePadding(read);
  return read;
}

std::set<std::string> GivenOptions(const CLI::App& app,
                                   const SignArguments& read) {
  std::set<std::string> given = imgtool::GivenOptions(app);
  for (const char* own : {"--layout", "--measured-boot-record", "--confirm",
                          "--psa-key-ids", "--imgtool-compatible"}) {
    given.erase(own);
  }
  if (read.confirm) given.insert("--confirm");
  if (read.slot_size.value_or(0) != 0) given.insert("--slot-size");
  if (read.options.load_address != 0) given.insert("--load-addr");
  if (read.options.rom_fixed != 0) given.insert("--rom-fixed");
  if (!read.options.software_type.empty()) given.insert("--boot-record");
  given.insert("--max-align");
  // TF-M says 1 unless told otherwise, and it is in no byte of such an image.
  if (read.options.overwrite_only) given.erase("--align");
  return given;
}

}  // namespace bootseal::tfm
