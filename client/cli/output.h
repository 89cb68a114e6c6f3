// Where a command's result goes: standard output, or files that appear whole.
#ifndef BOOTSEAL_CLIENT_CLI_OUTPUT_H_
#define BOOTSEAL_CLIENT_CLI_OUTPUT_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace bootseal::cli {

// `content` must outlive the writing.
struct Output {
  std::string path;
  absl::string_view content;
};

// "-", and the names that a shell gives it ("/dev/stdout"): another program may
// have it open, and it goes on where it is.
bool IsStandardOutput(absl::string_view path);

// One file, whether it is there already or not. Two names of standard output
// are one; an empty path is none.
bool IsSamePath(const std::string& a, const std::string& b);

// OK when `path` can be written as far as can be told before: it is no folder,
// and its own folder is there and ours to write. Ends with kLocalFile:
// FILE_UNWRITABLE.
absl::Status CheckOutput(const std::string& path);

// All files appear, in this order, or none does and what was there stays;
// standard output, pipes and devices get theirs before. FILE_UNWRITABLE.
absl::Status WriteOutputs(const std::vector<Output>& outputs);

// One of them; an empty path means standard output too.
absl::Status WriteOutput(const std::string& path, const std::string& content);

}  // namespace bootseal::cli

#endif  // BOOTSEAL_CLIENT_CLI_OUTPUT_H_
