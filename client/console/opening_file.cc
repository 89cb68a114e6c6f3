#include "client/console/opening_file.h"

#include <stdlib.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/file.h"
#include "base/status.h"

namespace bootseal::console {
namespace {

std::string Place() {
  for (const char* const name : {"XDG_RUNTIME_DIR", "TMPDIR"}) {
    const char* const value = std::getenv(name);
    if (value != nullptr && *value == '/') return value;
  }
  return "/tmp";
}

}  // namespace

OpeningFile::OpeningFile(std::string folder)
    : folder_(std::move(folder)), path_(folder_ + "/bootseal-console.html") {}

OpeningFile::OpeningFile(OpeningFile&& other) noexcept
    : folder_(std::exchange(other.folder_, "")), path_(other.path_) {}

absl::StatusOr<OpeningFile> OpeningFile::Write(absl::string_view address) {
  std::string folder = Place() + "/bootseal-console-XXXXXX";
  if (mkdtemp(folder.data()) == nullptr) {
    return base::Precondition("FILE_UNWRITABLE",
                              absl::StrCat("cannot make a folder in ", Place(),
                                           ": ", std::strerror(errno)));
  }
  OpeningFile file(std::move(folder));
  RETURN_IF_ERROR(base::WriteFileAtomically(
      file.path_,
      absl::StrCat("<!DOCTYPE html><meta charset=\"utf-8\">"
                   "<meta name=\"referrer\" content=\"no-referrer\">"
                   "<meta http-equiv=\"refresh\" content=\"0;url=",
                   address, "\"><title>Bootseal console</title>\n"),
      base::FileMode::kPrivate));
  return file;
}

void OpeningFile::Remove() {
  if (folder_.empty()) return;
  unlink(path_.c_str());
  rmdir(folder_.c_str());
  folder_.clear();
}

}  // namespace bootseal::console
