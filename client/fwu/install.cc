#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "client/fwu/agent.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/host/guid.h"

namespace bootseal::fwu {
namespace {

using image::fwu::Metadata;
using image::fwu::Operation;
using image::fwu::State;
using image::host::ReleaseManifest;

absl::Status CheckProduct(const ReleaseManifest& manifest,
                          const std::string& product) {
  if (manifest.product == product) return absl::OkStatus();
  return base::Precondition(
      "PRODUCT_MISMATCH", absl::StrCat("the release is for ", manifest.product,
                                       ", this device is ", product));
}

absl::Status OtherGeometry(absl::string_view what) {
  return base::Precondition("RELEASE_GEOMETRY",
                            absl::StrCat("the release ", what));
}

// GUIDs of banks are the device's own: the release's are for first
// provisioning, as its metadata and that metadata's version.
absl::Status CheckGeometry(const ReleaseManifest& manifest,
                           const Metadata& metadata) {
  if (manifest.banks != metadata.geometry.banks ||
      manifest.images.size() != metadata.geometry.images) {
    return OtherGeometry(absl::StrCat(
        "is made for ", manifest.banks, " banks of ", manifest.images.size(),
        " images, this device has ", int{metadata.geometry.banks}, " of ",
        metadata.geometry.images));
  }
  for (std::size_t i = 0; i < manifest.images.size(); ++i) {
    const image::Guid& here = metadata.images[i].type;
    if (manifest.images[i].type == here) continue;
    return OtherGeometry(
        absl::StrCat("has ", manifest.images[i].name, " of type ",
                     image::host::NameOfGuid(manifest.images[i].type),
                     ", this device expects ", image::host::NameOfGuid(here)));
  }
  return absl::OkStatus();
}

absl::Status CheckRoom(const ReleaseManifest& manifest,
                       const std::vector<Range>& ranges, std::uint8_t bank) {
  for (std::size_t i = 0; i < ranges.size(); ++i) {
    const image::host::ReleasedImage& image = manifest.images[i];
    if (image.size <= ranges[i].size) continue;
    return base::Precondition(
        "BANK_TOO_SMALL",
        absl::StrCat(image.name, " has ", image.size, " bytes, bank ",
                     int{bank}, " has room for ", ranges[i].size));
  }
  return absl::OkStatus();
}

struct Forbidden {
  State state;
  const char* reason;
  const char* words;
};

constexpr Forbidden kForbidden[] = {
    {State::kTrial, "UPDATE_STATE",
     "a release is on trial: accept or reject it first"},
    {State::kTrialPending, "UPDATE_STATE",
     "another release waits for its trial: reset the device, or reject it"},
    {State::kReturnPending, "RESET_PENDING",
     "the device returns to another bank with the next reset: reset it first"},
};

absl::Status CheckState(State state) {
  for (const Forbidden& forbidden : kForbidden) {
    if (forbidden.state != state) continue;
    return base::Precondition(forbidden.reason, forbidden.words);
  }
  return absl::OkStatus();
}

// ReadImages verifies; there is nothing else to do with the bytes yet.
absl::Status Verified(std::size_t, std::uint64_t, image::Bytes) {
  return absl::OkStatus();
}

absl::Status CheckAtLeast(std::uint32_t counter, std::uint32_t floor,
                          absl::string_view whose) {
  if (counter >= floor) return absl::OkStatus();
  return base::Precondition(
      "DOWNGRADE", absl::StrCat("the release has security counter ", counter,
                                ", ", whose, " has ", floor));
}

}  // namespace

absl::Status Agent::CheckCounter(const ReleaseManifest& manifest) {
  RETURN_IF_ERROR(CheckAtLeast(manifest.security_counter,
                               device_.security_counter, "the device"));
  // A record that cannot be read vouches for nothing; the device's counter
  // stands.
  const auto running = CounterOf(device_.boot.bank);
  return CheckAtLeast(manifest.security_counter, running.value_or(0),
                      "the running release");
}

// Every bank has to have the room: which one is written is not known yet.
absl::Status Agent::CheckManifest(const StoredMetadata& stored,
                                  const ReleaseManifest& manifest) {
  RETURN_IF_ERROR(CheckProduct(manifest, device_.product));
  RETURN_IF_ERROR(CheckGeometry(manifest, stored.metadata));
  for (std::uint8_t bank = 0; bank < device_.geometry.banks; ++bank) {
    ASSIGN_OR_RETURN(const std::vector<Range> ranges,
                     RangesOfBank(device_.placement, stored.metadata, bank));
    RETURN_IF_ERROR(CheckRoom(manifest, ranges, bank));
  }
  return CheckCounter(manifest);
}

absl::Status Agent::CheckRelease(const image::host::VerifiedRelease& release) {
  ASSIGN_OR_RETURN(const StoredMetadata stored, Load());
  RETURN_IF_ERROR(CheckManifest(stored, release.manifest()));
  ASSIGN_OR_RETURN(const auto done,
                   InstalledAlready(stored, release.manifest()));
  return done ? absl::OkStatus() : CheckState(StateOf(stored));
}

absl::StatusOr<std::optional<Outcome>> Agent::InstalledAlready(
    const StoredMetadata& stored, const ReleaseManifest& manifest) {
  const State state = StateOf(stored);
  if (state == State::kFallenBack || state == State::kReturnPending) {
    return std::nullopt;
  }
  ASSIGN_OR_RETURN(const bool holds,
                   BankHolds(stored, stored.metadata.active, manifest));
  if (!holds) return std::nullopt;
  return Result(stored, absl::StrCat("bank ", stored.metadata.active,
                                     " has this release already",
                                     state == State::kTrialPending
                                         ? ", on trial with the next reset"
                                     : state == State::kTrial ? ", on trial"
                                                              : ""));
}

absl::StatusOr<std::uint8_t> Agent::Fill(StoredMetadata& stored, Bundle& bundle,
                                         const Progress& progress) {
  const auto bank = image::fwu::UpdateBank(stored.metadata, device_.boot.bank);
  if (!bank.ok()) return image::host::ToStatus(bank.error());
  if (*bank == device_.boot.bank || *bank == stored.metadata.active) {
    return base::Internal("the running or active bank was to be written");
  }
  ASSIGN_OR_RETURN(const std::vector<Range> ranges,
                   RangesOfBank(device_.placement, stored.metadata, *bank));
  RETURN_IF_ERROR(Step(stored, Operation::kBegin, *bank));
  RETURN_IF_ERROR(records_->Remove(*bank));
  RETURN_IF_ERROR(WriteBank(device_.storage, ranges, bundle, progress));
  RETURN_IF_ERROR(records_->Put(*bank, bundle.head()));
  return *bank;
}

absl::StatusOr<Outcome> Agent::Record(Bundle& bundle) {
  ASSIGN_OR_RETURN(const StoredMetadata stored, Load());
  RETURN_IF_ERROR(CheckProduct(bundle.manifest(), device_.product));
  RETURN_IF_ERROR(CheckGeometry(bundle.manifest(), stored.metadata));
  RETURN_IF_ERROR(bundle.ReadImages(Verified));
  for (std::uint8_t bank = 0; bank < device_.geometry.banks; ++bank) {
    ASSIGN_OR_RETURN(const bool holds,
                     BankHolds(stored, bank, bundle.manifest()));
    if (!holds) continue;
    RETURN_IF_ERROR(records_->Put(bank, bundle.head()));
    return Result(stored,
                  absl::StrCat("bank ", int{bank}, " holds this release"));
  }
  return base::Precondition("BANK_CONTENT", "no bank holds this release");
}

absl::StatusOr<Outcome> Agent::Install(Bundle& bundle,
                                       const Progress& progress) {
  ASSIGN_OR_RETURN(StoredMetadata stored, Settle());
  RETURN_IF_ERROR(CheckManifest(stored, bundle.manifest()));
  ASSIGN_OR_RETURN(const auto done,
                   InstalledAlready(stored, bundle.manifest()));
  if (done) return *done;
  RETURN_IF_ERROR(CheckState(StateOf(stored)));
  RETURN_IF_ERROR(bundle.ReadImages(Verified));
  if (StateOf(stored) == State::kFallenBack) {
    RETURN_IF_ERROR(Step(stored, Operation::kReconcile, 0));
  }
  ASSIGN_OR_RETURN(const std::uint8_t bank, Fill(stored, bundle, progress));
  RETURN_IF_ERROR(Step(stored, Operation::kEnd, bank));
  return Result(
      stored,
      absl::StrCat("installed ",
                   image::host::FormatVersion(bundle.manifest().version),
                   " in bank ", int{bank}, ", on trial with the next reset"));
}

}  // namespace bootseal::fwu
