#include "server/pin.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"
#include "base/input_file.h"
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

absl::Status CredentialMode(const std::string& path, absl::string_view what) {
  return base::FailField(absl::StatusCode::kFailedPrecondition, "FILE_MODE",
                         path, absl::StrCat(path, what));
}

// systemd gives it to the user by owner, or leaves it to root and adds the user
// to its access control list: the group's bits are that list's mask then, and
// the group is root's.
absl::Status CheckCredential(const base::InputFile& file,
                             const std::string& path) {
  const struct stat& info = file.info();
  if (info.st_uid != 0 && info.st_uid != geteuid()) {
    return CredentialMode(
        path, absl::StrFormat(
                  " belongs to user %d, expected root or user %d; fix: let the "
                  "unit that starts bootseald as that user make it, with "
                  "LoadCredential=",
                  info.st_uid, geteuid()));
  }
  const bool listed = info.st_uid == 0 && info.st_gid == 0;
  if (!listed) return file.CheckPrivate();
  if ((info.st_mode & 0037) == 0) return absl::OkStatus();
  return CredentialMode(
      path, absl::StrFormat(
                " has mode %04o, expected 0400 or 0440 as systemd makes it; "
                "fix: pass it with LoadCredential= and nothing else",
                info.st_mode & 07777));
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

absl::StatusOr<std::string> ReadCredential(const std::string& path) {
  ASSIGN_OR_RETURN(const base::InputFile file,
                   base::InputFile::Open(path, base::Accepts::kRegularFile));
  RETURN_IF_ERROR(CheckCredential(file, path));
  return file.Read(kMaxPinBytes);
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

absl::StatusOr<base::Secret> OneLine(std::string text,
                                     const std::string& path) {
  const base::Secret whole(std::move(text));
  absl::string_view line = whole.Reveal();
  absl::ConsumeSuffix(&line, "\n");
  absl::ConsumeSuffix(&line, "\r");
  RETURN_IF_ERROR(CheckLine(line, path));
  return base::Secret(std::string(line));
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
  RETURN_IF_ERROR(CheckPinPath(pin_path));
  if (!IsCredential(pin_path)) {
    ASSIGN_OR_RETURN(std::string text,
                     base::ReadPrivateFile(pin_path, kMaxPinBytes,
                                           base::Accepts::kRegularFile));
    return OneLine(std::move(text), pin_path);
  }
  ASSIGN_OR_RETURN(const std::string path, PathOf(NameOf(pin_path)));
  auto text = ReadCredential(path);
  absl::StatusOr<base::Secret> pin =
      text.ok() ? OneLine(*std::move(text), path) : text.status();
  if (pin.ok()) return pin;
  return base::Annotate(
      pin.status(), absl::StrCat("hsm.pkcs11.pin_path is ", pin_path,
                                 ", expected LoadCredential=", NameOf(pin_path),
                                 ":FILE in the unit"));
}

}  // namespace bootseal::server
