// Folders that nobody else can change what is in. Thread-safe: free functions.
#ifndef BOOTSEAL_CLIENT_LOGIN_FOLDER_H_
#define BOOTSEAL_CLIENT_LOGIN_FOLDER_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"

namespace bootseal::login {

enum class Access : std::uint32_t {
  kOthersMayRead = 0022,  // nobody else may write
  kOthersMayNothing = 0077
};

// Makes `path` with mode 0700, and what is missing above it. One that is there
// has to be a folder, no link to one, of this user alone (not even root's), and
// to allow others no more than `access`. Ends with kLocalFile: FOLDER_UNSAFE,
// FILE_UNWRITABLE.
absl::Status MakeFolder(const std::string& path, Access access);

// The same of a folder that is there.
absl::Status CheckFolder(const std::string& path, Access access);

// Removes a folder with its files; one that is not there is no error.
// FILE_UNWRITABLE.
absl::Status RemoveFolder(const std::string& path);

// What has been added to or removed from it is on the disk. FILE_UNWRITABLE.
absl::Status FlushFolder(const std::string& path);

}  // namespace bootseal::login

#endif  // BOOTSEAL_CLIENT_LOGIN_FOLDER_H_
