#include "server/trust/public_key_reading.h"

#include <openssl/core_names.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <array>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "server/trust/ssh_wire.h"

namespace bootseal::trust {
namespace {

constexpr char kPemBegin[] = "-----BEGIN PUBLIC KEY-----";
constexpr char kPemEnd[] = "-----END PUBLIC KEY-----";
constexpr int kMinRsaBits = 2048;
constexpr int kMaxRsaBits = 8192;

const unsigned char* Bytes(absl::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

absl::Status Bad(absl::string_view message) {
  return base::Invalid("APPROVER_KEY", "public_key", message);
}

// Keys that are a point, in the one encoding that is taken: named curve,
// uncompressed (RFC 5480, RFC 8410).
struct Curve {
  absl::string_view name;
  absl::string_view spki_prefix;  // hex
  std::size_t point_bytes;
};
constexpr Curve kP256 = {
    "p256", "3059301306072a8648ce3d020106082a8648ce3d030107034200", 65};
constexpr Curve kP384 = {"p384",
                         "3076301006072a8648ce3d020106052b81040022036200", 97};
constexpr Curve kEd25519 = {"ed25519", "302a300506032b6570032100", 32};
constexpr std::array<const Curve*, 3> kCurves = {&kP256, &kP384, &kEd25519};

std::string PrefixOf(const Curve& curve) {
  return absl::HexStringToBytes(curve.spki_prefix);
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

// The whole of `der` and in the form that OpenSSL writes, or nullptr.
base::EvpKeyPtr ReadSpki(absl::string_view der) {
  const unsigned char* cursor = Bytes(der);
  base::EvpKeyPtr key(
      d2i_PUBKEY(nullptr, &cursor, static_cast<long>(der.size())));
  ERR_clear_error();
  if (key && SpkiOf(key.get()) != der) key.reset();
  return key;
}

absl::StatusOr<base::EvpKeyPtr> FromPoint(const Curve& curve,
                                          absl::string_view point) {
  if (point.size() == curve.point_bytes) {
    base::EvpKeyPtr key = ReadSpki(absl::StrCat(PrefixOf(curve), point));
    if (key) return key;
  }
  return Bad(absl::StrCat("holds ", point.size(),
                          " bytes that are no uncompressed point of ",
                          curve.name));
}

OSSL_PARAM Number(const char* name, std::string& native) {
  return OSSL_PARAM_construct_BN(
      name, reinterpret_cast<unsigned char*>(native.data()), native.size());
}

// In this machine's byte order, as OSSL_PARAM has numbers.
std::string Native(absl::string_view big_endian) {
  std::string bytes(big_endian.size(), '\0');
  const base::BignumPtr number(BN_bin2bn(
      Bytes(big_endian), static_cast<int>(big_endian.size()), nullptr));
  if (!number) return "";
  BN_bn2nativepad(number.get(), reinterpret_cast<unsigned char*>(bytes.data()),
                  static_cast<int>(bytes.size()));
  return bytes;
}

base::EvpKeyPtr FromRsa(absl::string_view modulus, absl::string_view exponent) {
  std::string n = Native(modulus);
  std::string e = Native(exponent);
  OSSL_PARAM parameters[] = {Number(OSSL_PKEY_PARAM_RSA_N, n),
                             Number(OSSL_PKEY_PARAM_RSA_E, e),
                             OSSL_PARAM_construct_end()};
  const base::EvpKeyContextPtr context(
      EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr));
  EVP_PKEY* key = nullptr;
  if (context && EVP_PKEY_fromdata_init(context.get()) > 0) {
    EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters);
  }
  ERR_clear_error();
  return base::EvpKeyPtr(key);
}

base::BignumPtr Parameter(const EVP_PKEY* key, const char* name) {
  BIGNUM* number = nullptr;
  EVP_PKEY_get_bn_param(key, name, &number);
  return base::BignumPtr(number);
}

absl::StatusOr<std::string> RsaKind(const EVP_PKEY* key) {
  const int bits = EVP_PKEY_get_bits(key);
  if (bits < kMinRsaBits || bits > kMaxRsaBits) {
    return Bad(absl::StrCat("is an RSA key of ", bits, " bits, expected ",
                            kMinRsaBits, " to ", kMaxRsaBits));
  }
  const base::BignumPtr n = Parameter(key, OSSL_PKEY_PARAM_RSA_N);
  const base::BignumPtr e = Parameter(key, OSSL_PKEY_PARAM_RSA_E);
  if (!n || !e || !BN_is_odd(n.get()) || !BN_is_odd(e.get()) ||
      BN_is_one(e.get()) || BN_num_bits(e.get()) > 64) {
    return Bad(
        "is an RSA key whose modulus is even, or whose exponent is even, "
        "1 or above 64 bits");
  }
  return absl::StrCat("rsa", bits);
}

// One line of public keys that OpenSSH knows; how each goes on behind its type.
struct SshType {
  absl::string_view name;
  const Curve* curve;           // nullptr: RSA
  absl::string_view ssh_curve;  // that ECDSA keys name; empty: none
  bool token;
};
constexpr std::array<SshType, 6> kSshTypes = {{
    {"ssh-ed25519", &kEd25519, "", false},
    {"ecdsa-sha2-nistp256", &kP256, "nistp256", false},
    {"ecdsa-sha2-nistp384", &kP384, "nistp384", false},
    {"ssh-rsa", nullptr, "", false},
    {"sk-ssh-ed25519@openssh.com", &kEd25519, "", true},
    {"sk-ecdsa-sha2-nistp256@openssh.com", &kP256, "nistp256", true},
}};

absl::StatusOr<base::EvpKeyPtr> ReadRsa(SshReader& reader) {
  const absl::string_view exponent = reader.Positive();
  const absl::string_view modulus = reader.Positive();
  if (!reader.done()) {
    return Bad(
        "is cut off, has bytes behind it, or a number with zeros in "
        "front");
  }
  if (modulus.size() > kMaxRsaBits / 8 || exponent.size() > 8) {
    return Bad(absl::StrCat("has a modulus of ", modulus.size(),
                            " bytes and an exponent of ", exponent.size(),
                            ", expected at most ", kMaxRsaBits / 8, " and 8"));
  }
  base::EvpKeyPtr key = FromRsa(modulus, exponent);
  if (!key) return Bad("is no RSA key");
  return key;
}

absl::StatusOr<SshPublicKey> ReadBody(const SshType& type, SshReader& reader) {
  SshPublicKey key;
  key.type = std::string(type.name);
  if (type.curve == nullptr) {
    ASSIGN_OR_RETURN(key.key, ReadRsa(reader));
    return key;
  }
  if (!type.ssh_curve.empty() && reader.String() != type.ssh_curve) {
    return Bad(absl::StrCat("is of type ", type.name,
                            " and names another curve than ", type.ssh_curve));
  }
  const absl::string_view point = reader.String();
  if (type.token) key.application = std::string(reader.String());
  if (!reader.done()) return Bad("is cut off or has bytes behind it");
  ASSIGN_OR_RETURN(key.key, FromPoint(*type.curve, point));
  return key;
}

}  // namespace

absl::StatusOr<base::EvpKeyPtr> ReadPemPublicKey(absl::string_view text) {
  ASSIGN_OR_RETURN(base::EvpKeyPtr key, ReadPemPublicKeyOfAnyKind(text));
  RETURN_IF_ERROR(KindOf(key.get()).status());
  return key;
}

absl::StatusOr<base::EvpKeyPtr> ReadPemPublicKeyOfAnyKind(
    absl::string_view text) {
  text = absl::StripAsciiWhitespace(text);
  if (!absl::StartsWith(text, kPemBegin) || !absl::EndsWith(text, kPemEnd)) {
    return Bad(absl::StrCat("is no public key, expected one block \"",
                            kPemBegin,
                            "\" or a line of an OpenSSH public key "
                            "file"));
  }
  if (absl::StrContains(text.substr(1), kPemBegin)) {
    return Bad("has more than one PEM block, expected one key");
  }
  const base::BioPtr bio(
      BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  base::EvpKeyPtr key(
      PEM_read_bio_PUBKEY(bio.get(), nullptr, nullptr, nullptr));
  const std::string errors = base::DrainOpenSslErrors();
  if (!key) return Bad(absl::StrCat("is no public key: ", errors));
  return key;
}

absl::StatusOr<SshPublicKey> ReadSshPublicKey(absl::string_view blob) {
  SshReader reader(blob);
  const absl::string_view name = reader.String();
  for (const SshType& type : kSshTypes) {
    if (!reader.ok() || type.name != name) continue;
    ASSIGN_OR_RETURN(SshPublicKey key, ReadBody(type, reader));
    RETURN_IF_ERROR(KindOf(key.key.get()).status());
    return key;
  }
  return Bad(absl::StrCat(
      "is of type \"", absl::CHexEscape(name.substr(0, 64)),
      "\", expected ssh-ed25519, ecdsa-sha2-nistp256, ecdsa-sha2-nistp384, "
      "ssh-rsa, sk-ssh-ed25519@openssh.com or "
      "sk-ecdsa-sha2-nistp256@openssh.com"));
}

absl::StatusOr<std::string> KindOf(const EVP_PKEY* key) {
  // RSA-PSS keys (with their own OID) are another type, and are not taken.
  if (EVP_PKEY_is_a(key, "RSA")) return RsaKind(key);
  const std::string spki = SpkiOf(key);
  for (const Curve* curve : kCurves) {
    const std::string prefix = PrefixOf(*curve);
    if (absl::StartsWith(spki, prefix) &&
        spki.size() == prefix.size() + curve->point_bytes) {
      return std::string(curve->name);
    }
  }
  return Bad(
      "is of another kind, expected RSA of 2048 bits or more, P-256 or "
      "P-384 (named curve, uncompressed point), or Ed25519");
}

std::string SpkiOf(const EVP_PKEY* key) { return Encoded(key, i2d_PUBKEY); }

std::string DeviceDerOf(const EVP_PKEY* key) {
  return EVP_PKEY_is_a(key, "RSA") ? Encoded(key, i2d_PublicKey) : SpkiOf(key);
}

bool Verifies(EVP_PKEY* key, const EVP_MD* hash, RsaPadding padding,
              absl::string_view message, absl::string_view signature) {
  const base::EvpMdContextPtr context(EVP_MD_CTX_new());
  EVP_PKEY_CTX* options = nullptr;
  bool good = context && EVP_DigestVerifyInit(context.get(), &options, hash,
                                              nullptr, key) == 1;
  if (good && EVP_PKEY_is_a(key, "RSA") && padding == RsaPadding::kPss) {
    good =
        EVP_PKEY_CTX_set_rsa_padding(options, RSA_PKCS1_PSS_PADDING) > 0 &&
        EVP_PKEY_CTX_set_rsa_mgf1_md(options, hash) > 0 &&
        EVP_PKEY_CTX_set_rsa_pss_saltlen(options, RSA_PSS_SALTLEN_DIGEST) > 0;
  }
  good = good &&
         EVP_DigestVerify(context.get(), Bytes(signature), signature.size(),
                          Bytes(message), message.size()) == 1;
  ERR_clear_error();
  return good;
}

std::string EcdsaDerOf(absl::string_view r, absl::string_view s) {
  const base::EcdsaSignaturePtr signature(ECDSA_SIG_new());
  BIGNUM* const first =
      BN_bin2bn(Bytes(r), static_cast<int>(r.size()), nullptr);
  BIGNUM* const second =
      BN_bin2bn(Bytes(s), static_cast<int>(s.size()), nullptr);
  if (!signature || ECDSA_SIG_set0(signature.get(), first, second) != 1) {
    BN_free(first);
    BN_free(second);
    return "";
  }
  unsigned char* der = nullptr;
  const int size = i2d_ECDSA_SIG(signature.get(), &der);
  if (size <= 0) return "";
  std::string text(reinterpret_cast<char*>(der),
                   static_cast<std::size_t>(size));
  OPENSSL_free(der);
  return text;
}

}  // namespace bootseal::trust
