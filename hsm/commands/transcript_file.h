// The file of a transcript, which is there, with room for the largest one,
// before the first key is made.
//
// Not thread-safe. Errors are FAILED_PRECONDITION with the path and the reason
// FILE_UNWRITABLE or FILE_EXISTS.
#ifndef BOOTSEAL_HSM_COMMANDS_TRANSCRIPT_FILE_H_
#define BOOTSEAL_HSM_COMMANDS_TRANSCRIPT_FILE_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace bootseal::hsm::commands {

class TranscriptFile {
 public:
  // Makes a file of zeros, which is no transcript to any reader. Nothing is
  // written over: FILE_EXISTS.
  static absl::StatusOr<TranscriptFile> Reserve(const std::string& path);
  // A file that was not filled goes.
  ~TranscriptFile();
  TranscriptFile(TranscriptFile&& other) noexcept;
  TranscriptFile& operator=(TranscriptFile&&) = delete;

  // Once: the text alone is on the disk under the name that was reserved.
  absl::Status Fill(absl::string_view text);

 private:
  TranscriptFile(std::string path, int file);
  absl::Status CheckName() const;

  std::string path_;
  int file_;
  bool filled_ = false;
};

}  // namespace bootseal::hsm::commands

#endif  // BOOTSEAL_HSM_COMMANDS_TRANSCRIPT_FILE_H_
