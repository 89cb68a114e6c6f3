// Holds the log to what its witnesses have seen, and has them see more.
//
// At the start each is asked for its newest checkpoint: a log that is behind
// it, or another log, does not start. One that cannot be asked is an error in
// the server's log and no reason to stand still; it is asked again, and then
// the same finding stops the log. In the background every new checkpoint is
// submitted; what was cosigned joins the log's newest checkpoint. Releases
// never wait for that.
#ifndef BOOTSEAL_SERVER_WITNESSES_WITNESSES_H_
#define BOOTSEAL_SERVER_WITNESSES_WITNESSES_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "bootseal/v1/config.pb.h"
#include "server/audit/log.h"

namespace bootseal::witnesses {

class Witnesses {
 public:
  // Before anything is appended to `log`, which must outlive this.
  // FAILED_PRECONDITION: LOG_BEHIND_WITNESS, LOG_FORKED, WITNESS_INVALID;
  // INVALID_ARGUMENT (COSIGNER_KEY_INVALID).
  static absl::StatusOr<std::unique_ptr<Witnesses>> Start(
      audit::Log& log, const v1::AuditLog& config);
  // Ends within about a second.
  ~Witnesses();

  // How many entries the newest checkpoint has that each of them is known to
  // have cosigned; 0 before it has answered. Thread-safe.
  struct Seen {
    std::string name;
    std::uint64_t size = 0;
  };
  std::vector<Seen> Cosigned() const;

 private:
  class State;
  explicit Witnesses(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace bootseal::witnesses

#endif  // BOOTSEAL_SERVER_WITNESSES_WITNESSES_H_
