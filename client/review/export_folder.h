// A log as a folder of C2SP tlog-tiles, for review without a server: the file
// "checkpoint", entry bundles under "tile/entries", and beside the
// specification, optionally, the PEM files of signing keys under "keys".
// Source: c2sp.org/tlog-tiles@v0.1.0; facts: services 5.3.
#ifndef BOOTSEAL_CLIENT_REVIEW_EXPORT_FOLDER_H_
#define BOOTSEAL_CLIENT_REVIEW_EXPORT_FOLDER_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "bootseal/v1/audit.pb.h"

namespace bootseal::review {

inline constexpr std::uint64_t kBundleEntries = 256;

// "x001/x234/067" for 1234067.
std::string TilePath(std::uint64_t number);

// The entries of a bundle, the first with index `first`. FAILED_PRECONDITION
// (BUNDLE_MALFORMED).
absl::StatusOr<std::vector<v1::LogEntry>> ReadBundle(absl::string_view bytes,
                                                     std::uint64_t first);

// Not thread-safe.
class ExportFolder {
 public:
  // `size` as the checkpoint says.
  ExportFolder(std::string path, std::uint64_t size)
      : path_(std::move(path)), size_(size) {}

  // Signed note. As base::ReadFile.
  static absl::StatusOr<std::string> ReadCheckpoint(const std::string& path);
  // PEM files, sorted; none without such a folder. FILE_UNREADABLE.
  static absl::StatusOr<std::vector<std::string>> KeyFiles(
      const std::string& path);

  // The rest of the bundle that `start` lies in; none where the file is not
  // there. As ReadBundle and base::ReadFile.
  absl::StatusOr<std::vector<v1::LogEntry>> Read(std::uint64_t start) const;

 private:
  std::string path_;
  std::uint64_t size_;
};

}  // namespace bootseal::review

#endif  // BOOTSEAL_CLIENT_REVIEW_EXPORT_FOLDER_H_
