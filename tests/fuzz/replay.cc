// Runs a fuzz target without libFuzzer: once for each file that is named, or
// lies in a folder that is named, so that what once was found stays found; then
// over changes of them for a while. The input that ends the program is left in
// the file "NAME.found" of the working directory.
//
//   fuzz_NAME --seconds 1 FILE-OR-FOLDER...
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/file.h"
#include "tests/fuzz/mutation.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes,
                                      std::size_t size);

namespace {

using bootseal::tests::FuzzBytes;

std::vector<std::string> FilesIn(const std::string& path) {
  if (!std::filesystem::is_directory(path)) return {path};
  std::vector<std::string> files;
  for (const auto& file : std::filesystem::directory_iterator(path)) {
    files.push_back(file.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

// What the handler writes: nothing of it is allocated then.
std::string found_path;
const FuzzBytes* current = nullptr;

void KeepCurrent(int signal) {
  const int file = open(found_path.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
  if (file >= 0 && current != nullptr) {
    const ssize_t written = write(file, current->data(), current->size());
    static_cast<void>(written);
    close(file);
  }
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

// A copy without room behind it: a sanitizer sees the first byte too many.
void Run(const FuzzBytes& input) {
  const FuzzBytes bytes(input);
  current = &bytes;
  LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
  current = nullptr;
}

std::optional<FuzzBytes> Read(const std::string& path) {
  constexpr std::size_t kMost = 1 << 20;
  const auto content = bootseal::base::ReadFile(path, kMost);
  if (content.ok()) return FuzzBytes(content->begin(), content->end());
  std::fprintf(stderr, "%s: %s\n", path.c_str(),
               content.status().ToString().c_str());
  return std::nullopt;
}

int RunChanged(std::vector<FuzzBytes> seeds, double seconds) {
  using Clock = std::chrono::steady_clock;
  bootseal::tests::Mutation mutation(std::move(seeds));
  const auto end = Clock::now() + std::chrono::duration<double>(seconds);
  int count = 0;
  for (; Clock::now() < end; ++count) Run(mutation.Next());
  return count;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  if (arguments.size() < 3 || arguments[0] != "--seconds") {
    std::fprintf(stderr, "usage: %s --seconds N FILE-OR-FOLDER...\n", argv[0]);
    return 2;
  }
  found_path = std::filesystem::absolute(
      std::filesystem::path(argv[0]).filename().string() + ".found");
  for (const int signal : {SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL}) {
    std::signal(signal, KeepCurrent);
  }
  // Absolute, and listed first: a target may leave the working directory.
  std::vector<std::string> files;
  for (std::size_t i = 2; i < arguments.size(); ++i) {
    for (const std::string& file : FilesIn(arguments[i])) {
      files.push_back(std::filesystem::absolute(file));
    }
  }
  std::vector<FuzzBytes> seeds;
  for (const std::string& file : files) {
    std::fprintf(stderr, "replay %s\n", file.c_str());
    const auto bytes = Read(file);
    if (!bytes) return 1;
    Run(*bytes);
    seeds.push_back(*bytes);
  }
  if (seeds.empty()) return 1;
  const std::size_t kept = seeds.size();
  const int changed =
      RunChanged(std::move(seeds), std::atof(arguments[1].c_str()));
  std::fprintf(stderr, "%zu inputs kept, %d changed\n", kept, changed);
  return 0;
}
