// The proof that the images of a package may be started. Only a verifier makes
// one.
#ifndef BOOTSEAL_FIRMWARE_IMAGE_CERTIFICATE_VERIFIED_PACKAGE_H_
#define BOOTSEAL_FIRMWARE_IMAGE_CERTIFICATE_VERIFIED_PACKAGE_H_

#include <array>
#include <cstdint>

#include "firmware/image/bytes.h"
#include "firmware/image/certificate/chain.h"

namespace bootseal::image::certificate {

class Verifier;

// Holds where the images lie that were verified, the counters that the device
// raises its own to once the bank is accepted, and a word that is intact() only
// when a verifier wrote it: a default-constructed or disturbed object proves
// nothing. Whoever jumps takes one and looks again.
class VerifiedPackage {
 public:
  // Proves nothing; what Result<VerifiedPackage> holds beside an error.
  constexpr VerifiedPackage() = default;

  bool intact() const {
    const volatile std::uint32_t* seal = &seal_;
    const volatile std::uint32_t* complement = &complement_;
    return *seal == kSeal && *complement == ~kSeal;
  }
  // The bytes that were hashed: those to run, never to be read again from where
  // they came. Empty for an image that is not in the package, and for one of
  // which the verifier was given the digest alone.
  Bytes image(ImageRole role) const { return images_[IndexOf(role)]; }
  std::uint32_t trusted_counter() const { return trusted_counter_; }
  std::uint32_t non_trusted_counter() const { return non_trusted_counter_; }

 private:
  friend class Verifier;
  // Random (openssl rand -hex 4).
  static constexpr std::uint32_t kSeal = 0x63d1a84e;

  std::uint32_t seal_ = 0;
  std::uint32_t complement_ = 0;
  std::uint32_t trusted_counter_ = 0;
  std::uint32_t non_trusted_counter_ = 0;
  std::array<Bytes, kImageRoles> images_;
};

}  // namespace bootseal::image::certificate

#endif  // BOOTSEAL_FIRMWARE_IMAGE_CERTIFICATE_VERIFIED_PACKAGE_H_
