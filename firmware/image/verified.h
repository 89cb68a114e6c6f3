// The proof that an image may be started. Only a verifier makes one.
#ifndef BOOTSEAL_FIRMWARE_IMAGE_VERIFIED_H_
#define BOOTSEAL_FIRMWARE_IMAGE_VERIFIED_H_

#include <bit>
#include <cstddef>
#include <cstdint>

#include "firmware/image/mcuboot/layout.h"

namespace bootseal::image {

namespace mcuboot {
class Verifier;
}  // namespace mcuboot

// Holds what a boot flow needs of the image, and a word that is intact() only
// when a verifier wrote it over these very values: a default-constructed or
// disturbed object proves nothing. boot::Jump takes one and looks again.
class Verified {
 public:
  // Proves nothing; what Result<Verified> holds beside an error.
  constexpr Verified() = default;

  bool intact() const {
    const volatile std::uint32_t* seal = &seal_;
    const volatile std::uint32_t* complement = &complement_;
    const std::uint32_t expected = kSeal ^ Mixed();
    return *seal == expected && *complement == ~expected;
  }
  // Where the image lies that was judged: what starts is what was looked at.
  // Null when its verifier did not have it in one piece.
  const std::byte* image() const { return image_; }
  // Offset of the payload (vector table) from the image's start, in bytes.
  std::uint32_t payload_offset() const { return payload_offset_; }
  // Bytes of the payload, all of them signed.
  std::uint32_t payload_size() const { return payload_size_; }
  // End of the unprotected TLVs from the image's start, in bytes.
  std::uint32_t end() const { return end_; }
  std::uint32_t security_counter() const { return security_counter_; }
  const mcuboot::Version& version() const { return version_; }

 private:
  friend class mcuboot::Verifier;
  // Random; differs from its complement's neighbours in 16 bits
  // (openssl rand -hex 4).
  static constexpr std::uint32_t kSeal = 0x9c5b3a66;

  // Another word when a bit of what is acted upon is another one.
  [[gnu::noinline]] std::uint32_t Mixed() const {
    std::uint32_t mixed =
        static_cast<std::uint32_t>(reinterpret_cast<std::uintptr_t>(image_));
    mixed = std::rotl(mixed, 7) ^ payload_offset_;
    mixed = std::rotl(mixed, 7) ^ payload_size_;
    mixed = std::rotl(mixed, 7) ^ end_;
    return std::rotl(mixed, 7) ^ security_counter_;
  }

  std::uint32_t seal_ = 0;
  std::uint32_t complement_ = 0;
  const std::byte* image_ = nullptr;
  std::uint32_t payload_offset_ = 0;
  std::uint32_t payload_size_ = 0;
  std::uint32_t end_ = 0;
  std::uint32_t security_counter_ = 0;
  mcuboot::Version version_;
};

}  // namespace bootseal::image

#endif  // BOOTSEAL_FIRMWARE_IMAGE_VERIFIED_H_
