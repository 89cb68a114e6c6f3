#include "client/cli/stm32_rom_check.h"

#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/file.h"
#include "base/status.h"
#include "client/cli/arguments.h"
#include "client/cli/json.h"
#include "client/cli/output.h"
#include "client/cli/public_key.h"
#include "client/cli/text.h"
#include "client/package/chip.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/host/stm32_image.h"

namespace bootseal::cli {
namespace {

using image::host::AsBytes;
using image::host::OtpWord;
using image::host::ToString;
using image::stm32::Chip;
using image::stm32::RomDecision;

constexpr std::size_t kMaxImageBytes = std::size_t{64} << 20;
constexpr std::size_t kMaxKeyBytes = std::size_t{64} << 10;

struct Options {
  std::string chip;
  bool open = false;
  std::string key_hash;
  std::vector<std::string> keys;
  std::uint32_t image_version = 1;
  std::string file;
  std::string output;
};

absl::StatusOr<std::string> KeyDer(const std::string& path) {
  ASSIGN_OR_RETURN(const std::string pem, base::ReadFile(path, kMaxKeyBytes));
  const auto key = FromPem(pem);
  if (!key.ok()) return base::Annotate(key.status(), path);
  return key->device_der;
}

// What is fused of these keys: the hash of one, or of the table of eight.
absl::StatusOr<std::string> FusedOf(const package::ChipKind& chip,
                                    const std::vector<std::string>& keys) {
  const auto& layout = *image::stm32::LayoutOf(chip.header);
  const std::size_t expected =
      layout.hash_bytes == 0 ? 1 : image::stm32::kTableKeys;
  if (keys.size() != expected) {
    return UsageError("KEY_TABLE",
                      absl::StrCat(keys.size(), " keys for ", chip.name,
                                   "; expected ", expected));
  }
  image::stm32::Header header;
  header.version = chip.header;
  header.authenticated = true;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    ASSIGN_OR_RETURN(const std::string der, KeyDer(keys[i]));
    ASSIGN_OR_RETURN(const std::string hash,
                     image::host::Stm32KeyHash(chip.header, der));
    if (expected == 1) return hash;
    image::Copy(AsBytes(hash), header.key_hashes[i]);
  }
  return ToString(image::stm32::FusedHash(header).bytes());
}

absl::StatusOr<std::string> FusedGiven(const Options& options,
                                       const package::ChipKind& chip) {
  if (!options.keys.empty() && !options.key_hash.empty()) {
    return UsageError("USAGE", "--key has no place beside --key-hash");
  }
  if (!options.keys.empty()) return FusedOf(chip, options.keys);
  if (options.key_hash.empty()) return std::string();
  const bool long_hash = chip.header == image::stm32::Version::kV23;
  ASSIGN_OR_RETURN(
      std::string hash,
      package::ParseKeyHash(options.key_hash, long_hash ? 48 : 32));
  // Words of zeros are words that are not fused.
  if (hash == std::string(hash.size(), '\0')) hash.clear();
  return hash;
}

const char* WordsOf(RomDecision::Authentication authentication) {
  switch (authentication) {
    case RomDecision::Authentication::kNone:
      return "none";
    case RomDecision::Authentication::kFailed:
      return "failed";
    case RomDecision::Authentication::kPassed:
      return "passed";
  }
  return "";
}

// Why nobody here can say what the chip would.
std::string WhatIsUnsupported(const RomDecision& decision,
                              absl::string_view image) {
  const auto header = image::stm32::ReadHeader(AsBytes(image));
  if (decision.reason != image::Error::kUnsupported || !header.ok()) return "";
  return absl::StrCat(
      ": signatures of ", image::host::FormatStm32Algorithm(header->algorithm),
      " (number ", static_cast<std::uint32_t>(header->algorithm),
      "); those of p256, brainpoolP256t1 and p384 are verified");
}

std::string InText(const RomDecision& decision, absl::string_view image) {
  std::string text = decision.starts ? "starts" : "does not start";
  if (decision.reason != image::Error::kOk) {
    absl::StrAppend(&text, ": ", image::host::NameOf(decision.reason), ": ",
                    image::Text(decision.reason),
                    WhatIsUnsupported(decision, image));
  }
  return absl::StrCat(text, "\nauthentication ",
                      WordsOf(decision.authentication), "\n");
}

Json InJson(const RomDecision& decision) {
  return JsonObject()
      .Add("starts", Json::Truth(decision.starts))
      .Add("reason", Json::Text(image::host::NameOf(decision.reason)))
      .Add("authentication", Json::Text(WordsOf(decision.authentication)))
      .Build();
}

absl::StatusOr<ExitStatus> Check(Context& context, const Options& options) {
  ASSIGN_OR_RETURN(const package::ChipKind* const kind,
                   package::FindChip(options.chip));
  ASSIGN_OR_RETURN(const std::string fused, FusedGiven(options, *kind));
  ASSIGN_OR_RETURN(const std::string image,
                   base::ReadFile(options.file, kMaxImageBytes));
  const Chip chip{kind->header, !options.open, image::Digest(AsBytes(fused)),
                  options.image_version};
  const RomDecision decision = image::stm32::RomCheck(chip, AsBytes(image));
  PrintResult(context.format() == Format::kJson
                  ? absl::StrCat(InJson(decision).text(), "\n")
                  : InText(decision, image));
  return decision.starts ? ExitStatus::kDone : ExitStatus::kRefused;
}

absl::StatusOr<ExitStatus> Otp(Context& context, const Options& options) {
  ASSIGN_OR_RETURN(const package::ChipKind* const kind,
                   package::FindChip(options.chip));
  ASSIGN_OR_RETURN(const std::string fused, FusedOf(*kind, options.keys));
  ASSIGN_OR_RETURN(const std::vector<OtpWord> fuses,
                   image::host::OtpWords(kind->header, fused));
  for (const std::string& key : options.keys) {
    if (!IsSamePath(options.output, key)) continue;
    return UsageError(
        "OUTPUT_IS_INPUT",
        absl::StrCat("output ", options.output, " would replace its input"));
  }
  if (!options.output.empty()) {
    RETURN_IF_ERROR(WriteOutput(options.output, fused));
    return ExitStatus::kDone;
  }
  std::string text;
  std::vector<Json> words;
  for (const OtpWord& word : fuses) {
    absl::StrAppendFormat(&text, "word %u  0x%08x\n", word.number, word.value);
    words.push_back(JsonObject()
                        .Add("word", Json::Number(word.number))
                        .Add("value", Json::Number(word.value))
                        .Build());
  }
  const Json json = JsonObject()
                        .Add("key_hash", Json::Hex(fused))
                        .Add("words", Json::Array(words))
                        .Build();
  PrintResult(context.format() == Format::kJson
                  ? absl::StrCat(json.text(), "\n")
                  : text);
  return ExitStatus::kDone;
}

void DeclareChip(CLI::App& app, Options& options) {
  app.add_option("--chip", options.chip, "stm32mp15, stm32mp13, ...")
      ->required()
      ->check(NotEmpty());
}

}  // namespace

Action DeclareStm32RomCheck(CLI::App& app) {
  const auto options = std::make_shared<Options>();
  DeclareChip(app, *options);
  app.add_flag("--open", options->open, "a chip that is not closed yet");
  app.add_option("--key", options->keys,
                 "PEM file: the fused public key, or each of the eight")
      ->allow_extra_args(false)
      ->check(NotEmpty());
  app.add_option("--key-hash", options->key_hash,
                 "the fused hash, hexadecimal; default: nothing is fused")
      ->check(NotEmpty());
  app.add_option("--image-version", options->image_version,
                 "the chip's counter in OTP; default: 1, as closing leaves it")
      ->transform(WholeNumber32());
  app.add_option("image", options->file, "a first stage with its header")
      ->required()
      ->check(NotEmpty());
  return [options](Context& context) { return Check(context, *options); };
}

Action DeclareStm32Otp(CLI::App& app) {
  const auto options = std::make_shared<Options>();
  DeclareChip(app, *options);
  app.add_option("-o,--output", options->output,
                 "the hash as bytes; default: words, as they are fused")
      ->check(NotEmpty());
  app.add_option("key", options->keys,
                 "PEM files: the public key, or all eight in order")
      ->required()
      ->check(NotEmpty());
  return [options](Context& context) { return Otp(context, *options); };
}

}  // namespace bootseal::cli
