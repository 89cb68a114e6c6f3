// A target's boot format: what it must be like, and the verifier's rules that
// it means. Thread-safe: free functions.
#ifndef BOOTSEAL_SERVER_TRUST_FORMAT_H_
#define BOOTSEAL_SERVER_TRUST_FORMAT_H_

#include <cstdint>
#include <string>

#include "bootseal/v1/keys.pb.h"
#include "bootseal/v1/policy.pb.h"
#include "firmware/image/mcuboot/rules.h"
#include "server/trust/problems.h"

namespace bootseal::trust {

// Everything that would make images which cannot boot, or which nobody can
// make. `algorithm` is that of the target's key; ALGORITHM_UNSPECIFIED when the
// key is a problem of its own.
void CheckFormat(const v1::Target& target, v1::Algorithm algorithm,
                 const Field& here);

// The values of UUID_VID and UUID_CID, 16 bytes each; empty: none. Only for a
// format without problems.
struct Identity {
  std::string vendor;
  std::string device_class;
};
Identity IdentityOf(const v1::McubootFormat& format);

// Rules without key and identity: defaults filled in. The software type points
// into `format`. Only for a format without problems.
image::mcuboot::Rules RulesOf(const v1::McubootFormat& format,
                              v1::Algorithm algorithm);

// Bytes of room for the header that a payload sent so starts with: what was
// compressed has none.
std::uint32_t HeaderRoom(const v1::McubootFormat& format,
                         v1::Compression compression);

// image::Algorithm has the same names; P256 for an unspecified one.
image::Algorithm ToImage(v1::Algorithm algorithm);

}  // namespace bootseal::trust

#endif  // BOOTSEAL_SERVER_TRUST_FORMAT_H_
