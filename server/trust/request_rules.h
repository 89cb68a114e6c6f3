// Rules of decision.h about what a request puts into its image beside the
// payload. Thread-safe: free functions.
#ifndef BOOTSEAL_SERVER_TRUST_REQUEST_RULES_H_
#define BOOTSEAL_SERVER_TRUST_REQUEST_RULES_H_

#include <cstdint>
#include <optional>
#include <string>

#include "bootseal/v1/policy.pb.h"
#include "bootseal/v1/signing.pb.h"

namespace bootseal::trust {

// Why a rule refuses.
struct Objection {
  std::string code;
  std::string reason;
};
using Answer = std::optional<Objection>;

// VENDOR_TLV_NOT_ALLOWED (of a type that the target does not list, its own
// included), VENDOR_TLV_TWICE, VENDOR_TLVS_TOO_LARGE.
Answer CheckVendorTlvs(const v1::Target& target, const v1::SignHeader& header);

// COMPRESSION_NOT_OF_TARGET for a payload that the target does not take so.
Answer CheckCompression(const v1::Target& target, const v1::SignHeader& header);

// ENCRYPTION_NOT_ALLOWED, ENCRYPTION_REQUIRED; PAYLOAD_NOT_PADDED when header
// and payload together are no multiple of 16 bytes.
Answer CheckEncryption(const v1::Target& target, const v1::SignHeader& header);

// RANGE_NOT_OF_TARGET for a target that is no MCUboot image, RANGE_COMPRESSED
// for a range that is said to be compressed, RANGE_HEADER_PADDING for a padding
// that no erased flash has.
Answer CheckSignedRange(const v1::Target& target, const v1::SignHeader& header);

// The files of the upload are the target's, in its order; of a package those
// of CheckPackageImages (package_rules.h):
// COMPONENTS_NOT_OF_TARGET, COMPONENT_MISSING, COMPONENT_UNKNOWN,
// COMPONENT_TWICE, COMPONENT_ORDER, COMPONENT_EMPTY, COMPONENT_TOO_LARGE (for
// its bank); COMPONENTS_DIFFER_FROM_SIZE when they do not add up to
// payload_size.
Answer CheckComponents(const v1::Target& target, const v1::SignHeader& header);

// Of a capsule's firmware: EMPTY_PAYLOAD, PAYLOAD_TOO_LARGE.
Answer CheckFirmwareSize(const v1::Target& target,
                         const v1::SignHeader& header);

// Of a target whose capsules say their lowest supported version:
// VERSION_BELOW_LOWEST when the request's counter, which is the firmware's
// version, is below it.
Answer CheckFirmwareVersion(const v1::Target& target,
                            std::uint32_t security_counter);

// PROVISIONING_NOT_OF_TARGET; PROVISIONING_INVALID for what MetadataOf
// (release_format.h) refuses; METADATA_UNREADABLE when a reader of the target
// would refuse the metadata.
Answer CheckProvisioning(const v1::Target& target,
                         const v1::SignHeader& header);

}  // namespace bootseal::trust

#endif  // BOOTSEAL_SERVER_TRUST_REQUEST_RULES_H_
