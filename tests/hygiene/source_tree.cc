#include "tests/hygiene/source_tree.h"

#include <algorithm>
#include <fstream>

namespace bootseal::tests {
namespace {

namespace fs = std::filesystem;

SourceFile ReadSource(const fs::path& path, const fs::path& top) {
  SourceFile file{fs::relative(path, top).string(), {}};
  std::ifstream in(path, std::ios::binary);
  for (std::string line; std::getline(in, line);) {
    file.lines.push_back(line);
  }
  return file;
}

}  // namespace

std::vector<SourceFile> FilesBelow(const fs::path& top) {
  std::vector<SourceFile> files;
  for (auto it = fs::recursive_directory_iterator(top);
       it != fs::recursive_directory_iterator(); ++it) {
    const std::string name = it->path().filename().string();
    if (it->path().parent_path() == top &&
        (name == "build" || name == ".git")) {
      it.disable_recursion_pending();
      continue;
    }
    if (it->is_regular_file()) files.push_back(ReadSource(it->path(), top));
  }
  std::sort(files.begin(), files.end(),
            [](const auto& a, const auto& b) { return a.path < b.path; });
  return files;
}

std::vector<SourceFile> AllFiles() { return FilesBelow(BOOTSEAL_SOURCE_DIR); }

std::vector<SourceFile> CodeFiles() {
  std::vector<SourceFile> files = AllFiles();
  std::erase_if(files, [](const SourceFile& file) {
    const std::string extension = fs::path(file.path).extension().string();
    return extension != ".h" && extension != ".cc" && extension != ".c";
  });
  return files;
}

}  // namespace bootseal::tests
