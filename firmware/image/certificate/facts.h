// What was read of a package, before it is judged.
#ifndef BOOTSEAL_FIRMWARE_IMAGE_CERTIFICATE_FACTS_H_
#define BOOTSEAL_FIRMWARE_IMAGE_CERTIFICATE_FACTS_H_

#include <array>

#include "firmware/image/certificate/certificate.h"
#include "firmware/image/certificate/chain.h"
#include "firmware/image/crypto.h"

namespace bootseal::image::certificate {

// A certificate with the digest over what is signed of it; not there when that
// is empty.
struct ReadRole {
  Certificate certificate;
  Digest digest;

  bool there() const { return digest.size() == kDigestBytes; }
};

struct Facts {
  std::array<ReadRole, kRoles> certificates;  // by Role
  // By ImageRole: SHA-256 over the entry of the FIP; empty: not in it.
  std::array<Digest, kImageRoles> images;

  const ReadRole& of(Role role) const { return certificates[IndexOf(role)]; }
};

}  // namespace bootseal::image::certificate

#endif  // BOOTSEAL_FIRMWARE_IMAGE_CERTIFICATE_FACTS_H_
