// A release on its way to the server, image after image out of its files; and
// the firmware of a capsule.
#ifndef BOOTSEAL_CLIENT_CLI_RELEASE_REQUEST_H_
#define BOOTSEAL_CLIENT_CLI_RELEASE_REQUEST_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "bootseal/v1/signing.pb.h"
#include "client/cli/connection.h"
#include "client/release/unchanged_file.h"

namespace bootseal::cli {

struct NamedFile {
  std::string name;
  std::shared_ptr<release::UnchangedFile> file;
};

// Uploads in chunks of 256 KiB, at no time more of it in memory; again with the
// same request id while that helps, within `limit`. FILE_* too.
absl::StatusOr<v1::SignReply> RequestRelease(
    const Connection& connection, const v1::SignHeader& header,
    const std::vector<NamedFile>& files, absl::Duration limit);

// The same for the firmware of a capsule.
absl::StatusOr<v1::SignReply> RequestCapsule(
    const Connection& connection, const v1::SignHeader& header,
    const std::shared_ptr<release::UnchangedFile>& firmware,
    absl::Duration limit);

}  // namespace bootseal::cli

#endif  // BOOTSEAL_CLIENT_CLI_RELEASE_REQUEST_H_
