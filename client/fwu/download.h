// One file over HTTPS, from a server that the pinned CA vouches for; no other
// CA is believed, no redirect followed. A transfer that breaks goes on where it
// broke: Range, with If-Range where the server gave something to compare.
// Thread-safe: free functions without state.
#ifndef BOOTSEAL_CLIENT_FWU_DOWNLOAD_H_
#define BOOTSEAL_CLIENT_FWU_DOWNLOAD_H_

#include <cstdint>
#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "client/fwu/bundle.h"

namespace bootseal::fwu {

struct DownloadOptions {
  std::string url;      // https://...
  std::string ca_path;  // PEM
  // In a row that bring nothing; each waits twice as long as the one before.
  int attempts = 6;
  absl::Duration pause = absl::Milliseconds(500);
  // Without a byte.
  absl::Duration patience = absl::Seconds(30);
};

// Bytes so far, and of how many; 0 when the server did not say.
using DownloadProgress =
    std::function<void(std::uint64_t done, std::uint64_t total)>;

// `sink` gets every byte once and in order; its error ends the transfer.
// UNAVAILABLE: DOWNLOAD_BROKEN (attempts are used up). PERMISSION_DENIED:
// DOWNLOAD_UNTRUSTED (the certificate), DOWNLOAD_REFUSED (the answer).
// FAILED_PRECONDITION: DOWNLOAD_CHANGED (another file stands there now).
// INVALID_ARGUMENT: DOWNLOAD_URL, DOWNLOAD_CA.
absl::Status Download(const DownloadOptions& options, const ByteSink& sink,
                      const DownloadProgress& progress);

}  // namespace bootseal::fwu

#endif  // BOOTSEAL_CLIENT_FWU_DOWNLOAD_H_
