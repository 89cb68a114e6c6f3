#include "client/login/report.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/cli/certificate.h"
#include "client/cli/exit_status.h"
#include "client/cli/json.h"
#include "client/cli/text.h"

namespace bootseal::login {
namespace {

using cli::Json;
using cli::JsonObject;

using Rows = std::vector<std::vector<std::string>>;

void AddText(Rows& rows, const char* name, const std::string& value) {
  if (!value.empty()) rows.push_back({name, cli::Printable(value)});
}

std::string SeenInWords(const SeenAs& seen_as) {
  return seen_as.roles.empty()
             ? " takes you for " + seen_as.identity + ", without a role"
             : absl::StrCat(" takes you for ", seen_as.identity, " (",
                            absl::StrJoin(seen_as.roles, ", "), ")");
}

void AddBearer(Rows& rows, const Bearer& bearer, absl::Time now) {
  AddText(rows, "identity", NameOf(bearer));
  if (NameOf(bearer) != bearer.subject) {
    AddText(rows, "subject", bearer.subject);
  }
  AddText(rows, "issuer", bearer.issuer);
  const State state = StateAt(bearer, now);
  AddText(rows, state == State::kExpired ? "expired" : "expires",
          EndInWords(EndingPeriodOf(bearer), now));
  if (bearer.ends_first) {
    AddText(rows, "ends first", "its issuer " + bearer.ends_first->subject);
    AddText(rows, "certificate until", cli::FormatUtc(bearer.period.end));
  }
  if (state == State::kNotYetValid) {
    AddText(rows, "valid from", cli::FormatUtc(bearer.period.begin));
  }
}

Json Texts(const std::vector<std::string>& texts) {
  std::vector<Json> elements;
  elements.reserve(texts.size());
  for (const std::string& text : texts) elements.push_back(Json::Text(text));
  return Json::Array(elements);
}

Json Known(const std::string& text) {
  return text.empty() ? Json::Null() : Json::Text(text);
}

Json Moment(absl::Time time) {
  return Json::Text(cli::FormatUnixMilliseconds(absl::ToUnixMillis(time)));
}

Json EndsFirstJson(const Bearer& bearer) {
  if (!bearer.ends_first) return Json::Null();
  return JsonObject()
      .Add("subject", Json::Text(bearer.ends_first->subject))
      .Add("not_after", Moment(bearer.ends_first->period.end))
      .Build();
}

Json CertificateJson(const Bearer& bearer, absl::Time now) {
  return JsonObject()
      .Add("name", Json::Text(NameOf(bearer)))
      .Add("subject", Json::Text(bearer.subject))
      .Add("uris", Texts(bearer.uris))
      .Add("issuer", Json::Text(bearer.issuer))
      .Add("sha256", Json::Text(bearer.fingerprint))
      .Add("not_before", Moment(bearer.period.begin))
      .Add("not_after", Moment(bearer.period.end))
      .Add("seconds_left",
           Json::Signed(absl::ToInt64Seconds(EndingPeriodOf(bearer).end - now)))
      .Add("ends_first", EndsFirstJson(bearer))
      .Add("state", Json::Text(NameOf(StateAt(bearer, now))))
      .Build();
}

Json SeenAsJson(const SeenAs& seen_as) {
  return JsonObject()
      .Add("identity", Json::Text(seen_as.identity))
      .Add("roles", Texts(seen_as.roles))
      .Build();
}

}  // namespace

std::string FormatText(const Report& report, absl::Time now) {
  Rows rows;
  AddText(rows, "settings", report.settings_path);
  if (report.bearer) AddBearer(rows, *report.bearer, now);
  AddText(rows, "certificate", report.settings.certificate);
  AddText(rows, "key", report.settings.key);
  AddText(rows, "token file", report.settings.token_file);
  AddText(rows, "token for", report.settings.token_audience);
  if (report.token_expires) {
    AddText(rows, "token until", cli::FormatUtc(*report.token_expires));
  }
  AddText(rows, "server",
          absl::StrCat(report.settings.server,
                       report.seen_as ? SeenInWords(*report.seen_as) : ""));
  AddText(rows, "log key", report.settings.log_key);
  for (const std::string& line : report.replaced) {
    AddText(rows, "replaced", line);
  }
  for (const std::string& line : report.removed) {
    AddText(rows, "removed", line);
  }
  return cli::FormatTable(rows);
}

std::string FormatJson(const Report& report, absl::Time now) {
  const cli::Settings& settings = report.settings;
  const Json certificate =
      report.bearer ? CertificateJson(*report.bearer, now) : Json::Null();
  const Json expires =
      report.token_expires ? Moment(*report.token_expires) : Json::Null();
  return JsonObject()
             .Add("settings", Json::Text(report.settings_path))
             .Add("certificate", certificate)
             .Add("certificate_file", Known(settings.certificate))
             .Add("key_file", Known(settings.key))
             .Add("token_file", Known(settings.token_file))
             .Add("token_audience", Known(settings.token_audience))
             .Add("token_expires", expires)
             .Add("server", Known(settings.server))
             .Add("seen_as",
                  report.seen_as ? SeenAsJson(*report.seen_as) : Json::Null())
             .Add("log_key", Known(settings.log_key))
             .Add("replaced", Texts(report.replaced))
             .Add("removed", Texts(report.removed))
             .Add("overridden_by", Texts(report.overridden_by))
             .Build()
             .text() +
         "\n";
}

namespace {

// Which certificate ends first, and whose it is.
std::string EndingInWords(const Bearer& bearer) {
  return bearer.ends_first
             ? absl::StrCat("issuer ", bearer.ends_first->subject,
                            " of the certificate of ", NameOf(bearer))
             : absl::StrCat("certificate of ", NameOf(bearer));
}

}  // namespace

absl::Status CheckUsable(const Report& report, absl::Time now) {
  if (!report.bearer) return absl::OkStatus();
  const Period& period = report.bearer->period;
  const std::string name = NameOf(*report.bearer);
  switch (StateAt(*report.bearer, now)) {
    case State::kExpired:
      return cli::LocalFileError(
          "CERTIFICATE_EXPIRED",
          absl::StrCat(EndingInWords(*report.bearer), " expired on ",
                       EndInWords(EndingPeriodOf(*report.bearer), now)));
    case State::kNotYetValid:
      return cli::LocalFileError(
          "CERTIFICATE_NOT_YET_VALID",
          absl::StrCat("certificate of ", name, " is valid from ",
                       cli::FormatUtc(period.begin), " on; now it is ",
                       cli::FormatUtc(now)));
    case State::kValid:
    case State::kExpiresSoon:
      return absl::OkStatus();
  }
  return absl::OkStatus();
}

std::string ExpiryNotice(const Bearer& bearer, absl::Time now) {
  const State state = StateAt(bearer, now);
  const bool by_issuer =
      state == State::kExpired && StateAt(bearer.period, now) != state;
  if (state != State::kExpiresSoon && !by_issuer) return "";
  return absl::StrCat(
      by_issuer ? "CERTIFICATE_EXPIRED: " : "CERTIFICATE_EXPIRES_SOON: ",
      EndingInWords(bearer), by_issuer ? " expired on " : " expires on ",
      EndInWords(EndingPeriodOf(bearer), now),
      "; get a new one from your PKI, then bootseal login");
}

}  // namespace bootseal::login
