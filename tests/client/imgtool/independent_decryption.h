// The device's side of an encrypted image, written a second time from the
// primitives up: it shares no code with client/imgtool.
#ifndef BOOTSEAL_TESTS_CLIENT_IMGTOOL_INDEPENDENT_DECRYPTION_H_
#define BOOTSEAL_TESTS_CLIENT_IMGTOOL_INDEPENDENT_DECRYPTION_H_

#include <openssl/evp.h>

#include <cstddef>
#include <string>

namespace bootseal::imgtool {

// The content key in the TLV; empty when the MAC is wrong. `mac_bytes` is 32 or
// 64, which chooses the hash.
std::string EciesContentKey(EVP_PKEY* device_key, const std::string& tlv,
                            std::size_t mac_bytes);

// RSA-OAEP with SHA-256 for hash and mask; empty when it does not open.
std::string OaepContentKey(EVP_PKEY* device_key, const std::string& tlv);

// RFC 3394; empty when the integrity check fails.
std::string UnwrappedContentKey(const std::string& kek, const std::string& tlv);

// AES in counter mode from zero.
std::string Decrypted(const std::string& content_key, const std::string& data);

}  // namespace bootseal::imgtool

#endif  // BOOTSEAL_TESTS_CLIENT_IMGTOOL_INDEPENDENT_DECRYPTION_H_
