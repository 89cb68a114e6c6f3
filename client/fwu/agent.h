// The update agent: what a device in the field does with a release. Every step
// is one transition of firmware/image/fwu/update.h, written to both copies of
// the metadata before the next one begins; a command that was cut short is run
// again. Facts: fwu 7.1 to 7.3. Not thread-safe; one at a time
// (instance_lock.h).
//
// Errors of all: FAILED_PRECONDITION (REPLICAS_DAMAGED, UPDATE_STATE,
// RESET_PENDING, FELL_BACK, NO_BANK, PARTITION_MISSING); as Storage,
// STORAGE_READBACK, and as ReleaseRecords. After an error the device starts
// what it would have started before.
#ifndef BOOTSEAL_CLIENT_FWU_AGENT_H_
#define BOOTSEAL_CLIENT_FWU_AGENT_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/fwu/bank.h"
#include "client/fwu/boot_report.h"
#include "client/fwu/bundle.h"
#include "client/fwu/fallback.h"
#include "client/fwu/metadata_store.h"
#include "client/fwu/release_records.h"
#include "client/fwu/storage.h"
#include "firmware/image/fwu/selection.h"
#include "firmware/image/fwu/update.h"

namespace bootseal::fwu {

struct Device {
  Storage& storage;
  Placement placement;
  image::fwu::Geometry geometry;
  std::string product;
  // Of the bootloader: what is below does not start.
  std::uint32_t security_counter = 0;
  // As the bootloader left it: the bank that runs, and the trials left.
  image::fwu::BootRegister boot;
  // Whether the backup domain has what was left in it with the last install;
  // nullopt: nothing is left there.
  std::optional<bool> domain_kept;
  // Leaves it there; empty: nothing to do.
  std::function<absl::Status()> mark_domain;
  // Of this boot; nullopt: the bootloader leaves none.
  std::optional<BootReport> report = std::nullopt;
};

enum class Content {
  kUnknown,   // no release is recorded
  kVerified,  // what is there is that release
  kDamaged,   // it is not
};

struct BankCondition {
  image::fwu::BankState state = image::fwu::BankState::kInvalid;
  std::optional<image::host::ReleaseManifest> release;
  Content content = Content::kUnknown;
};

struct Condition {
  StoredMetadata stored;
  image::fwu::State state = image::fwu::State::kRegular;
  std::vector<BankCondition> banks;
  std::optional<Fallback> fallback;  // why, of kFallenBack
};

struct Outcome {
  std::string words;  // "installed in bank 1, on trial with the next reset"
  image::fwu::State state = image::fwu::State::kRegular;
  std::uint8_t bank = 0;  // the active one from here on
  bool reset_needed = false;
  std::optional<Fallback> fallback;  // what `check` found, and mended
};

class Agent {
 public:
  // `device.storage` and `records` must outlive it.
  // FAILED_PRECONDITION (BOOT_BANK_UNKNOWN): the register names no bank.
  static absl::StatusOr<Agent> Open(Device device, ReleaseRecords& records);

  // Reads only; hashes every bank that has a release.
  absl::StatusOr<Condition> Examine();

  // OK when this device may install the release: FAILED_PRECONDITION
  // (PRODUCT_MISMATCH; RELEASE_GEOMETRY for another version of the metadata,
  // other counts, types or GUIDs of banks; BANK_TOO_SMALL for the image or for
  // the banks that it is made for; DOWNGRADE; and what the state forbids).
  // Reads only.
  absl::Status CheckRelease(const image::host::VerifiedRelease& release);

  // Verifies every image before the first write. After a fallback the device
  // has to be checked and reset first: a bootloader without trials left would
  // not try it. When the active bank has the images already, only the record is
  // written. As CheckRelease and Bundle::ReadImages.
  absl::StatusOr<Outcome> Install(Bundle& bundle, const Progress& progress);

  // Of the running bank. One that is accepted already stays so.
  absl::StatusOr<Outcome> Accept();

  // Of the bank on trial, running or not. BANK_DOWNGRADE when the bank to
  // return to is known to be below the device's counter.
  absl::StatusOr<Outcome> Reject();

  // To `bank`, or to the previous one. Only to a release that is recorded and
  // there: BANK_RELEASE_UNKNOWN, BANK_CONTENT, BANK_DOWNGRADE (below the
  // device's counter or the running release's).
  absl::StatusOr<Outcome> Rollback(std::optional<std::uint8_t> bank);

  // Whether what runs is what was expected; after a fallback the running bank
  // becomes the active one. A bank on trial that did not start and is to be
  // tried again is told as a fallback too, and nothing is written. Notes a
  // trial that runs. Of a regular device: a bank whose release is below the
  // device's counter, and would not start, is invalid from then on, so that no
  // tool returns to it.
  absl::StatusOr<Outcome> Check();

  // Which bank holds the release, written down where Rollback looks for it; for
  // a release that another than this agent wrote. The bundle's images are
  // verified, the device is only read. BANK_CONTENT when no bank has it.
  absl::StatusOr<Outcome> Record(Bundle& bundle);

  // Makes the copies of the metadata equal, as every command above does first.
  absl::StatusOr<Outcome> Repair();

 private:
  Agent(Device device, ReleaseRecords& records);

  image::fwu::State StateOf(const StoredMetadata& stored) const;
  Fallback ExplainFrom(const StoredMetadata& stored);
  // With trials left; after the last one it is a fallback.
  std::optional<Fallback> FailedTrial(const StoredMetadata& stored) const;
  absl::StatusOr<StoredMetadata> Load();
  absl::StatusOr<StoredMetadata> Settle();
  absl::Status Step(StoredMetadata& stored, image::fwu::Operation operation,
                    std::uint8_t bank);
  absl::StatusOr<BankCondition> ExamineBank(const StoredMetadata& stored,
                                            std::uint8_t bank);
  absl::StatusOr<bool> BankHolds(const StoredMetadata& stored,
                                 std::uint32_t bank,
                                 const image::host::ReleaseManifest& manifest);
  // Of a recorded release; 0 when there is none.
  absl::StatusOr<std::uint32_t> CounterOf(std::uint8_t bank);
  absl::Status CheckManifest(const StoredMetadata& stored,
                             const image::host::ReleaseManifest& manifest);
  absl::StatusOr<bool> IsBelowCounter(const StoredMetadata& stored,
                                      std::uint8_t bank);
  absl::Status Retire(StoredMetadata& stored, std::uint8_t bank);
  // What to add to the outcome; empty when every bank may start.
  absl::StatusOr<std::string> RetireBanks(StoredMetadata& stored);
  // Of a regular device, which has trials to give.
  absl::Status CheckMayTry(const StoredMetadata& stored) const;
  absl::Status CheckTrials() const;
  absl::Status CheckCounter(const image::host::ReleaseManifest& manifest);
  absl::Status KeepRecord(const StoredMetadata& stored, const BundleHead& head);
  absl::StatusOr<std::optional<Outcome>> InstalledAlready(
      const StoredMetadata& stored,
      const image::host::ReleaseManifest& manifest);
  absl::StatusOr<std::uint8_t> Fill(StoredMetadata& stored, Bundle& bundle,
                                    const Progress& progress);
  absl::Status CheckReturn(const StoredMetadata& stored, std::uint8_t bank);
  Outcome Result(const StoredMetadata& stored, std::string words) const;

  Device device_;
  ReleaseRecords* records_;
};

}  // namespace bootseal::fwu

#endif  // BOOTSEAL_CLIENT_FWU_AGENT_H_
