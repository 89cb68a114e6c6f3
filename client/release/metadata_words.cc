#include "client/release/metadata_words.h"

#include "absl/strings/str_cat.h"
#include "client/release/guid_words.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/host/guid.h"

namespace bootseal::release {
namespace {

using cli::Json;
using cli::JsonObject;
using image::fwu::BankState;
using image::fwu::Metadata;
using image::fwu::Replica;

std::string BankWords(const Metadata& metadata, std::size_t bank) {
  std::string words(NameOf(metadata.states[bank]));
  if (bank == metadata.active) absl::StrAppend(&words, ", active");
  if (bank == metadata.previous) absl::StrAppend(&words, ", previous");
  return words;
}

Json BanksToJson(const Metadata& metadata) {
  std::vector<Json> banks;
  for (std::size_t i = 0; i < metadata.geometry.banks; ++i) {
    banks.push_back(Json::Text(NameOf(metadata.states[i])));
  }
  return Json::Array(banks);
}

Json ImageToJson(const Metadata& metadata, const image::fwu::Image& image) {
  std::vector<Json> banks;
  for (std::size_t i = 0; i < metadata.geometry.banks; ++i) {
    const image::fwu::Bank& bank = image.banks[i];
    banks.push_back(
        JsonObject()
            .Add("guid", Json::Text(image::host::FormatGuid(bank.guid)))
            .Add("accepted", Json::Truth(bank.accepted))
            .Build());
  }
  return JsonObject()
      .Add("type_guid", Json::Text(image::host::FormatGuid(image.type)))
      .Add("location_guid", Json::Text(image::host::FormatGuid(image.location)))
      .Add("banks", Json::Array(banks))
      .Build();
}

absl::string_view NameOf(Replica replica) {
  return replica == Replica::kPrimary ? "primary" : "secondary";
}

absl::string_view OtherThan(Replica replica) {
  return NameOf(replica == Replica::kPrimary ? Replica::kSecondary
                                             : Replica::kPrimary);
}

}  // namespace

absl::string_view NameOf(BankState state) {
  if (state == BankState::kAccepted) return "accepted";
  return state == BankState::kValid ? "valid" : "invalid";
}

Rows MetadataRows(const FoundMetadata& found) {
  const Metadata& metadata = found.metadata;
  Rows rows{{"format", "firmware update metadata"},
            {"version", absl::StrCat(metadata.version)}};
  for (std::size_t i = 0; i < metadata.geometry.banks; ++i) {
    rows.push_back({absl::StrCat("bank ", i), BankWords(metadata, i)});
  }
  for (std::size_t i = 0; i < metadata.geometry.images; ++i) {
    const image::fwu::Image& image = metadata.images[i];
    rows.push_back({absl::StrCat("image ", i), GuidWords(image.type)});
    rows.push_back({"  on device", GuidWords(image.location)});
    for (std::size_t bank = 0; bank < metadata.geometry.banks; ++bank) {
      const image::fwu::Bank& in = image.banks[bank];
      rows.push_back(
          {absl::StrCat("  in bank ", bank),
           absl::StrCat(GuidWords(in.guid),
                        in.accepted ? ", accepted" : ", not accepted")});
    }
  }
  if (!found.vendor_data.empty()) {
    rows.push_back(
        {"vendor data", absl::StrCat(found.vendor_data.size(), " bytes")});
  }
  return rows;
}

Json MetadataJson(const FoundMetadata& found) {
  const Metadata& metadata = found.metadata;
  std::vector<Json> images;
  for (const image::fwu::Image& image : metadata.entries()) {
    images.push_back(ImageToJson(metadata, image));
  }
  return JsonObject()
      .Add("format", Json::Text("fwu-metadata"))
      .Add("version", Json::Number(metadata.version))
      .Add("active", Json::Number(metadata.active))
      .Add("previous", Json::Number(metadata.previous))
      .Add("bank_states", BanksToJson(metadata))
      .Add("images", Json::Array(images))
      .Add("vendor_data", Json::Hex(found.vendor_data))
      .Build();
}

std::string ReplicaWords(const FoundReplicas& found) {
  if (found.other == image::Error::kOk) return "both are alike";
  if (found.other == image::Error::kReplicaDiffers) {
    return absl::StrCat("both are whole and differ: the ", NameOf(found.from),
                        " counts, and the ", OtherThan(found.from),
                        " is to be repaired");
  }
  return absl::StrCat("the ", NameOf(found.from), " counts; the ",
                      OtherThan(found.from), " is to be repaired (",
                      image::host::NameOf(found.other), ")");
}

Json ReplicaJson(const FoundReplicas& found) {
  const bool alike = found.other == image::Error::kOk;
  return JsonObject()
      .Add("wins", Json::Text(NameOf(found.from)))
      .Add("alike", Json::Truth(alike))
      .Add("other",
           alike ? Json::Null() : Json::Text(image::host::NameOf(found.other)))
      .Add("metadata", MetadataJson(found.winner))
      .Build();
}

}  // namespace bootseal::release
