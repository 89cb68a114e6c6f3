#include "firmware/image/host/fwumd_json.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>
#include <optional>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/host/guid.h"
#include "firmware/image/host/json.h"

namespace bootseal::image::host {
namespace {

using fwu::BankState;
using fwu::Metadata;

constexpr std::size_t kMaxJsonBytes = 1 << 20;

struct StateWord {
  const char* word;
  BankState state;
};
constexpr StateWord kStateWords[] = {{"accepted", BankState::kAccepted},
                                     {"valid", BankState::kValid},
                                     {"invalid", BankState::kInvalid}};

absl::Status Wrong(absl::string_view member, absl::string_view what) {
  return base::Invalid(
      "METADATA_JSON", member,
      absl::StrCat(absl::CHexEscape(member), " in the metadata's JSON ", what));
}

// Members in the order of the text, by an index that is checked.
class Reading {
 public:
  explicit Reading(const json_t* root)
      : metadata_(json_object_get(root, "metadata")),
        entries_(json_object_get(metadata_, "img_entry")),
        uuids_(json_object_get(root, "uuids")),
        configs_(json_object_get(root, "configs")) {}

  absl::StatusOr<Metadata> Read() {
    if (!json_is_object(metadata_)) return Wrong("metadata", "is no object");
    RETURN_IF_ERROR(ReadNumber("version", 2, result_.version));
    RETURN_IF_ERROR(ReadEntries());
    const std::uint32_t last_bank = result_.geometry.banks - 1u;
    RETURN_IF_ERROR(ReadNumber("active_index", last_bank, result_.active));
    RETURN_IF_ERROR(
        ReadNumber("previous_active_index", last_bank, result_.previous));
    RETURN_IF_ERROR(CheckCount("nb_fw_img", result_.geometry.images));
    RETURN_IF_ERROR(CheckCount("nb_fw_banks", result_.geometry.banks));
    DeduceStates();
    RETURN_IF_ERROR(ReadStates());
    return result_;
  }

 private:
  absl::Status ReadNumber(const char* name, std::uint32_t most,
                          std::uint32_t& into) const {
    const std::optional<std::uint64_t> number = JsonNumber(metadata_, name);
    if (!number.has_value() || *number > most) {
      return Wrong(absl::StrCat("metadata.", name),
                   absl::StrCat("is no number from 0 to ", most));
    }
    into = static_cast<std::uint32_t>(*number);
    return absl::OkStatus();
  }

  // fwumd_tool takes the counts from there; ours are those of the members.
  absl::Status CheckCount(const char* name, std::uint64_t counted) const {
    if (!json_object_get(configs_, name)) return absl::OkStatus();
    if (JsonNumber(configs_, name) == counted) return absl::OkStatus();
    return Wrong(
        absl::StrCat("configs.", name),
        absl::StrCat("is not the ", counted, " of metadata.img_entry"));
  }

  absl::StatusOr<Guid> GuidOf(const char* kind, const std::string& name) const {
    const json_t* guids = json_object_get(uuids_, kind);
    const auto text = JsonString(guids, name.c_str());
    const std::string member = absl::StrCat("uuids.", kind, ".", name);
    if (!text.has_value()) {
      return Wrong(member, "is missing: a GUID is not made up here");
    }
    const std::optional<Guid> guid = ParseGuid(*text);
    if (!guid.has_value()) {
      return Wrong(member,
                   absl::StrCat("is no GUID: ", absl::CHexEscape(*text)));
    }
    return *guid;
  }

  absl::Status ReadEntries() {
    const std::size_t images = json_object_size(entries_);
    if (images == 0 || images > fwu::kMaxImages) {
      return Wrong("metadata.img_entry",
                   absl::StrCat("has ", images, " images, expected 1 to ",
                                fwu::kMaxImages));
    }
    result_.geometry = {0, 0};
    const char* name = nullptr;
    json_t* entry = nullptr;
    json_object_foreach(const_cast<json_t*>(entries_), name, entry) {
      RETURN_IF_ERROR(ReadImage(name, entry));
      ++result_.geometry.images;
    }
    return absl::OkStatus();
  }

  absl::Status ReadImage(const std::string& name, const json_t* entry) {
    const std::string member = absl::StrCat("metadata.img_entry.", name);
    const auto location = JsonString(entry, "location");
    if (!location.has_value()) {
      return Wrong(absl::StrCat(member, ".location"), "is missing");
    }
    fwu::Image& image = result_.images[result_.geometry.images];
    ASSIGN_OR_RETURN(image.type, GuidOf("entries", name));
    ASSIGN_OR_RETURN(image.location, GuidOf("locations", *location));
    json_t* banks = json_object_get(entry, "img_bank_info");
    RETURN_IF_ERROR(CheckBanks(member, json_object_size(banks)));
    const char* bank_name = nullptr;
    json_t* bank = nullptr;
    std::size_t index = 0;
    json_object_foreach(banks, bank_name, bank) {
      RETURN_IF_ERROR(ReadBank(absl::StrCat(member, ".img_bank_info."),
                               bank_name, bank, image.banks[index++]));
    }
    return absl::OkStatus();
  }

  // The first image says how many there are.
  absl::Status CheckBanks(const std::string& member, std::size_t banks) {
    if (result_.geometry.images == 0 && banks > 0 && banks <= fwu::kMaxBanks) {
      result_.geometry.banks = static_cast<std::uint8_t>(banks);
    }
    if (banks != 0 && banks == result_.geometry.banks) return absl::OkStatus();
    return Wrong(absl::StrCat(member, ".img_bank_info"),
                 absl::StrCat("has ", banks, " banks, expected 1 to ",
                              fwu::kMaxBanks, ", and of each image the same"));
  }

  absl::Status ReadBank(const std::string& prefix, const std::string& name,
                        const json_t* bank, fwu::Bank& into) const {
    const json_t* accepted = json_object_get(bank, "accepted");
    if (!json_is_boolean(accepted)) {
      return Wrong(absl::StrCat(prefix, name, ".accepted"),
                   "is neither true nor false");
    }
    if (json_object_get(bank, "reserved") &&
        JsonNumber(bank, "reserved") != 0) {
      return Wrong(absl::StrCat(prefix, name, ".reserved"), "is not 0");
    }
    into.accepted = json_is_true(accepted);
    ASSIGN_OR_RETURN(into.guid, GuidOf("entries", name));
    return absl::OkStatus();
  }

  // A bank that nobody accepted is complete in version 1, which knows no other;
  // of version 2 nothing says so.
  void DeduceStates() {
    const BankState otherwise =
        result_.version == 2 ? BankState::kInvalid : BankState::kValid;
    for (std::size_t bank = 0; bank < result_.geometry.banks; ++bank) {
      const auto entries = result_.entries();
      const bool accepted = std::all_of(
          entries.begin(), entries.end(),
          [&](const fwu::Image& image) { return image.banks[bank].accepted; });
      result_.states[bank] = accepted ? BankState::kAccepted : otherwise;
    }
  }

  absl::Status ReadStates() {
    const json_t* states = json_object_get(metadata_, "bank_state");
    if (!states) return absl::OkStatus();
    if (result_.version != 2) {
      return Wrong("metadata.bank_state",
                   "is there, but version 2 alone has it");
    }
    if (!json_is_array(states) ||
        json_array_size(states) != result_.geometry.banks) {
      return Wrong("metadata.bank_state", "is no array with one word per bank");
    }
    for (std::size_t bank = 0; bank < result_.geometry.banks; ++bank) {
      RETURN_IF_ERROR(ReadState(json_array_get(states, bank), bank));
    }
    return absl::OkStatus();
  }

  absl::Status ReadState(const json_t* word, std::size_t bank) {
    for (const StateWord& each : kStateWords) {
      if (json_is_string(word) &&
          absl::string_view(json_string_value(word)) == each.word) {
        result_.states[bank] = each.state;
        return absl::OkStatus();
      }
    }
    return Wrong(absl::StrCat("metadata.bank_state.", bank),
                 "is none of accepted, valid, invalid");
  }

  const json_t* metadata_;
  const json_t* entries_;
  const json_t* uuids_;
  const json_t* configs_;
  Metadata result_;
};

}  // namespace

absl::StatusOr<Metadata> ReadMetadataJson(absl::string_view json) {
  if (json.size() > kMaxJsonBytes) {
    return base::Fail(absl::StatusCode::kInvalidArgument, "METADATA_JSON",
                      absl::StrCat("the metadata's JSON has ", json.size(),
                                   " bytes, expected at most ", kMaxJsonBytes));
  }
  const absl::StatusOr<JsonPtr> root = ParseJsonObject(json);
  if (!root.ok()) {
    return base::Fail(
        absl::StatusCode::kInvalidArgument, "METADATA_JSON",
        absl::StrCat("the metadata's JSON ", root.status().message()));
  }
  return Reading(root->get()).Read();
}

}  // namespace bootseal::image::host
