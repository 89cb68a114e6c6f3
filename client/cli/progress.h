// A bar on standard error, on a terminal only.
#ifndef BOOTSEAL_CLIENT_CLI_PROGRESS_H_
#define BOOTSEAL_CLIENT_CLI_PROGRESS_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace bootseal::cli {

// "upload  [##########..........]  50%"
std::string FormatProgress(absl::string_view what, std::uint64_t done,
                           std::uint64_t total);

// Draws on change and removes itself at the end. Not thread-safe.
class Progress {
 public:
  Progress(std::string what, std::uint64_t total);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void Show(std::uint64_t done);

 private:
  std::string what_;
  std::uint64_t total_;
  bool terminal_;
  std::string shown_;
};

}  // namespace bootseal::cli

#endif  // BOOTSEAL_CLIENT_CLI_PROGRESS_H_
