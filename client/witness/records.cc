#include "client/witness/records.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "base/file.h"
#include "base/status.h"
#include "firmware/image/host/add_checkpoint.h"

namespace bootseal::witness {
namespace {

constexpr std::size_t kMaxNoteBytes = 64 << 10;
constexpr absl::Duration kLockPatience = absl::Seconds(2);

absl::Status Unwritable(const std::string& path, absl::string_view why) {
  return base::Precondition("FILE_UNWRITABLE",
                            absl::StrCat("cannot write ", path, ": ", why));
}

absl::Status MakeFolder(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  return error ? Unwritable(path, error.message()) : absl::OkStatus();
}

// The names in it survive a power cut.
absl::Status Flush(const std::string& folder) {
  const int opened = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool flushed = opened >= 0 && fsync(opened) == 0;
  const int error = errno;
  if (opened >= 0) close(opened);
  return flushed ? absl::OkStatus() : Unwritable(folder, std::strerror(error));
}

std::string PathOf(const std::string& folder, const std::string& origin) {
  return absl::StrCat(folder, image::host::CheckpointPath(origin));
}

std::string FolderOf(const std::string& path) {
  return path.substr(0, path.rfind('/'));
}

std::string MarkOf(const std::string& path) { return FolderOf(path) + "/new"; }

// And it stays away after a power cut. OK when it is not there.
absl::Status Remove(const std::string& path) {
  std::error_code error;
  if (!std::filesystem::remove(path, error)) {
    return error ? Unwritable(path, error.message()) : absl::OkStatus();
  }
  return Flush(FolderOf(path));
}

// What cannot be looked at is not absent: a witness would begin anew.
absl::StatusOr<bool> Exists(const std::string& path) {
  std::error_code error;
  const bool found = std::filesystem::exists(path, error);
  if (!error) return found;
  return base::Precondition("FILE_UNREADABLE",
                            absl::StrCat("cannot tell whether ", path,
                                         " is there: ", error.message()));
}

absl::Status Missing(const std::string& where, const std::string& origin) {
  return base::Precondition(
      "WITNESS_STATE_MISSING",
      absl::StrCat(where, " is not there, so what this witness cosigned of ",
                   origin,
                   " is not known, and a witness that forgot would cosign a "
                   "fork; if it never cosigned this log, give --new once, "
                   "otherwise find the folder that it had"));
}

absl::Status Present(const std::string& path, const std::string& origin) {
  return base::Precondition(
      "WITNESS_STATE_EXISTS",
      absl::StrCat("--new is for a log that this witness never saw, and ",
                   FolderOf(path), " is what it remembers of ", origin,
                   "; start it without --new"));
}

}  // namespace

absl::StatusOr<Records> Records::Open(const std::string& folder,
                                      const image::host::CosignerKey& key,
                                      const std::vector<std::string>& origins,
                                      Start start) {
  ASSIGN_OR_RETURN(const bool is_there, Exists(folder));
  if (start == Start::kContinuing && !is_there && !origins.empty()) {
    return Missing(folder, origins.front());
  }
  RETURN_IF_ERROR(MakeFolder(folder));
  ASSIGN_OR_RETURN(cli::FileLock lock,
                   cli::FileLock::Take(folder + "/.lock", kLockPatience));
  Records records(folder, std::move(lock));
  if (start == Start::kNew) RETURN_IF_ERROR(records.Begin(origins));
  for (const std::string& origin : origins) {
    ASSIGN_OR_RETURN(records.seen_[origin], records.Load(key, origin));
  }
  return records;
}

// All or none. A mark without a note is what an earlier start left that did not
// come to its end.
absl::Status Records::Begin(const std::vector<std::string>& origins) const {
  for (const std::string& origin : origins) {
    const std::string path = PathOf(folder_, origin);
    ASSIGN_OR_RETURN(const bool is_there, Exists(path));
    if (is_there) return Present(path, origin);
  }
  for (const std::string& origin : origins) {
    const std::string path = PathOf(folder_, origin);
    RETURN_IF_ERROR(MakeFolder(FolderOf(path)));
    RETURN_IF_ERROR(
        base::WriteFileAtomically(MarkOf(path), absl::StrCat(origin, "\n")));
  }
  return Flush(folder_);
}

absl::StatusOr<Seen> Records::Load(const image::host::CosignerKey& key,
                                   const std::string& origin) const {
  const std::string path = PathOf(folder_, origin);
  absl::StatusOr<std::string> note = base::ReadFile(path, kMaxNoteBytes);
  if (base::ReasonOf(note.status()) == "FILE_NOT_FOUND") {
    ASSIGN_OR_RETURN(const bool is_new, Exists(MarkOf(path)));
    return is_new ? absl::StatusOr<Seen>(Seen()) : Missing(path, origin);
  }
  if (!note.ok()) return note.status();
  const auto checkpoint = image::host::OpenCosigned(*note, key);
  if (checkpoint.ok() && checkpoint->origin == origin) {
    // Still there when a crash came between the two.
    RETURN_IF_ERROR(Remove(MarkOf(path)));
    return Seen{checkpoint->size, checkpoint->root, *std::move(note)};
  }
  return base::Precondition(
      "STATE_INVALID",
      absl::StrCat(path, " is not a checkpoint of ", origin,
                   " that this witness's key cosigned",
                   checkpoint.ok() ? "" : " (",
                   checkpoint.ok() ? "" : checkpoint.status().message(),
                   checkpoint.ok() ? "" : ")",
                   "; find out who changed it, or which key it was, before you "
                   "remove it"));
}

const Seen* Records::Find(const std::string& origin) const {
  const auto found = seen_.find(origin);
  return found == seen_.end() ? nullptr : &found->second;
}

absl::Status Records::Keep(const std::string& origin, Seen seen) {
  const std::string path = PathOf(folder_, origin);
  RETURN_IF_ERROR(base::WriteFileAtomically(path, seen.note));
  // On disk it is: what comes next is held to it, whatever fails below.
  seen_[origin] = std::move(seen);
  // A note that is lost later was there.
  return Remove(MarkOf(path));
}

}  // namespace bootseal::witness
