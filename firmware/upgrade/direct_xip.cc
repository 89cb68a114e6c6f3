// Two equal slots, each with an image linked for its own place: the newest one
// that verifies is started where it lies. Nothing is moved, erased or written:
// a refused image costs the time to look at it, at every reset. As MCUboot's
// MCUBOOT_DIRECT_XIP without revert, which erases it.
#include <cstdint>

#include "firmware/boards/flash.h"
#include "firmware/image/mcuboot/header.h"
#include "firmware/image/mcuboot/verifier.h"
#include "firmware/upgrade/upgrade.h"

namespace bootseal::upgrade {
namespace {

using image::Bytes;
using image::Error;
using image::Result;
using image::mcuboot::Header;
using image::mcuboot::Rules;
using image::mcuboot::Version;

std::uintptr_t AddressOf(Bytes bytes) {
  return reinterpret_cast<std::uintptr_t>(bytes.data());
}

// Both slots' images follow the same rules, but for the place they are for.
Rules RulesOfSecondary(const Rules& primary) {
  Rules rules = primary;
  const auto distance = static_cast<std::uint32_t>(
      AddressOf(boards::MappedFlash(boards::Slot::kSecondary)) -
      AddressOf(boards::MappedFlash(boards::Slot::kPrimary)));
  if (rules.slot_address != 0) rules.slot_address += distance;
  if (rules.rom_fixed != 0) rules.rom_fixed += distance;
  return rules;
}

// Above 0: `a` is newer. The build number counts here, and only here.
int Compare(const Version& a, const Version& b) {
  if (a.major != b.major) return a.major < b.major ? -1 : 1;
  if (a.minor != b.minor) return a.minor < b.minor ? -1 : 1;
  if (a.revision != b.revision) return a.revision < b.revision ? -1 : 1;
  if (a.build != b.build) return a.build < b.build ? -1 : 1;
  return 0;
}

// The order in which to look; what the headers say is not trusted yet. Of
// equals the primary one.
bool SecondaryIsNewer(Bytes primary, Bytes secondary) {
  const Result<Header> first = image::mcuboot::ReadHeader(primary);
  const Result<Header> second = image::mcuboot::ReadHeader(secondary);
  if (!second.ok()) return false;
  return !first.ok() || Compare(second->version, first->version) > 0;
}

}  // namespace

Outcome Choose(Images images) {
  if (images.size() != 1) return {Error::kRules};
  const Rules& rules = *images[0];
  const Bytes primary = boards::MappedFlash(boards::Slot::kPrimary);
  const Bytes secondary = boards::MappedFlash(boards::Slot::kSecondary);
  Outcome outcome;
  if (rules.slot_size > primary.size() || rules.slot_size > secondary.size()) {
    outcome.image = Error::kRules;
    return outcome;
  }
  const Bytes slots[] = {primary.first(rules.slot_size),
                         secondary.first(rules.slot_size)};
  const Rules of_secondary = RulesOfSecondary(rules);
  const Rules* const its_rules[] = {&rules, &of_secondary};
  const int newer = SecondaryIsNewer(slots[0], slots[1]) ? 1 : 0;
  outcome.image = image::mcuboot::Verify(*its_rules[newer], slots[newer]);
  int started = newer;
  if (!outcome.image.ok()) {
    // An empty primary slot is nothing that was refused.
    outcome.refused = outcome.image.error();
    started = 1 - newer;
    outcome.image = image::mcuboot::Verify(*its_rules[started], slots[started]);
    // Neither will do: the reason is that of the one to be started.
    if (!outcome.image.ok()) outcome.image = outcome.refused;
  }
  if (outcome.image.ok() && started == 1) outcome.done = "in slot 1";
  return outcome;
}

}  // namespace bootseal::upgrade
