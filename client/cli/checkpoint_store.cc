#include "client/cli/checkpoint_store.h"

#include <cstring>
#include <filesystem>
#include <system_error>
#include <tuple>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/file.h"
#include "base/status.h"
#include "client/cli/exit_status.h"
#include "client/cli/file_lock.h"
#include "client/cli/settings.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/transparency/merkle.h"

namespace bootseal::cli {
namespace {

namespace transparency = image::transparency;
using transparency::TreeHash;

constexpr std::size_t kMaxCheckpointBytes = 64 * 1024;

// Names of logs have slashes; the key's id tells two of one name apart.
std::string FileName(const LogKey& key) {
  const transparency::TreeHash hash =
      transparency::LeafHash(image::host::AsBytes(key.text()));
  std::string name = key.origin();
  for (char& c : name) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                       (c >= '0' && c <= '9') || c == '-';
    if (!plain) c = '_';
  }
  return absl::StrCat(
      name.substr(0, 100), "-",
      absl::BytesToHexString(image::host::ToString(hash).substr(0, 8)),
      ".checkpoint");
}

std::string Describe(const TrustedCheckpoint& checkpoint) {
  return absl::StrCat(
      "size ", checkpoint.size, ", root ",
      absl::Base64Escape(image::host::ToString(checkpoint.root)));
}

absl::Status Inconsistent(const TrustedCheckpoint& before,
                          const TrustedCheckpoint& now, absl::string_view why) {
  return base::Precondition(
      "LOG_INCONSISTENT",
      absl::StrCat("the log does not continue the one seen before (", why,
                   ")\nseen before: ", Describe(before),
                   "\nshown now: ", Describe(now)));
}

absl::Status Unproven(const TrustedCheckpoint& before,
                      const TrustedCheckpoint& now, const absl::Status& why) {
  if (MayPass(why)) return ProofUnavailable(why);
  return base::Fail(
      why.code(), "LOG_CONTINUITY_UNPROVEN",
      absl::StrCat("the server gives no proof that the log continues the one "
                   "seen before: ",
                   why.message(), "\nseen before: ", Describe(before),
                   "\nshown now: ", Describe(now)));
}

absl::StatusOr<std::vector<TreeHash>> ToHashes(
    const std::vector<std::string>& proof) {
  std::vector<TreeHash> hashes;
  for (const std::string& bytes : proof) {
    TreeHash hash{};
    if (bytes.size() != hash.size()) {
      return base::Precondition(
          "REPLY_MALFORMED",
          absl::StrCat("a hash of ", bytes.size(),
                       " bytes in a consistency proof, expected 32"));
    }
    std::memcpy(hash.data(), bytes.data(), hash.size());
    hashes.push_back(hash);
  }
  return hashes;
}

bool IsSame(const TrustedCheckpoint& one, const TrustedCheckpoint& other) {
  return one.size == other.size && one.root == other.root;
}

// The smaller of the two is a part of the other.
absl::Status CheckSameLog(const TrustedCheckpoint& kept,
                          const TrustedCheckpoint& now,
                          const ConsistencyProof& proof) {
  if (IsSame(kept, now)) return absl::OkStatus();
  if (kept.size == now.size) {
    return Inconsistent(kept, now, "two roots of one size");
  }
  const auto& [first, second] =
      kept.size < now.size ? std::tie(kept, now) : std::tie(now, kept);
  if (first.size == 0) return absl::OkStatus();
  const absl::StatusOr<std::vector<std::string>> path =
      proof(first.size, second.size);
  if (!path.ok()) return Unproven(kept, now, path.status());
  ASSIGN_OR_RETURN(const std::vector<TreeHash> hashes, ToHashes(*path));
  const image::Error error = transparency::VerifyConsistency(
      first.size, second.size, hashes, first.root, second.root);
  if (error == image::Error::kOk) return absl::OkStatus();
  return Inconsistent(kept, now, image::Text(error));
}

}  // namespace

CheckpointStore::CheckpointStore(std::string folder, const LogKey& key,
                                 absl::Duration patience)
    : folder_(std::move(folder)),
      path_(absl::StrCat(folder_, "/", FileName(key))),
      key_(key),
      patience_(patience) {}

std::string CheckpointStore::DefaultFolder() {
  if (std::string own = FromEnvironment("BOOTSEAL_STATE"); !own.empty()) {
    return own;
  }
  if (const std::string state = FromEnvironment("XDG_STATE_HOME");
      !state.empty()) {
    return absl::StrCat(state, "/bootseal");
  }
  const std::string home = FromEnvironment("HOME");
  return home.empty() ? "" : absl::StrCat(home, "/.local/state/bootseal");
}

absl::StatusOr<std::optional<TrustedCheckpoint>> CheckpointStore::Load() const {
  absl::StatusOr<std::string> note = base::ReadFile(path_, kMaxCheckpointBytes);
  if (base::ReasonOf(note.status()) == "FILE_NOT_FOUND") return std::nullopt;
  if (!note.ok()) return note.status();
  absl::StatusOr<TrustedCheckpoint> checkpoint = key_.Open(*note);
  if (checkpoint.ok()) return *std::move(checkpoint);
  return LocalFileError(
      "STATE_INVALID",
      absl::StrCat("the checkpoint kept in ", path_,
                   " is not the log's: ", checkpoint.status().message(),
                   "; find out who changed it before you remove it"));
}

absl::Status CheckpointStore::MakeFolder() const {
  std::error_code error;
  std::filesystem::create_directories(folder_, error);
  if (!error) return absl::OkStatus();
  return base::Precondition(
      "FILE_UNWRITABLE",
      absl::StrCat("cannot write ", folder_, ": ", error.message()));
}

absl::Status CheckpointStore::Advance(
    const std::optional<TrustedCheckpoint>& seen, const TrustedCheckpoint& now,
    const ConsistencyProof& proof) const {
  if (seen) RETURN_IF_ERROR(CheckContinuity(*seen, now, proof));
  RETURN_IF_ERROR(MakeFolder());
  std::optional<TrustedCheckpoint> proved = seen;
  // Each further turn is for a larger one that another process has kept.
  while (true) {
    ASSIGN_OR_RETURN(const auto stored, ReplaceIf(proved, now));
    if (!stored) return absl::OkStatus();
    RETURN_IF_ERROR(CheckSameLog(*stored, now, proof));
    if (stored->size >= now.size) return absl::OkStatus();
    proved = stored;
  }
}

absl::StatusOr<std::optional<TrustedCheckpoint>> CheckpointStore::ReplaceIf(
    const std::optional<TrustedCheckpoint>& proved,
    const TrustedCheckpoint& now) const {
  ASSIGN_OR_RETURN(const FileLock lock, FileLock::Take(lock_path(), patience_));
  ASSIGN_OR_RETURN(auto stored, Load());
  if (stored && !(proved && IsSame(*stored, *proved))) return stored;
  if (stored && stored->size >= now.size) return std::nullopt;
  RETURN_IF_ERROR(
      base::WriteFileAtomically(path_, now.note, base::FileMode::kPrivate));
  return std::nullopt;
}

bool MayPass(const absl::Status& why) {
  return absl::IsUnavailable(why) || absl::IsDeadlineExceeded(why) ||
         absl::IsResourceExhausted(why);
}

absl::Status ProofUnavailable(const absl::Status& why) {
  const std::string reason = base::ReasonOf(why);
  return WithExit(
      base::Fail(
          why.code(), "LOG_PROOF_UNAVAILABLE",
          absl::StrCat("the proof that the log continues the one seen "
                       "before could not be fetched: ",
                       reason, reason.empty() ? "" : ": ", why.message())),
      ExitStatus::kUnreachable);
}

absl::Status CheckContinuity(const TrustedCheckpoint& before,
                             const TrustedCheckpoint& now,
                             const ConsistencyProof& proof) {
  if (now.size >= before.size) return CheckSameLog(before, now, proof);
  return base::Precondition(
      "LOG_WENT_BACK",
      absl::StrCat("the log is smaller than it was\nseen before: ",
                   Describe(before), "\nshown now: ", Describe(now)));
}

}  // namespace bootseal::cli
