// A bundle from a server. Until its manifest and receipt are verified and
// checked it is in memory and nowhere else, 1.2 MiB of it at most; from then on
// it goes to a file without a name in `folder`, no longer than the manifest
// makes it. Nothing of it reaches a bank here.
#ifndef BOOTSEAL_CLIENT_FWU_FETCH_H_
#define BOOTSEAL_CLIENT_FWU_FETCH_H_

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/fwu/bundle.h"
#include "client/fwu/download.h"

namespace bootseal::fwu {

using ReleaseCheck =
    std::function<absl::Status(const image::host::VerifiedRelease&)>;

// As Download, Bundle::Open and `check`; INVALID_ARGUMENT (BUNDLE_SIZE) for
// more bytes than the release has; FILE_UNWRITABLE, also on a full disk.
absl::StatusOr<Bundle> FetchBundle(const DownloadOptions& options,
                                   const image::host::ReleaseTrust& trust,
                                   const std::string& folder,
                                   const ReleaseCheck& check,
                                   const DownloadProgress& progress);

}  // namespace bootseal::fwu

#endif  // BOOTSEAL_CLIENT_FWU_FETCH_H_
