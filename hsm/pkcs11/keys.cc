#include "hsm/pkcs11/keys.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "hsm/pkcs11/attributes.h"
#include "hsm/pkcs11/curves.h"
#include "hsm/pkcs11/error.h"

namespace bootseal::hsm::pkcs11 {
namespace {

std::string Describe(const Selector& selector) {
  std::string text = "private key";
  if (selector.label) absl::StrAppend(&text, " \"", *selector.label, "\"");
  if (selector.id) {
    absl::StrAppend(&text, " with id ", absl::BytesToHexString(*selector.id));
  }
  return text;
}

Template Wanted(CK_OBJECT_CLASS object_class, const Selector& selector) {
  Template wanted;
  wanted.Number(CKA_CLASS, object_class);
  if (selector.label) wanted.Bytes(CKA_LABEL, *selector.label);
  if (selector.id) wanted.Bytes(CKA_ID, *selector.id);
  return wanted;
}

// Empty when the object has none.
absl::StatusOr<std::string> ReadOptional(const Session& session,
                                         CK_OBJECT_HANDLE object,
                                         CK_ATTRIBUTE_TYPE type) {
  auto value = ReadBytes(session, object, type);
  if (base::ReasonOf(value.status()) == "CKR_ATTRIBUTE_TYPE_INVALID") {
    return std::string();
  }
  return value;
}

absl::StatusOr<CK_OBJECT_HANDLE> FindPublicHalf(const Session& session,
                                                const KeyInfo& info,
                                                CK_KEY_TYPE type) {
  Selector selector;
  if (!info.id.empty()) selector.id = info.id;
  if (info.id.empty()) selector.label = info.label;
  Template wanted = Wanted(CKO_PUBLIC_KEY, selector);
  wanted.Number(CKA_KEY_TYPE, type);
  ASSIGN_OR_RETURN(const auto objects, FindObjects(session, wanted));
  if (objects.size() == 1) return objects.front();
  return base::Precondition(
      objects.empty() ? "KEY_MISSING" : "KEY_AMBIGUOUS",
      absl::StrCat("private key \"", info.label, "\" has ", objects.size(),
                   " public key objects with its id, expected one"));
}

absl::StatusOr<PublicKey> ReadRsa(const Session& session,
                                  CK_OBJECT_HANDLE object) {
  ASSIGN_OR_RETURN(const auto n, ReadBytes(session, object, CKA_MODULUS));
  ASSIGN_OR_RETURN(const auto e,
                   ReadBytes(session, object, CKA_PUBLIC_EXPONENT));
  return PublicKey::FromRsa(n, e);
}

absl::StatusOr<PublicKey> ReadCurve(const Session& session,
                                    CK_OBJECT_HANDLE object) {
  ASSIGN_OR_RETURN(const auto parameters,
                   ReadBytes(session, object, CKA_EC_PARAMS));
  ASSIGN_OR_RETURN(const Algorithm algorithm, CurveAlgorithm(parameters));
  ASSIGN_OR_RETURN(const auto point, ReadBytes(session, object, CKA_EC_POINT));
  return PublicKey::FromPoint(algorithm, point);
}

absl::StatusOr<PublicKey> ReadPublicKey(const Session& session,
                                        CK_OBJECT_HANDLE handle,
                                        const KeyInfo& info) {
  ASSIGN_OR_RETURN(const CK_KEY_TYPE type,
                   ReadNumber(session, handle, CKA_KEY_TYPE));
  // An RSA private key usually holds its public half too.
  if (type == CKK_RSA) {
    ASSIGN_OR_RETURN(const auto exponent,
                     ReadOptional(session, handle, CKA_PUBLIC_EXPONENT));
    if (!exponent.empty()) return ReadRsa(session, handle);
  }
  if (type != CKK_RSA && type != CKK_EC && type != CKK_EC_EDWARDS) {
    return base::Precondition(
        "KEY_TYPE", absl::StrCat("key \"", info.label, "\" has CKK_0x",
                                 absl::Hex(type), ", expected RSA or EC"));
  }
  ASSIGN_OR_RETURN(const auto half, FindPublicHalf(session, info, type));
  return type == CKK_RSA ? ReadRsa(session, half) : ReadCurve(session, half);
}

// What a token does not tell is taken for the unsafe answer.
absl::Status ReadFlags(const Session& session, CK_OBJECT_HANDLE handle,
                       KeyInfo& info) {
  struct Row {
    CK_ATTRIBUTE_TYPE type;
    bool KeyInfo::*field;
    bool unknown;
  };
  constexpr Row kRows[] = {
      {CKA_SENSITIVE, &KeyInfo::sensitive, false},
      {CKA_ALWAYS_SENSITIVE, &KeyInfo::always_sensitive, false},
      {CKA_EXTRACTABLE, &KeyInfo::extractable, true},
      {CKA_NEVER_EXTRACTABLE, &KeyInfo::never_extractable, false},
      {CKA_LOCAL, &KeyInfo::local, false},
      {CKA_PRIVATE, &KeyInfo::needs_login, false},
      // A token that knows nothing of these two has no such keys.
      {CKA_ALWAYS_AUTHENTICATE, &KeyInfo::pin_each_time, false},
      {CKA_SIGN, &KeyInfo::signs, true},
  };
  for (const Row& row : kRows) {
    ASSIGN_OR_RETURN(const Flag flag, ReadFlag(session, handle, row.type));
    info.*row.field =
        flag == Flag::kUnknown ? row.unknown : flag == Flag::kTrue;
  }
  return absl::OkStatus();
}

absl::StatusOr<FoundKey> ReadKey(const Session& session,
                                 CK_OBJECT_HANDLE handle) {
  FoundKey key;
  key.handle = handle;
  key.epoch = session.epoch;
  ASSIGN_OR_RETURN(key.info.label, ReadOptional(session, handle, CKA_LABEL));
  ASSIGN_OR_RETURN(key.info.id, ReadOptional(session, handle, CKA_ID));
  RETURN_IF_ERROR(ReadFlags(session, handle, key.info));
  ASSIGN_OR_RETURN(PublicKey half, ReadPublicKey(session, handle, key.info));
  key.info.algorithm = half.algorithm();
  key.info.public_key = half.device_der();
  key.public_key = std::make_shared<const PublicKey>(std::move(half));
  return key;
}

struct Mechanism {
  CK_RSA_PKCS_PSS_PARAMS pss;
  CK_MECHANISM mechanism;
};

// DigestInfo of SHA-256 in front of the digest; RFC 8017 9.2, note 1.
constexpr absl::string_view kSha256Info(
    "\x30\x31\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05"
    "\x00\x04\x20",
    19);

void Prepare(Algorithm algorithm, RsaPadding padding, Mechanism& prepared) {
  if (padding == RsaPadding::kPkcs1) {
    prepared.mechanism = {CKM_RSA_PKCS, nullptr, 0};
    return;
  }
  prepared.pss = {CKM_SHA256, CKG_MGF1_SHA256, 32};
  prepared.mechanism = {SigningMechanism(algorithm), nullptr, 0};
  if (prepared.mechanism.mechanism == CKM_RSA_PKCS_PSS) {
    prepared.mechanism.pParameter = &prepared.pss;
    prepared.mechanism.ulParameterLen = sizeof(prepared.pss);
  }
}

absl::Status WrongPadding(RsaPadding padding) {
  const absl::string_view name =
      padding == RsaPadding::kPkcs1 ? "pkcs1" : "pss";
  return base::Precondition(
      "KEY_USAGE",
      absl::StrCat("the token does not let the key sign with padding ", name,
                   " (CKA_ALLOWED_MECHANISMS); generate one for that with "
                   "bootseal-token generate --padding ",
                   name));
}

}  // namespace

absl::StatusOr<FoundKey> FindKey(const Session& session,
                                 const Selector& selector) {
  Template wanted = Wanted(CKO_PRIVATE_KEY, selector);
  ASSIGN_OR_RETURN(const auto objects, FindObjects(session, wanted));
  if (objects.size() == 1) return ReadKey(session, objects.front());
  if (objects.empty()) {
    return base::Precondition(
        "KEY_MISSING", absl::StrCat("no ", Describe(selector),
                                    " in the token; bootseal-token list shows "
                                    "what is there"));
  }
  return base::Precondition(
      "KEY_AMBIGUOUS",
      absl::StrCat(objects.size(), " objects match ", Describe(selector),
                   ", expected one; name it by its id"));
}

absl::StatusOr<std::vector<FoundKey>> FindAllKeys(const Session& session) {
  Template wanted = Wanted(CKO_PRIVATE_KEY, {});
  ASSIGN_OR_RETURN(const auto objects, FindObjects(session, wanted));
  std::vector<FoundKey> keys;
  for (const CK_OBJECT_HANDLE object : objects) {
    auto key = ReadKey(session, object);
    if (key.ok()) {
      keys.push_back(*std::move(key));
    } else if (key.status().code() != absl::StatusCode::kFailedPrecondition) {
      return key.status();
    }
  }
  return keys;
}

absl::StatusOr<std::string> Sign(const Session& session,
                                 CK_OBJECT_HANDLE handle, const PublicKey& key,
                                 absl::string_view message,
                                 RsaPadding padding) {
  Mechanism prepared{};
  Prepare(key.algorithm(), padding, prepared);
  std::string digest_info;
  if (padding == RsaPadding::kPkcs1) {
    digest_info = absl::StrCat(kSha256Info, message);
    message = digest_info;
  }
  const CK_FUNCTION_LIST& functions = *session.functions;
  CK_RV result =
      functions.C_SignInit(session.handle, &prepared.mechanism, handle);
  if (result == CKR_MECHANISM_INVALID &&
      NamesOf(key.algorithm()).modulus_bits != 0) {
    return WrongPadding(padding);
  }
  if (result != CKR_OK) return ToStatus("C_SignInit", result);
  // PKCS#11 takes the message as a non-const pointer and only reads it.
  auto* data = reinterpret_cast<CK_BYTE*>(const_cast<char*>(message.data()));
  std::string signature(key.token_signature_size(), '\0');
  CK_ULONG size = signature.size();
  result =
      functions.C_Sign(session.handle, data, message.size(),
                       reinterpret_cast<CK_BYTE*>(signature.data()), &size);
  if (result != CKR_OK && result != CKR_BUFFER_TOO_SMALL) {
    return ToStatus("C_Sign", result);
  }
  if (result == CKR_BUFFER_TOO_SMALL || size != signature.size()) {
    return base::Fail(absl::StatusCode::kInternal, "SIGNATURE_LENGTH",
                      absl::StrCat("the token made a signature of ", size,
                                   " bytes, expected ", signature.size(),
                                   " for ", NameOf(key.algorithm())));
  }
  return signature;
}

}  // namespace bootseal::hsm::pkcs11
