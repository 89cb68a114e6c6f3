#include "server/pin.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"
#include "base/file.h"
#include "base/status.h"

namespace bootseal::server {
namespace {

constexpr absl::string_view kScheme = "credential:";
constexpr char kDirectory[] = "CREDENTIALS_DIRECTORY";
constexpr std::size_t kMaxName = 255;
constexpr std::size_t kMaxPinBytes = 256;

absl::string_view NameOf(absl::string_view pin_path) {
  absl::ConsumePrefix(&pin_path, kScheme);
  return pin_path;
}

// systemd gives it to the user by owner, or leaves it to root and adds the user
// to its access control list: the group's bits are that list's mask then, and
// the group is root's.
absl::Status CheckCredential(const std::string& path) {
  struct stat info {};
  if (stat(path.c_str(), &info) != 0) return absl::OkStatus();
  const bool listed = info.st_uid == 0 && info.st_gid == 0;
  if (!listed) return base::CheckPrivate(path);
  if ((info.st_mode & 0037) == 0) return absl::OkStatus();
  return base::FailField(
      absl::StatusCode::kFailedPrecondition, "FILE_MODE", path,
      absl::StrFormat(
          "%s has mode %04o, expected 0400 or 0440 as systemd makes "
          "it; fix: pass it with LoadCredential= and nothing else",
          path, info.st_mode & 07777));
}

absl::StatusOr<std::string> PathOf(absl::string_view name) {
  const char* const directory = std::getenv(kDirectory);
  if (directory != nullptr && *directory == '/') {
    return absl::StrCat(directory, "/", name);
  }
  return base::Precondition(
      "CREDENTIALS_MISSING",
      absl::StrCat("hsm.pkcs11.pin_path is credential:", name, ", and $",
                   kDirectory, " is not set to an absolute path; fix: start ",
                   "it by systemd with LoadCredential=", name,
                   ":FILE, or name a file"));
}

absl::StatusOr<std::string> CheckedPath(const std::string& pin_path) {
  RETURN_IF_ERROR(CheckPinPath(pin_path));
  if (!IsCredential(pin_path)) {
    RETURN_IF_ERROR(base::CheckPrivate(pin_path));
    return pin_path;
  }
  ASSIGN_OR_RETURN(const std::string path, PathOf(NameOf(pin_path)));
  RETURN_IF_ERROR(CheckCredential(path));
  return path;
}

absl::Status CheckLine(absl::string_view line, const std::string& path) {
  if (line.empty()) {
    return base::Precondition(
        "PIN_EMPTY",
        absl::StrCat(path, " is empty, expected the PIN in one line"));
  }
  if (line.find_first_of("\r\n") == absl::string_view::npos) {
    return absl::OkStatus();
  }
  return base::Precondition(
      "PIN_NOT_ONE_LINE",
      absl::StrCat(path, " has more than one line, expected the PIN alone; ",
                   "fix: leave one line in it"));
}

}  // namespace

bool IsCredential(absl::string_view pin_path) {
  return absl::StartsWith(pin_path, kScheme);
}

absl::Status CheckPinPath(absl::string_view pin_path) {
  if (!IsCredential(pin_path)) return absl::OkStatus();
  const absl::string_view name = NameOf(pin_path);
  const bool component = !name.empty() && name.size() <= kMaxName &&
                         name != "." && name != ".." &&
                         !absl::StrContains(name, '/');
  if (component) return absl::OkStatus();
  return base::Invalid(
      "CREDENTIAL_NAME", "hsm.pkcs11.pin_path",
      absl::StrCat("hsm.pkcs11.pin_path: \"", pin_path,
                   "\", expected credential:NAME with the name that "
                   "LoadCredential= gives it: no slash, not \".\" or \"..\""));
}

absl::StatusOr<base::Secret> ReadPin(const std::string& pin_path) {
  ASSIGN_OR_RETURN(const std::string path, CheckedPath(pin_path));
  auto text = base::ReadFile(path, kMaxPinBytes);
  if (!text.ok() && IsCredential(pin_path)) {
    return base::Annotate(text.status(),
                          absl::StrCat("hsm.pkcs11.pin_path is ", pin_path,
                                       ", expected LoadCredential=",
                                       NameOf(pin_path), ":FILE in the unit"));
  }
  RETURN_IF_ERROR(text.status());
  const base::Secret whole(*std::move(text));
  absl::string_view line = whole.Reveal();
  absl::ConsumeSuffix(&line, "\n");
  absl::ConsumeSuffix(&line, "\r");
  RETURN_IF_ERROR(CheckLine(line, path));
  return base::Secret(std::string(line));
}

}  // namespace bootseal::server
