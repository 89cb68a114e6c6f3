// Signatures and groups, for the ECDSA cases.
#ifndef BOOTSEAL_TESTS_FIRMWARE_CRYPTO_ECDSA_PARTS_H_
#define BOOTSEAL_TESTS_FIRMWARE_CRYPTO_ECDSA_PARTS_H_

#include <openssl/ec.h>

#include <cstdint>
#include <memory>
#include <string>

#include "tests/firmware/crypto/cases.h"

namespace bootseal::tests {

inline std::string Der(std::uint8_t tag, const std::string& content) {
  std::string der(1, static_cast<char>(tag));
  if (content.size() >= 0x80) der += '\x81';
  return der + static_cast<char>(content.size()) + content;
}

inline std::string MinimalInteger(const BIGNUM* number) {
  std::string bytes(static_cast<std::size_t>(BN_num_bytes(number)), '\0');
  BN_bn2bin(number, Raw(bytes));
  if (bytes.empty() || (bytes.front() & 0x80) != 0) bytes.insert(0, 1, '\0');
  return bytes;
}

inline std::string DerSignature(const std::string& r, const std::string& s) {
  return Der(0x30, Der(0x02, r) + Der(0x02, s));
}

using Group = std::unique_ptr<EC_GROUP, decltype(&EC_GROUP_free)>;
using EcPoint = std::unique_ptr<EC_POINT, decltype(&EC_POINT_free)>;

inline Group GroupOf(std::size_t coordinate) {
  return Group(EC_GROUP_new_by_curve_name(
                   coordinate == 32 ? NID_X9_62_prime256v1 : NID_secp384r1),
               EC_GROUP_free);
}

inline Number OrderOf(std::size_t coordinate) {
  const Group group = GroupOf(coordinate);
  return Number(BN_dup(EC_GROUP_get0_order(group.get())), BN_free);
}

}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_FIRMWARE_CRYPTO_ECDSA_PARTS_H_
