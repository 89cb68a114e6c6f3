// The JSON that the page talks, behind the gate. Every rpc goes out with the
// reviewer's own identity.
//
//   POST /api/session {"ticket"}            the token; the one call without it
//   GET  /api/console                       log key, origin, server
//   GET  /api/entries?start&limit&target&identity&key&decision&from&until
//   GET  /api/entries/INDEX                 entry, exact bytes, proof
//   GET  /api/checkpoint
//   GET  /api/requests?all
//   GET  /api/requests/SUBJECT
//   POST /api/requests/SUBJECT/confirmation {"verdict","reason",...}
//   GET  /api/confirmations/ID              what became of it
//   POST /api/confirmations/ID {"code"}     signs
#ifndef BOOTSEAL_CLIENT_CONSOLE_API_H_
#define BOOTSEAL_CLIENT_CONSOLE_API_H_

#include <string>

#include "absl/status/statusor.h"
#include "client/cli/json.h"
#include "client/console/access.h"
#include "client/console/confirmations.h"
#include "client/console/source.h"
#include "client/console/terminal.h"

namespace httplib {
struct Request;
struct Response;
}  // namespace httplib

namespace bootseal::console {

// Thread-safe. All arguments must outlive it.
class Api {
 public:
  Api(const Source& source, Access& access, Confirmations& confirmations,
      Terminal& terminal)
      : source_(source),
        access_(access),
        confirmations_(confirmations),
        terminal_(terminal) {}

  // Fills in status and JSON, errors as {"error":{...}}.
  void Answer(const httplib::Request& request, httplib::Response& response);

  // Signs what was confirmed, hands it in, and says so on the terminal.
  absl::StatusOr<std::uint64_t> Sign(const Taken& taken);

 private:
  using Reply = absl::StatusOr<cli::Json>;
  struct Route;
  struct Call;

  Reply Dispatch(const httplib::Request& request);
  Reply Session(const Call& call);
  Reply Console(const Call& call);
  Reply Entries(const Call& call);
  Reply Entry(const Call& call);
  Reply Checkpoint(const Call& call);
  Reply Requests(const Call& call);
  Reply Request(const Call& call);
  Reply Ask(const Call& call);
  Reply Fate(const Call& call);
  Reply Confirm(const Call& call);

  const Source& source_;
  Access& access_;
  Confirmations& confirmations_;
  Terminal& terminal_;
};

}  // namespace bootseal::console

#endif  // BOOTSEAL_CLIENT_CONSOLE_API_H_
