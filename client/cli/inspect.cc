#include "client/cli/inspect.h"

#include <CLI/CLI.hpp>
#include <array>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "base/status.h"
#include "client/cli/arguments.h"
#include "client/cli/capsule_show.h"
#include "client/cli/description.h"
#include "client/cli/entry_text.h"
#include "client/cli/inspect_image.h"
#include "client/cli/inspect_release.h"
#include "client/cli/inspect_trust.h"
#include "client/cli/log_key.h"
#include "client/cli/payload.h"
#include "client/cli/public_key.h"
#include "client/cli/text.h"
#include "client/release/manifest_words.h"
#include "client/release/metadata_file.h"
#include "server/trust/entry.h"
#include "server/trust/profile.h"
#include "server/trust/target_format.h"

namespace bootseal::cli {
namespace {

constexpr char kSignatureMark[] = "\n\n\xe2\x80\x94 ";

// Names of the signers of a note, in its order.
std::vector<std::string> SignersOf(absl::string_view note) {
  std::vector<std::string> signers;
  for (absl::string_view line : absl::StrSplit(note, '\n')) {
    if (!absl::StartsWith(line, "\xe2\x80\x94 ")) continue;
    line.remove_prefix(4);
    signers.push_back(Printable(line.substr(0, line.find(' '))));
  }
  return signers;
}

absl::StatusOr<Description> DescribeCheckpoint(absl::string_view note) {
  const std::vector<std::string> lines = absl::StrSplit(note, '\n');
  if (lines.size() < 3) {
    return LocalFileError("CHECKPOINT_MALFORMED",
                          "a checkpoint needs origin, size and root");
  }
  const std::vector<std::string> signers = SignersOf(note);
  std::vector<Json> names;
  for (const std::string& name : signers) names.push_back(Json::Text(name));
  Description description;
  description.text = FormatTable({
      {"format", "checkpoint (signatures not checked)"},
      {"origin", Printable(lines[0])},
      {"size", Printable(lines[1])},
      {"root", Printable(lines[2])},
      {"signed by", absl::StrJoin(signers, ", ")},
  });
  description.json = JsonObject()
                         .Add("format", Json::Text("checkpoint"))
                         .Add("origin", Json::Text(lines[0]))
                         .Add("size", Json::Text(lines[1]))
                         .Add("root", Json::Text(lines[2]))
                         .Add("signers", Json::Array(names))
                         .Build();
  return description;
}

absl::StatusOr<Description> DescribeReceipt(absl::string_view text) {
  const auto proof =
      image::transparency::ParseProofFile({text.data(), text.size()});
  ASSIGN_OR_RETURN(const std::string bytes, EntryOfReceipt(text));
  ASSIGN_OR_RETURN(const v1::Entry entry, trust::DecodeEntry(bytes));
  ASSIGN_OR_RETURN(
      const Description checkpoint,
      DescribeCheckpoint({proof->checkpoint.data(), proof->checkpoint.size()}));
  Description description;
  description.text = absl::StrCat(
      "format  receipt (tlog-proof, not checked; `bootseal verify "
      "--receipt` does)\n",
      DescribeEntry(proof->index, entry), checkpoint.text);
  description.json = JsonObject()
                         .Add("format", Json::Text("receipt"))
                         .Add("entry", EntryToJson(proof->index, entry))
                         .Add("checkpoint", checkpoint.json)
                         .Build();
  return description;
}

absl::StatusOr<Description> DescribeKey(absl::string_view pem) {
  ASSIGN_OR_RETURN(const PublicKey key, FromPem(pem));
  const std::string hash = absl::BytesToHexString(KeyHash(key));
  Description description;
  description.text = FormatTable({
      {"format", "public key"},
      {"algorithm", AlgorithmName(key.algorithm)},
      {"key hash", absl::StrCat(hash, " (what the device compares)")},
  });
  description.json =
      JsonObject()
          .Add("format", Json::Text("public-key"))
          .Add("algorithm", Json::Text(AlgorithmName(key.algorithm)))
          .Add("key_hash", Json::Text(hash))
          .Add("public_key", Json::Hex(key.device_der))
          .Build();
  return description;
}

absl::StatusOr<Description> DescribeProfile(absl::string_view text) {
  ASSIGN_OR_RETURN(const v1::Profile profile, trust::ParseProfile(text));
  const v1::Target& target = profile.target();
  const std::string hash = absl::BytesToHexString(
      KeyHash({profile.algorithm(), profile.public_key()}));
  Description description;
  std::vector<std::vector<std::string>> rows{
      {"format", "profile of a target"},
      {"target", Printable(target.name())},
      {"key", absl::StrCat(Printable(target.key()), " (",
                           AlgorithmName(profile.algorithm()), ")")},
      {"key hash", hash},
      {"target format", std::string(trust::NameOfFormat(target))},
  };
  if (target.has_mcuboot()) {
    rows.push_back({"header", HexNumber(target.mcuboot().header_size())});
    rows.push_back({"slot", HexNumber(target.mcuboot().slot_size())});
  }
  description.text = FormatTable(rows);
  description.json =
      JsonObject()
          .Add("format", Json::Text("profile"))
          .Add("target", Json::Text(target.name()))
          .Add("key", Json::Text(target.key()))
          .Add("algorithm", Json::Text(AlgorithmName(profile.algorithm())))
          .Add("key_hash", Json::Text(hash))
          .Add("target_format", Json::Text(trust::NameOfFormat(target)))
          .Add("header_size", Json::Number(target.mcuboot().header_size()))
          .Add("slot_size", Json::Number(target.mcuboot().slot_size()))
          .Build();
  return description;
}

absl::StatusOr<Description> DescribeImageFile(absl::string_view bytes) {
  return DescribeImage(bytes);
}

bool IsReceipt(absl::string_view bytes) {
  return absl::StartsWith(bytes, "c2sp.org/tlog-proof@v1\n");
}
bool IsCheckpoint(absl::string_view bytes) {
  return absl::StrContains(bytes, kSignatureMark);
}
bool IsPublicKey(absl::string_view bytes) {
  const absl::string_view text = absl::StripLeadingAsciiWhitespace(bytes);
  return absl::StartsWith(text, "-----BEGIN PUBLIC KEY-----") ||
         absl::StartsWith(text, "-----BEGIN RSA PUBLIC KEY-----");
}
bool IsProfile(absl::string_view bytes) {
  const auto profile = trust::ParseProfile(bytes);
  return profile.ok() && !profile->target().name().empty() &&
         !profile->public_key().empty();
}

// First match wins.
struct Known {
  const char* name;
  bool (*recognise)(absl::string_view);
  absl::StatusOr<Description> (*describe)(absl::string_view);
};
constexpr std::array<Known, 11> kKnown{{
    {"MCUboot image", LooksLikeImage, DescribeImageFile},
    // A bundle has a receipt in it, and is none.
    {"release bundle", release::LooksLikeBundle, DescribeBundleBytes},
    {"release manifest", release::LooksLikeEnvelope, DescribeManifest},
    {"UEFI capsule", LooksLikeCapsule, DescribeCapsule},
    {"firmware update metadata", release::LooksLikeMetadata, DescribeMetadata},
    {"receipt", IsReceipt, DescribeReceipt},
    {"checkpoint", IsCheckpoint, DescribeCheckpoint},
    {"public key", IsPublicKey, DescribeKey},
    {"certificate", LooksLikeCertificate, DescribeCertificate},
    {"profile", IsProfile, DescribeProfile},
    {"policy", LooksLikePolicy, DescribePolicy},
}};

absl::StatusOr<Description> Describe(const std::string& path,
                                     absl::string_view bytes) {
  for (const Known& known : kKnown) {
    if (!known.recognise(bytes)) continue;
    absl::StatusOr<Description> description = known.describe(bytes);
    if (description.ok()) return description;
    return WithExit(base::Annotate(description.status(),
                                   absl::StrCat(path, ": ", known.name)),
                    ExitStatus::kLocalFile);
  }
  return LocalFileError(
      "FORMAT_UNKNOWN",
      absl::StrCat(path, " is none of: ",
                   absl::StrJoin(kKnown, ", ",
                                 [](std::string* out, const Known& known) {
                                   out->append(known.name);
                                 }),
                   " (images in Intel HEX too); for a package there is "
                   "`bootseal fip info`, for a first stage `bootseal stm32 "
                   "show`"));
}

absl::StatusOr<ExitStatus> Inspect(Context& context, const std::string& path) {
  ASSIGN_OR_RETURN(const LoadedBytes file, LoadBytes(path));
  if (file.bytes.empty()) {
    return LocalFileError("FILE_EMPTY", absl::StrCat(path, " is empty"));
  }
  ASSIGN_OR_RETURN(const Description description, Describe(path, file.bytes));
  if (context.format() == Format::kJson) {
    PrintResult(description.json.text() + "\n");
  } else {
    PrintResult(description.text);
    if (file.address) {
      PrintResult(
          absl::StrCat("Intel HEX from ", HexNumber(*file.address), "\n"));
    }
  }
  if (description.defect.empty()) return ExitStatus::kDone;
  return base::Precondition(
      "FILE_BROKEN", absl::StrCat(path, " is broken: ", description.defect));
}

}  // namespace

Action DeclareInspect(CLI::App& app) {
  const auto path = std::make_shared<std::string>();
  app.add_option("file", *path, "any file of ours")
      ->required()
      ->check(NotEmpty());
  return [path](Context& context) { return Inspect(context, *path); };
}

}  // namespace bootseal::cli
