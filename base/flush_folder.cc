#include "base/flush_folder.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "absl/cleanup/cleanup.h"

namespace bootseal::base {

int FlushFolderOf(const std::string& path) {
  const std::filesystem::path name = std::filesystem::path(path).parent_path();
  const int folder = open(name.empty() ? "." : name.c_str(),
                          O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) return errno == EACCES ? 0 : errno;
  const absl::Cleanup close_folder = [folder] { close(folder); };
  return fsync(folder) == 0 || errno == EINVAL ? 0 : errno;
}

}  // namespace bootseal::base
