// GenerateKey, ImportKey and DestroyKey.
#include <openssl/core_names.h>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "hsm/judgement.h"
#include "hsm/known_keys.h"
#include "hsm/pkcs11/attributes.h"
#include "hsm/pkcs11/curves.h"
#include "hsm/pkcs11/error.h"
#include "hsm/pkcs11/keys.h"

namespace bootseal::hsm::pkcs11 {
namespace {

struct Half {
  CK_OBJECT_CLASS object_class;
  const char* name;
};

constexpr Half kHalves[] = {{CKO_PRIVATE_KEY, "private"},
                            {CKO_PUBLIC_KEY, "public"}};

absl::Status CheckFree(const Session& session, const NewKey& key) {
  for (const Half& half : kHalves) {
    Template by_label;
    by_label.Number(CKA_CLASS, half.object_class).Bytes(CKA_LABEL, key.label);
    ASSIGN_OR_RETURN(const auto labelled, FindObjects(session, by_label));
    Template by_id;
    by_id.Number(CKA_CLASS, half.object_class).Bytes(CKA_ID, key.id);
    ASSIGN_OR_RETURN(const auto identified, FindObjects(session, by_id));
    if (labelled.empty() && identified.empty()) continue;
    return base::Precondition(
        "KEY_EXISTS",
        labelled.empty()
            ? absl::StrCat("the token has a ", half.name, " key with id ",
                           absl::BytesToHexString(key.id), " already")
            : absl::StrCat("the token has a ", half.name, " key \"", key.label,
                           "\" already; choose another label"));
  }
  return absl::OkStatus();
}

Template PublicTemplate(const NewKey& key) {
  const Names& names = NamesOf(key.algorithm);
  Template attributes;
  attributes.Number(CKA_CLASS, CKO_PUBLIC_KEY)
      .Number(CKA_KEY_TYPE, names.key_type)
      .Bytes(CKA_LABEL, key.label)
      .Bytes(CKA_ID, key.id)
      .Flag(CKA_TOKEN, CK_TRUE)
      .Flag(CKA_PRIVATE, CK_FALSE)
      .Flag(CKA_VERIFY, CK_TRUE)
      .Flag(CKA_ENCRYPT, CK_FALSE)
      .Flag(CKA_WRAP, CK_FALSE);
  return attributes;
}

Template PrivateTemplate(const NewKey& key) {
  const Names& names = NamesOf(key.algorithm);
  const CK_MECHANISM_TYPE mechanism =
      key.padding == RsaPadding::kPkcs1 ? CKM_RSA_PKCS : names.sign;
  Template attributes;
  attributes.Number(CKA_CLASS, CKO_PRIVATE_KEY)
      .Number(CKA_KEY_TYPE, names.key_type)
      .Bytes(CKA_LABEL, key.label)
      .Bytes(CKA_ID, key.id)
      .Flag(CKA_TOKEN, CK_TRUE)
      .Flag(CKA_PRIVATE, CK_TRUE)
      .Flag(CKA_SENSITIVE, CK_TRUE)
      .Flag(CKA_EXTRACTABLE, CK_FALSE)
      .Flag(CKA_SIGN, CK_TRUE)
      .Flag(CKA_DECRYPT, CK_FALSE)
      .Flag(CKA_UNWRAP, CK_FALSE)
      .Flag(CKA_DERIVE, CK_FALSE)
      .Number(CKA_ALLOWED_MECHANISMS, mechanism);
  return attributes;
}

absl::Status CheckPadding(const NewKey& key) {
  const bool rsa = NamesOf(key.algorithm).modulus_bits != 0;
  if (rsa || key.padding == RsaPadding::kPss) return absl::OkStatus();
  return base::Precondition(
      "KEY_USAGE", absl::StrCat("padding pkcs1 is of RSA keys, key \"",
                                key.label, "\" is ", NameOf(key.algorithm)));
}

absl::Status Destroy(const Session& session, const NewKey& key) {
  for (const Half& half : kHalves) {
    Template mine;
    mine.Number(CKA_CLASS, half.object_class)
        .Bytes(CKA_LABEL, key.label)
        .Bytes(CKA_ID, key.id);
    ASSIGN_OR_RETURN(const auto objects, FindObjects(session, mine));
    for (const CK_OBJECT_HANDLE object : objects) {
      const CK_RV result =
          session.functions->C_DestroyObject(session.handle, object);
      if (result != CKR_OK) return ToStatus("C_DestroyObject", result);
    }
  }
  return absl::OkStatus();
}

// `status`, after the half pair that it may have left is gone.
absl::Status Undone(const Session& session, const NewKey& key,
                    const absl::Status& status) {
  const absl::Status destroyed = Destroy(session, key);
  if (destroyed.ok()) return status;
  return base::Annotate(
      status, absl::StrCat("an incomplete pair \"", key.label,
                           "\" is left in the token (", destroyed.message(),
                           "); delete it with the vendor's tool"));
}

CK_RV GeneratePair(const Session& session, const NewKey& key,
                   Template& private_half) {
  const Names& names = NamesOf(key.algorithm);
  Template public_half = PublicTemplate(key);
  if (names.modulus_bits != 0) {
    public_half.Number(CKA_MODULUS_BITS, names.modulus_bits)
        .Bytes(CKA_PUBLIC_EXPONENT, absl::HexStringToBytes("010001"));
  } else {
    public_half.Bytes(CKA_EC_PARAMS,
                      absl::HexStringToBytes(names.ec_parameters));
  }
  CK_MECHANISM mechanism{names.generate, nullptr, 0};
  CK_OBJECT_HANDLE handles[2] = {};
  return session.functions->C_GenerateKeyPair(
      session.handle, &mechanism, public_half.data(), public_half.size(),
      private_half.data(), private_half.size(), &handles[0], &handles[1]);
}

absl::Status CreateObject(const Session& session, Template& attributes) {
  CK_OBJECT_HANDLE handle = CK_INVALID_HANDLE;
  const CK_RV result = session.functions->C_CreateObject(
      session.handle, attributes.data(), attributes.size(), &handle);
  if (result != CKR_OK) return ToStatus("C_CreateObject", result);
  return absl::OkStatus();
}

// The key's number `name`, big endian, at least `size` bytes; wiped by the
// caller where it is secret.
absl::StatusOr<std::string> NumberOf(const EVP_PKEY* pair, const char* name,
                                     int size) {
  BIGNUM* number = nullptr;
  if (EVP_PKEY_get_bn_param(pair, name, &number) != 1) {
    return base::Precondition(
        "KEY_TYPE",
        absl::StrCat("the key file has no ", name, ", expected a private key"));
  }
  const base::OpenSslPtr<BIGNUM, BN_clear_free> owned(number);
  std::string bytes(
      static_cast<std::size_t>(std::max(size, BN_num_bytes(number))), '\0');
  BN_bn2binpad(number, reinterpret_cast<unsigned char*>(bytes.data()),
               static_cast<int>(bytes.size()));
  return bytes;
}

absl::Status AddRsa(const EVP_PKEY* pair, Template& private_half,
                    Template& public_half) {
  struct Row {
    CK_ATTRIBUTE_TYPE type;
    const char* name;
  };
  constexpr Row kRows[] = {
      {CKA_MODULUS, OSSL_PKEY_PARAM_RSA_N},
      {CKA_PUBLIC_EXPONENT, OSSL_PKEY_PARAM_RSA_E},
      {CKA_PRIVATE_EXPONENT, OSSL_PKEY_PARAM_RSA_D},
      {CKA_PRIME_1, OSSL_PKEY_PARAM_RSA_FACTOR1},
      {CKA_PRIME_2, OSSL_PKEY_PARAM_RSA_FACTOR2},
      {CKA_EXPONENT_1, OSSL_PKEY_PARAM_RSA_EXPONENT1},
      {CKA_EXPONENT_2, OSSL_PKEY_PARAM_RSA_EXPONENT2},
      {CKA_COEFFICIENT, OSSL_PKEY_PARAM_RSA_COEFFICIENT1},
  };
  for (const Row& row : kRows) {
    ASSIGN_OR_RETURN(std::string bytes, NumberOf(pair, row.name, 0));
    private_half.Bytes(row.type, bytes);
    if (row.type == CKA_MODULUS || row.type == CKA_PUBLIC_EXPONENT) {
      public_half.Bytes(row.type, bytes);
    }
    OPENSSL_cleanse(bytes.data(), bytes.size());
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> PrivateScalar(const EVP_PKEY* pair,
                                          Algorithm algorithm) {
  if (algorithm == Algorithm::kP256 ||
      algorithm == Algorithm::kBrainpoolP256t1) {
    return NumberOf(pair, OSSL_PKEY_PARAM_PRIV_KEY, 32);
  }
  if (algorithm == Algorithm::kP384) {
    return NumberOf(pair, OSSL_PKEY_PARAM_PRIV_KEY, 48);
  }
  std::string seed(32, '\0');
  std::size_t size = seed.size();
  if (EVP_PKEY_get_raw_private_key(
          pair, reinterpret_cast<unsigned char*>(seed.data()), &size) != 1) {
    return base::Precondition("KEY_TYPE",
                              "the key file has no private key in it");
  }
  return seed;
}

absl::Status AddCurve(const EVP_PKEY* pair, const PublicKey& half,
                      Template& private_half, Template& public_half) {
  const std::string parameters =
      absl::HexStringToBytes(NamesOf(half.algorithm()).ec_parameters);
  ASSIGN_OR_RETURN(std::string scalar, PrivateScalar(pair, half.algorithm()));
  private_half.Bytes(CKA_EC_PARAMS, parameters).Bytes(CKA_VALUE, scalar);
  OPENSSL_cleanse(scalar.data(), scalar.size());
  const std::string point = half.Raw();
  public_half.Bytes(CKA_EC_PARAMS, parameters)
      .Bytes(CKA_EC_POINT,
             absl::StrCat(std::string{'\x04', static_cast<char>(point.size())},
                          point));
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<FoundKey> GenerateKey(const Session& session,
                                     const NewKey& key) {
  RETURN_IF_ERROR(CheckPadding(key));
  RETURN_IF_ERROR(CheckFree(session, key));
  Template private_half = PrivateTemplate(key);
  CK_RV result = GeneratePair(session, key, private_half);
  if (result == CKR_ATTRIBUTE_TYPE_INVALID ||
      result == CKR_TEMPLATE_INCONSISTENT) {
    // Some devices do not know it; the signer uses one mechanism anyway.
    private_half.Remove(CKA_ALLOWED_MECHANISMS);
    result = GeneratePair(session, key, private_half);
  }
  if (result != CKR_OK) {
    return Undone(session, key, ToStatus("C_GenerateKeyPair", result));
  }
  auto found = FindKey(session, {key.label, key.id});
  if (!found.ok()) return Undone(session, key, found.status());
  const absl::Status judged = JudgeAttributes(found->info, Origin::kToken);
  if (!judged.ok()) return Undone(session, key, judged);
  return found;
}

absl::StatusOr<FoundKey> ImportKey(const Session& session, NewKey key,
                                   base::EvpKeyPtr pair) {
  EVP_PKEY* raw = pair.get();
  ASSIGN_OR_RETURN(const PublicKey half, PublicKey::FromKey(std::move(pair)));
  RETURN_IF_ERROR(CheckNotPubliclyKnown(half, {}));
  key.algorithm = half.algorithm();
  RETURN_IF_ERROR(CheckPadding(key));
  RETURN_IF_ERROR(CheckFree(session, key));
  Template private_half = PrivateTemplate(key);
  Template public_half = PublicTemplate(key);
  const bool rsa = NamesOf(key.algorithm).modulus_bits != 0;
  RETURN_IF_ERROR(rsa ? AddRsa(raw, private_half, public_half)
                      : AddCurve(raw, half, private_half, public_half));
  for (Template* attributes : {&private_half, &public_half}) {
    const absl::Status created = CreateObject(session, *attributes);
    if (!created.ok()) return Undone(session, key, created);
  }
  auto found = FindKey(session, {key.label, key.id});
  if (!found.ok()) return Undone(session, key, found.status());
  const absl::Status judged = JudgeAttributes(found->info, Origin::kAnywhere);
  if (!judged.ok()) return Undone(session, key, judged);
  return found;
}

absl::Status DestroyKey(const Session& session, const KeyInfo& key) {
  return Destroy(session, {key.label, key.id, key.algorithm, RsaPadding::kPss});
}

}  // namespace bootseal::hsm::pkcs11
