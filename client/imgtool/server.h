// Keys that are where a server is: what the commands ask of it for
// -k bootseal:... How it is reached is the caller's affair.
#ifndef BOOTSEAL_CLIENT_IMGTOOL_SERVER_H_
#define BOOTSEAL_CLIENT_IMGTOOL_SERVER_H_

#include <functional>
#include <set>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "client/imgtool/options.h"

namespace bootseal::imgtool {

struct ServerOrder {
  std::string signer;  // "TARGET" or "key/NAME"
  // The key that the image must be signed with, DER as the device compares it;
  // empty: the target's, whichever it is.
  std::string public_key;
  // Read, and not judged by CheckOptions(): that is the target's part.
  SignOptions options;
  // Long names of the options that were typed: "--slot-size". The others hold
  // defaults here that say nothing.
  std::set<std::string> given;

  bool Has(const std::string& name) const { return given.count(name) != 0; }
};

// Has the image made and writes it, with the signature where that is asked for.
// Called when the command line has been read, from the same thread.
using SignOnServer = std::function<absl::Status(const ServerOrder&)>;

// The public half of a key of the server.
struct KeyOnServer {
  std::string pem;     // SubjectPublicKeyInfo
  std::string target;  // that was named, or alone has the key; empty: none
  // Whether that target's bootloader takes the image: FAILED_PRECONDITION with
  // the rule as its reason. Empty without target.
  std::function<absl::Status(absl::string_view image)> judge;
};

// Of "TARGET" or "key/NAME". As SignOnServer.
using FindKeyOnServer =
    std::function<absl::StatusOr<KeyOnServer>(const std::string& signer)>;

// An empty function: no server is reached.
struct Server {
  SignOnServer sign;
  FindKeyOnServer find_key;
};

// INVALID_ARGUMENT (SERVER_SIGNING) when nothing is reached; what the server
// and its transport say.
absl::StatusOr<KeyOnServer> FindKey(const Server& server,
                                    const std::string& signer);

}  // namespace bootseal::imgtool

#endif  // BOOTSEAL_CLIENT_IMGTOOL_SERVER_H_
