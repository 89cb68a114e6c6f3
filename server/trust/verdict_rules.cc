#include "server/trust/verdict_rules.h"

#include <optional>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "base/status.h"
#include "firmware/image/host/convert.h"
#include "server/trust/release_format.h"
#include "server/trust/target_format.h"

namespace bootseal::trust {
namespace {

using image::host::ReleaseVerdict;
using image::host::TrialEnd;

constexpr std::uint64_t kMaxManifestBytes = 1 << 20;
constexpr absl::Duration kLongest = absl::Hours(24 * 90);

// `Request`: SignHeader or SigningEvent.
template <typename Request>
const Roles& TakenOf(const v1::Target& target, const Request& request) {
  return request.has_verdict() && target.has_release()
             ? target.release().verdict_requesters()
             : target.requesters();
}

std::optional<TrialEnd> ToImage(v1::TrialEnd end) {
  switch (end) {
    case v1::TRIAL_ACCEPT:
      return TrialEnd::kAccept;
    case v1::TRIAL_REJECT:
      return TrialEnd::kReject;
    default:  // none, or of a later client
      return std::nullopt;
  }
}

// Whether there is more in the header than a verdict has.
bool HasOptions(v1::SignHeader header) {
  header.clear_target();
  header.clear_version();
  header.clear_request_id();
  header.clear_payload_size();
  header.clear_verdict();
  return header.ByteSizeLong() != 0;
}

Answer CheckSize(const v1::SignHeader& header) {
  const std::uint64_t size = header.payload_size();
  if (size == 0) {
    return Objection{"EMPTY_PAYLOAD",
                     "payload has 0 bytes, expected the release's envelope "
                     "(manifest.json of its bundle)"};
  }
  if (size <= kMaxManifestBytes) return {};
  return Objection{
      "PAYLOAD_TOO_LARGE",
      absl::StrCat("payload has ", size, " bytes, expected the release's ",
                   "envelope (manifest.json of its bundle), at most ",
                   kMaxManifestBytes)};
}

std::string FormatSecond(std::int64_t second) {
  return absl::FormatTime(absl::RFC3339_sec, absl::FromUnixSeconds(second),
                          absl::UTCTimeZone());
}

absl::Status OfAnother(absl::string_view field, absl::string_view found,
                       absl::string_view expected) {
  if (found == expected) return absl::OkStatus();
  return base::Invalid("RELEASE_OF_ANOTHER", field,
                       absl::StrCat("the release's ", field, " is ",
                                    absl::Utf8SafeCEscape(found), ", expected ",
                                    absl::Utf8SafeCEscape(expected)));
}

absl::Status Mismatch(absl::string_view message) {
  return base::Precondition(
      "RELEASE_MISMATCH",
      absl::StrCat("the verdict contradicts itself: ", message));
}

absl::Status Expect(absl::string_view what, absl::string_view statement,
                    absl::string_view entry) {
  if (statement == entry) return absl::OkStatus();
  return Mismatch(absl::StrCat(what, " is ", absl::CHexEscape(statement),
                               " in the statement that gets signed, and ",
                               absl::CHexEscape(entry), " in the entry"));
}

}  // namespace

const char* RequestersRule(const v1::SigningEvent& asked) {
  return asked.has_verdict() ? kVerdictRequesters : kRequesters;
}

const Roles& RequestersOf(const v1::Target& target,
                          const v1::SignHeader& header) {
  return TakenOf(target, header);
}

const Roles& RequestersOf(const v1::Target& target,
                          const v1::SigningEvent& event) {
  return TakenOf(target, event);
}

Roles AllRequestersOf(const v1::Target& target) {
  Roles roles = target.requesters();
  for (const std::string& role : target.release().verdict_requesters()) {
    *roles.Add() = role;
  }
  return roles;
}

Answer CheckVerdict(const v1::Target& target, const v1::SignHeader& header) {
  if (!header.has_verdict()) return {};
  if (!target.has_release()) {
    return Objection{"VERDICT_NOT_OF_TARGET",
                     absl::StrCat("a verdict is on a release; target ",
                                  target.name(), " is for ", HowToAsk(target))};
  }
  if (!ToImage(header.verdict().end())) {
    return Objection{"VERDICT_END",
                     absl::StrCat("the verdict's end is ",
                                  static_cast<int>(header.verdict().end()),
                                  ", expected TRIAL_ACCEPT or TRIAL_REJECT")};
  }
  if (HasOptions(header)) {
    return Objection{"VERDICT_OPTION",
                     "a verdict has a target, a version, a request id and a "
                     "manifest, and the request has more; leave out what only "
                     "a release has"};
  }
  return CheckSize(header);
}

Answer CheckVerdictTime(const v1::SigningEvent& asked,
                        std::int64_t now_unix_ms) {
  if (!asked.has_verdict()) return {};
  const std::int64_t second = asked.verdict().not_after_unix_seconds();
  const absl::Duration left =
      absl::FromUnixSeconds(second) - absl::FromUnixMillis(now_unix_ms);
  if (left <= absl::ZeroDuration()) {
    return Objection{
        "VERDICT_EXPIRED",
        absl::StrCat("the verdict would hold until ", FormatSecond(second),
                     ", which is over; give a later time")};
  }
  if (left <= kLongest) return {};
  return Objection{
      "VERDICT_TOO_LONG",
      absl::StrCat("the verdict would hold until ", FormatSecond(second),
                   ", expected at most 90 days from now")};
}

absl::StatusOr<ReleaseVerdict> VerdictOf(
    const v1::Target& target, const v1::SignHeader& header,
    const image::host::ReleaseManifest& manifest) {
  RETURN_IF_ERROR(OfAnother("target", manifest.target, target.name()));
  RETURN_IF_ERROR(
      OfAnother("product", manifest.product, target.release().product()));
  const auto version = image::host::ParseVersion(header.version());
  if (!version.ok()) {
    return base::Invalid("VERSION_INVALID", "version",
                         version.status().message());
  }
  RETURN_IF_ERROR(OfAnother("version",
                            image::host::FormatVersion(manifest.version),
                            image::host::FormatVersion(*version)));
  const auto end = ToImage(header.verdict().end());
  if (!end) return base::Internal("a verdict that is none");
  ReleaseVerdict verdict;
  verdict.product = manifest.product;
  verdict.target = manifest.target;
  verdict.version = manifest.version;
  verdict.end = *end;
  verdict.not_after = header.verdict().not_after_unix_seconds();
  verdict.release_sha256 = image::host::ReleaseDigest(manifest);
  return verdict;
}

absl::StatusOr<ReleaseVerdict> OpenVerdictMessage(
    const v1::SigningEvent& signing) {
  ASSIGN_OR_RETURN(const std::string text, StatementIn(signing));
  auto verdict = image::host::ReadVerdict(text);
  if (!verdict.ok()) return Mismatch(verdict.status().message());
  RETURN_IF_ERROR(Expect("the target", verdict->target, signing.target()));
  const auto version = image::host::ParseVersion(signing.version());
  if (!version.ok()) return Mismatch(version.status().message());
  RETURN_IF_ERROR(Expect("the version",
                         image::host::FormatVersion(verdict->version),
                         image::host::FormatVersion(*version)));
  const auto end = ToImage(signing.verdict().end());
  RETURN_IF_ERROR(
      Expect("the verdict", NameOf(verdict->end), end ? NameOf(*end) : "none"));
  RETURN_IF_ERROR(
      Expect("its end", FormatSecond(verdict->not_after),
             FormatSecond(signing.verdict().not_after_unix_seconds())));
  return verdict;
}

}  // namespace bootseal::trust
