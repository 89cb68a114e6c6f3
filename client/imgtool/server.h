// Signing where the key is: what `sign -k bootseal:...` asks of a server. How
// it is reached is the caller's affair.
#ifndef BOOTSEAL_CLIENT_IMGTOOL_SERVER_H_
#define BOOTSEAL_CLIENT_IMGTOOL_SERVER_H_

#include <functional>
#include <optional>
#include <set>
#include <string>

#include "absl/status/status.h"
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

// "TARGET" of "bootseal:TARGET"; nullopt for the path of a PEM file.
std::optional<std::string> SignerOnServer(absl::string_view key);

}  // namespace bootseal::imgtool

#endif  // BOOTSEAL_CLIENT_IMGTOOL_SERVER_H_
