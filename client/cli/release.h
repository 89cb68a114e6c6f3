// One signing request, from the payload in memory to a reply that passed every
// check of acceptance.h. What the command sign does between its files.
#ifndef BOOTSEAL_CLIENT_CLI_RELEASE_H_
#define BOOTSEAL_CLIENT_CLI_RELEASE_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "bootseal/v1/signing.pb.h"
#include "client/cli/acceptance.h"
#include "client/cli/assembly.h"
#include "client/cli/compressed_payload.h"
#include "client/cli/connection.h"
#include "client/cli/log_memory.h"

namespace bootseal::cli {

// "r-" and 32 hexadecimal digits.
std::string RandomRequestId();

// Fills in size, digest and compression of the payload.
Order MakeOrder(v1::SignHeader header, SentPayload payload);

// The profile of a target as the server has it now. nullopt when it does not
// show it to us: asked to sign, it says why. An error when it cannot be asked,
// or is too busy to answer within `limit`.
absl::StatusOr<std::optional<v1::Profile>> AskForProfile(
    const Connection& connection, const std::string& target,
    absl::Duration limit);

// Uploads in chunks of 256 KiB, again with the same request id while that
// helps, within `limit`.
absl::StatusOr<v1::SignReply> RequestSignature(const Connection& connection,
                                               const Order& order,
                                               absl::Duration limit);

struct Release {
  v1::SignReply reply;
  AssembledImage image;
  TrustedCheckpoint checkpoint;
};

// Assembles and checks; remembers the log's checkpoint, the last of its steps
// and the one that asks a server, within `limit`. `pinned` is a profile that we
// kept, if any.
absl::StatusOr<Release> Accept(const Connection& connection, const Order& order,
                               v1::SignReply reply, const LogKey& key,
                               const LogMemory& memory,
                               const std::optional<v1::Profile>& pinned,
                               absl::Duration limit = LogMemory::kProofLimit);

// As the image's TLV has it.
std::string SignatureOf(const Release& release);

}  // namespace bootseal::cli

#endif  // BOOTSEAL_CLIENT_CLI_RELEASE_H_
