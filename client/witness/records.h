// What a witness remembers: of each log the newest checkpoint that it cosigned,
// as a signed note in DIR/<hex of SHA-256 of the origin>/checkpoint. Any web
// server can publish the folder under the witness's monitoring prefix.
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

// Locked against other processes while it lives. Not thread-safe; movable.
class Records {
 public:
  // Makes the folder and one for each origin, and reads what is there.
  // FAILED_PRECONDITION: FILE_LOCKED when another witness has the folder,
  // FILE_*, STATE_INVALID for a note that `key` did not cosign or that is of
  // another log: a witness that forgot would cosign a fork.
  static absl::StatusOr<Records> Open(const std::string& folder,
                                      const image::host::CosignerKey& key,
                                      const std::vector<std::string>& origins);

  // Null for an origin that was not given.
  const Seen* Find(const std::string& origin) const;
  // Durable when it returns. FILE_UNWRITABLE: what was there stays.
  absl::Status Keep(const std::string& origin, Seen seen);

 private:
  Records(std::string folder, cli::FileLock lock)
      : folder_(std::move(folder)), lock_(std::move(lock)) {}
  absl::StatusOr<Seen> Load(const image::host::CosignerKey& key,
                            const std::string& origin) const;

  std::string folder_;
  cli::FileLock lock_;
  std::map<std::string, Seen> seen_;
};

}  // namespace bootseal::witness

#endif  // BOOTSEAL_CLIENT_WITNESS_RECORDS_H_
