// The project's own source files, as the hygiene tests read them.
#ifndef BOOTSEAL_TESTS_HYGIENE_SOURCE_TREE_H_
#define BOOTSEAL_TESTS_HYGIENE_SOURCE_TREE_H_

#include <filesystem>
#include <string>
#include <vector>

namespace bootseal::tests {

struct SourceFile {
  std::string path;  // relative to the top
  std::vector<std::string> lines;
};

// Every file below `top` but those in its build/ and .git/, by path.
std::vector<SourceFile> FilesBelow(const std::filesystem::path& top);
std::vector<SourceFile> AllFiles();

// The .h, .cc and .c files among them.
std::vector<SourceFile> CodeFiles();

}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_HYGIENE_SOURCE_TREE_H_
