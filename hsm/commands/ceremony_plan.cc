#include "hsm/commands/ceremony_plan.h"

#include <openssl/asn1.h>

#include <algorithm>
#include <iterator>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "base/transcript.h"
#include "hsm/commands/failure.h"
#include "hsm/commands/policy_line.h"
#include "hsm/label.h"

namespace bootseal::hsm::commands {
namespace {

// What fits into a transcript, whatever the token says.
constexpr std::size_t kMaxKeys = 4;
constexpr std::size_t kMaxPeople = 8;
constexpr std::size_t kMaxNameBytes = 40;

absl::Status CheckCounts(const CeremonyOptions& options) {
  const std::size_t keys = options.labels.size();
  if (keys == 0 || keys > kMaxKeys || options.algorithms.size() != keys) {
    return UsageError(absl::StrCat(
        keys, " --label and ", options.algorithms.size(),
        " --algorithm, expected one of each for every key, 1 to ", kMaxKeys));
  }
  for (const auto* list : {&options.paddings, &options.purposes}) {
    if (list->empty() || list->size() == keys) continue;
    return UsageError(absl::StrCat(
        "--padding and --purpose are given for every key or for none, expected "
        "0 or ",
        keys, ", not ", list->size()));
  }
  return absl::OkStatus();
}

struct Range {
  unsigned long first;
  unsigned long last;
};
// Spaces that are not U+0020, and what has no width or shows nothing (Unicode's
// White_Space and Default_Ignorable_Code_Point, and Braille's blank): two names
// with them look like one.
constexpr Range kInvisible[] = {
    {0xa0, 0xa0},       {0xad, 0xad},      {0x34f, 0x34f},
    {0x115f, 0x1160},   {0x1680, 0x1680},  {0x17b4, 0x17b5},
    {0x180b, 0x180f},   {0x2000, 0x200f},  {0x2028, 0x202f},
    {0x205f, 0x206f},   {0x2800, 0x2800},  {0x3000, 0x3000},
    {0x3164, 0x3164},   {0xfe00, 0xfe0f},  {0xfeff, 0xfeff},
    {0xffa0, 0xffa0},   {0xfff0, 0xfffb},  {0x1bca0, 0x1bca3},
    {0x1d173, 0x1d17a}, {0xe0000, 0xe0fff}};

// `text` is UTF-8.
bool HasInvisible(absl::string_view text) {
  while (!text.empty()) {
    unsigned long character = 0;
    const int size =
        UTF8_getc(reinterpret_cast<const unsigned char*>(text.data()),
                  static_cast<int>(text.size()), &character);
    if (size <= 0 || std::any_of(std::begin(kInvisible), std::end(kInvisible),
                                 [character](const Range& range) {
                                   return character >= range.first &&
                                          character <= range.last;
                                 })) {
      return true;
    }
    text.remove_prefix(static_cast<std::size_t>(size));
  }
  return false;
}

bool IsName(absl::string_view name) {
  return !name.empty() && name.size() <= kMaxNameBytes &&
         base::IsTranscriptText(name) && !HasInvisible(name) &&
         name.front() != ' ' && name.back() != ' ' &&
         !absl::StrContains(name, "  ");
}

absl::Status CheckPeople(const CeremonyOptions& options) {
  if (options.people.size() > kMaxPeople ||
      (options.people.empty() && !options.unattended)) {
    return UsageError(
        absl::StrCat(options.people.size(), " --witness-name, expected 1 to ",
                     kMaxPeople, ": everybody who is present and looks"));
  }
  std::set<std::string> seen;
  for (const std::string& name : options.people) {
    if (!IsName(name)) {
      return UsageError(absl::StrCat("the name \"", absl::CHexEscape(name),
                                     "\" is not 1 to ", kMaxNameBytes,
                                     " bytes of UTF-8 text without invisible "
                                     "characters or spaces at its ends"));
    }
    if (!seen.insert(absl::AsciiStrToLower(name)).second) {
      return UsageError(absl::StrCat(name, " is named twice"));
    }
  }
  return absl::OkStatus();
}

absl::Status CheckPurpose(const PlannedKey& key, const std::string& origin) {
  if (key.purpose != "checkpoint") return absl::OkStatus();
  if (key.algorithm != Algorithm::kEd25519) {
    return UsageError(absl::StrCat("key ", key.label, " for checkpoints is ",
                                   NameOf(key.algorithm),
                                   ", expected ed25519"));
  }
  return CheckLogOrigin(origin);
}

absl::StatusOr<PlannedKey> KeyAt(const CeremonyOptions& options,
                                 std::size_t index) {
  PlannedKey key;
  key.label = options.labels[index];
  RETURN_IF_ERROR(CheckKeyLabel(key.label));
  if (key.label.size() > kMaxNameBytes) {
    return UsageError(absl::StrCat("a label has ", key.label.size(),
                                   " bytes, expected at most ", kMaxNameBytes));
  }
  ASSIGN_OR_RETURN(key.algorithm, ParseAlgorithm(options.algorithms[index]));
  if (!options.paddings.empty()) {
    key.padding = PaddingNamed(options.paddings[index]);
  }
  key.purpose = options.purposes.empty() ? "firmware" : options.purposes[index];
  const bool rsa = key.algorithm == Algorithm::kRsa2048 ||
                   key.algorithm == Algorithm::kRsa3072;
  if (key.padding == RsaPadding::kPkcs1 && !rsa) {
    return UsageError(absl::StrCat("padding pkcs1 is of RSA keys, ", key.label,
                                   " is ", NameOf(key.algorithm)));
  }
  RETURN_IF_ERROR(CheckPurpose(key, options.origin));
  return key;
}

}  // namespace

std::string PlannedKey::Line() const {
  return absl::StrCat("plan ", NameOf(algorithm), " ",
                      padding == RsaPadding::kPkcs1 ? "pkcs1" : "pss", " ",
                      purpose, " ", label);
}

absl::StatusOr<std::vector<PlannedKey>> PlanOf(const CeremonyOptions& options) {
  RETURN_IF_ERROR(CheckCounts(options));
  RETURN_IF_ERROR(CheckPeople(options));
  std::vector<PlannedKey> keys;
  std::set<std::string> labels;
  for (std::size_t i = 0; i < options.labels.size(); ++i) {
    ASSIGN_OR_RETURN(PlannedKey key, KeyAt(options, i));
    if (!labels.insert(key.label).second) {
      return UsageError(
          absl::StrCat("two keys are to have the label ", key.label));
    }
    keys.push_back(std::move(key));
  }
  return keys;
}

}  // namespace bootseal::hsm::commands
