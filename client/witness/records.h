// What a witness remembers: of each log the newest checkpoint that it cosigned,
// as a signed note in DIR/<hex of SHA-256 of the origin>/checkpoint. Any web
// server can publish the folder under the witness's monitoring prefix. Until
// the first is cosigned a file `new` lies in its place: without either, what
// was cosigned is not known, which is not the same as nothing.
#ifndef BOOTSEAL_CLIENT_WITNESS_RECORDS_H_
#define BOOTSEAL_CLIENT_WITNESS_RECORDS_H_

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/cli/file_lock.h"
#include "firmware/image/host/cosignature.h"
#include "firmware/image/transparency/merkle.h"

namespace bootseal::witness {

// Size 0 and no note: nothing was cosigned yet.
struct Seen {
  std::uint64_t size = 0;
  image::transparency::TreeHash root = image::transparency::EmptyRoot();
  std::string note;
};

enum class Start {
  kNew,        // this witness never cosigned any of the logs
  kContinuing  // with what it remembers
};

// Locked against other processes while it lives. Not thread-safe; movable.
class Records {
 public:
  // Reads what is there; with kNew makes the folder and one for each origin. A
  // witness that forgot would cosign a fork, hence FAILED_PRECONDITION:
  // WITNESS_STATE_MISSING when nothing is known of an origin,
  // WITNESS_STATE_EXISTS with kNew when something was cosigned, STATE_INVALID
  // for a note that `key` did not cosign or that is of another log, FILE_LOCKED
  // when another witness has the folder; FILE_*. Refused, it leaves no trace of
  // an origin.
  static absl::StatusOr<Records> Open(const std::string& folder,
                                      const image::host::CosignerKey& key,
                                      const std::vector<std::string>& origins,
                                      Start start);

  // Null for an origin that was not given.
  const Seen* Find(const std::string& origin) const;
  // Durable when it returns. FILE_UNWRITABLE: what was there stays, or, where
  // only the mark could not go, `seen` is what counts from now on.
  absl::Status Keep(const std::string& origin, Seen seen);

 private:
  Records(std::string folder, cli::FileLock lock)
      : folder_(std::move(folder)), lock_(std::move(lock)) {}
  absl::Status Begin(const std::vector<std::string>& origins) const;
  absl::StatusOr<Seen> Load(const image::host::CosignerKey& key,
                            const std::string& origin) const;

  std::string folder_;
  cli::FileLock lock_;
  std::map<std::string, Seen> seen_;
};

}  // namespace bootseal::witness

#endif  // BOOTSEAL_CLIENT_WITNESS_RECORDS_H_
