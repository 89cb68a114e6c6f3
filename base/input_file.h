// A file that is opened once, then judged and read through its descriptor: what
// was judged is what is read, whatever becomes of the name meanwhile.
//
// Symbolic links are followed, since service managers and Kubernetes hand over
// secrets through them: whose a file is, and who may use it, is asked of what
// is at their end.
#ifndef BOOTSEAL_BASE_INPUT_FILE_H_
#define BOOTSEAL_BASE_INPUT_FILE_H_

#include <sys/stat.h>

#include <cstddef>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace bootseal::base {

enum class Accepts {
  // For whoever starts unattended: anything else is FILE_UNREADABLE, at once.
  kRegularFile,
  // A shell's <(...) too. A named pipe waits for its writer.
  kAnything,
};

// Not thread-safe. Errors as in base/file.h.
class InputFile {
 public:
  static absl::StatusOr<InputFile> Open(const std::string& path,
                                        Accepts accepts);
  ~InputFile();
  InputFile(InputFile&& other) noexcept;
  InputFile& operator=(InputFile&&) = delete;

  // Owner and mode as they were when it was opened.
  const struct stat& info() const { return info_; }
  // OK when it belongs to this user or root and nobody else may read it.
  absl::Status CheckPrivate() const;
  // OK when nobody but its owner (this user or root) may write it.
  absl::Status CheckNotWritableByOthers() const;
  // For whoever uses a private key as its own: OK with mode 0600 or less, and
  // 0640 or less where root owns it, as the group that root gave it to was
  // chosen. Whose it is otherwise does not matter, as OpenSSH and PostgreSQL's
  // libpq have it: with such a mode only root reads another user's.
  absl::Status CheckPrivateKey() const;
  // For a token that is sent as it is: OK with mode 0600 or less when it
  // belongs to this user, and 0644 or less when it belongs to root, as
  // Kubernetes projects it. Nobody else may write it, or we would say what they
  // want said.
  absl::Status CheckBearerToken() const;
  // From where the last call ended to the end, at most `max_bytes`; a larger
  // file is an error and is not read.
  absl::StatusOr<std::string> Read(std::size_t max_bytes) const;

 private:
  InputFile(std::string path, int file) : path_(std::move(path)), file_(file) {}

  std::string path_;
  int file_;
  struct stat info_ {};
};

// What CheckPrivate lets pass.
absl::StatusOr<std::string> ReadPrivateFile(const std::string& path,
                                            std::size_t max_bytes,
                                            Accepts accepts);

// A regular file that CheckNotWritableByOthers lets pass.
absl::StatusOr<std::string> ReadOwnersFile(const std::string& path,
                                           std::size_t max_bytes);

}  // namespace bootseal::base

#endif  // BOOTSEAL_BASE_INPUT_FILE_H_
