#include "server/witnesses/remote_witness.h"

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/status.h"

namespace bootseal::witnesses {
namespace {

constexpr long kOk = 200;
constexpr long kNotFound = 404;
constexpr long kConflict = 409;
constexpr long kFirstServerError = 500;

absl::Status Invalid(absl::string_view url, absl::string_view what) {
  return base::Precondition("WITNESS_INVALID", absl::StrCat(url, ": ", what));
}

absl::Status Refusal(absl::string_view url, const HttpReply& reply) {
  const std::string what = absl::StrCat(
      url, ": HTTP status ", reply.status, ": ",
      absl::StripSuffix(absl::string_view(reply.body).substr(0, 200), "\n"));
  if (reply.status >= kFirstServerError) {
    return base::Unavailable("WITNESS_UNREACHABLE", what);
  }
  return base::Precondition("WITNESS_REFUSED", what);
}

absl::StatusOr<Submission> ReadConflict(absl::string_view url,
                                        const HttpReply& reply) {
  Submission submission;
  absl::string_view digits = reply.body;
  if (absl::StartsWith(reply.content_type, "text/x.tlog.size") &&
      absl::ConsumeSuffix(&digits, "\n") &&
      absl::SimpleAtoi(digits, &submission.known_size)) {
    return submission;
  }
  return Invalid(url, "a conflict without the size that the witness knows");
}

}  // namespace

absl::StatusOr<RemoteWitness> RemoteWitness::Make(
    const v1::Witness& config, const std::atomic<bool>& ending) {
  ASSIGN_OR_RETURN(auto key,
                   image::host::CosignerKey::Parse(config.verifier_key()));
  const absl::string_view prefix = absl::StripSuffix(config.url(), "/");
  return RemoteWitness(Http(std::string(prefix), config.ca_path(), ending),
                       std::move(key));
}

absl::StatusOr<std::optional<image::host::CosignedCheckpoint>>
RemoteWitness::Latest(const std::string& origin) const {
  ASSIGN_OR_RETURN(const HttpReply reply,
                   http_.Get(image::host::CheckpointPath(origin)));
  if (reply.status == kNotFound) return std::nullopt;
  if (reply.status != kOk) return Refusal(url(), reply);
  auto seen = image::host::OpenCosigned(reply.body, key_);
  if (!seen.ok()) {
    return Invalid(
        url(), absl::StrCat("what it shows was not cosigned by ", key_.text(),
                            " (", seen.status().message(), ")"));
  }
  if (seen->origin == origin) return *std::move(seen);
  return Invalid(url(), absl::StrCat("it shows the log ", seen->origin,
                                     ", expected ", origin));
}

absl::StatusOr<Submission> RemoteWitness::Submit(
    const image::host::AddCheckpoint& request) const {
  ASSIGN_OR_RETURN(
      const HttpReply reply,
      http_.Post("/add-checkpoint", image::host::WriteAddCheckpoint(request)));
  if (reply.status == kConflict) return ReadConflict(url(), reply);
  if (reply.status != kOk) return Refusal(url(), reply);
  const auto cosigned = image::host::OpenCosigned(
      absl::StrCat(request.checkpoint, reply.body), key_);
  if (cosigned.ok()) return Submission{cosigned->line, cosigned->size};
  return Invalid(url(), absl::StrCat("its cosignature is not by ", key_.text(),
                                     " (", cosigned.status().message(), ")"));
}

}  // namespace bootseal::witnesses
