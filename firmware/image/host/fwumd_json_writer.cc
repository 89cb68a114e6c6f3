#include <algorithm>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "firmware/image/host/fwumd_json.h"
#include "firmware/image/host/guid.h"
#include "firmware/image/host/json.h"

namespace bootseal::image::host {
namespace {

using fwu::BankState;
using fwu::Metadata;

std::string ImageName(std::size_t image) { return absl::StrCat("img_", image); }

std::string BankName(std::size_t image, std::size_t bank) {
  return absl::StrCat(ImageName(image), "_bank_", bank);
}

json_t* Text(const std::string& text) { return json_string(text.c_str()); }

const char* WordOf(BankState state) {
  switch (state) {
    case BankState::kAccepted:
      return "accepted";
    case BankState::kValid:
      return "valid";
    case BankState::kInvalid:
      break;
  }
  return "invalid";
}

// One name per device, in the order of the images.
std::string LocationName(const Metadata& metadata, const Guid& location) {
  std::vector<Guid> seen;
  for (const fwu::Image& image : metadata.entries()) {
    if (image.location == location) break;
    if (std::find(seen.begin(), seen.end(), image.location) == seen.end()) {
      seen.push_back(image.location);
    }
  }
  return absl::StrCat("device", seen.size());
}

json_t* ImageEntry(const Metadata& metadata, std::size_t index) {
  const fwu::Image& image = metadata.images[index];
  json_t* banks = json_object();
  for (std::size_t bank = 0; bank < metadata.geometry.banks; ++bank) {
    json_object_set_new(
        banks, BankName(index, bank).c_str(),
        json_pack("{s:b}", "accepted", image.banks[bank].accepted ? 1 : 0));
  }
  return json_pack("{s:o, s:o}", "location",
                   Text(LocationName(metadata, image.location)),
                   "img_bank_info", banks);
}

json_t* MetadataObject(const Metadata& metadata) {
  json_t* entries = json_object();
  for (std::size_t i = 0; i < metadata.geometry.images; ++i) {
    json_object_set_new(entries, ImageName(i).c_str(), ImageEntry(metadata, i));
  }
  json_t* object =
      json_pack("{s:I, s:I, s:I}", "version", json_int_t{metadata.version},
                "active_index", json_int_t{metadata.active},
                "previous_active_index", json_int_t{metadata.previous});
  if (metadata.version == 2) {
    json_t* states = json_array();
    for (std::size_t bank = 0; bank < metadata.geometry.banks; ++bank) {
      json_array_append_new(states, json_string(WordOf(metadata.states[bank])));
    }
    json_object_set_new(object, "bank_state", states);
  }
  json_object_set_new(object, "img_entry", entries);
  return object;
}

json_t* GuidsObject(const Metadata& metadata) {
  json_t* locations = json_object();
  json_t* entries = json_object();
  for (std::size_t i = 0; i < metadata.geometry.images; ++i) {
    const fwu::Image& image = metadata.images[i];
    json_object_set_new(locations,
                        LocationName(metadata, image.location).c_str(),
                        Text(FormatGuid(image.location)));
    json_object_set_new(entries, ImageName(i).c_str(),
                        Text(FormatGuid(image.type)));
    for (std::size_t bank = 0; bank < metadata.geometry.banks; ++bank) {
      json_object_set_new(entries, BankName(i, bank).c_str(),
                          Text(FormatGuid(image.banks[bank].guid)));
    }
  }
  return json_pack("{s:o, s:o}", "locations", locations, "entries", entries);
}

}  // namespace

std::string WriteMetadataJson(const Metadata& metadata) {
  const JsonPtr root(json_pack("{s:o, s:o, s:{s:i, s:i}}", "metadata",
                               MetadataObject(metadata), "uuids",
                               GuidsObject(metadata), "configs", "nb_fw_img",
                               int{metadata.geometry.images}, "nb_fw_banks",
                               int{metadata.geometry.banks}));
  const std::unique_ptr<char, decltype(&std::free)> text(
      json_dumps(root.get(), JSON_INDENT(4)), &std::free);
  return absl::StrCat(text.get(), "\n");
}

}  // namespace bootseal::image::host
