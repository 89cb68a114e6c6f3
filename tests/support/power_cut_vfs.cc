// Reads and locks go to SQLite's own VFS, and so does everything else once it
// is recorded. A file of ours is SQLite's with that of the other VFS behind it.
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <mutex>
#include <new>
#include <set>
#include <string_view>
#include <utility>

#include "tests/support/power_cut.h"

namespace bootseal::tests {
namespace {

using Kind = DiskOperation::Kind;

bool IsKept(std::string_view name) {
  return !name.ends_with("-shm") && !name.ends_with(".lock");
}

class Recording {
 public:
  void Start(const std::string& folder) {
    const std::lock_guard<std::mutex> lock(mutex_);
    folder_ = std::filesystem::canonical(folder);
    operations_.clear();
    names_ = NamesThere();
  }
  void End() {
    const std::lock_guard<std::mutex> lock(mutex_);
    folder_.clear();
  }
  std::vector<DiskOperation> operations() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return operations_;
  }
  std::size_t count() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return operations_.size();
  }

  // The name that the file has in the folder; empty for one elsewhere.
  std::string NameOf(const char* path) const {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (path == nullptr || folder_.empty()) return {};
    const std::filesystem::path whole(path);
    if (whole.parent_path() != folder_) return {};
    const std::string name = whole.filename();
    return IsKept(name) ? name : std::string();
  }
  void Opened(const std::string& name) {
    const std::lock_guard<std::mutex> lock(mutex_);
    Meet(name);
  }
  void Removed(const std::string& name) {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (names_.erase(name) != 0) {
      operations_.push_back({Kind::kRemove, name, 0, {}});
    }
  }
  void Add(DiskOperation operation) {
    const std::lock_guard<std::mutex> lock(mutex_);
    operations_.push_back(std::move(operation));
  }
  // Files that others than SQLite made are found here.
  void SyncedFolder(const std::string& folder) {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (folder_.empty() || folder != folder_) return;
    for (const std::string& name : NamesThere()) Meet(name);
    operations_.push_back({Kind::kSyncFolder, {}, 0, {}});
  }

 private:
  std::set<std::string> NamesThere() const {
    std::set<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
      const std::string name = entry.path().filename();
      if (IsKept(name)) names.insert(name);
    }
    return names;
  }
  void Meet(const std::string& name) {
    if (names_.insert(name).second) {
      operations_.push_back({Kind::kCreate, name, 0, {}});
    }
  }

  mutable std::mutex mutex_;
  std::filesystem::path folder_;  // empty: nothing is recorded
  std::set<std::string> names_;
  std::vector<DiskOperation> operations_;
};
Recording recording;

sqlite3_vfs* system_vfs = nullptr;

struct RecordedFile {
  sqlite3_file base;
  std::string name;
  sqlite3_file* real;
};

RecordedFile& Of(sqlite3_file* file) {
  return *reinterpret_cast<RecordedFile*>(file);
}

sqlite3_file* RealOf(sqlite3_file* file) { return Of(file).real; }

// The method of the real file with the same arguments.
template <auto method, typename... Arguments>
int Forward(sqlite3_file* file, Arguments... arguments) {
  sqlite3_file* const real = RealOf(file);
  return (real->pMethods->*method)(real, arguments...);
}

int Close(sqlite3_file* file) {
  const int result = Forward<&sqlite3_io_methods::xClose>(file);
  Of(file).~RecordedFile();
  return result;
}

int Write(sqlite3_file* file, const void* bytes, int count,
          sqlite3_int64 offset) {
  const int result =
      Forward<&sqlite3_io_methods::xWrite>(file, bytes, count, offset);
  if (result == SQLITE_OK) {
    recording.Add(
        {Kind::kWrite,
         Of(file).name,
         static_cast<std::size_t>(offset),
         {static_cast<const char*>(bytes), static_cast<std::size_t>(count)}});
  }
  return result;
}

int Truncate(sqlite3_file* file, sqlite3_int64 size) {
  recording.Add(
      {Kind::kTruncate, Of(file).name, static_cast<std::size_t>(size), {}});
  return Forward<&sqlite3_io_methods::xTruncate>(file, size);
}

int Sync(sqlite3_file* file, int flags) {
  recording.Add({Kind::kSync, Of(file).name, 0, {}});
  return Forward<&sqlite3_io_methods::xSync>(file, flags);
}

void ShmBarrier(sqlite3_file* file) {
  RealOf(file)->pMethods->xShmBarrier(RealOf(file));
}

// Without xFetch: nothing is written through a mapping.
constexpr sqlite3_io_methods kMethods = {
    2,
    Close,
    Forward<&sqlite3_io_methods::xRead>,
    Write,
    Truncate,
    Sync,
    Forward<&sqlite3_io_methods::xFileSize>,
    Forward<&sqlite3_io_methods::xLock>,
    Forward<&sqlite3_io_methods::xUnlock>,
    Forward<&sqlite3_io_methods::xCheckReservedLock>,
    Forward<&sqlite3_io_methods::xFileControl>,
    Forward<&sqlite3_io_methods::xSectorSize>,
    Forward<&sqlite3_io_methods::xDeviceCharacteristics>,
    Forward<&sqlite3_io_methods::xShmMap>,
    Forward<&sqlite3_io_methods::xShmLock>,
    ShmBarrier,
    Forward<&sqlite3_io_methods::xShmUnmap>,
    nullptr,
    nullptr};

int Open(sqlite3_vfs*, const char* path, sqlite3_file* file, int flags,
         int* flags_out) {
  const std::string name = recording.NameOf(path);
  if (name.empty()) {
    return system_vfs->xOpen(system_vfs, path, file, flags, flags_out);
  }
  auto* const real = reinterpret_cast<sqlite3_file*>(
      reinterpret_cast<char*>(file) + sizeof(RecordedFile));
  file->pMethods = nullptr;
  const int result =
      system_vfs->xOpen(system_vfs, path, real, flags, flags_out);
  if (result != SQLITE_OK) return result;
  recording.Opened(name);
  new (file) RecordedFile{{&kMethods}, name, real};
  return SQLITE_OK;
}

int Delete(sqlite3_vfs*, const char* path, int sync_folder) {
  const std::string name = recording.NameOf(path);
  if (!name.empty()) recording.Removed(name);
  return system_vfs->xDelete(system_vfs, path, sync_folder);
}

sqlite3_vfs MakeVfs() {
  system_vfs = sqlite3_vfs_find(nullptr);
  sqlite3_vfs vfs = *system_vfs;
  vfs.szOsFile += static_cast<int>(sizeof(RecordedFile));
  vfs.zName = "power-cut";
  vfs.pNext = nullptr;
  vfs.xOpen = Open;
  vfs.xDelete = Delete;
  return vfs;
}
sqlite3_vfs power_cut_vfs;

// Nothing of a test must outlive this machine's power: no real disk is waited
// for.
int TellOfFolder(int descriptor) {
  struct stat status {};
  if (fstat(descriptor, &status) != 0) return -1;
  if (!S_ISDIR(status.st_mode)) return 0;
  std::error_code error;
  recording.SyncedFolder(std::filesystem::read_symlink(
      "/proc/self/fd/" + std::to_string(descriptor), error));
  return 0;
}

}  // namespace

PowerCutVfs::PowerCutVfs(const std::string& folder) {
  if (system_vfs != nullptr) std::abort();
  power_cut_vfs = MakeVfs();
  recording.Start(folder);
  sqlite3_vfs_register(&power_cut_vfs, 1);
}

PowerCutVfs::~PowerCutVfs() {
  sqlite3_vfs_unregister(&power_cut_vfs);
  sqlite3_vfs_register(std::exchange(system_vfs, nullptr), 1);
  recording.End();
}

std::size_t PowerCutVfs::count() const { return recording.count(); }

std::vector<DiskOperation> PowerCutVfs::Operations() const {
  return recording.operations();
}

}  // namespace bootseal::tests

// In the place of the C library's, for this program and what it loads.
int fsync(int descriptor) { return bootseal::tests::TellOfFolder(descriptor); }
int fdatasync(int descriptor) {
  return bootseal::tests::TellOfFolder(descriptor);
}
