#include "client/cli/audit_filter.h"

#include <CLI/CLI.hpp>
#include <array>
#include <cstdint>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "client/cli/arguments.h"
#include "client/cli/entry_text.h"
#include "server/trust/entry.h"

namespace bootseal::cli {
namespace {

struct Unit {
  char letter;
  std::int64_t seconds;
};
constexpr std::array<Unit, 5> kUnits{
    {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86'400}, {'w', 604'800}}};
constexpr std::uint32_t kMostUnits = 1'000'000;

std::optional<absl::Duration> ParseAge(absl::string_view text) {
  if (text.size() < 2) return std::nullopt;
  for (const Unit& unit : kUnits) {
    if (unit.letter != text.back()) continue;
    const auto count = ParseNumber(text.substr(0, text.size() - 1));
    if (!count || *count > kMostUnits) return std::nullopt;
    return static_cast<std::int64_t>(*count) * absl::Seconds(unit.seconds);
  }
  return std::nullopt;
}

std::optional<absl::Time> ParseDate(absl::string_view text) {
  absl::Time time;
  // The library takes more than the standard has, spaces and "infinite-past".
  if (text.size() < 10 || !absl::ascii_isdigit(text.front()) ||
      absl::ascii_isspace(text.back())) {
    return std::nullopt;
  }
  for (const char* format : {absl::RFC3339_full, "%Y-%m-%d"}) {
    if (absl::ParseTime(format, text, absl::UTCTimeZone(), &time, nullptr)) {
      return time;
    }
  }
  return std::nullopt;
}

CLI::Validator Moment() {
  return CLI::Validator(
      [](std::string& text) {
        return ParseMoment(text, absl::Now())
                   ? std::string()
                   : absl::StrCat("\"", text, "\" is no moment, expected a ",
                                  "date (2026-11-21), a date and time "
                                  "(2026-11-21T07:00:00Z) or an age (90s, 30m, "
                                  "2h, 7d, 4w)");
      },
      "MOMENT");
}

std::int64_t Milliseconds(const std::string& moment, absl::Time now) {
  if (moment.empty()) return 0;
  return absl::ToUnixMillis(*ParseMoment(moment, now));
}

bool Fits(const std::string& wanted, const std::string& found) {
  return wanted.empty() || wanted == found;
}

}  // namespace

std::optional<absl::Time> ParseMoment(absl::string_view text, absl::Time now) {
  std::optional<absl::Time> moment = ParseDate(text);
  if (const auto age = ParseAge(text)) moment = now - *age;
  if (!moment || *moment <= absl::UnixEpoch()) return std::nullopt;
  return moment;
}

void DeclareAuditFilter(CLI::App& app, AuditFilter& filter) {
  app.add_option("--target", filter.target, "only of this target")
      ->check(NotEmpty() & PlainText());
  app.add_option("--identity", filter.identity, "only of this identity")
      ->check(NotEmpty() & PlainText());
  app.add_option("--signing-key", filter.key,
                 "only with this key: it signed, or is to change")
      ->check(NotEmpty() & PlainText());
  app.add_option("--decision", filter.decision, "only with this decision")
      ->check(CLI::IsMember({"allowed", "refused", "pending"}));
  app.add_option("--kind", filter.kind, "only of this kind")
      ->check(CLI::IsMember(trust::EntryKinds()));
  app.add_option("--since", filter.since,
                 "from a date, a time (RFC 3339) or an age (2h, 7d) on")
      ->check(Moment());
  app.add_option("--until", filter.until, "before one")->check(Moment());
}

v1::ListEntriesRequest ToRequest(const AuditFilter& filter, absl::Time now) {
  v1::ListEntriesRequest request;
  request.set_target(filter.target);
  request.set_identity(filter.identity);
  request.set_key(filter.key);
  request.set_decision(filter.decision);
  request.set_kind(filter.kind);
  request.set_from_unix_ms(Milliseconds(filter.since, now));
  request.set_until_unix_ms(Milliseconds(filter.until, now));
  return request;
}

bool Matches(const v1::ListEntriesRequest& request, const v1::Entry& entry) {
  const trust::SearchTerms terms = trust::TermsOf(entry);
  const bool named = Fits(request.target(), terms.target) &&
                     Fits(request.identity(), terms.identity) &&
                     Fits(request.key(), terms.key) &&
                     Fits(request.decision(), DecisionName(terms.decision)) &&
                     Fits(request.kind(), trust::NameOfKind(terms.kind));
  const bool late = request.from_unix_ms() == 0 ||
                    terms.time_unix_ms >= request.from_unix_ms();
  const bool early = request.until_unix_ms() == 0 ||
                     terms.time_unix_ms < request.until_unix_ms();
  return named && late && early;
}

}  // namespace bootseal::cli
