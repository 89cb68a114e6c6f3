// What a disk may hold after a power cut: a VFS for SQLite that records what it
// is told, and a disk that keeps what was synced and loses the rest.
//
//   std::vector<DiskOperation> operations;
//   { PowerCutVfs vfs(folder); ...use SQLite in the folder...;
//     operations = vfs.Operations(); }
//   Disk disk;
//   for (const DiskOperation& operation : operations) {
//     disk.Apply(operation);
//     disk.CopyTo(other, Survivors::kSynced, random);  ...open it there...
//   }
//
// A kill keeps the page cache, so it cannot show this. A name in the folder is
// one more thing to sync: fsync and fdatasync of the program that links this
// tell when a folder was.
#ifndef BOOTSEAL_TESTS_SUPPORT_POWER_CUT_H_
#define BOOTSEAL_TESTS_SUPPORT_POWER_CUT_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <vector>

namespace bootseal::tests {

struct DiskOperation {
  enum class Kind { kCreate, kWrite, kTruncate, kSync, kRemove, kSyncFolder };
  Kind kind = Kind::kWrite;
  std::string name;        // in the folder; of kSyncFolder none
  std::size_t offset = 0;  // of kTruncate the new size
  std::string bytes;
};

// SQLite's default VFS while it exists, one at a time, for files in `folder`;
// the folder is empty, or what it holds is on the disk already. Files that no
// log keeps in are left out: -shm, .lock. Thread-safe.
class PowerCutVfs {
 public:
  explicit PowerCutVfs(const std::string& folder);
  ~PowerCutVfs();
  PowerCutVfs(const PowerCutVfs&) = delete;
  PowerCutVfs& operator=(const PowerCutVfs&) = delete;

  // How many were recorded so far.
  std::size_t count() const;
  std::vector<DiskOperation> Operations() const;
};

// What of the unsynced is there after the cut.
enum class Survivors {
  kSynced,    // nothing
  kAll,       // everything: the page cache was written just then
  kScattered  // sectors of 512 bytes, sizes and names by chance, in no order
};

// Not thread-safe.
class Disk {
 public:
  // Empty, or with what is in `folder`, all of it synced.
  Disk() = default;
  explicit Disk(const std::string& folder);

  void Apply(const DiskOperation& operation);
  // The folder after a cut here; what it held before is removed.
  void CopyTo(const std::string& folder, Survivors survivors,
              std::mt19937& random) const;

 private:
  struct File {
    std::string synced;
    std::vector<DiskOperation> pending;
  };
  using Names = std::map<std::string, std::size_t>;  // to files_

  static std::string ContentOf(const File& file, Survivors survivors,
                               std::mt19937& random);
  Names NamesAfter(Survivors survivors, std::mt19937& random) const;

  std::vector<File> files_;
  Names names_;
  Names synced_names_;
};

}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_SUPPORT_POWER_CUT_H_
