// How a browser gets the first address without anybody reading it in a list of
// processes: as a file that only this user can read, and that leads there.
#ifndef BOOTSEAL_CLIENT_CONSOLE_OPENING_FILE_H_
#define BOOTSEAL_CLIENT_CONSOLE_OPENING_FILE_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace bootseal::console {

// HTML of mode 0600 in a folder of its own and of mode 0700, both under
// $XDG_RUNTIME_DIR, $TMPDIR or /tmp. Gone when the object is, or before: also
// when SIGINT, SIGTERM or SIGHUP ends the process, unless it ignores them. One
// at a time in a process. Movable; not thread-safe.
class OpeningFile {
 public:
  // `address`: ours, of letters, digits and "/:.". FILE_UNWRITABLE.
  static absl::StatusOr<OpeningFile> Write(absl::string_view address);

  OpeningFile(OpeningFile&& other) noexcept;
  OpeningFile& operator=(OpeningFile&&) = delete;
  ~OpeningFile() { Remove(); }

  const std::string& path() const { return path_; }
  void Remove();

 private:
  explicit OpeningFile(std::string folder);

  std::string folder_;  // empty: removed
  std::string path_;
};

}  // namespace bootseal::console

#endif  // BOOTSEAL_CLIENT_CONSOLE_OPENING_FILE_H_
