// A witness: cosigns the checkpoints of the logs it knows, each only when it
// continues the one before.
// Source: c2sp.org/tlog-witness@v1.0.0 (add-checkpoint and the monitor's
// retrieval), without any transport.
#ifndef BOOTSEAL_CLIENT_WITNESS_WITNESS_H_
#define BOOTSEAL_CLIENT_WITNESS_WITNESS_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/clock.h"
#include "client/cli/log_key.h"
#include "client/witness/cosigner.h"
#include "client/witness/records.h"

namespace bootseal::witness {

// As HTTP has it.
struct Answer {
  int status = 0;
  std::string content_type;
  std::string body;
};

// Thread-safe: requests are judged and kept one after the other.
class Witness {
 public:
  // `logs`: several keys of one origin are all trusted for it. `folder` is
  // locked while the object lives; `clock` must outlive it. As Records::Open;
  // NO_LOG without a log.
  static absl::StatusOr<std::unique_ptr<Witness>> Open(
      Cosigner cosigner, const std::vector<cli::LogKey>& logs,
      const std::string& folder, Start start, const base::Clock& clock);
  ~Witness();

  // Status and reason for it:
  //   200  the cosignature's line; it is on the disk
  //   400  the body is no request, or old size above the checkpoint's
  //   403  not signed by a key of that log, or the signature is wrong
  //   404  no such log
  //   409  old size is not the witness's: its own as text/x.tlog.size
  //   422  the proof is wrong: maybe a fork
  //   500  it could not be signed or stored; nothing is changed
  // Checkpoints with extension lines are not taken (400).
  Answer AddCheckpoint(absl::string_view body);

  // For the path "/<hex of SHA-256 of the origin>/checkpoint"; 404 when nothing
  // was cosigned.
  Answer Latest(absl::string_view path) const;

  // What was cosigned last: log's and witness's signature; empty: nothing.
  std::string LatestNote(const std::string& origin) const;
  std::uint64_t LatestSize(const std::string& origin) const;

  const image::host::CosignerKey& key() const;

 private:
  class State;
  explicit Witness(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace bootseal::witness

#endif  // BOOTSEAL_CLIENT_WITNESS_WITNESS_H_
