#include "server/trust/rollback.h"

#include <tuple>

#include "firmware/image/host/convert.h"
#include "server/trust/target_format.h"

namespace bootseal::trust {
namespace {

bool IsLower(const std::string& version, const std::string& than) {
  if (version == than) return false;  // as most are
  const auto left = image::host::ParseVersion(version);
  const auto right = image::host::ParseVersion(than);
  // Whoever judges has refused a version that is none.
  if (!left.ok() || !right.ok()) return false;
  const auto key = [](const image::mcuboot::Version& each) {
    return std::tuple(each.major, each.minor, each.revision, each.build);
  };
  return key(*left) < key(*right);
}

}  // namespace

std::uint32_t CounterBefore(const v1::SigningEvent* last_release) {
  if (last_release == nullptr) return 0;
  return last_release->has_security_counter()
             ? last_release->security_counter()
             : last_release->security_counter_before();
}

std::string VersionBefore(const v1::SigningEvent* last_release) {
  if (last_release == nullptr) return "";
  return last_release->has_verdict() ? last_release->version_before()
                                     : last_release->version();
}

Lowering LoweringOf(const v1::SigningEvent& asked,
                    const v1::SigningEvent* last_release) {
  Lowering lowering;
  if (last_release == nullptr || asked.has_verdict()) return lowering;
  const std::uint32_t before = CounterBefore(last_release);
  if (asked.has_security_counter() && asked.security_counter() < before) {
    lowering.security_counter_from = before;
  }
  const std::string version = VersionBefore(last_release);
  if (IsLower(asked.version(), version)) lowering.version_from = version;
  return lowering;
}

std::optional<Leap> LeapFrom(const v1::Target& target,
                             const v1::SigningEvent& asked,
                             const v1::SigningEvent* last_release) {
  const CounterRules rules = CounterRulesOf(target);
  const bool first = last_release == nullptr;
  const bool counts_from_start = target.has_fip() || target.has_stm32_header();
  if (rules.step == 0 || (first && !counts_from_start)) return std::nullopt;
  const std::uint32_t before = first ? std::max(rules.initial, std::uint32_t{1})
                                     : CounterBefore(last_release);
  const std::uint32_t counter = asked.security_counter();
  if (counter <= before || counter - before <= rules.step) return std::nullopt;
  return Leap{before, first};
}

}  // namespace bootseal::trust
