// A log of "entry-0", "entry-1", ... exported to a folder of the test's own.
#ifndef BOOTSEAL_TESTS_CLIENT_TILES_WRITTEN_LOG_H_
#define BOOTSEAL_TESTS_CLIENT_TILES_WRITTEN_LOG_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "client/tiles/folder_reader.h"
#include "tests/client/cli/test_log.h"
#include "tests/support/temporary_folder.h"

namespace bootseal::tests {

class WrittenLog {
 public:
  // Exports up to `size`, from where the last export ended.
  absl::Status Export(std::uint64_t size);
  // The same entries, under a checkpoint of one's own.
  absl::Status ExportUnder(std::uint64_t size,
                           const cli::TrustedCheckpoint& head);

  absl::StatusOr<tiles::FolderReader> Open() const;
  // As tiles::CheckFolder.
  absl::Status Check() const;

  const TestLog& log() const { return log_; }
  std::string folder() const { return folder_.path(); }
  std::string Read(const std::string& name) const;
  bool Has(const std::string& name) const;
  void Change(const std::string& name, const std::string& content) const;
  void Flip(const std::string& name, std::size_t at) const;
  // Sorted paths of all files, without the lock.
  std::vector<std::string> Files() const;

 private:
  TemporaryFolder folder_;
  TestLog log_;
};

}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_CLIENT_TILES_WRITTEN_LOG_H_
