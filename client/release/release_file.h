// A file of firmware update, known by its content. Not thread-safe.
#ifndef BOOTSEAL_CLIENT_RELEASE_RELEASE_FILE_H_
#define BOOTSEAL_CLIENT_RELEASE_RELEASE_FILE_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "client/fwu/byte_source.h"

namespace bootseal::release {

enum class ReleaseFileKind { kMetadata, kManifest, kBundle };

struct ReleaseFile {
  // kMetadata for what is nothing else: a damaged replica has no mark.
  ReleaseFileKind kind = ReleaseFileKind::kMetadata;
  std::string path;
  // Up to 1 MiB from the front; of a manifest all of it.
  std::string front;
  std::unique_ptr<fwu::ByteSource> source;
};

// Files and block devices. Ends with kLocalFile: FILE_*, FILE_EMPTY.
absl::StatusOr<ReleaseFile> OpenReleaseFile(const std::string& path);

}  // namespace bootseal::release

#endif  // BOOTSEAL_CLIENT_RELEASE_RELEASE_FILE_H_
