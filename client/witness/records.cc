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

}  // namespace

absl::StatusOr<Records> Records::Open(const std::string& folder,
                                      const image::host::CosignerKey& key,
                                      const std::vector<std::string>& origins) {
  RETURN_IF_ERROR(MakeFolder(folder));
  ASSIGN_OR_RETURN(cli::FileLock lock,
                   cli::FileLock::Take(folder + "/.lock", kLockPatience));
  Records records(folder, std::move(lock));
  for (const std::string& origin : origins) {
    RETURN_IF_ERROR(MakeFolder(FolderOf(PathOf(folder, origin))));
    ASSIGN_OR_RETURN(records.seen_[origin], records.Load(key, origin));
  }
  RETURN_IF_ERROR(Flush(folder));
  return records;
}

absl::StatusOr<Seen> Records::Load(const image::host::CosignerKey& key,
                                   const std::string& origin) const {
  const std::string path = PathOf(folder_, origin);
  absl::StatusOr<std::string> note = base::ReadFile(path, kMaxNoteBytes);
  if (base::ReasonOf(note.status()) == "FILE_NOT_FOUND") return Seen();
  if (!note.ok()) return note.status();
  const auto checkpoint = image::host::OpenCosigned(*note, key);
  if (checkpoint.ok() && checkpoint->origin == origin) {
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
  RETURN_IF_ERROR(
      base::WriteFileAtomically(PathOf(folder_, origin), seen.note));
  seen_[origin] = std::move(seen);
  return absl::OkStatus();
}

}  // namespace bootseal::witness
