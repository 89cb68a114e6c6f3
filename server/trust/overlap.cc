#include "server/trust/overlap.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "firmware/image/host/stm32_image.h"
#include "server/trust/names.h"
#include "server/trust/package_format.h"
#include "server/trust/package_profile.h"
#include "server/trust/parts.h"
#include "server/trust/public_key_reading.h"

namespace bootseal::trust {
namespace {

const v1::PinnedKey* FindKey(const v1::Policy& policy, absl::string_view name) {
  for (const v1::PinnedKey& key : policy.keys()) {
    if (key.name() == name) return &key;
  }
  return nullptr;
}

// Where the key with this SHA-256 (hex) of its DER is in the header's table.
std::optional<std::uint32_t> PlaceOf(const v1::Stm32HeaderFormat& format,
                                     absl::string_view public_key_sha256) {
  for (int i = 0; i < format.public_keys_size(); ++i) {
    const auto key = ReadPemPublicKeyOfAnyKind(format.public_keys(i));
    if (!key.ok()) continue;
    const std::string hash =
        absl::BytesToHexString(Sha256Of(SpkiOf(key->get())));
    if (!absl::EqualsIgnoreCase(hash, public_key_sha256)) continue;
    return static_cast<std::uint32_t>(i);
  }
  return std::nullopt;
}

// Whether the boot ROM reads a table of keys.
bool HasTable(v1::Stm32Chip chip) {
  return chip != v1::STM32MP15 && ToImage(chip) != nullptr;
}

// Why devices of this format hold one key alone; empty: they can hold several.
std::string WhyOne(const v1::Target& target) {
  switch (target.format_case()) {
    case v1::Target::kMcuboot:
    case v1::Target::kRelease:
    case v1::Target::FORMAT_NOT_SET:
      return "";
    case v1::Target::kCapsule:
      return "not for capsules: devices hold certificates, and the target has "
             "that of `key` alone; put a second one into their list and make a "
             "second target";
    case v1::Target::kFip:
      if (HasTable(target.fip().chip())) return "";
      break;
    case v1::Target::kStm32Header:
      if (HasTable(target.stm32_header().chip())) return "";
      break;
  }
  return "not for an STM32MP15: it has the hash of one key fused, for good";
}

void CheckKind(const v1::PinnedKey& key, const v1::PinnedKey* current,
               const Field& field) {
  if (key.purpose() != v1::FIRMWARE) {
    return field.Report(absl::StrCat("key \"", key.name(), "\" has purpose ",
                                     v1::KeyPurpose_Name(key.purpose()),
                                     ", expected FIRMWARE"));
  }
  if (current == nullptr || current->algorithm() == key.algorithm()) return;
  field.Report(absl::StrCat(
      "key \"", key.name(), "\" is ", v1::Algorithm_Name(key.algorithm()),
      ", expected ", v1::Algorithm_Name(current->algorithm()), ", as \"",
      current->name(), "\" is: a bootloader ", "has one algorithm"));
}

// A key has one padding, and a capsule's is another than an image's.
void CheckPadding(const v1::Policy& policy, const std::string& name,
                  const Field& field) {
  for (const v1::Target& other : policy.targets()) {
    if (!other.has_capsule() || other.key() != name) continue;
    return field.Report(absl::StrCat("key \"", name, "\" signs capsules of \"",
                                     other.name(), "\", and nothing else"));
  }
}

void CheckOverlapKey(const v1::Policy& policy, const v1::Target& target,
                     const std::string& name, const Field& field) {
  const v1::PinnedKey* const key = FindKey(policy, name);
  if (key == nullptr) {
    Names known;
    for (const v1::PinnedKey& each : policy.keys()) known.insert(each.name());
    return CheckKnown("key", name, known, field);
  }
  if (name == target.key()) {
    return field.Report(absl::StrCat(
        "\"", name, "\" is the target's key, which is trusted anyway"));
  }
  const std::size_t before = field.count();
  CheckKind(*key, FindKey(policy, target.key()), field);
  if (field.count() != before) return;
  CheckPadding(policy, name, field);
  if (!target.has_stm32_header() ||
      PlaceOf(target.stm32_header(), key->public_key_sha256())) {
    return;
  }
  field.Report(absl::StrCat("key \"", name, "\" is none of ",
                            "stm32_header.public_keys: chips take those that ",
                            "their table names"));
}

void UseKey(const std::string& name, const std::string& public_key,
            v1::Profile& profile) {
  v1::Target& target = *profile.mutable_target();
  target.set_key(name);
  target.clear_overlap_keys();
  profile.set_public_key(public_key);
  if (!target.has_stm32_header()) return;
  const auto place = PlaceOf(target.stm32_header(),
                             absl::BytesToHexString(Sha256Of(public_key)));
  if (place) target.mutable_stm32_header()->set_key_index(*place);
}

}  // namespace

void CheckOverlapKeys(const v1::Policy& policy, const v1::Target& target,
                      const Field& here) {
  if (target.overlap_keys().empty()) return;
  if (const std::string why = WhyOne(target); !why.empty()) {
    return here.At("overlap_keys").Report(why);
  }
  Names seen;
  for (int i = 0; i < target.overlap_keys_size(); ++i) {
    const std::string& name = target.overlap_keys(i);
    const Field field = here.At("overlap_keys", i);
    if (seen.insert(name).second) {
      CheckOverlapKey(policy, target, name, field);
      continue;
    }
    field.Report(absl::StrCat("\"", name, "\" is given twice"));
  }
}

std::vector<v1::Profile> ProfilesByKey(const v1::Profile& profile) {
  std::vector<v1::Profile> profiles{profile};
  profiles.front().mutable_target()->clear_overlap_keys();
  for (const std::string& name : profile.target().overlap_keys()) {
    const std::string public_key = PublicKeyOf(profile, name);
    if (public_key.empty()) continue;
    UseKey(name, public_key, profiles.emplace_back(profile));
  }
  return profiles;
}

absl::Status CheckHasEveryKey(const v1::Profile& profile) {
  for (const std::string& name : profile.target().overlap_keys()) {
    if (!PublicKeyOf(profile, name).empty()) continue;
    return base::Precondition(
        "OVERLAP_KEY_MISSING",
        absl::StrCat("the server does not have the public key of \"", name,
                     "\", one of target \"", profile.target().name(),
                     "\"'s overlap_keys: its token lacks it; devices would "
                     "refuse what it signed"));
  }
  return absl::OkStatus();
}

}  // namespace bootseal::trust
