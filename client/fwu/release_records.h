// Which release each bank holds, as far as this agent wrote it: the signed
// manifest itself, so that what is read is verified anew. A bank without one
// has a counter that nobody vouches for. Not thread-safe.
#ifndef BOOTSEAL_CLIENT_FWU_RELEASE_RECORDS_H_
#define BOOTSEAL_CLIENT_FWU_RELEASE_RECORDS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/fwu/bundle.h"
#include "firmware/image/host/release_manifest.h"

namespace bootseal::fwu {

class ReleaseRecords {
 public:
  virtual ~ReleaseRecords() = default;
  // nullopt when there is none; as image::host::OpenRelease when it does not
  // verify.
  virtual absl::StatusOr<std::optional<image::host::VerifiedRelease>> Of(
      std::uint8_t bank) = 0;
  virtual absl::Status Put(std::uint8_t bank, const BundleHead& head) = 0;
  // And the trials that were seen of it.
  virtual absl::Status Remove(std::uint8_t bank) = 0;

  // The bank runs on trial, with so many trials left: the fewest are kept.
  virtual absl::Status NoteTrial(std::uint8_t bank, std::uint8_t left) = 0;
  virtual absl::StatusOr<std::optional<std::uint8_t>> FewestTrials(
      std::uint8_t bank) = 0;
};

// bank-N.json and bank-N.receipt in a folder, which is made. They change
// together or not at all. bank-N.trials is a number in text. FILE_UNWRITABLE,
// FILE_UNREADABLE, FILE_TOO_LARGE.
class FolderRecords final : public ReleaseRecords {
 public:
  FolderRecords(std::string folder, image::host::ReleaseTrust trust)
      : folder_(std::move(folder)), trust_(std::move(trust)) {}

  absl::StatusOr<std::optional<image::host::VerifiedRelease>> Of(
      std::uint8_t bank) override;
  absl::Status Put(std::uint8_t bank, const BundleHead& head) override;
  absl::Status Remove(std::uint8_t bank) override;
  absl::Status NoteTrial(std::uint8_t bank, std::uint8_t left) override;
  absl::StatusOr<std::optional<std::uint8_t>> FewestTrials(
      std::uint8_t bank) override;

 private:
  std::string Path(std::uint8_t bank, const char* ending) const;

  std::string folder_;
  image::host::ReleaseTrust trust_;
};

}  // namespace bootseal::fwu

#endif  // BOOTSEAL_CLIENT_FWU_RELEASE_RECORDS_H_
