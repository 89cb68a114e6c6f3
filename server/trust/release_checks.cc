// What a target's release format must be like.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "firmware/image/host/guid.h"
#include "server/trust/metadata_reader.h"
#include "server/trust/names.h"
#include "server/trust/release_format.h"

namespace bootseal::trust {
namespace {

namespace fwu = image::fwu;

constexpr std::size_t kMaxProductBytes = 128;
constexpr std::size_t kMaxImageNameBytes = 32;
constexpr std::uint64_t kMaxBankBytes = std::uint64_t{1} << 40;
constexpr int kMinBanks = 2;
// Of a minor version, in a counter that is taken from the version.
constexpr std::uint32_t kMinorStep = 1u << 16;

void CheckProduct(const std::string& product, const Field& field) {
  if (product.empty()) {
    return field.Report("required: a device takes releases of its own alone");
  }
  if (product.size() > kMaxProductBytes) {
    field.Report(absl::StrCat("has ", product.size(),
                              " bytes, expected at most ", kMaxProductBytes));
  }
  for (const char c : product) {
    if (absl::ascii_isprint(static_cast<unsigned char>(c))) continue;
    return field.Report("expected printable ASCII");
  }
}

void CheckVersion(std::uint32_t version, const Field& field) {
  if (version == 1 || version == 2) return;
  field.Report(absl::StrCat(
      version, ", expected 1 (TF-A up to 2.10) or 2 (TF-A 2.11 and later)"));
}

bool IsNameCharacter(char c) {
  return absl::ascii_islower(static_cast<unsigned char>(c)) ||
         absl::ascii_isdigit(static_cast<unsigned char>(c)) || c == '-';
}

void CheckImageName(const std::string& name, Names& seen, const Field& field) {
  if (name.empty()) return field.Report("required, for example \"fip\"");
  if (name.size() > kMaxImageNameBytes ||
      !std::all_of(name.begin(), name.end(), IsNameCharacter)) {
    return field.Report(absl::StrCat("\"", name, "\", expected at most ",
                                     kMaxImageNameBytes,
                                     " of small letters, digits and -"));
  }
  if (seen.insert(name).second) return;
  field.Report(absl::StrCat("\"", name, "\" is given twice"));
}

// nullopt when it is reported.
std::optional<image::Guid> ReadGuid(const std::string& text,
                                    const Field& field) {
  if (text.empty()) {
    field.Report("required");
    return std::nullopt;
  }
  const auto guid = image::host::ParseGuid(text);
  if (guid) return guid;
  field.Report(absl::StrCat("\"", text,
                            "\" is no GUID, expected one like "
                            "19d5df83-11b0-457b-be2c-7559c13142a5"));
  return std::nullopt;
}

// One that names one thing alone.
void CheckUniqueGuid(const std::string& text, Names& seen, const Field& field) {
  const auto guid = ReadGuid(text, field);
  if (!guid) return;
  if (guid->zero()) return field.Report("is all zeros");
  if (seen.insert(image::host::FormatGuid(*guid)).second) return;
  field.Report(absl::StrCat(text, " is given twice"));
}

void CheckBanks(const v1::ReleaseImage& image, int banks, Names& seen,
                const Field& here) {
  const int count = image.bank_guids_size();
  if (count < kMinBanks || count > static_cast<int>(fwu::kMaxBanks)) {
    here.At("bank_guids")
        .Report(absl::StrCat("has ", count, ", expected ", kMinBanks, " to ",
                             fwu::kMaxBanks, ", one for each bank"));
  } else if (count != banks) {
    here.At("bank_guids")
        .Report(absl::StrCat("has ", count, " where the first image has ",
                             banks, ": every image is in every bank"));
  }
  for (int i = 0; i < count; ++i) {
    CheckUniqueGuid(image.bank_guids(i), seen, here.At("bank_guids", i));
  }
}

void CheckBankSize(std::uint64_t size, const Field& field) {
  if (size == 0) return field.Report("required: bytes of the smallest bank");
  if (size <= kMaxBankBytes) return;
  field.Report(absl::StrCat(size, ", expected at most ", kMaxBankBytes));
}

void CheckImages(const v1::ReleaseFormat& format, const Field& here) {
  const int count = format.images_size();
  if (count == 0 || count > static_cast<int>(fwu::kMaxImages)) {
    here.At("images").Report(
        absl::StrCat("has ", count, ", expected 1 to ", fwu::kMaxImages));
    if (count == 0) return;
  }
  const int banks = format.images(0).bank_guids_size();
  Names names;
  Names types;
  Names bank_guids;
  for (int i = 0; i < count; ++i) {
    const v1::ReleaseImage& image = format.images(i);
    const Field field = here.At("images", i);
    CheckImageName(image.name(), names, field.At("name"));
    CheckUniqueGuid(image.type_guid(), types, field.At("type_guid"));
    if (!image.location_guid().empty()) {
      ReadGuid(image.location_guid(), field.At("location_guid"));
    }
    CheckBanks(image, banks, bank_guids, field);
    CheckBankSize(image.bank_size(), field.At("bank_size"));
  }
}

void CheckCounter(const v1::ReleaseFormat& format, const Field& here) {
  const std::uint32_t step = format.security_counter_step();
  if (!format.security_counter_from_version() || step == 0 ||
      step >= kMinorStep) {
    return;
  }
  here.At("security_counter_step")
      .Report(absl::StrCat(step,
                           " lets no minor version follow: a counter "
                           "taken from the version steps by ",
                           kMinorStep, " with it"));
}

// Those that are known.
void CheckReaders(const v1::ReleaseFormat& format, const Field& here) {
  if (format.readers().empty()) {
    here.At("readers").Report(
        "required: at least one, for example TF_A_2_11 and BOOTSEAL_BOOT");
  }
  std::set<int> seen;
  for (int i = 0; i < format.readers_size(); ++i) {
    const v1::MetadataReader reader = format.readers(i);
    if (!ToImage(reader)) {
      here.At("readers", i).Report("unknown");
    } else if (!seen.insert(reader).second) {
      here.At("readers", i)
          .Report(
              absl::StrCat(v1::MetadataReader_Name(reader), " is given twice"));
    }
  }
}

void CheckReadable(const v1::ReleaseFormat& format, const Field& here) {
  const auto metadata = MetadataOf(format, nullptr);
  if (!metadata.ok()) return here.Report(metadata.status().message());
  for (int i = 0; i < format.readers_size(); ++i) {
    const absl::Status taken =
        image::host::CheckReadableBy(*ToImage(format.readers(i)), *metadata, 0);
    if (!taken.ok()) here.At("readers", i).Report(taken.message());
  }
}

}  // namespace

void CheckRelease(const v1::ReleaseFormat& format, const Field& here) {
  const std::size_t before = here.count();
  CheckProduct(format.product(), here.At("product"));
  CheckVersion(format.metadata_version(), here.At("metadata_version"));
  CheckImages(format, here);
  CheckCounter(format, here);
  CheckReaders(format, here);
  if (here.count() == before) CheckReadable(format, here);
}

}  // namespace bootseal::trust
