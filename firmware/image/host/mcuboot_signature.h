// How the crypto libraries behind MCUboot read an ECDSA signature: each takes
// forms that no signer of ours writes, and not the same ones. Nothing here
// judges an image; it predicts who would take what.
// Source: MCUboot boot/bootutil/include/bootutil/crypto/ecdsa.h and mbedTLS
// library/asn1parse.c; facts: mcuboot 1.8, 3.5. Thread-safe: free functions.
#ifndef BOOTSEAL_FIRMWARE_IMAGE_HOST_MCUBOOT_SIGNATURE_H_
#define BOOTSEAL_FIRMWARE_IMAGE_HOST_MCUBOOT_SIGNATURE_H_

#include <optional>
#include <span>
#include <string>

#include "firmware/image/crypto.h"

namespace bootseal::image::host {

enum class CryptoLibrary { kMbedTls, kTinyCrypt, kPsa };

// "mbedTLS"
const char* NameOf(CryptoLibrary library);

// Those with which MCUboot can be built for the algorithm.
std::span<const CryptoLibrary> LibrariesFor(Algorithm algorithm);

// r and s as the library understands them, each padded to the curve's size, one
// after the other; nothing when it refuses the encoding. `coordinate` is 32 or
// 48 bytes.
std::optional<std::string> ReadSignatureAs(CryptoLibrary library,
                                           Bytes signature,
                                           std::size_t coordinate);

// Minimal DER of r followed by s, of equal size.
std::string DerOfRaw(Bytes raw);

// Whether MCUboot built with the library takes the signature over `message`
// (the digest; for pure Ed25519 the signed range).
bool Accepts(CryptoLibrary library, Algorithm algorithm, Bytes public_key,
             Bytes message, Bytes signature);

}  // namespace bootseal::image::host

#endif  // BOOTSEAL_FIRMWARE_IMAGE_HOST_MCUBOOT_SIGNATURE_H_
