#include "client/release/guid_words.h"

#include <array>
#include <optional>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "client/cli/exit_status.h"
#include "firmware/image/host/guid.h"

namespace bootseal::release {
namespace {

using image::Guid;
using image::MakeGuid;
namespace guids = image::guids;

struct Named {
  Guid guid;
  const char* name;
};

constexpr auto kFileSystems = std::to_array<Named>({
    {MakeGuid(0xbc13c2ff, 0x59e6, 0x4262, 0xa352, 0xb275fd6f7172), "bootfs"},
    {MakeGuid(0xe91c4e10, 0x16e6, 0x4c0e, 0xbd0e, 0x77becf4a3582),
     "rootfs-mmc0"},
    {MakeGuid(0x491f6117, 0x415d, 0x4f53, 0x88c9, 0x6e0de54deac6),
     "rootfs-mmc1"},
    {MakeGuid(0xfd58f1c7, 0xbe0d, 0x4338, 0x8ee9, 0xad8f050aeb18),
     "rootfs-mmc2"},
});

constexpr Guid kFirmware[] = {guids::kFip,
                              guids::kFipA,
                              guids::kFipB,
                              guids::kMetadata,
                              guids::kFsbl,
                              guids::kBootEnvironment,
                              guids::kLinuxFilesystem};

std::string NameOf(const Guid& guid) {
  for (const Named& named : kFileSystems) {
    if (named.guid == guid) return named.name;
  }
  return image::host::NameOfGuid(guid);
}

std::optional<Guid> FindByName(absl::string_view name) {
  for (const Named& named : kFileSystems) {
    if (named.name == name) return named.guid;
  }
  for (const Guid& guid : kFirmware) {
    if (image::host::NameOfGuid(guid) == name) return guid;
  }
  return std::nullopt;
}

}  // namespace

absl::StatusOr<Guid> ParseGuidWord(absl::string_view what,
                                   absl::string_view text) {
  if (const auto named = FindByName(text)) return *named;
  if (const auto guid = image::host::ParseGuid(text)) return *guid;
  return cli::UsageError(
      "GUID_INVALID",
      absl::StrCat(what, " is \"", absl::Utf8SafeCEscape(text),
                   "\", expected a GUID such as "
                   "19d5df83-11b0-457b-be2c-7559c13142a5, or a name such as "
                   "fip, fip-a, fip-b, bootfs"));
}

std::string GuidWords(const Guid& guid) {
  if (guid.zero()) return "none";
  const std::string text = image::host::FormatGuid(guid);
  const std::string name = NameOf(guid);
  return name == text ? text : absl::StrCat(name, " (", text, ")");
}

}  // namespace bootseal::release
