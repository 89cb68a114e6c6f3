#include "tests/client/imgtool/independent_decryption.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <array>
#include <cstdint>

#include "base/openssl.h"

namespace bootseal::imgtool {
namespace {

const unsigned char* Bytes(const std::string& text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

unsigned char* Bytes(std::string& text) {
  return reinterpret_cast<unsigned char*>(text.data());
}

using CipherContextPtr = base::OpenSslPtr<EVP_CIPHER_CTX, EVP_CIPHER_CTX_free>;

enum class Direction : int { kInverse = 0, kForward = 1 };

// One block of 16 bytes through the bare cipher.
std::string Block(const std::string& key, const std::string& block,
                  Direction direction) {
  const CipherContextPtr context(EVP_CIPHER_CTX_new());
  EVP_CipherInit_ex(context.get(),
                    key.size() == 16 ? EVP_aes_128_ecb() : EVP_aes_256_ecb(),
                    nullptr, Bytes(key), nullptr, static_cast<int>(direction));
  EVP_CIPHER_CTX_set_padding(context.get(), 0);
  std::string output(16, '\0');
  int size = 0;
  EVP_CipherUpdate(context.get(), Bytes(output), &size, Bytes(block), 16);
  return output;
}

std::string BigEndian(std::uint64_t value, std::size_t bytes) {
  std::string text(bytes, '\0');
  for (std::size_t i = 0; i < bytes; ++i, value >>= 8) {
    text[bytes - 1 - i] = static_cast<char>(value & 0xff);
  }
  return text;
}

std::string Xor(std::string a, const std::string& b) {
  for (std::size_t i = 0; i < a.size(); ++i) {
    a[i] = static_cast<char>(a[i] ^ b[i]);
  }
  return a;
}

std::string Hmac(const EVP_MD* hash, const std::string& key,
                 const std::string& data) {
  std::string mac(static_cast<std::size_t>(EVP_MD_get_size(hash)), '\0');
  HMAC(hash, key.data(), static_cast<int>(key.size()), Bytes(data), data.size(),
       Bytes(mac), nullptr);
  return mac;
}

// RFC 5869 with a salt of zeros.
std::string Hkdf(const EVP_MD* hash, const std::string& secret,
                 const std::string& info, std::size_t size) {
  const std::string zeros(static_cast<std::size_t>(EVP_MD_get_size(hash)),
                          '\0');
  const std::string prk = Hmac(hash, zeros, secret);
  std::string output;
  std::string previous;
  for (char counter = 1; output.size() < size; ++counter) {
    previous = Hmac(hash, prk, previous + info + counter);
    output += previous;
  }
  return output.substr(0, size);
}

// The x coordinate of d * Q, by point arithmetic.
std::string EcShared(EVP_PKEY* key, const std::string& point) {
  BIGNUM* d = nullptr;
  EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_PRIV_KEY, &d);
  const base::BignumPtr scalar(d);
  const base::EcGroupPtr group(
      EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1));
  const base::EcPointPtr peer(EC_POINT_new(group.get()));
  const base::EcPointPtr product(EC_POINT_new(group.get()));
  EC_POINT_oct2point(group.get(), peer.get(), Bytes(point), point.size(),
                     nullptr);
  EC_POINT_mul(group.get(), product.get(), nullptr, peer.get(), scalar.get(),
               nullptr);
  std::string bytes(65, '\0');
  EC_POINT_point2oct(group.get(), product.get(), POINT_CONVERSION_UNCOMPRESSED,
                     Bytes(bytes), bytes.size(), nullptr);
  return bytes.substr(1, 32);
}

std::string X25519Shared(EVP_PKEY* key, const std::string& point) {
  const base::EvpKeyPtr peer(EVP_PKEY_new_raw_public_key(
      EVP_PKEY_X25519, nullptr, Bytes(point), point.size()));
  const base::EvpKeyContextPtr context(EVP_PKEY_CTX_new(key, nullptr));
  EVP_PKEY_derive_init(context.get());
  EVP_PKEY_derive_set_peer(context.get(), peer.get());
  std::string shared(32, '\0');
  std::size_t size = shared.size();
  EVP_PKEY_derive(context.get(), Bytes(shared), &size);
  return shared;
}

std::string Sha256(const std::string& data) {
  std::string digest(32, '\0');
  EVP_Digest(data.data(), data.size(), Bytes(digest), nullptr, EVP_sha256(),
             nullptr);
  return digest;
}

// RFC 8017 B.2.1.
std::string Mgf1(const std::string& seed, std::size_t size) {
  std::string mask;
  for (std::uint64_t counter = 0; mask.size() < size; ++counter) {
    mask += Sha256(seed + BigEndian(counter, 4));
  }
  return mask.substr(0, size);
}

// tlv^d mod n.
std::string RsaPower(EVP_PKEY* key, const std::string& tlv) {
  BIGNUM* n = nullptr;
  BIGNUM* d = nullptr;
  EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_N, &n);
  EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_D, &d);
  const base::BignumPtr modulus(n);
  const base::BignumPtr exponent(d);
  const base::BignumPtr value(
      BN_bin2bn(Bytes(tlv), static_cast<int>(tlv.size()), nullptr));
  const base::BignumContextPtr context(BN_CTX_new());
  BN_mod_exp(value.get(), value.get(), exponent.get(), modulus.get(),
             context.get());
  std::string output(tlv.size(), '\0');
  BN_bn2binpad(value.get(), Bytes(output), static_cast<int>(output.size()));
  return output;
}

}  // namespace

std::string EciesContentKey(EVP_PKEY* device_key, const std::string& tlv,
                            std::size_t mac_bytes) {
  const bool is_ec = EVP_PKEY_is_a(device_key, "EC");
  const std::size_t point_bytes = is_ec ? 65 : 32;
  const EVP_MD* hash = mac_bytes == 64 ? EVP_sha512() : EVP_sha256();
  const std::string point = tlv.substr(0, point_bytes);
  const std::string mac = tlv.substr(point_bytes, mac_bytes);
  const std::string wrapped = tlv.substr(point_bytes + mac_bytes);
  const std::string shared =
      is_ec ? EcShared(device_key, point) : X25519Shared(device_key, point);
  const std::string keys =
      Hkdf(hash, shared, "MCUBoot_ECIES_v1", wrapped.size() + mac_bytes);
  if (Hmac(hash, keys.substr(wrapped.size()), wrapped) != mac) return "";
  return Decrypted(keys.substr(0, wrapped.size()), wrapped);
}

std::string OaepContentKey(EVP_PKEY* device_key, const std::string& tlv) {
  const std::string encoded = RsaPower(device_key, tlv);
  const std::string masked = encoded.substr(33);
  const std::string seed = Xor(encoded.substr(1, 32), Mgf1(masked, 32));
  const std::string block = Xor(masked, Mgf1(seed, masked.size()));
  const std::size_t end = block.find('\x01', 32);
  if (encoded[0] != 0 || block.substr(0, 32) != Sha256("") ||
      end == std::string::npos ||
      block.substr(32, end - 32) != std::string(end - 32, '\0')) {
    return "";
  }
  return block.substr(end + 1);
}

std::string UnwrappedContentKey(const std::string& kek,
                                const std::string& tlv) {
  const std::size_t blocks = tlv.size() / 8 - 1;
  std::string check = tlv.substr(0, 8);
  std::string key = tlv.substr(8);
  for (std::size_t step = 6 * blocks; step > 0; --step) {
    const std::size_t at = (step - 1) % blocks * 8;
    const std::string block =
        Block(kek, Xor(check, BigEndian(step, 8)) + key.substr(at, 8),
              Direction::kInverse);
    check = block.substr(0, 8);
    key.replace(at, 8, block.substr(8));
  }
  return check == std::string(8, '\xa6') ? key : "";
}

std::string Decrypted(const std::string& content_key, const std::string& data) {
  std::string output;
  for (std::size_t at = 0; at < data.size(); at += 16) {
    const std::string stream =
        Block(content_key, BigEndian(at / 16, 16), Direction::kForward);
    output += Xor(data.substr(at, 16), stream);
  }
  return output;
}

}  // namespace bootseal::imgtool
