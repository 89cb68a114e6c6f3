// A token that something else keeps fresh in a file: one rule for who may use
// the file, for login and for calls. Thread-safe: a free function.
#ifndef BOOTSEAL_CLIENT_TOKEN_FILE_H_
#define BOOTSEAL_CLIENT_TOKEN_FILE_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "client/token/text.h"

namespace bootseal::token {

// The token of a regular file, which has to be good at `now`: TOKEN_INVALID,
// TOKEN_EXPIRED and base/file.h's errors, FILE_MODE for one that is open to
// others by InputFile::CheckBearerToken, FILE_UNREADABLE at once for a pipe.
absl::StatusOr<Token> ReadTokenFile(const std::string& path, absl::Time now);

}  // namespace bootseal::token

#endif  // BOOTSEAL_CLIENT_TOKEN_FILE_H_
