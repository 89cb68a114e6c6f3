#include "client/cli/public_key.h"

#include <openssl/pem.h>

#include <array>
#include <cstdint>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/openssl.h"
#include "base/status.h"
#include "firmware/image/crypto.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/host/curve_words.h"

namespace bootseal::cli {
namespace {

struct Row {
  v1::Algorithm algorithm;
  const char* name;
  const char* c_prefix;
  int openssl_type;
  int bits;
  const char* group;  // nullptr: has none
  image::HashAlgorithm hash;
};

constexpr std::array<Row, 6> kRows{{
    {v1::RSA2048, "rsa2048", "rsa", EVP_PKEY_RSA, 2048, nullptr,
     image::HashAlgorithm::kSha256},
    {v1::RSA3072, "rsa3072", "rsa", EVP_PKEY_RSA, 3072, nullptr,
     image::HashAlgorithm::kSha256},
    {v1::P256, "p256", "ecdsa", EVP_PKEY_EC, 256, "prime256v1",
     image::HashAlgorithm::kSha256},
    {v1::P384, "p384", "ecdsa", EVP_PKEY_EC, 384, "secp384r1",
     image::HashAlgorithm::kSha384},
    {v1::ED25519, "ed25519", "ed25519", EVP_PKEY_ED25519, 253, nullptr,
     image::HashAlgorithm::kSha256},
    {v1::BRAINPOOL_P256T1, "brainpoolP256t1", "brainpoolp256t1", EVP_PKEY_EC,
     256, "brainpoolP256t1", image::HashAlgorithm::kSha256},
}};

const Row* Find(v1::Algorithm algorithm) {
  for (const Row& row : kRows) {
    if (row.algorithm == algorithm) return &row;
  }
  return nullptr;
}

base::EvpKeyPtr ParseDevice(const Row& row, absl::string_view der) {
  const auto* data = reinterpret_cast<const unsigned char*>(der.data());
  const long size = static_cast<long>(der.size());
  return base::EvpKeyPtr(row.openssl_type == EVP_PKEY_RSA
                             ? d2i_PublicKey(EVP_PKEY_RSA, nullptr, &data, size)
                             : d2i_PUBKEY(nullptr, &data, size));
}

template <typename Encode>
std::string Encoded(EVP_PKEY* key, Encode encode) {
  unsigned char* der = nullptr;
  const int size = encode(key, &der);
  if (size <= 0) return {};
  std::string text(reinterpret_cast<char*>(der),
                   static_cast<std::size_t>(size));
  OPENSSL_free(der);
  return text;
}

std::string SpkiOf(EVP_PKEY* key) { return Encoded(key, i2d_PUBKEY); }

std::string ToDevice(const Row& row, EVP_PKEY* key) {
  return row.openssl_type == EVP_PKEY_RSA ? Encoded(key, i2d_PublicKey)
                                          : SpkiOf(key);
}

bool IsOf(const Row& row, const EVP_PKEY* key) {
  if (EVP_PKEY_get_base_id(key) != row.openssl_type ||
      EVP_PKEY_get_bits(key) != row.bits) {
    return false;
  }
  char group[64] = "";
  return row.group == nullptr ||
         (EVP_PKEY_get_group_name(key, group, sizeof(group), nullptr) == 1 &&
          absl::string_view(group) == row.group);
}

absl::Status Invalid(absl::string_view what) {
  base::DrainOpenSslErrors();
  return base::Precondition("KEY_INVALID", what);
}

}  // namespace

std::string AlgorithmName(v1::Algorithm algorithm) {
  const Row* row = Find(algorithm);
  return row == nullptr ? "unknown" : row->name;
}

absl::StatusOr<std::string> ToPem(v1::Algorithm algorithm,
                                  absl::string_view device_der) {
  const Row* row = Find(algorithm);
  if (row == nullptr) return Invalid("the key's algorithm is unknown");
  const base::EvpKeyPtr key = ParseDevice(*row, device_der);
  if (!key) {
    return Invalid(absl::StrCat("the key is not the DER of ", row->name));
  }
  const base::BioPtr bio(BIO_new(BIO_s_mem()));
  if (PEM_write_bio_PUBKEY(bio.get(), key.get()) != 1) {
    return Invalid("the key cannot be written as PEM");
  }
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &text);
  return std::string(text, static_cast<std::size_t>(size));
}

std::string ToCArray(v1::Algorithm algorithm, absl::string_view device_der) {
  const Row* row = Find(algorithm);
  const char* prefix = row == nullptr ? "unknown" : row->c_prefix;
  std::string text =
      absl::StrCat("const unsigned char ", prefix, "_pub_key[] = {");
  for (std::size_t i = 0; i < device_der.size(); ++i) {
    absl::StrAppendFormat(&text, "%s0x%02x,", i % 8 == 0 ? "\n    " : " ",
                          static_cast<std::uint8_t>(device_der[i]));
  }
  absl::StrAppend(&text, "\n};\nconst unsigned int ", prefix,
                  "_pub_key_len = ", device_der.size(), ";\n");
  return text;
}

absl::StatusOr<PublicKey> FromPem(absl::string_view pem) {
  const base::BioPtr bio(
      BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  base::EvpKeyPtr key(
      PEM_read_bio_PUBKEY(bio.get(), nullptr, nullptr, nullptr));
  if (!key) return Invalid("no public key in the PEM file");
  for (const Row& row : kRows) {
    if (IsOf(row, key.get())) {
      return PublicKey{row.algorithm, ToDevice(row, key.get())};
    }
  }
  return Invalid(absl::StrCat(
      "the key's algorithm is none of rsa2048, rsa3072, p256, p384, ed25519, "
      "brainpoolP256t1: it is ",
      image::host::CurveWords(SpkiOf(key.get()))));
}

std::string KeyHash(const PublicKey& key) {
  const Row* row = Find(key.algorithm);
  const image::HashAlgorithm hash =
      row == nullptr ? image::HashAlgorithm::kSha256 : row->hash;
  return image::host::ToString(
      image::HashOf(hash, image::host::AsBytes(key.device_der)).bytes());
}

}  // namespace bootseal::cli
