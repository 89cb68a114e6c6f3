// What one target's second stage demands of a package: the server makes it from
// the policy, a device has it from its OTP words and counter.
#ifndef BOOTSEAL_FIRMWARE_IMAGE_CERTIFICATE_RULES_H_
#define BOOTSEAL_FIRMWARE_IMAGE_CERTIFICATE_RULES_H_

#include <array>
#include <cstdint>

#include "firmware/image/bytes.h"
#include "firmware/image/certificate/chain.h"
#include "firmware/image/certificate/public_key.h"

namespace bootseal::image::certificate {

enum class Presence : std::uint8_t { kOptional, kRequired, kForbidden };

struct Rules {
  KeyHashForm key_hash_form = KeyHashForm::kPoint;
  Bytes root_key_hash;  // 32 bytes
  // Of every key of the chain. A device links one; kBrainpoolP256t1 is one that
  // only hosts verify.
  Curve curve = Curve::kP256;

  // The device's counters: a lower one is refused always, in a trial too.
  std::uint32_t trusted_counter = 0;
  std::uint32_t non_trusted_counter = 0;
  std::uint32_t counter_ceiling = 0;  // 0: none
  // Both counters are one register, as on every STM32MP: certificates that
  // differ would lock each other out (facts: fwu 2.4).
  bool one_counter = true;

  // By ImageRole.
  std::array<Presence, kImageRoles> images{
      Presence::kRequired, Presence::kRequired, Presence::kRequired,
      Presence::kOptional, Presence::kOptional, Presence::kOptional,
      Presence::kRequired, Presence::kOptional};
};

}  // namespace bootseal::image::certificate

#endif  // BOOTSEAL_FIRMWARE_IMAGE_CERTIFICATE_RULES_H_
