#include "client/release/verdict_time.h"

#include <optional>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "client/cli/exit_status.h"
#include "client/cli/text.h"

namespace bootseal::release {
namespace {

// With the rest of the last day it is still below the server's 90.
constexpr int kMostDays = 89;

std::optional<absl::Time> AfterDays(absl::string_view text, absl::Time now) {
  int days = 0;
  if (!absl::ConsumeSuffix(&text, "d") || !absl::SimpleAtoi(text, &days) ||
      days < 1 || days > kMostDays) {
    return std::nullopt;
  }
  const absl::TimeZone utc = absl::UTCTimeZone();
  const absl::CivilDay day = absl::ToCivilDay(now, utc) + days + 1;
  return absl::FromCivil(day, utc) - absl::Seconds(1);
}

std::optional<absl::Time> At(absl::string_view text) {
  absl::Time time;
  std::string error;
  if (!absl::ParseTime(absl::RFC3339_full, text, &time, &error) ||
      time == absl::InfiniteFuture() || time == absl::InfinitePast()) {
    return std::nullopt;
  }
  return absl::FromUnixSeconds(absl::ToUnixSeconds(time));
}

}  // namespace

absl::StatusOr<absl::Time> ParseNotAfter(const std::string& text,
                                         absl::Time now) {
  const auto days = AfterDays(text, now);
  const auto time = days ? days : At(text);
  if (time && *time > now) return *time;
  return cli::UsageError(
      "NOT_AFTER_INVALID",
      absl::StrCat("not-after is \"", cli::Printable(text),
                   "\", expected 1d to ", kMostDays,
                   "d, or a time to come like 2027-01-31T00:00:00Z"));
}

}  // namespace bootseal::release
