#include "hsm/certificate.h"

#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>

#include <algorithm>
#include <array>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/openssl.h"
#include "base/status.h"

namespace bootseal::hsm {
namespace {

constexpr std::size_t kMaxNameBytes = 64;  // ub-common-name, RFC 5280
constexpr std::size_t kSerialBytes = 16;

const unsigned char* Bytes(absl::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

absl::Status CheckName(const std::string& name) {
  const bool printable =
      std::all_of(name.begin(), name.end(),
                  [](unsigned char c) { return absl::ascii_isprint(c); });
  if (!name.empty() && name.size() <= kMaxNameBytes && printable) {
    return absl::OkStatus();
  }
  return base::Invalid(
      "COMMON_NAME", "--name",
      absl::StrCat("the name is \"", absl::CHexEscape(name), "\" of ",
                   name.size(), " bytes, expected 1 to ", kMaxNameBytes,
                   " of printable ASCII"));
}

absl::Status CheckKey(const PublicKey& key) {
  const Algorithm algorithm = key.algorithm();
  if (algorithm == Algorithm::kRsa2048 || algorithm == Algorithm::kRsa3072) {
    return absl::OkStatus();
  }
  return base::Precondition(
      "KEY_TYPE", absl::StrCat("the key is ", NameOf(algorithm),
                               ", expected rsa2048 or rsa3072: U-Boot "
                               "verifies no other capsules"));
}

absl::Status Failed() {
  return base::Internal(absl::StrCat("the certificate cannot be made: ",
                                     base::DrainOpenSslErrors()));
}

bool SetSerial(X509* certificate) {
  std::array<unsigned char, kSerialBytes> bytes{};
  if (RAND_bytes(bytes.data(), bytes.size()) != 1) return false;
  bytes[0] = (bytes[0] & 0x7f) | 0x40;  // positive, and always as long
  const base::BignumPtr number(
      BN_bin2bn(bytes.data(), static_cast<int>(bytes.size()), nullptr));
  return number &&
         BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate));
}

bool SetNames(const std::string& name, X509* certificate) {
  X509_NAME* const subject = X509_get_subject_name(certificate);
  return X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, Bytes(name),
                                    static_cast<int>(name.size()), -1,
                                    0) == 1 &&
         X509_set_issuer_name(certificate, subject) == 1;
}

// X509_sign would; it takes keys that it can use, and ours is in a token.
X509_ALGOR* Mutable(const X509_ALGOR* algorithm) {
  return const_cast<X509_ALGOR*>(algorithm);
}

bool SetAlgorithms(X509* certificate) {
  const X509_ALGOR* outer = nullptr;
  X509_get0_signature(nullptr, &outer, certificate);
  for (X509_ALGOR* const each :
       {Mutable(outer), Mutable(X509_get0_tbs_sigalg(certificate))}) {
    if (X509_ALGOR_set0(each, OBJ_nid2obj(NID_sha256WithRSAEncryption),
                        V_ASN1_NULL, nullptr) != 1) {
      return false;
    }
  }
  return true;
}

bool SetSignature(const std::string& signature, X509* certificate) {
  const ASN1_BIT_STRING* found = nullptr;
  X509_get0_signature(&found, nullptr, certificate);
  auto* const bits = const_cast<ASN1_BIT_STRING*>(found);
  // Whole bytes: no bit of the last one is unused.
  bits->flags &= ~(ASN1_STRING_FLAG_BITS_LEFT | 0x07);
  bits->flags |= ASN1_STRING_FLAG_BITS_LEFT;
  return ASN1_STRING_set(bits, signature.data(),
                         static_cast<int>(signature.size())) == 1;
}

absl::StatusOr<base::X509Ptr> Unsigned(EVP_PKEY* key,
                                       const CertificateContent& content) {
  base::X509Ptr made(X509_new());
  const bool good =
      made && X509_set_version(made.get(), X509_VERSION_3) == 1 &&
      SetSerial(made.get()) && SetNames(content.common_name, made.get()) &&
      ASN1_TIME_set(X509_getm_notBefore(made.get()),
                    absl::ToTimeT(content.not_before)) &&
      ASN1_TIME_set(X509_getm_notAfter(made.get()),
                    absl::ToTimeT(content.not_after)) &&
      X509_set_pubkey(made.get(), key) == 1 && SetAlgorithms(made.get());
  if (!good) return Failed();
  return made;
}

absl::StatusOr<std::string> DigestOf(X509* certificate) {
  unsigned char* der = nullptr;
  const int size = i2d_re_X509_tbs(certificate, &der);
  if (size <= 0) return Failed();
  std::string digest =
      Sha256({reinterpret_cast<char*>(der), static_cast<std::size_t>(size)});
  OPENSSL_free(der);
  return digest;
}

std::string Pem(X509* certificate) {
  const base::BioPtr memory(BIO_new(BIO_s_mem()));
  PEM_write_bio_X509(memory.get(), certificate);
  char* data = nullptr;
  const long size = BIO_get_mem_data(memory.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

}  // namespace

absl::StatusOr<std::string> SelfSignedCertificate(
    const PublicKey& key, const CertificateContent& content, SignDigest sign) {
  RETURN_IF_ERROR(CheckKey(key));
  RETURN_IF_ERROR(CheckName(content.common_name));
  if (content.not_after <= content.not_before) {
    return base::Invalid("VALIDITY", "--days",
                         "the certificate would end before it begins");
  }
  const unsigned char* at = Bytes(key.spki());
  const base::EvpKeyPtr parsed(
      d2i_PUBKEY(nullptr, &at, static_cast<long>(key.spki().size())));
  if (!parsed) return Failed();
  ASSIGN_OR_RETURN(const base::X509Ptr made, Unsigned(parsed.get(), content));
  ASSIGN_OR_RETURN(const std::string digest, DigestOf(made.get()));
  ASSIGN_OR_RETURN(const std::string signature, sign(digest));
  if (!SetSignature(signature, made.get())) return Failed();
  if (X509_verify(made.get(), parsed.get()) == 1) return Pem(made.get());
  base::DrainOpenSslErrors();
  return base::Fail(absl::StatusCode::kInternal, "SIGNATURE_WRONG",
                    "the token's signature does not verify with the key's "
                    "public half; nothing is written, check the token");
}

}  // namespace bootseal::hsm
