#include "client/witness/sighting.h"

#include <httplib.h>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "base/file.h"
#include "base/status.h"
#include "firmware/image/host/add_checkpoint.h"

namespace bootseal::witness {
namespace {

constexpr std::size_t kMaxNoteBytes = 64 << 10;
constexpr time_t kPatienceSeconds = 10;

// "https://host:port" and the path that follows, without a slash at its end.
struct Prefix {
  std::string server;
  std::string path;
};

Prefix SplitUrl(const std::string& url) {
  const std::size_t host = url.find("://") + 3;
  const std::size_t slash = std::min(url.find('/', host), url.size());
  return {url.substr(0, slash),
          std::string(absl::StripSuffix(url.substr(slash), "/"))};
}

absl::Status Unreachable(const std::string& url, absl::string_view why) {
  return base::Unavailable(
      "WITNESS_UNREACHABLE",
      absl::StrCat("the witness ", url, " does not answer: ", why));
}

absl::StatusOr<std::string> Fetch(const std::string& url,
                                  const std::string& origin) {
  const Prefix prefix = SplitUrl(url);
  httplib::Client client(prefix.server);
  if (!client.is_valid()) return Unreachable(url, "no such address");
  client.set_connection_timeout(kPatienceSeconds);
  client.set_read_timeout(kPatienceSeconds);
  std::string body;
  const auto take = [&body](const char* data, std::size_t size) {
    body.append(data, size);
    return body.size() <= kMaxNoteBytes;
  };
  const httplib::Result result =
      client.Get(prefix.path + image::host::CheckpointPath(origin), take);
  if (!result) return Unreachable(url, httplib::to_string(result.error()));
  if (result->status == 200) return body;
  if (result->status == 404) {
    return base::NotFound(
        "WITNESS_SAW_NOTHING",
        absl::StrCat("the witness ", url, " has seen nothing of ", origin));
  }
  return Unreachable(url, absl::StrCat("HTTP status ", result->status));
}

bool IsUrl(const std::string& source) {
  return absl::StartsWith(source, "http://") ||
         absl::StartsWith(source, "https://");
}

struct Renamed {
  absl::string_view ours;
  absl::string_view cli;
};
constexpr Renamed kReasons[] = {{"ROLLED_BACK", "LOG_WENT_BACK"},
                                {"FORKED", "LOG_INCONSISTENT"}};

}  // namespace

absl::StatusOr<image::host::CosignedCheckpoint> ReadSighting(
    const std::string& source, const image::host::CosignerKey& key,
    const std::string& origin) {
  ASSIGN_OR_RETURN(const std::string note,
                   IsUrl(source) ? Fetch(source, origin)
                                 : base::ReadFile(source, kMaxNoteBytes));
  const auto seen = image::host::OpenCosigned(note, key);
  if (!seen.ok()) {
    return base::Precondition(
        "WITNESS_INVALID",
        absl::StrCat("what ", source, " holds was not cosigned by ", key.name(),
                     " (", seen.status().message(), ")"));
  }
  if (seen->origin == origin) return seen;
  return base::Precondition(
      "WITNESS_INVALID", absl::StrCat("what ", source, " holds is of the log ",
                                      seen->origin, ", expected ", origin));
}

absl::Status CheckSighting(const image::host::CosignedCheckpoint& seen,
                           const cli::TrustedCheckpoint& now,
                           const cli::ConsistencyProof& proof) {
  const absl::Status status =
      cli::CheckContinuity({seen.size, seen.root, ""}, now, proof);
  for (const Renamed& reason : kReasons) {
    if (base::ReasonOf(status) != reason.cli) continue;
    const std::string when = absl::FormatTime(
        "%Y-%m-%dT%H:%M:%SZ",
        absl::FromUnixSeconds(static_cast<std::int64_t>(seen.unix_seconds)),
        absl::UTCTimeZone());
    return base::Precondition(
        reason.ours, absl::StrCat("a witness saw another log at ", when, ": ",
                                  status.message()));
  }
  return status;
}

}  // namespace bootseal::witness
