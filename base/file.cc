#include "base/file.h"

#include <utility>
#include <vector>

#include "base/pending_file.h"
#include "base/status.h"

namespace bootseal::base {

absl::Status WriteFileAtomically(const std::string& path,
                                 absl::string_view content, FileMode mode) {
  if (IsWrittenInPlace(path)) return WriteInPlace(path, content);
  ASSIGN_OR_RETURN(PendingFile file, PendingFile::Write(path, content, mode));
  std::vector<PendingFile> files;
  files.push_back(std::move(file));
  return PutInPlace(std::move(files));
}

}  // namespace bootseal::base
