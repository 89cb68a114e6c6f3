#include "client/cli/output.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/pending_file.h"
#include "base/status.h"
#include "client/cli/exit_status.h"
#include "client/cli/text.h"

namespace bootseal::cli {
namespace {

constexpr std::array<absl::string_view, 4> kStandardOutput{
    "-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"};

absl::Status Unwritable(const std::string& path, int error) {
  return LocalFileError(
      "FILE_UNWRITABLE",
      absl::StrCat("cannot write ", path, ": ", std::strerror(error)));
}

std::string FolderOf(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? "." : path.substr(0, slash + 1);
}

bool IsFolder(const std::string& path) {
  struct stat info {};
  return stat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode);
}

std::filesystem::path PlaceOf(const std::string& path) {
  std::error_code error;
  return std::filesystem::weakly_canonical(
      std::filesystem::absolute(path, error), error);
}

absl::Status WriteStream(const Output& output) {
  if (!IsStandardOutput(output.path)) {
    return base::WriteInPlace(output.path, output.content);
  }
  PrintResult(output.content);
  return ResultsWritten();
}

}  // namespace

bool IsStandardOutput(absl::string_view path) {
  return std::find(kStandardOutput.begin(), kStandardOutput.end(), path) !=
         kStandardOutput.end();
}

bool IsSamePath(const std::string& a, const std::string& b) {
  if (a.empty() || b.empty()) return false;
  if (IsStandardOutput(a) || IsStandardOutput(b)) {
    return IsStandardOutput(a) && IsStandardOutput(b);
  }
  std::error_code error;
  return std::filesystem::equivalent(a, b, error) || PlaceOf(a) == PlaceOf(b);
}

absl::Status CheckOutput(const std::string& path) {
  if (IsStandardOutput(path)) return absl::OkStatus();
  if (IsFolder(path)) return Unwritable(path, EISDIR);
  const bool ready = base::IsWrittenInPlace(path)
                         ? access(path.c_str(), W_OK) == 0
                         : access(FolderOf(path).c_str(), W_OK | X_OK) == 0;
  return ready ? absl::OkStatus() : Unwritable(path, errno);
}

absl::Status WriteOutputs(const std::vector<Output>& outputs) {
  std::vector<base::PendingFile> files;
  std::vector<Output> streams;
  for (const Output& output : outputs) {
    if (IsStandardOutput(output.path) || base::IsWrittenInPlace(output.path)) {
      streams.push_back(output);
      continue;
    }
    ASSIGN_OR_RETURN(base::PendingFile file,
                     base::PendingFile::Write(output.path, output.content));
    files.push_back(std::move(file));
  }
  for (const Output& stream : streams) RETURN_IF_ERROR(WriteStream(stream));
  return base::PutInPlace(std::move(files));
}

absl::Status WriteOutput(const std::string& path, const std::string& content) {
  return WriteOutputs({{path.empty() ? "-" : path, content}});
}

}  // namespace bootseal::cli
