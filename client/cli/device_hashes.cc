#include "client/cli/device_hashes.h"

#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/status.h"
#include "client/cli/text.h"
#include "client/package/sealed_first_stage.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/host/stm32_image.h"
#include "server/trust/overlap.h"
#include "server/trust/package_profile.h"
#include "server/trust/target_profile.h"

namespace bootseal::cli {
namespace {

using image::host::OtpWord;

absl::StatusOr<std::string> HashOf(const v1::Profile& profile) {
  if (profile.target().has_fip()) {
    ASSIGN_OR_RETURN(const auto made, trust::PackageProfile::Make(profile));
    return image::host::ToString(made->rules().root_key_hash);
  }
  if (profile.target().has_stm32_header()) {
    const v1::Stm32HeaderFormat& format = profile.target().stm32_header();
    ASSIGN_OR_RETURN(const auto made, trust::FirstStageProfile::Make(profile));
    return format.public_keys().empty()
               ? made->fused_hash()
               : made->keys().table[format.key_index()];
  }
  ASSIGN_OR_RETURN(const auto made, trust::TargetProfile::Make(profile));
  return made.key_hash();
}

std::optional<std::uint32_t> PlaceOf(const v1::Target& target) {
  if (target.stm32_header().public_keys().empty()) return std::nullopt;
  return target.stm32_header().key_index();
}

absl::StatusOr<std::vector<OtpWord>> WordsOf(const v1::Profile& profile,
                                             const std::string& hash) {
  const v1::Target& target = profile.target();
  if (target.has_stm32_header()) return package::OtpWordsOf(profile);
  if (target.fip().chip() != v1::STM32MP15) return std::vector<OtpWord>();
  return image::host::OtpWords(image::stm32::Version::kV1, hash);
}

Json ToJson(const std::vector<OtpWord>& words) {
  std::vector<Json> all;
  for (const OtpWord& word : words) {
    all.push_back(JsonObject()
                      .Add("word", Json::Number(word.number))
                      .Add("value", Json::Number(word.value))
                      .Build());
  }
  return Json::Array(all);
}

}  // namespace

absl::StatusOr<DeviceHashes> HashesOf(const v1::Profile& profile) {
  RETURN_IF_ERROR(trust::CheckHasEveryKey(profile));
  std::vector<std::vector<std::string>> rows{{"HASH", "KEY", "STATE"}};
  std::vector<Json> keys;
  std::vector<OtpWord> words;
  for (const v1::Profile& each : trust::ProfilesByKey(profile)) {
    ASSIGN_OR_RETURN(const std::string hash, HashOf(each));
    const bool current = keys.empty();
    if (current) {
      ASSIGN_OR_RETURN(words, WordsOf(each, hash));
    }
    const auto place = PlaceOf(each.target());
    const std::string state =
        absl::StrCat(current ? "current" : "overlap",
                     place ? absl::StrCat(", key ", *place, " of the table")
                           : std::string());
    rows.push_back(
        {absl::BytesToHexString(hash), Printable(each.target().key()), state});
    keys.push_back(
        JsonObject()
            .Add("key", Json::Text(each.target().key()))
            .Add("current", Json::Truth(current))
            .Add("hash", Json::Hex(hash))
            .Add("place", place ? Json::Number(*place) : Json::Null())
            .Build());
  }
  const std::string otp = package::FormatOtpWords(words);
  return DeviceHashes{
      absl::StrCat(FormatTable(rows), otp.empty() ? "" : "\n", otp),
      JsonObject()
          .Add("keys", Json::Array(keys))
          .Add("otp", ToJson(words))
          .Build()};
}

}  // namespace bootseal::cli
