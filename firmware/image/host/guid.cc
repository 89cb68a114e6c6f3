#include "firmware/image/host/guid.h"

#include <algorithm>

#include "firmware/image/host/convert.h"
#include "firmware/image/host/uuid.h"

namespace bootseal::image::host {
namespace {

constexpr std::size_t kTextBytes = 36;

struct Named {
  Guid guid;
  const char* name;
};

constexpr Named kNames[] = {
    {guids::kFip, "fip"},
    {guids::kFipA, "fip-a"},
    {guids::kFipB, "fip-b"},
    {guids::kMetadata, "metadata"},
    {guids::kFsbl, "fsbl"},
    {guids::kBootEnvironment, "u-boot-env"},
    {guids::kLinuxFilesystem, "linux"},
};

// From the order of a UUID to that of a GUID, and back.
std::string Turned(std::string bytes) {
  std::reverse(bytes.begin(), bytes.begin() + 4);
  std::reverse(bytes.begin() + 4, bytes.begin() + 6);
  std::reverse(bytes.begin() + 6, bytes.begin() + 8);
  return bytes;
}

}  // namespace

std::optional<Guid> ParseGuid(absl::string_view text) {
  if (text.size() != kTextBytes) return std::nullopt;
  const std::optional<std::string> uuid = ParseUuid(text);
  if (!uuid.has_value()) return std::nullopt;
  Guid guid;
  Copy(AsBytes(Turned(*uuid)), guid.bytes);
  return guid;
}

std::string FormatGuid(const Guid& guid) {
  return FormatUuid(Turned(ToString(guid.bytes)));
}

std::string NameOfGuid(const Guid& guid) {
  for (const Named& named : kNames) {
    if (named.guid == guid) return named.name;
  }
  return FormatGuid(guid);
}

}  // namespace bootseal::image::host
