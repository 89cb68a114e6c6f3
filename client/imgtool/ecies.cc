#include "client/imgtool/ecies.h"

#include <openssl/core_names.h>
#include <openssl/hmac.h>
#include <openssl/kdf.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/openssl.h"
#include "base/status.h"
#include "client/imgtool/aes.h"

namespace bootseal::imgtool {
namespace {

constexpr absl::string_view kInfo = "MCUBoot_ECIES_v1";

const unsigned char* Bytes(absl::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

unsigned char* Bytes(std::string& text) {
  return reinterpret_cast<unsigned char*>(text.data());
}

const EVP_MD* HashOf(HmacHash hmac) {
  return hmac == HmacHash::kSha512 ? EVP_sha512() : EVP_sha256();
}

std::size_t MacSize(HmacHash hmac) {
  return hmac == HmacHash::kSha512 ? 64 : 32;
}

std::size_t PointSize(KeyKind kind) { return kind == KeyKind::kP256 ? 65 : 32; }

absl::Status Undecryptable() {
  base::DrainOpenSslErrors();
  return base::Precondition(
      "DECRYPTION_FAILED",
      "the content key is encrypted to another key, or was changed");
}

absl::StatusOr<std::string> PointOf(const EVP_PKEY* key) {
  unsigned char* point = nullptr;
  const std::size_t size =
      EVP_PKEY_get1_encoded_public_key(const_cast<EVP_PKEY*>(key), &point);
  if (size == 0) return base::Internal(base::DrainOpenSslErrors());
  std::string text(reinterpret_cast<char*>(point), size);
  OPENSSL_free(point);
  return text;
}

// A public key for the same agreement; null when the point is none.
base::EvpKeyPtr FromPoint(const Key& own, absl::string_view point) {
  if (own.kind() == KeyKind::kX25519) {
    return base::EvpKeyPtr(EVP_PKEY_new_raw_public_key(
        EVP_PKEY_X25519, nullptr, Bytes(point), point.size()));
  }
  base::EvpKeyPtr key(EVP_PKEY_new());
  if (key && EVP_PKEY_copy_parameters(key.get(), own.get()) == 1 &&
      EVP_PKEY_set1_encoded_public_key(key.get(), Bytes(point), point.size()) ==
          1) {
    return key;
  }
  return {};
}

absl::StatusOr<base::Secret> Agree(EVP_PKEY* own, EVP_PKEY* peer) {
  const base::EvpKeyContextPtr context(EVP_PKEY_CTX_new(own, nullptr));
  std::size_t size = 0;
  if (!context || EVP_PKEY_derive_init(context.get()) != 1 ||
      EVP_PKEY_derive_set_peer(context.get(), peer) != 1 ||
      EVP_PKEY_derive(context.get(), nullptr, &size) != 1) {
    return Undecryptable();
  }
  std::string shared(size, '\0');
  if (EVP_PKEY_derive(context.get(), Bytes(shared), &size) != 1) {
    return Undecryptable();
  }
  shared.resize(size);
  return base::Secret(std::move(shared));
}

// `size` bytes for the cipher's key and then those of the MAC.
absl::StatusOr<base::Secret> Expand(const base::Secret& shared, HmacHash hmac,
                                    std::size_t size) {
  const base::EvpKeyContextPtr context(
      EVP_PKEY_CTX_new_id(EVP_PKEY_HKDF, nullptr));
  const absl::string_view secret = shared.Reveal();
  std::string output(size, '\0');
  if (!context || EVP_PKEY_derive_init(context.get()) != 1 ||
      EVP_PKEY_CTX_set_hkdf_md(context.get(), HashOf(hmac)) != 1 ||
      EVP_PKEY_CTX_set1_hkdf_key(context.get(), Bytes(secret),
                                 static_cast<int>(secret.size())) != 1 ||
      EVP_PKEY_CTX_add1_hkdf_info(context.get(), Bytes(kInfo),
                                  static_cast<int>(kInfo.size())) != 1 ||
      EVP_PKEY_derive(context.get(), Bytes(output), &size) != 1) {
    return base::Internal(base::DrainOpenSslErrors());
  }
  return base::Secret(std::move(output));
}

std::string Mac(HmacHash hmac, absl::string_view key, absl::string_view data) {
  std::string mac(MacSize(hmac), '\0');
  HMAC(HashOf(hmac), key.data(), static_cast<int>(key.size()), Bytes(data),
       data.size(), Bytes(mac), nullptr);
  return mac;
}

base::EvpKeyPtr Ephemeral(KeyKind kind) {
  return base::EvpKeyPtr(kind == KeyKind::kP256
                             ? EVP_EC_gen("P-256")
                             : EVP_PKEY_Q_keygen(nullptr, nullptr, "X25519"));
}

}  // namespace

std::size_t EciesOverhead(KeyKind device_key, HmacHash hmac) {
  return PointSize(device_key) + MacSize(hmac);
}

absl::StatusOr<std::string> EciesWrap(const Key& device_key, HmacHash hmac,
                                      const base::Secret& content_key) {
  const base::EvpKeyPtr ephemeral = Ephemeral(device_key.kind());
  if (!ephemeral) return base::Internal(base::DrainOpenSslErrors());
  ASSIGN_OR_RETURN(const std::string point, PointOf(ephemeral.get()));
  ASSIGN_OR_RETURN(const base::Secret shared,
                   Agree(ephemeral.get(), device_key.get()));
  const std::size_t key_size = content_key.Reveal().size();
  ASSIGN_OR_RETURN(const base::Secret keys,
                   Expand(shared, hmac, key_size + MacSize(hmac)));
  const absl::string_view cipher_key = keys.Reveal().substr(0, key_size);
  ASSIGN_OR_RETURN(const std::string wrapped,
                   AesCtr(cipher_key, content_key.Reveal()));
  return absl::StrCat(point, Mac(hmac, keys.Reveal().substr(key_size), wrapped),
                      wrapped);
}

absl::StatusOr<base::Secret> EciesUnwrap(const Key& device_key, HmacHash hmac,
                                         absl::string_view value) {
  const std::size_t point_size = PointSize(device_key.kind());
  const std::size_t overhead = EciesOverhead(device_key.kind(), hmac);
  const absl::string_view mac = value.substr(point_size, MacSize(hmac));
  const absl::string_view wrapped = value.substr(overhead);
  const base::EvpKeyPtr ephemeral =
      FromPoint(device_key, value.substr(0, point_size));
  if (!ephemeral) return Undecryptable();
  ASSIGN_OR_RETURN(const base::Secret shared,
                   Agree(device_key.get(), ephemeral.get()));
  ASSIGN_OR_RETURN(const base::Secret keys,
                   Expand(shared, hmac, wrapped.size() + MacSize(hmac)));
  const std::string expected =
      Mac(hmac, keys.Reveal().substr(wrapped.size()), wrapped);
  if (CRYPTO_memcmp(expected.data(), mac.data(), expected.size()) != 0) {
    return Undecryptable();
  }
  ASSIGN_OR_RETURN(std::string content_key,
                   AesCtr(keys.Reveal().substr(0, wrapped.size()), wrapped));
  return base::Secret(std::move(content_key));
}

}  // namespace bootseal::imgtool
