#include "client/witness/witness.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "base/log.h"
#include "base/mutex.h"
#include "base/status.h"
#include "firmware/image/host/add_checkpoint.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/transparency/text.h"

namespace bootseal::witness {
namespace {

namespace transparency = image::transparency;
using image::Error;
using Request = image::host::AddCheckpoint;

constexpr char kText[] = "text/plain; charset=utf-8";
constexpr char kSize[] = "text/x.tlog.size";

Answer Refusal(int status, absl::string_view why) {
  return {status, kText, absl::StrCat(why, "\n")};
}

std::string OriginOf(const Request& request) {
  return std::string(transparency::Lines(request.checkpoint).Next());
}

// The checkpoint when one of the log's keys signed it and none of their
// signatures is wrong.
image::Result<transparency::Checkpoint> OpenWithAny(
    const std::string& note, const std::vector<const cli::LogKey*>& keys) {
  std::optional<transparency::Checkpoint> opened;
  for (const cli::LogKey* const key : keys) {
    const auto parsed = transparency::ParseVerifierKey(key->text());
    const auto checkpoint = transparency::OpenCheckpoint(note, *parsed);
    if (checkpoint.ok()) opened = *checkpoint;
    if (!checkpoint.ok() && checkpoint.error() != Error::kNoteUnknownKey) {
      return checkpoint.error();
    }
  }
  if (!opened) return Error::kNoteUnknownKey;
  return *opened;
}

Answer NotOpened(Error error) {
  const bool format = error == Error::kNoteFormat;
  return Refusal(format ? 400 : 403,
                 absl::StrCat("checkpoint: ", image::Text(error)));
}

// Why the checkpoint does not continue what was seen; nothing when it does.
std::optional<std::string> Break(const Request& request,
                                 const transparency::Checkpoint& now,
                                 const Seen& seen) {
  if (now.size == 0 && now.root != transparency::EmptyRoot()) {
    return "the empty tree has another root";
  }
  const Error error = transparency::VerifyConsistency(
      request.old_size, now.size, request.proof, seen.root, now.root);
  if (error == Error::kOk) return std::nullopt;
  return absl::StrCat("the checkpoint does not continue the one of size ",
                      seen.size, ": ", image::Text(error));
}

}  // namespace

class Witness::State {
 public:
  State(Cosigner cosigner, std::vector<cli::LogKey> logs, Records records,
        const base::Clock& clock)
      : cosigner_(std::move(cosigner)),
        logs_(std::move(logs)),
        clock_(clock),
        records_(std::move(records)) {}

  Answer Add(absl::string_view body) {
    const auto request = image::host::ReadAddCheckpoint(body);
    if (!request.ok()) return Refusal(400, request.status().message());
    const std::string origin = OriginOf(*request);
    const std::vector<const cli::LogKey*> keys = KeysOf(origin);
    if (keys.empty()) return Refusal(404, "no such log");
    const auto now = OpenWithAny(request->checkpoint, keys);
    if (!now.ok()) return NotOpened(now.error());
    const base::MutexLock lock(mutex_);
    return Judge(*request, *now);
  }

  Answer Latest(absl::string_view path) const {
    for (const cli::LogKey& log : logs_) {
      if (image::host::CheckpointPath(log.origin()) != path) continue;
      const Seen seen = Find(log.origin());
      if (!seen.note.empty()) return {200, kText, seen.note};
    }
    return Refusal(404, "no checkpoint of such a log");
  }

  Seen Find(const std::string& origin) const {
    const base::MutexLock lock(mutex_);
    const Seen* const seen = records_.Find(origin);
    return seen == nullptr ? Seen() : *seen;
  }

  const image::host::CosignerKey& key() const { return cosigner_.key(); }

 private:
  std::vector<const cli::LogKey*> KeysOf(const std::string& origin) const {
    std::vector<const cli::LogKey*> keys;
    for (const cli::LogKey& log : logs_) {
      if (log.origin() == origin) keys.push_back(&log);
    }
    return keys;
  }

  Answer Judge(const Request& request, const transparency::Checkpoint& now)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (request.old_size > now.size) {
      return Refusal(400,
                     absl::StrCat("old size ", request.old_size,
                                  " is above the checkpoint's ", now.size));
    }
    const std::string origin(now.origin);
    const Seen seen = *records_.Find(origin);
    if (request.old_size != seen.size) {
      return {409, kSize, absl::StrCat(seen.size, "\n")};
    }
    if (const auto broken = Break(request, now, seen)) {
      // The log's own signatures under two histories: worth keeping.
      base::Log(base::Severity::kError, "inconsistent-checkpoint",
                {{"origin", origin},
                 {"message", *broken},
                 {"seen", seen.note},
                 {"refused", request.checkpoint}});
      return Refusal(422, *broken);
    }
    return Cosign(request.checkpoint, now);
  }

  Answer Cosign(const std::string& note, const transparency::Checkpoint& now)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    const absl::StatusOr<std::string> line = Keep(note, now);
    if (line.ok()) return {200, kText, *line};
    base::Log(base::Severity::kError, "cannot-cosign",
              {{"reason", base::ReasonOf(line.status())},
               {"message", line.status().message()}});
    return Refusal(500, "the witness cannot cosign now");
  }

  // Signed, then on the disk, then told.
  absl::StatusOr<std::string> Keep(const std::string& note,
                                   const transparency::Checkpoint& now)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    ASSIGN_OR_RETURN(const std::string text, image::host::NoteText(note));
    const auto seconds =
        static_cast<std::uint64_t>(absl::ToUnixSeconds(clock_.Now()));
    ASSIGN_OR_RETURN(std::string line, cosigner_.Cosign(seconds, text));
    ASSIGN_OR_RETURN(const std::string signatures, LogSignatures(note, now));
    RETURN_IF_ERROR(records_.Keep(
        std::string(now.origin),
        {now.size, now.root, absl::StrCat(text, "\n", signatures, line)}));
    return line;
  }

  // Lines of this log's keys only: what a stranger added is not ours to keep.
  absl::StatusOr<std::string> LogSignatures(
      const std::string& note, const transparency::Checkpoint& now) const {
    ASSIGN_OR_RETURN(const std::string text, image::host::NoteText(note));
    const std::string all = note.substr(text.size() + 1);
    transparency::Lines lines(all);
    std::string kept;
    while (!lines.done()) {
      const std::string line(lines.Next());
      const std::string alone = absl::StrCat(text, "\n", line, "\n");
      if (OpenWithAny(alone, KeysOf(std::string(now.origin))).ok()) {
        absl::StrAppend(&kept, line, "\n");
      }
    }
    return kept;
  }

  const Cosigner cosigner_;
  const std::vector<cli::LogKey> logs_;
  const base::Clock& clock_;
  mutable base::Mutex mutex_;
  Records records_ ABSL_GUARDED_BY(mutex_);
};

Witness::Witness(std::unique_ptr<State> state) : state_(std::move(state)) {}
Witness::~Witness() = default;

absl::StatusOr<std::unique_ptr<Witness>> Witness::Open(
    Cosigner cosigner, const std::vector<cli::LogKey>& logs,
    const std::string& folder, Start start, const base::Clock& clock) {
  if (logs.empty()) {
    return base::Fail(absl::StatusCode::kInvalidArgument, "NO_LOG",
                      "a witness without a log has nothing to witness");
  }
  std::vector<std::string> origins;
  for (const cli::LogKey& log : logs) origins.push_back(log.origin());
  ASSIGN_OR_RETURN(Records records,
                   Records::Open(folder, cosigner.key(), origins, start));
  return std::unique_ptr<Witness>(new Witness(std::make_unique<State>(
      std::move(cosigner), logs, std::move(records), clock)));
}

Answer Witness::AddCheckpoint(absl::string_view body) {
  return state_->Add(body);
}

Answer Witness::Latest(absl::string_view path) const {
  return state_->Latest(path);
}

std::string Witness::LatestNote(const std::string& origin) const {
  return state_->Find(origin).note;
}

std::uint64_t Witness::LatestSize(const std::string& origin) const {
  return state_->Find(origin).size;
}

const image::host::CosignerKey& Witness::key() const { return state_->key(); }

}  // namespace bootseal::witness
