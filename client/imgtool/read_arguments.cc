// From what was typed to what is meant.
#include <algorithm>
#include <array>
#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "client/cli/output.h"
#include "client/cli/payload.h"
#include "client/cli/text.h"
#include "client/imgtool/grammar.h"
#include "client/imgtool/message.h"
#include "client/imgtool/option_checks.h"
#include "client/imgtool/sign_arguments.h"
#include "firmware/image/host/convert.h"

namespace bootseal::imgtool {
namespace {

using cli::Printable;
using image::HashAlgorithm;
using image::mcuboot::Strategy;

absl::Status Usage(absl::string_view field, absl::string_view what) {
  return base::Invalid("USAGE", field, what);
}

template <typename T>
struct Row {
  absl::string_view text;
  T value;
};

template <typename T, std::size_t kSize>
std::optional<T> Find(const std::array<Row<T>, kSize>& rows,
                      absl::string_view text) {
  for (const Row<T>& row : rows) {
    if (row.text == text) return row.value;
  }
  return std::nullopt;
}

constexpr std::array<Row<HashAlgorithm>, 3> kHashes{{
    {"256", HashAlgorithm::kSha256},
    {"384", HashAlgorithm::kSha384},
    {"512", HashAlgorithm::kSha512},
}};
constexpr std::array<Row<Vector>, 2> kVectors{{
    {"payload", Vector::kRange},
    {"digest", Vector::kDigest},
}};
constexpr std::array<Row<Compression>, 2> kCompressions{{
    {"lzma2", Compression::kLzma2},
    {"lzma2armthumb", Compression::kLzma2ArmThumb},
}};
constexpr std::array<Row<Strategy>, 6> kStrategies{{
    {"swap-scratch", Strategy::kSwapScratch},
    {"swap-move", Strategy::kSwapMove},
    {"swap-offset", Strategy::kSwapOffset},
    {"overwrite-only", Strategy::kOverwriteOnly},
    {"direct-xip", Strategy::kDirectXip},
    {"ram-load", Strategy::kRamLoad},
}};

// A value that was surely meant to be one of the two files.
bool LooksLikeFile(const std::string& value) {
  if (absl::EndsWithIgnoreCase(value, ".bin") || cli::IsHexPath(value)) {
    return true;
  }
  std::error_code error;
  return std::filesystem::is_regular_file(value, error);
}

absl::Status MissingFile(const SignArguments& arguments) {
  const SignOptions& options = arguments.options;
  struct Taker {
    absl::string_view option;
    const std::string& value;
  };
  const std::array<Taker, 6> takers{
      {{"--boot-record", options.software_type},
       {"-s/--security-counter", arguments.security_counter},
       {"-d/--dependencies", arguments.dependencies},
       {"-v/--version", arguments.version},
       {"--vid", arguments.vid},
       {"--cid", arguments.cid}}};
  for (const Taker& taker : takers) {
    if (taker.value.empty() || !LooksLikeFile(taker.value)) continue;
    return Usage(taker.option,
                 absl::StrCat(taker.option, " takes a value; it swallowed ",
                              Printable(taker.value)));
  }
  return Usage("outfile",
               options.input.empty()
                   ? "INFILE and OUTFILE are missing"
                   : absl::StrCat("one file alone, ", Printable(options.input),
                                  ", is given; expected INFILE and OUTFILE"));
}

// A target of a server knows them.
absl::Status CheckSizesGiven(const SignArguments& arguments) {
  const auto missing = [](absl::string_view field, absl::string_view names) {
    return Usage(field,
                 absl::StrCat(names, " is required with a key in a file"));
  };
  if (!arguments.header_size) {
    return missing("--header-size", "-H,--header-size");
  }
  if (!arguments.slot_size) return missing("--slot-size", "-S,--slot-size");
  return absl::OkStatus();
}

absl::Status BadVersion(const absl::Status& status) {
  const absl::Status named = base::Annotate(status, "-v/--version");
  return base::ReasonOf(status) == "VERSION_RANGE"
             ? Unfit("VERSION_RANGE", "--version", named.message())
             : named;
}

std::uint32_t Number(const std::string& choice) {
  std::uint32_t number = 0;
  return absl::SimpleAtoi(choice, &number) ? number : 0;
}

class OptionsReader {
 public:
  explicit OptionsReader(const SignArguments& arguments)
      : arguments_(arguments), options_(arguments.options) {}

  absl::StatusOr<SignOptions> Read() && {
    ReadChoices();
    ReadPadding();
    RETURN_IF_ERROR(ReadTexts());
    RETURN_IF_ERROR(ReadUuids());
    RETURN_IF_ERROR(ReadCustom());
    return std::move(options_);
  }

 private:
  void ReadChoices();
  void ReadPadding();
  absl::Status ReadTexts();
  absl::Status ReadUuids();
  absl::Status ReadCustom();
  absl::Status AddCustom(CustomTlv tlv);

  const SignArguments& arguments_;
  SignOptions options_;
};

// What CLI11 took from a list of words.
void OptionsReader::ReadChoices() {
  options_.header_size = arguments_.header_size.value_or(0);
  options_.slot_size = arguments_.slot_size.value_or(0);
  options_.align = Number(arguments_.align);
  options_.max_align = arguments_.max_align.empty()
                           ? std::max(options_.max_align, options_.align)
                           : Number(arguments_.max_align);
  options_.erased = arguments_.erased == "0" ? std::byte{0} : std::byte{0xff};
  if (arguments_.key_format == "full") {
    options_.key_format = image::mcuboot::KeyFormat::kFull;
  }
  options_.hash = Find(kHashes, arguments_.hash);
  options_.encryption.key_bits = Number(arguments_.key_bits);
  if (arguments_.hmac == "512") options_.encryption.hmac = HmacHash::kSha512;
  options_.vector = Find(kVectors, arguments_.vector).value_or(Vector::kNone);
  options_.compression =
      Find(kCompressions, arguments_.compression).value_or(Compression::kNone);
  options_.strategy = Find(kStrategies, arguments_.strategy);
  if (options_.strategy == Strategy::kOverwriteOnly) {
    options_.overwrite_only = true;
  }
}

void OptionsReader::ReadPadding() {
  if (arguments_.pad) options_.padding = Padding::kPad;
  if (arguments_.test) options_.padding = Padding::kTest;
  if (arguments_.confirm) options_.padding = Padding::kConfirm;
}

absl::Status OptionsReader::ReadTexts() {
  const auto version = image::host::ParseVersion(arguments_.version);
  if (!version.ok()) return BadVersion(version.status());
  options_.version = *version;
  if (!arguments_.security_counter.empty()) {
    ASSIGN_OR_RETURN(
        options_.security_counter,
        ParseSecurityCounter(arguments_.security_counter, options_.version));
  }
  if (arguments_.dependencies.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(options_.dependencies,
                   ParseDependencies(arguments_.dependencies));
  return absl::OkStatus();
}

absl::Status OptionsReader::ReadUuids() {
  if (!arguments_.vid.empty()) {
    ASSIGN_OR_RETURN(options_.vendor_uuid, ParseVendorUuid(arguments_.vid));
  }
  if (arguments_.cid.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(options_.class_uuid,
                   ParseClassUuid(arguments_.cid, options_.vendor_uuid));
  return absl::OkStatus();
}

absl::Status OptionsReader::ReadCustom() {
  for (const auto& [type_text, text] : arguments_.custom) {
    ASSIGN_OR_RETURN(const std::uint16_t type, ParseTlvType(type_text));
    ASSIGN_OR_RETURN(std::string value, ParseTlvValue(text));
    RETURN_IF_ERROR(AddCustom({type, std::move(value), ""}));
  }
  for (const auto& [type_text, path] : arguments_.custom_files) {
    ASSIGN_OR_RETURN(const std::uint16_t type, ParseTlvType(type_text));
    RETURN_IF_ERROR(AddCustom({type, "", path}));
  }
  return absl::OkStatus();
}

absl::Status OptionsReader::AddCustom(CustomTlv tlv) {
  for (const CustomTlv& other : options_.custom) {
    if (other.type != tlv.type) continue;
    return base::Invalid("CUSTOM_TLV_TWICE", "--custom-tlv",
                         absl::StrCat("custom TLV ", cli::HexNumber(tlv.type),
                                      " is given twice"));
  }
  options_.custom.push_back(std::move(tlv));
  return absl::OkStatus();
}

// By any of their names.
absl::Status CheckDistinct(const SignOptions& options) {
  for (const std::string& path : {options.input, options.output}) {
    if (!cli::IsSamePath(options.signature_output, path)) continue;
    return Usage(
        "--sig-out",
        absl::StrCat("--sig-out ", options.signature_output, " would replace ",
                     path, "; give the signature a file of its own"));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<SignOptions> ReadForServer(const SignArguments& arguments) {
  if (arguments.options.output.empty()) return MissingFile(arguments);
  if (arguments.endian == "big") {
    return Usage("--endian",
                 "-e big is not offered: nothing reads such images, imgtool's "
                 "own verify included");
  }
  ASSIGN_OR_RETURN(SignOptions options, OptionsReader(arguments).Read());
  RETURN_IF_ERROR(CheckDistinct(options));
  return options;
}

absl::StatusOr<SignOptions> ReadSignArguments(const SignArguments& arguments) {
  ASSIGN_OR_RETURN(SignOptions options, ReadForServer(arguments));
  RETURN_IF_ERROR(CheckSizesGiven(arguments));
  RETURN_IF_ERROR(CheckOptions(options));
  return options;
}

}  // namespace bootseal::imgtool
