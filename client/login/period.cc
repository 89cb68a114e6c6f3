#include "client/login/period.h"

#include <algorithm>
#include <cstdint>

#include "absl/strings/str_cat.h"
#include "client/cli/certificate.h"

namespace bootseal::login {
namespace {

constexpr absl::Duration kDay = absl::Hours(24);
constexpr absl::Duration kNotice = absl::Hours(7 * 24);

struct Unit {
  absl::Duration length;
  const char* name;
};

constexpr Unit kUnits[] = {{kDay, "day"},
                           {absl::Hours(1), "hour"},
                           {absl::Minutes(1), "minute"},
                           {absl::Seconds(1), "second"}};

// In the largest unit of which there are two.
std::string Rounded(absl::Duration duration) {
  for (const Unit& unit : kUnits) {
    const std::int64_t count = duration / unit.length;
    if (count >= 2) return absl::StrCat(count, " ", unit.name, "s");
  }
  return "a second";
}

}  // namespace

State StateAt(const Period& period, absl::Time now) {
  if (now > period.end) return State::kExpired;
  if (now < period.begin) return State::kNotYetValid;
  const absl::Duration notice =
      std::min(kNotice, (period.end - period.begin) / 3);
  return period.end - now < notice ? State::kExpiresSoon : State::kValid;
}

const char* NameOf(State state) {
  switch (state) {
    case State::kNotYetValid:
      return "not yet valid";
    case State::kValid:
      return "valid";
    case State::kExpiresSoon:
      return "expires soon";
    case State::kExpired:
      return "expired";
  }
  return "";
}

std::string EndInWords(const Period& period, absl::Time now) {
  const std::string end = cli::FormatUtc(period.end);
  return now > period.end
             ? absl::StrCat(end, ", ", Rounded(now - period.end), " ago")
             : absl::StrCat(end, ", in ", Rounded(period.end - now));
}

}  // namespace bootseal::login
