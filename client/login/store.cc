#include "client/login/store.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/file.h"
#include "base/pending_file.h"
#include "base/status.h"
#include "client/cli/certificate.h"
#include "client/cli/exit_status.h"
#include "client/cli/settings_file.h"
#include "client/login/chain.h"
#include "client/login/folder.h"
#include "client/login/settings_text.h"

namespace bootseal::login {
namespace {

constexpr absl::Duration kPatience = absl::Seconds(10);
constexpr std::size_t kMaxPemBytes = 1 << 20;

std::string FolderOf(const std::string& path) {
  return path.substr(0, path.rfind('/'));
}

// Identities of logins, each in a folder of its own below.
std::string IdentitiesBeside(const std::string& settings_path) {
  return absl::StrCat(FolderOf(settings_path), "/identity");
}

// One login has one name, whoever stores it again writes the same files.
std::string NameFor(const cli::Credentials& credentials,
                    absl::string_view client_ca_pem) {
  const std::string content =
      absl::StrCat(credentials.certificate_pem, "\n", credentials.ca_pem,
                   client_ca_pem.empty() ? "" : "\n", client_ca_pem);
  unsigned char digest[EVP_MAX_MD_SIZE];
  EVP_Digest(content.data(), content.size(), digest, nullptr, EVP_sha256(),
             nullptr);
  return absl::BytesToHexString({reinterpret_cast<const char*>(digest), 8});
}

absl::Status CheckSettingsFile(const std::string& path) {
  struct stat info {};
  if (lstat(path.c_str(), &info) != 0) return absl::OkStatus();
  if (S_ISREG(info.st_mode) && info.st_uid == geteuid()) {
    return absl::OkStatus();
  }
  return cli::LocalFileError(
      "FOLDER_UNSAFE",
      absl::StrCat(path,
                   S_ISREG(info.st_mode)
                       ? absl::StrCat(" belongs to user ", info.st_uid)
                       : std::string(" is no file of its own"),
                   ", expected a file of user ", geteuid(), ", who we are"));
}

absl::Status Place(const std::string& path, absl::string_view content) {
  ASSIGN_OR_RETURN(
      base::PendingFile pending,
      base::PendingFile::Write(path, content, base::FileMode::kPrivate));
  std::vector<base::PendingFile> files;
  files.push_back(std::move(pending));
  return base::PutInPlace(std::move(files));
}

// What no settings file names any more; a login's folders alone have such
// names.
void RemoveOthers(const std::string& identities, const std::string& kept) {
  std::error_code error;
  std::vector<std::string> others;
  for (const auto& entry :
       std::filesystem::directory_iterator(identities, error)) {
    const std::string name = entry.path().filename();
    const bool of_login =
        name.size() == 16 && absl::c_all_of(name, absl::ascii_isxdigit);
    if (of_login && entry.path() != kept) others.push_back(entry.path());
  }
  for (const std::string& other : others) {
    // The next login tries again.
    RemoveFolder(other).IgnoreError();
  }
  FlushFolder(identities).IgnoreError();
}

absl::Status PutCopies(const std::string& folder,
                       const cli::Credentials& credentials,
                       absl::string_view client_ca_pem) {
  RETURN_IF_ERROR(MakeFolder(folder, Access::kOthersMayNothing));
  RETURN_IF_ERROR(Place(folder + "/ca.pem", credentials.ca_pem));
  if (!client_ca_pem.empty()) {
    RETURN_IF_ERROR(Place(folder + "/client_ca.pem", client_ca_pem));
  }
  if (credentials.certificate_pem.empty()) return absl::OkStatus();
  RETURN_IF_ERROR(
      Place(folder + "/certificate.pem", credentials.certificate_pem));
  return Place(folder + "/key.pem", credentials.key_pem.Reveal());
}

// The same settings, with the copies in `folder`.
cli::Settings OfCopies(cli::Settings settings, const std::string& folder) {
  settings.token.clear();
  settings.ca = folder + "/ca.pem";
  if (settings.certificate.empty()) return settings;
  settings.certificate = folder + "/certificate.pem";
  settings.key = folder + "/key.pem";
  return settings;
}

// And its certificate.
absl::Status RemoveKey(const cli::Settings& settings) {
  for (const std::string& file : {settings.key, settings.certificate}) {
    if (unlink(file.c_str()) == 0 || errno == ENOENT) continue;
    return cli::LocalFileError(
        "FILE_UNWRITABLE",
        absl::StrCat("cannot remove ", file, ": ", std::strerror(errno)));
  }
  return FlushFolder(FolderOf(settings.key));
}

std::string Described(const Stored& stored) {
  if (!stored.bearer) {
    return stored.settings.certificate.empty() ? "a token"
                                               : stored.settings.certificate;
  }
  return absl::StrCat(NameOf(*stored.bearer), " (until ",
                      cli::FormatUtc(stored.bearer->period.end), ")");
}

}  // namespace

bool Stored::HasIdentity() const {
  return !settings.certificate.empty() || !settings.token_file.empty() ||
         !settings.token_audience.empty();
}

absl::StatusOr<Stored> ReadStored(const std::string& settings_path) {
  Stored stored;
  stored.path = settings_path;
  auto text = base::ReadFile(settings_path, cli::kMaxSettingsBytes);
  if (base::ReasonOf(text.status()) == "FILE_NOT_FOUND") return stored;
  ASSIGN_OR_RETURN(stored.text, std::move(text));
  ASSIGN_OR_RETURN(stored.settings,
                   cli::ParseSettings(settings_path, stored.text));
  const std::string& certificate = stored.settings.certificate;
  stored.by_login = absl::StartsWith(
      certificate, absl::StrCat(IdentitiesBeside(settings_path), "/"));
  const auto pem = base::ReadFile(certificate, kMaxPemBytes);
  if (pem.ok()) stored.bearer = ReadBearer(stored.settings, *pem);
  return stored;
}

std::string ClientCaPath(const cli::Settings& settings) {
  if (settings.certificate.empty()) return settings.ca;
  const std::string folder = FolderOf(settings.certificate);
  const std::string path = folder + "/client_ca.pem";
  std::error_code error;
  const bool of_login =
      settings.ca == folder + "/ca.pem" && std::filesystem::exists(path, error);
  return of_login ? path : settings.ca;
}

std::optional<Bearer> ReadBearer(const cli::Settings& settings,
                                 absl::string_view certificate_pem) {
  const auto ca = base::ReadFile(ClientCaPath(settings), kMaxPemBytes);
  return ca.ok() ? ReadBearer(certificate_pem, *ca)
                 : ReadBearer(certificate_pem);
}

absl::Status CheckPlaces(const Stored& stored) {
  RETURN_IF_ERROR(CheckFolder(FolderOf(stored.path), Access::kOthersMayRead));
  RETURN_IF_ERROR(CheckSettingsFile(stored.path));
  const std::string identities = IdentitiesBeside(stored.path);
  for (const std::string& file :
       {stored.settings.certificate, stored.settings.ca}) {
    const std::string folder = FolderOf(file);
    std::error_code error;
    // One that is gone is what reading the file in it names.
    if (FolderOf(folder) != identities ||
        !std::filesystem::exists(folder, error)) {
      continue;
    }
    RETURN_IF_ERROR(CheckFolder(identities, Access::kOthersMayNothing));
    RETURN_IF_ERROR(CheckFolder(folder, Access::kOthersMayNothing));
  }
  return absl::OkStatus();
}

absl::StatusOr<Store> Store::Open(const std::string& settings_path) {
  if (settings_path.empty()) {
    return cli::UsageError("HOME_MISSING",
                           "neither XDG_CONFIG_HOME nor HOME is set: there is "
                           "no folder to keep an identity in");
  }
  if (settings_path.front() != '/') {
    return cli::UsageError(
        "HOME_RELATIVE",
        absl::StrCat("settings would be kept in ", settings_path,
                     ", which is another file in every folder; expected "
                     "XDG_CONFIG_HOME or HOME to begin with /"));
  }
  const std::string identities = IdentitiesBeside(settings_path);
  RETURN_IF_ERROR(MakeFolder(FolderOf(settings_path), Access::kOthersMayRead));
  RETURN_IF_ERROR(CheckSettingsFile(settings_path));
  RETURN_IF_ERROR(MakeFolder(identities, Access::kOthersMayNothing));
  ASSIGN_OR_RETURN(cli::FileLock lock,
                   cli::FileLock::Take(identities + "/lock", kPatience));
  ASSIGN_OR_RETURN(Stored stored, ReadStored(settings_path));
  return Store(std::move(stored), std::move(lock));
}

absl::Status Store::CheckLoss(const cli::Settings& settings,
                              const cli::Credentials& credentials,
                              absl::Time now) const {
  const cli::Settings& before = stored_.settings;
  const bool same = before.certificate == settings.certificate &&
                    before.key == settings.key &&
                    before.token_file == settings.token_file &&
                    before.token_audience == settings.token_audience;
  if (!stored_.HasIdentity() || same) return absl::OkStatus();
  const auto bearer = ReadBearer(credentials.certificate_pem);
  if (stored_.by_login && stored_.bearer) {
    if (bearer && SamePerson(*bearer, *stored_.bearer)) return absl::OkStatus();
    if (StateAt(stored_.bearer->period, now) == State::kExpired) {
      return absl::OkStatus();
    }
  }
  return cli::LocalFileError(
      "IDENTITY_PRESENT",
      absl::StrCat(stored_.path, " names ", Described(stored_),
                   stored_.by_login ? ", whose key here would be lost"
                                    : ", which login did not store",
                   "; give --force to replace it"));
}

absl::StatusOr<std::vector<std::string>> Store::Put(
    const cli::Settings& settings, const cli::Credentials& credentials,
    absl::string_view client_ca_pem) {
  const std::string identities = IdentitiesBeside(stored_.path);
  const std::string folder =
      absl::StrCat(identities, "/", NameFor(credentials, client_ca_pem));
  const cli::Settings kept = OfCopies(settings, folder);
  ASSIGN_OR_RETURN(const std::string text,
                   SettingsText(kept, stored_.path, stored_.text));
  absl::Status put = PutCopies(folder, credentials, client_ca_pem);
  if (put.ok()) put = Place(stored_.path, text);
  if (!put.ok()) {
    if (FolderOf(stored_.settings.ca) != folder) {
      RemoveFolder(folder).IgnoreError();
    }
    return put;
  }
  RemoveOthers(identities, folder);
  std::vector<std::string> replaced;
  const std::vector<std::string> now = SettingsInWords(kept);
  for (const std::string& line : SettingsInWords(stored_.settings)) {
    if (!absl::c_linear_search(now, line)) replaced.push_back(line);
  }
  return replaced;
}

absl::Status Store::Forget() {
  if (!stored_.HasIdentity()) {
    return cli::LocalFileError(
        "NOT_LOGGED_IN",
        absl::StrCat(stored_.path, " names no certificate and no token"));
  }
  if (!stored_.settings.certificate.empty() && !stored_.by_login) {
    return cli::LocalFileError(
        "IDENTITY_NOT_STORED",
        absl::StrCat(stored_.path, " names ", Described(stored_),
                     ", which login did not store; take its lines out by "
                     "hand"));
  }
  cli::Settings left;
  left.server = stored_.settings.server;
  left.ca = stored_.settings.ca;
  left.log_key = stored_.settings.log_key;
  ASSIGN_OR_RETURN(const std::string text,
                   SettingsText(left, stored_.path, stored_.text));
  if (stored_.by_login) RETURN_IF_ERROR(RemoveKey(stored_.settings));
  return Place(stored_.path, text);
}

}  // namespace bootseal::login
