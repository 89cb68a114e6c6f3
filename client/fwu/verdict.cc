#include "client/fwu/verdict.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "firmware/image/host/convert.h"

namespace bootseal::fwu {
namespace {

absl::Status Same(absl::string_view member, absl::string_view found,
                  absl::string_view expected) {
  if (found == expected) return absl::OkStatus();
  return base::Refused(
      "VERDICT_MISMATCH",
      absl::StrCat("the verdict has ", member, " \"",
                   absl::Utf8SafeCEscape(found), "\", expected \"",
                   absl::Utf8SafeCEscape(expected), "\""));
}

absl::Status CheckTime(const image::host::ReleaseVerdict& verdict,
                       absl::Time now) {
  const absl::Time not_after = absl::FromUnixSeconds(verdict.not_after);
  // The second that it names is its last.
  if (now < not_after + absl::Seconds(1)) return absl::OkStatus();
  return base::Refused(
      "VERDICT_EXPIRED",
      absl::StrCat(
          "the verdict was good until ",
          absl::FormatTime(absl::RFC3339_sec, not_after, absl::UTCTimeZone()),
          "; have a new one signed"));
}

}  // namespace

absl::StatusOr<image::host::VerifiedVerdict> CheckVerdict(
    absl::string_view envelope, absl::string_view receipt,
    const image::host::ReleaseTrust& trust, const VerdictExpected& expected) {
  ASSIGN_OR_RETURN(const auto opened,
                   image::host::OpenVerdict(envelope, receipt, trust));
  const image::host::ReleaseVerdict& found = opened.verdict();
  const image::host::ReleaseManifest& release = expected.release;
  RETURN_IF_ERROR(Same("product", found.product, expected.product));
  RETURN_IF_ERROR(Same("target", found.target, release.target));
  RETURN_IF_ERROR(Same("version", image::host::FormatVersion(found.version),
                       image::host::FormatVersion(release.version)));
  RETURN_IF_ERROR(
      Same("release", absl::BytesToHexString(found.release_sha256),
           absl::BytesToHexString(image::host::ReleaseDigest(release))));
  RETURN_IF_ERROR(Same("verdict", image::host::NameOf(found.end),
                       image::host::NameOf(expected.end)));
  RETURN_IF_ERROR(CheckTime(found, expected.now));
  return opened;
}

}  // namespace bootseal::fwu
