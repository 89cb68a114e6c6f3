#include <algorithm>
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

absl::Status CheckCounts(const ReleaseManifest& manifest,
                         const Metadata& metadata) {
  if (manifest.banks == metadata.geometry.banks &&
      manifest.images.size() == metadata.geometry.images) {
    return absl::OkStatus();
  }
  return OtherGeometry(absl::StrCat(
      "is made for ", manifest.banks, " banks of ", manifest.images.size(),
      " images, this device has ", int{metadata.geometry.banks}, " of ",
      metadata.geometry.images));
}

// The version follows the bootloader: who is made for another one brings a
// bootloader's images that this device's cannot start. ST's tools write 0 for
// 1; facts: fwu 1.8.
absl::Status CheckVersion(const ReleaseManifest& manifest,
                          const Metadata& metadata) {
  const std::uint32_t here = std::max(metadata.version, 1u);
  if (manifest.metadata_version == here) return absl::OkStatus();
  return OtherGeometry(absl::StrCat("is made for metadata of version ",
                                    manifest.metadata_version,
                                    ", this device has version ", here));
}

absl::Status CheckGuids(const image::host::ReleasedImage& released,
                        const image::fwu::Image& here) {
  if (released.type != here.type) {
    return OtherGeometry(absl::StrCat("has ", released.name, " of type ",
                                      image::host::NameOfGuid(released.type),
                                      ", this device expects ",
                                      image::host::NameOfGuid(here.type)));
  }
  for (std::size_t bank = 0; bank < released.banks.size(); ++bank) {
    if (released.banks[bank] == here.banks[bank].guid) continue;
    return OtherGeometry(absl::StrCat(
        "has ", released.name, " of bank ", bank, " in ",
        image::host::NameOfGuid(released.banks[bank]), ", this device in ",
        image::host::NameOfGuid(here.banks[bank].guid)));
  }
  return absl::OkStatus();
}

absl::Status CheckGeometry(const ReleaseManifest& manifest,
                           const Metadata& metadata) {
  RETURN_IF_ERROR(CheckCounts(manifest, metadata));
  RETURN_IF_ERROR(CheckVersion(manifest, metadata));
  for (std::size_t i = 0; i < manifest.images.size(); ++i) {
    RETURN_IF_ERROR(CheckGuids(manifest.images[i], metadata.images[i]));
  }
  return absl::OkStatus();
}

absl::Status CheckRoom(const ReleaseManifest& manifest,
                       const std::vector<Range>& ranges, std::uint8_t bank) {
  for (std::size_t i = 0; i < ranges.size(); ++i) {
    const image::host::ReleasedImage& image = manifest.images[i];
    if (std::max(image.size, image.bank_size) <= ranges[i].size) continue;
    return base::Precondition(
        "BANK_TOO_SMALL",
        absl::StrCat(image.name, " has ", image.size, " bytes and wants ",
                     image.bank_size, ", bank ", int{bank}, " has room for ",
                     ranges[i].size));
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
    {State::kFallenBack, "FELL_BACK",
     "the device fell back: run `bootseal-fwu check`, and reset it, which "
     "gives "
     "it trials again"},
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

absl::Status Agent::CheckMayTry(const StoredMetadata& stored) const {
  RETURN_IF_ERROR(CheckState(StateOf(stored)));
  return CheckTrials();
}

absl::Status Agent::CheckRelease(const image::host::VerifiedRelease& release) {
  ASSIGN_OR_RETURN(const StoredMetadata stored, Load());
  RETURN_IF_ERROR(CheckManifest(stored, release.manifest()));
  ASSIGN_OR_RETURN(const auto done,
                   InstalledAlready(stored, release.manifest()));
  return done ? absl::OkStatus() : CheckMayTry(stored);
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
                                     " has the images of this release already",
                                     state == State::kTrialPending
                                         ? ", on trial with the next reset"
                                     : state == State::kTrial ? ", on trial"
                                                              : ""));
}

// Another release of the same images does not take the place of the one that
// was installed: verdicts and counters are about that.
absl::Status Agent::KeepRecord(const StoredMetadata& stored,
                               const BundleHead& head) {
  const auto bank = static_cast<std::uint8_t>(stored.metadata.active);
  const auto known = records_->Of(bank);
  if (known.ok() && known->has_value()) return absl::OkStatus();
  return records_->Put(bank, head);
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
  if (device_.mark_domain) RETURN_IF_ERROR(device_.mark_domain());
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
  if (done) {
    RETURN_IF_ERROR(KeepRecord(stored, bundle.head()));
    return *done;
  }
  RETURN_IF_ERROR(CheckMayTry(stored));
  RETURN_IF_ERROR(bundle.ReadImages(Verified));
  ASSIGN_OR_RETURN(const std::uint8_t bank, Fill(stored, bundle, progress));
  RETURN_IF_ERROR(Step(stored, Operation::kEnd, bank));
  return Result(
      stored,
      absl::StrCat("installed ",
                   image::host::FormatVersion(bundle.manifest().version),
                   " in bank ", int{bank}, ", on trial with the next reset"));
}

}  // namespace bootseal::fwu
