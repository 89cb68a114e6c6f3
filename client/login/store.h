// Who we are, beside the settings file that names it:
//
//   config                     0600  the settings file
//   identity/                  0700
//     lock                     0600  one login at a time
//     <16 hex digits>/         0700  what one login stored
//       certificate.pem key.pem ca.pem client_ca.pem  0600
//
// The settings file decides which folder counts, and is replaced by one rename:
// whoever reads it meanwhile, and whatever ends a login meanwhile, meets the
// identity before or the one after. Private keys are written to files of mode
// 0600 in folders of mode 0700 and are nowhere else for a moment.
#ifndef BOOTSEAL_CLIENT_LOGIN_STORE_H_
#define BOOTSEAL_CLIENT_LOGIN_STORE_H_

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "client/cli/credentials.h"
#include "client/cli/file_lock.h"
#include "client/cli/settings.h"
#include "client/login/bearer.h"

namespace bootseal::login {

// What the settings file says.
struct Stored {
  std::string path;  // of the settings file
  std::string text;  // empty when it is not there
  cli::Settings settings;
  // Its certificate and key are those of a login, and go with it.
  bool by_login = false;
  std::optional<Bearer> bearer;  // of its certificate, when that can be read

  bool HasIdentity() const;
};

// Ends with kUsage (CONFIG_INVALID) or FILE_*; a file that is not there is
// empty.
absl::StatusOr<Stored> ReadStored(const std::string& settings_path);

// Where the CAs of our certificate are: beside it when login stored some of its
// own for it, otherwise those of the server.
std::string ClientCaPath(const cli::Settings& settings);

// As client/login/chain.h has it, with the CAs that the settings name.
std::optional<Bearer> ReadBearer(const cli::Settings& settings,
                                 absl::string_view certificate_pem);

// That nobody else can change what is stored, nor read it. Ends with
// kLocalFile: FOLDER_UNSAFE.
absl::Status CheckPlaces(const Stored& stored);

// Not thread-safe; of several processes one has it at a time.
class Store {
 public:
  // Makes the folders and takes the lock. Ends with kUsage: HOME_MISSING for an
  // empty path, HOME_RELATIVE, CONFIG_INVALID. Ends with kLocalFile:
  // FOLDER_UNSAFE (folder.h; also for a settings file that is a symbolic link
  // or another user's), FILE_UNWRITABLE, FILE_LOCKED.
  static absl::StatusOr<Store> Open(const std::string& settings_path);

  const Stored& stored() const { return stored_; }

  // OK when what Put would replace is ours again (another certificate of the
  // same person), is elsewhere too, or has expired. Ends with kLocalFile:
  // IDENTITY_PRESENT.
  absl::Status CheckLoss(const cli::Settings& settings,
                         const cli::Credentials& credentials,
                         absl::Time now) const;

  // Stores `credentials` (without certificate: its CA alone) and `settings`,
  // whose paths of certificate, key and CA become those of the copies, with
  // `client_ca_pem` when the CAs of our certificate are not the server's. All
  // of it or nothing. Comments in the settings file stay. Returns the lines
  // that were replaced, "key = value" as they were read. Ends with kLocalFile:
  // SETTING_UNWRITABLE for a value that the file cannot hold, FILE_UNWRITABLE.
  absl::StatusOr<std::vector<std::string>> Put(
      const cli::Settings& settings, const cli::Credentials& credentials,
      absl::string_view client_ca_pem = "");

  // Certificate, key and tokens go, the key first: whatever ends it meanwhile,
  // once more finishes it. Server, CA and log key stay. Ends with
  // kLocalFile: NOT_LOGGED_IN, IDENTITY_NOT_STORED when the certificate is not
  // one of a login, FILE_UNWRITABLE.
  absl::Status Forget();

 private:
  Store(Stored stored, cli::FileLock lock)
      : stored_(std::move(stored)), lock_(std::move(lock)) {}

  Stored stored_;
  cli::FileLock lock_;
};

}  // namespace bootseal::login

#endif  // BOOTSEAL_CLIENT_LOGIN_STORE_H_
