// One witness, as a log sees it.
// Source: c2sp.org/tlog-witness@v1.0.0.
#ifndef BOOTSEAL_SERVER_WITNESSES_REMOTE_WITNESS_H_
#define BOOTSEAL_SERVER_WITNESSES_REMOTE_WITNESS_H_

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "bootseal/v1/config.pb.h"
#include "firmware/image/host/add_checkpoint.h"
#include "firmware/image/host/cosignature.h"
#include "server/witnesses/http.h"

namespace bootseal::witnesses {

// What came of a checkpoint: cosigned when there is a line; otherwise the size
// that the witness knows instead (409).
struct Submission {
  std::string line;
  std::uint64_t known_size = 0;
};

// Immutable; thread-safe.
class RemoteWitness {
 public:
  // INVALID_ARGUMENT (COSIGNER_KEY_INVALID). `ending` as for Http.
  static absl::StatusOr<RemoteWitness> Make(const v1::Witness& config,
                                            const std::atomic<bool>& ending);

  // Its newest checkpoint of that log; none before the first. UNAVAILABLE
  // (WITNESS_UNREACHABLE), FAILED_PRECONDITION (WITNESS_INVALID) when the reply
  // is not cosigned by its key or is about another log.
  absl::StatusOr<std::optional<image::host::CosignedCheckpoint>> Latest(
      const std::string& origin) const;

  // The same errors; WITNESS_REFUSED for statuses that mean that it never will.
  absl::StatusOr<Submission> Submit(
      const image::host::AddCheckpoint& request) const;

  std::string name() const { return key_.name(); }
  const std::string& url() const { return http_.prefix(); }

 private:
  RemoteWitness(Http http, image::host::CosignerKey key)
      : http_(std::move(http)), key_(std::move(key)) {}

  Http http_;
  image::host::CosignerKey key_;
};

}  // namespace bootseal::witnesses

#endif  // BOOTSEAL_SERVER_WITNESSES_REMOTE_WITNESS_H_
