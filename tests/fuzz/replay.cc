// Runs a fuzz target once for each file that is named, or lies in a folder that
// is named: what once was found stays found, without libFuzzer.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include "base/file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes,
                                      std::size_t size);

namespace {

std::vector<std::string> FilesIn(const std::string& path) {
  if (!std::filesystem::is_directory(path)) return {path};
  std::vector<std::string> files;
  for (const auto& file : std::filesystem::directory_iterator(path)) {
    files.push_back(file.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

// A copy without room behind it: a sanitizer sees the first byte too many.
bool Replay(const std::string& path) {
  constexpr std::size_t kMost = 1 << 20;
  const auto content = bootseal::base::ReadFile(path, kMost);
  if (!content.ok()) {
    std::fprintf(stderr, "%s: %s\n", path.c_str(),
                 content.status().ToString().c_str());
    return false;
  }
  std::fprintf(stderr, "replay %s\n", path.c_str());
  const std::vector<std::uint8_t> bytes(content->begin(), content->end());
  LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  int replayed = 0;
  for (int i = 1; i < argc; ++i) {
    for (const std::string& file : FilesIn(argv[i])) {
      if (!Replay(file)) return 1;
      ++replayed;
    }
  }
  std::fprintf(stderr, "%d inputs\n", replayed);
  return replayed == 0 ? 1 : 0;
}
