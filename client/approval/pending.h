// A pending entry, read by somebody who does not believe the server: everything
// in it that can be computed is computed and held against what it says.
#ifndef BOOTSEAL_CLIENT_APPROVAL_PENDING_H_
#define BOOTSEAL_CLIENT_APPROVAL_PENDING_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "bootseal/v1/audit.pb.h"
#include "bootseal/v1/entry.pb.h"
#include "bootseal/v1/policy.pb.h"
#include "firmware/image/host/release_manifest.h"
#include "firmware/image/host/release_verdict.h"
#include "firmware/image/mcuboot/layout.h"
#include "firmware/image/stm32/header.h"
#include "server/trust/capsule_format.h"
#include "server/trust/package_format.h"

namespace bootseal::approval {

// What the signed bytes say of the image.
struct Image {
  image::mcuboot::Header header;
  std::optional<std::uint32_t> security_counter;
  std::vector<v1::VendorTlv> vendor_tlvs;
  // Bytes at the payload's front that are not in the image: header room.
  std::uint64_t room = 0;
  // The payload was sent compressed: what the image holds is larger.
  bool compressed = false;
};

struct Pending {
  std::uint64_t index = 0;
  v1::Entry entry;
  std::string subject;  // 32 raw bytes, computed
  // Of a signing request one of these.
  std::optional<Image> image;
  std::optional<image::host::ReleaseManifest> release;
  std::optional<image::host::ReleaseVerdict> verdict;
  std::optional<trust::CapsuleRequest> capsule;
  std::optional<trust::PackageRequest> package;
  std::optional<image::stm32::Header> first_stage;
};

// The entry is canonical, waits, and agrees with itself: its subject is that of
// its requester and digests; the header's version and sizes and the protected
// TLVs' counter are those it names; what gets signed of a release is what it
// says (trust::OpenReleaseMessage), of a verdict (trust::OpenVerdictMessage),
// of a capsule (trust::OpenCapsuleMessage), a package (OpenPackageMessage) and
// a first stage (trust::OpenFirstStageMessage), and a key change's transcript
// is its own (trust::CheckTranscript). Whether it is in the log is not judged
// here. FAILED_PRECONDITION (PENDING_MISMATCH, RELEASE_MISMATCH,
// CAPSULE_MISMATCH, PACKAGE_MISMATCH, FIRST_STAGE_MISMATCH, TRANSCRIPT_...); as
// trust::DecodeEntry.
absl::StatusOr<Pending> ReadPending(const v1::LogEntry& entry);

// The only digest of a signing request, the first of a package. Not for a key
// change.
const v1::SignedDigest& DigestOf(const Pending& pending);

// Vendor TLVs of a protected area.
std::vector<v1::VendorTlv> VendorTlvsOf(const std::string& protected_area);

}  // namespace bootseal::approval

#endif  // BOOTSEAL_CLIENT_APPROVAL_PENDING_H_
