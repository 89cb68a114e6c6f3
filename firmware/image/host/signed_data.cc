#include "firmware/image/host/signed_data.h"

#include <openssl/cms.h>
#include <openssl/objects.h>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "firmware/image/crypto.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/host/signed_data_parts.h"

namespace bootseal::image::host {
namespace {

using ContentPtr = base::OpenSslPtr<CMS_ContentInfo, CMS_ContentInfo_free>;

void FreeCertificates(STACK_OF(X509) * certificates) {
  sk_X509_pop_free(certificates, X509_free);
}
using CertificatesPtr = base::OpenSslPtr<STACK_OF(X509), FreeCertificates>;

absl::Status Malformed(absl::string_view message) {
  base::DrainOpenSslErrors();
  return base::Invalid("SIGNED_DATA_MALFORMED", "signature",
                       absl::StrCat("the PKCS#7 signature ", message));
}

absl::string_view Text(const ASN1_STRING* string) {
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(string)),
          static_cast<std::size_t>(ASN1_STRING_length(string))};
}

template <typename T, typename Encode>
std::string Encoded(T* object, Encode encode) {
  unsigned char* der = nullptr;
  const int size = encode(object, &der);
  if (size <= 0) return "";
  std::string text(reinterpret_cast<char*>(der),
                   static_cast<std::size_t>(size));
  OPENSSL_free(der);
  return text;
}

struct Opened {
  ContentPtr content;
  CertificatesPtr certificates;
  CMS_SignerInfo* signer = nullptr;  // the content's
  X509* certificate = nullptr;       // of `certificates`
};

absl::StatusOr<ContentPtr> ReadContent(absl::string_view der) {
  const auto* const begin = reinterpret_cast<const unsigned char*>(der.data());
  const unsigned char* at = begin;
  ContentPtr content(
      d2i_CMS_ContentInfo(nullptr, &at, static_cast<long>(der.size())));
  if (!content || at != begin + der.size()) return Malformed("is no PKCS#7");
  if (Encoded(content.get(), i2d_CMS_ContentInfo) != der) {
    return Malformed("is not in DER");
  }
  if (OBJ_obj2nid(CMS_get0_type(content.get())) != NID_pkcs7_signed) {
    return Malformed("is no SignedData");
  }
  if (OBJ_obj2nid(CMS_get0_eContentType(content.get())) != NID_pkcs7_data ||
      CMS_is_detached(content.get()) != 1) {
    return Malformed("is not detached from its data");
  }
  return content;
}

absl::Status CheckAlgorithms(CMS_SignerInfo* signer) {
  X509_ALGOR* digest = nullptr;
  X509_ALGOR* signature = nullptr;
  CMS_SignerInfo_get0_algs(signer, nullptr, nullptr, &digest, &signature);
  if (OBJ_obj2nid(digest->algorithm) != NID_sha256) {
    return Malformed("has another hash than SHA-256");
  }
  if (OBJ_obj2nid(signature->algorithm) != NID_rsaEncryption) {
    return Malformed(
        "has another algorithm than RSA with PKCS #1 v1.5, and U-Boot "
        "verifies no other");
  }
  return absl::OkStatus();
}

absl::Status CheckNamesSigner(CMS_SignerInfo* signer, X509* certificate) {
  X509_NAME* issuer = nullptr;
  ASN1_INTEGER* serial = nullptr;
  ASN1_OCTET_STRING* key_id = nullptr;
  CMS_SignerInfo_get0_signer_id(signer, &key_id, &issuer, &serial);
  if (issuer == nullptr || serial == nullptr) {
    return Malformed("names its signer otherwise than by issuer and serial");
  }
  if (CMS_SignerInfo_cert_cmp(signer, certificate) == 0) {
    return absl::OkStatus();
  }
  return Malformed("holds another certificate than its signer's");
}

absl::StatusOr<Opened> Open(absl::string_view der) {
  Opened opened;
  ASSIGN_OR_RETURN(opened.content, ReadContent(der));
  opened.certificates.reset(CMS_get1_certs(opened.content.get()));
  if (sk_X509_num(opened.certificates.get()) != 1) {
    return Malformed("holds not exactly one certificate");
  }
  opened.certificate = sk_X509_value(opened.certificates.get(), 0);
  STACK_OF(CMS_SignerInfo)* const signers =
      CMS_get0_SignerInfos(opened.content.get());
  if (sk_CMS_SignerInfo_num(signers) != 1) {
    return Malformed("has not exactly one signer");
  }
  opened.signer = sk_CMS_SignerInfo_value(signers, 0);
  RETURN_IF_ERROR(CheckAlgorithms(opened.signer));
  RETURN_IF_ERROR(CheckNamesSigner(opened.signer, opened.certificate));
  return opened;
}

// The value of an attribute that is there once, with one value. X.509's own
// name for "neither twice nor with several values".
constexpr int kOnce = -3;

absl::StatusOr<std::string> DigestAttribute(CMS_SignerInfo* signer) {
  const auto* const digest = static_cast<const ASN1_STRING*>(
      CMS_signed_get0_data_by_OBJ(signer, OBJ_nid2obj(NID_pkcs9_messageDigest),
                                  kOnce, V_ASN1_OCTET_STRING));
  if (digest == nullptr) return Malformed("has no messageDigest, or several");
  const auto* const type =
      static_cast<const ASN1_OBJECT*>(CMS_signed_get0_data_by_OBJ(
          signer, OBJ_nid2obj(NID_pkcs9_contentType), kOnce, V_ASN1_OBJECT));
  if (type == nullptr || OBJ_obj2nid(type) != NID_pkcs7_data) {
    return Malformed("has no contentType of data, or several");
  }
  return std::string(Text(digest));
}

absl::Status CheckEachOnce(CMS_SignerInfo* signer) {
  for (int i = 0; i < CMS_signed_get_attr_count(signer); ++i) {
    X509_ATTRIBUTE* const attribute = CMS_signed_get_attr(signer, i);
    const ASN1_OBJECT* const type = X509_ATTRIBUTE_get0_object(attribute);
    if (X509_ATTRIBUTE_count(attribute) != 1 ||
        CMS_signed_get_attr_by_OBJ(signer, type, i) >= 0) {
      return Malformed("has an attribute twice");
    }
  }
  return absl::OkStatus();
}

// Whatever our checks do not name: versions, algorithms' parameters, what else
// a SignedData may hold.
absl::Status CheckStructure(const Opened& opened, absl::string_view der,
                            const CapsuleCertificate& certificate) {
  std::string attributes;
  for (int i = 0; i < CMS_signed_get_attr_count(opened.signer); ++i) {
    attributes +=
        Encoded(CMS_signed_get_attr(opened.signer, i), i2d_X509_ATTRIBUTE);
  }
  const std::string expected = AssembleSignedData(
      {certificate.der(), certificate.issuer_and_serial(), attributes,
       Text(CMS_SignerInfo_get0_signature(opened.signer))});
  if (der == expected) return absl::OkStatus();
  return Malformed("has another structure than a capsule's");
}

absl::Status Verify(Opened& opened) {
  CMS_SignerInfo_set1_signer_cert(opened.signer, opened.certificate);
  const bool good = CMS_SignerInfo_verify(opened.signer) == 1;
  base::DrainOpenSslErrors();
  if (good) return absl::OkStatus();
  return base::Refused("SIGNATURE_INVALID",
                       "the signature is not that of the certificate's key");
}

std::string Sha256(absl::string_view text) {
  return ToString(HashOf(HashAlgorithm::kSha256, AsBytes(text)).bytes());
}

absl::Status CheckIs(X509* found, const CapsuleCertificate& expected) {
  const std::string der = Encoded(found, i2d_X509);
  if (der == expected.der()) return absl::OkStatus();
  return base::Refused(
      "CERTIFICATE_MISMATCH",
      absl::StrCat("the signer's certificate has SHA-256 ",
                   absl::BytesToHexString(Sha256(der)), ", expected ",
                   absl::BytesToHexString(Sha256(expected.der())), " (",
                   expected.subject(), ")"));
}

}  // namespace

absl::Status VerifySignedData(absl::string_view der,
                              absl::string_view content_sha256,
                              const CapsuleCertificate& certificate) {
  ASSIGN_OR_RETURN(Opened opened, Open(der));
  ASSIGN_OR_RETURN(const std::string digest, DigestAttribute(opened.signer));
  RETURN_IF_ERROR(CheckEachOnce(opened.signer));
  RETURN_IF_ERROR(CheckIs(opened.certificate, certificate));
  RETURN_IF_ERROR(CheckStructure(opened, der, certificate));
  RETURN_IF_ERROR(Verify(opened));
  if (digest == content_sha256) return absl::OkStatus();
  return base::Refused(
      "CONTENT_MISMATCH",
      absl::StrCat("the signature is over content with SHA-256 ",
                   absl::BytesToHexString(digest), ", the capsule's is ",
                   absl::BytesToHexString(content_sha256)));
}

absl::StatusOr<MadeSignature> SignatureIn(absl::string_view der) {
  ASSIGN_OR_RETURN(const Opened opened, Open(der));
  ASSIGN_OR_RETURN(const std::string content, DigestAttribute(opened.signer));
  return MadeSignature{
      Sha256(SignedAttributes(content)),
      std::string(Text(CMS_SignerInfo_get0_signature(opened.signer)))};
}

absl::StatusOr<std::string> CertificateIn(absl::string_view der) {
  ASSIGN_OR_RETURN(const Opened opened, Open(der));
  return Encoded(opened.certificate, i2d_X509);
}

}  // namespace bootseal::image::host
