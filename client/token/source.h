// Where the token of each call comes from.
#ifndef BOOTSEAL_CLIENT_TOKEN_SOURCE_H_
#define BOOTSEAL_CLIENT_TOKEN_SOURCE_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "base/clock.h"
#include "base/secret.h"
#include "client/token/text.h"

namespace bootseal::token {

// Thread-safe.
class Source {
 public:
  virtual ~Source() = default;

  // One that is good now, for a call that begins now. TOKEN_INVALID,
  // TOKEN_EXPIRED and what each source adds; UNAVAILABLE when trying again may
  // help.
  virtual absl::StatusOr<base::Secret> Fetch() = 0;
};

// The one of the environment, `place` its variable; it is what it is.
std::unique_ptr<Source> FromText(std::string text, std::string place,
                                 const base::Clock& clock);

// A regular file, read again for each call: something else keeps it fresh. Adds
// the errors of client/token/file.h, as login takes it: FILE_MODE for one that
// is open to others, FILE_UNREADABLE at once for a pipe. What root owns others
// may read: so Kubernetes projects the token of a service account.
std::unique_ptr<Source> FromFile(std::string path, const base::Clock& clock);

}  // namespace bootseal::token

#endif  // BOOTSEAL_CLIENT_TOKEN_SOURCE_H_
