#include "hsm/public_key.h"

#include <openssl/core_names.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <array>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"

namespace bootseal::hsm {
namespace {

const unsigned char* Bytes(absl::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

absl::Status KeyType(absl::string_view what) {
  return base::Precondition(
      "KEY_TYPE",
      absl::StrCat(what,
                   ", expected rsa2048, rsa3072, p256, p384, ed25519 or, "
                   "of brainpool's curves, the twisted brainpoolP256t1"));
}

absl::Status Unreadable(absl::string_view what) {
  return base::Precondition(
      "KEY_TYPE", absl::StrCat(what, ": ", base::DrainOpenSslErrors()));
}

// Encodings of one curve's public keys.
struct Curve {
  Algorithm algorithm;
  std::size_t point_size;
  const char* spki_prefix;  // hex, RFC 5480, RFC 5639 and RFC 8410
};

constexpr std::array<Curve, 4> kCurves = {{
    {Algorithm::kP256, 65,
     "3059301306072a8648ce3d020106082a8648ce3d030107034200"},
    {Algorithm::kP384, 97, "3076301006072a8648ce3d020106052b81040022036200"},
    {Algorithm::kEd25519, 32, "302a300506032b6570032100"},
    {Algorithm::kBrainpoolP256t1, 65,
     "305a301406072a8648ce3d020106092b2403030208010108034200"},
}};

// As OpenSSL calls them.
struct Group {
  const char* name;
  Algorithm algorithm;
};
constexpr Group kGroups[] = {
    {"prime256v1", Algorithm::kP256},
    {"secp384r1", Algorithm::kP384},
    {"brainpoolP256t1", Algorithm::kBrainpoolP256t1},
};

const Curve* CurveOf(Algorithm algorithm) {
  for (const Curve& curve : kCurves) {
    if (curve.algorithm == algorithm) return &curve;
  }
  return nullptr;
}

absl::StatusOr<Algorithm> AlgorithmOf(const EVP_PKEY* key) {
  if (EVP_PKEY_is_a(key, "ED25519")) return Algorithm::kEd25519;
  const int bits = EVP_PKEY_get_bits(key);
  if (EVP_PKEY_is_a(key, "RSA")) {
    if (bits == 2048) return Algorithm::kRsa2048;
    if (bits == 3072) return Algorithm::kRsa3072;
    return KeyType(absl::StrCat("the key is RSA with ", bits, " bits"));
  }
  if (EVP_PKEY_is_a(key, "EC")) {
    char group[64] = "";
    EVP_PKEY_get_group_name(key, group, sizeof(group), nullptr);
    for (const Group& known : kGroups) {
      if (absl::string_view(group) == known.name) return known.algorithm;
    }
    return KeyType(absl::StrCat("the key is on curve \"", group, "\""));
  }
  const char* name = EVP_PKEY_get0_type_name(key);
  return KeyType(absl::StrCat("the key's type is ", name ? name : "unknown"));
}

template <typename Encode>
std::string Encoded(const EVP_PKEY* key, Encode encode) {
  unsigned char* der = nullptr;
  const int size = encode(key, &der);
  if (size <= 0) return "";
  std::string text(reinterpret_cast<char*>(der),
                   static_cast<std::size_t>(size));
  OPENSSL_free(der);
  return text;
}

std::string Digest(const EVP_MD* hash, absl::string_view data) {
  std::string digest(static_cast<std::size_t>(EVP_MD_get_size(hash)), '\0');
  EVP_Digest(data.data(), data.size(),
             reinterpret_cast<unsigned char*>(digest.data()), nullptr, hash,
             nullptr);
  return digest;
}

bool PreparePadding(RsaPadding padding, EVP_PKEY_CTX* context) {
  if (padding == RsaPadding::kPkcs1) {
    return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) > 0 &&
           EVP_PKEY_CTX_set_signature_md(context, EVP_sha256()) > 0;
  }
  return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) > 0 &&
         EVP_PKEY_CTX_set_signature_md(context, EVP_sha256()) > 0 &&
         EVP_PKEY_CTX_set_rsa_mgf1_md(context, EVP_sha256()) > 0 &&
         EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) > 0;
}

bool IsRsa(Algorithm algorithm) {
  return algorithm == Algorithm::kRsa2048 || algorithm == Algorithm::kRsa3072;
}

}  // namespace

absl::StatusOr<PublicKey> PublicKey::FromKey(base::EvpKeyPtr key) {
  ASSIGN_OR_RETURN(const Algorithm algorithm, AlgorithmOf(key.get()));
  PublicKey result;
  result.algorithm_ = algorithm;
  result.spki_ = Encoded(key.get(), i2d_PUBKEY);
  result.device_der_ =
      IsRsa(algorithm) ? Encoded(key.get(), i2d_PublicKey) : result.spki_;
  if (result.spki_.empty() || result.device_der_.empty()) {
    return Unreadable("the public key cannot be encoded");
  }
  const Curve* curve = CurveOf(algorithm);
  if (curve &&
      result.spki_.size() !=
          curve->point_size + std::string(curve->spki_prefix).size() / 2) {
    return KeyType("the point is compressed or its curve is not named");
  }
  result.token_signature_size_ =
      algorithm == Algorithm::kP384 ? 96
      : curve                       ? 64
              : static_cast<std::size_t>(EVP_PKEY_get_size(key.get()));
  result.key_ = std::move(key);
  return result;
}

absl::StatusOr<PublicKey> PublicKey::FromRsa(absl::string_view modulus,
                                             absl::string_view exponent) {
  const base::BignumPtr n(
      BN_bin2bn(Bytes(modulus), static_cast<int>(modulus.size()), nullptr));
  const base::BignumPtr e(
      BN_bin2bn(Bytes(exponent), static_cast<int>(exponent.size()), nullptr));
  if (!n || !e || BN_is_zero(n.get()) || BN_is_zero(e.get())) {
    return Unreadable("the RSA key has no modulus or exponent");
  }
  std::string native_n(static_cast<std::size_t>(BN_num_bytes(n.get())), '\0');
  std::string native_e(static_cast<std::size_t>(BN_num_bytes(e.get())), '\0');
  BN_bn2nativepad(n.get(), reinterpret_cast<unsigned char*>(native_n.data()),
                  static_cast<int>(native_n.size()));
  BN_bn2nativepad(e.get(), reinterpret_cast<unsigned char*>(native_e.data()),
                  static_cast<int>(native_e.size()));
  OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_BN(OSSL_PKEY_PARAM_RSA_N,
                              reinterpret_cast<unsigned char*>(native_n.data()),
                              native_n.size()),
      OSSL_PARAM_construct_BN(OSSL_PKEY_PARAM_RSA_E,
                              reinterpret_cast<unsigned char*>(native_e.data()),
                              native_e.size()),
      OSSL_PARAM_construct_end()};
  const base::EvpKeyContextPtr context(
      EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr));
  EVP_PKEY* key = nullptr;
  if (!context || EVP_PKEY_fromdata_init(context.get()) <= 0 ||
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters) <=
          0) {
    return Unreadable("the RSA key cannot be read");
  }
  return FromKey(base::EvpKeyPtr(key));
}

absl::StatusOr<PublicKey> PublicKey::FromPoint(Algorithm algorithm,
                                               absl::string_view point) {
  const Curve* curve = CurveOf(algorithm);
  if (!curve) return KeyType("an RSA key has no point");
  const std::string prefix = absl::HexStringToBytes(curve->spki_prefix);
  const std::string header{'\x04', static_cast<char>(curve->point_size)};
  // Each encoding has a length of its own, so that none is mistaken for
  // another.
  if (point.size() == curve->point_size + header.size() &&
      absl::StartsWith(point, header)) {
    point.remove_prefix(header.size());
  } else if (point.size() == curve->point_size + prefix.size() &&
             absl::StartsWith(point, prefix)) {
    point.remove_prefix(prefix.size());
  }
  if (point.size() != curve->point_size) {
    return KeyType(absl::StrCat("the point of a ", NameOf(algorithm),
                                " key has ", point.size(), " bytes"));
  }
  const std::string spki = absl::StrCat(prefix, point);
  const unsigned char* cursor = Bytes(spki);
  base::EvpKeyPtr key(
      d2i_PUBKEY(nullptr, &cursor, static_cast<long>(spki.size())));
  if (!key) return Unreadable("the point is not on its curve");
  return FromKey(std::move(key));
}

std::string PublicKey::Pem() const {
  const base::BioPtr memory(BIO_new(BIO_s_mem()));
  PEM_write_bio_PUBKEY(memory.get(), key_.get());
  char* data = nullptr;
  const long size = BIO_get_mem_data(memory.get(), &data);
  return std::string(data, static_cast<std::size_t>(size));
}

std::string PublicKey::Raw() const {
  if (const Curve* curve = CurveOf(algorithm_)) {
    return spki_.substr(spki_.size() - curve->point_size);
  }
  BIGNUM* modulus = nullptr;
  EVP_PKEY_get_bn_param(key_.get(), OSSL_PKEY_PARAM_RSA_N, &modulus);
  const base::BignumPtr owned(modulus);
  std::string raw(static_cast<std::size_t>(BN_num_bytes(modulus)), '\0');
  BN_bn2bin(modulus, reinterpret_cast<unsigned char*>(raw.data()));
  return raw;
}

bool PublicKey::Verifies(absl::string_view message, absl::string_view signature,
                         RsaPadding padding) const {
  bool verified = false;
  if (algorithm_ == Algorithm::kEd25519) {
    const base::EvpMdContextPtr context(EVP_MD_CTX_new());
    verified =
        context &&
        EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr,
                             key_.get()) == 1 &&
        EVP_DigestVerify(context.get(), Bytes(signature), signature.size(),
                         Bytes(message), message.size()) == 1;
  } else {
    const base::EvpKeyContextPtr context(EVP_PKEY_CTX_new(key_.get(), nullptr));
    verified =
        context && EVP_PKEY_verify_init(context.get()) == 1 &&
        (!IsRsa(algorithm_) || PreparePadding(padding, context.get())) &&
        EVP_PKEY_verify(context.get(), Bytes(signature), signature.size(),
                        Bytes(message), message.size()) == 1;
  }
  if (!verified) ERR_clear_error();
  return verified;
}

std::string KeyHash(Algorithm algorithm, absl::string_view device_der) {
  return Digest(algorithm == Algorithm::kP384 ? EVP_sha384() : EVP_sha256(),
                device_der);
}

std::string Sha256(absl::string_view data) {
  return Digest(EVP_sha256(), data);
}

std::string Sha512(absl::string_view data) {
  return Digest(EVP_sha512(), data);
}

absl::StatusOr<std::string> EcdsaDer(absl::string_view raw) {
  const int half = static_cast<int>(raw.size() / 2);
  base::BignumPtr r(BN_bin2bn(Bytes(raw), half, nullptr));
  base::BignumPtr s(BN_bin2bn(Bytes(raw) + half, half, nullptr));
  const base::EcdsaSignaturePtr signature(ECDSA_SIG_new());
  if (!r || !s || !signature ||
      ECDSA_SIG_set0(signature.get(), r.get(), s.get()) != 1) {
    return base::Internal("out of memory");
  }
  // Owned by the signature now.
  (void)r.release();
  (void)s.release();
  std::array<unsigned char, 160> der{};
  unsigned char* cursor = der.data();
  const int size = i2d_ECDSA_SIG(signature.get(), &cursor);
  if (size <= 0) return base::Internal(base::DrainOpenSslErrors());
  return std::string(reinterpret_cast<char*>(der.data()),
                     static_cast<std::size_t>(size));
}

}  // namespace bootseal::hsm
