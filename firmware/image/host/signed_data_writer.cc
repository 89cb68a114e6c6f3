#include "absl/strings/str_cat.h"
#include "firmware/image/host/signed_data.h"
#include "firmware/image/host/signed_data_parts.h"

namespace bootseal::image::host {
namespace {

// X.690 tags.
constexpr char kOctetString = 0x04;
constexpr char kSequence = 0x30;
constexpr char kSet = 0x31;
constexpr char kTagged0 = static_cast<char>(0xa0);

// Object identifiers and algorithm identifiers, each a whole DER element.
constexpr absl::string_view kSignedData(
    "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02", 11);
constexpr absl::string_view kData(
    "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01", 11);
constexpr absl::string_view kContentType(
    "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x09\x03", 11);
constexpr absl::string_view kMessageDigest(
    "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x09\x04", 11);
// Without parameters, as mkeficapsule and OpenSSL write it here (RFC 5754 2).
constexpr absl::string_view kSha256(
    "\x30\x0b\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01", 13);
constexpr absl::string_view kRsa(
    "\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05\x00", 15);
constexpr absl::string_view kVersion1("\x02\x01\x01", 3);

std::string Length(std::size_t size) {
  if (size < 0x80) return std::string(1, static_cast<char>(size));
  std::string bytes;
  for (std::size_t rest = size; rest != 0; rest >>= 8) {
    bytes.insert(bytes.begin(), static_cast<char>(rest & 0xff));
  }
  return static_cast<char>(0x80 | bytes.size()) + bytes;
}

std::string Element(char tag, absl::string_view content) {
  return absl::StrCat(std::string(1, tag), Length(content.size()), content);
}

std::string Attribute(absl::string_view type, absl::string_view value) {
  return Element(kSequence, absl::StrCat(type, Element(kSet, value)));
}

// In DER the elements of a SET OF are sorted by their bytes: the shorter first.
std::string Attributes(absl::string_view content_sha256) {
  return absl::StrCat(
      Attribute(kContentType, kData),
      Attribute(kMessageDigest, Element(kOctetString, content_sha256)));
}

std::string SignerInfo(const SignedDataParts& parts) {
  return Element(kSequence,
                 absl::StrCat(kVersion1, parts.issuer_and_serial, kSha256,
                              Element(kTagged0, parts.attributes), kRsa,
                              Element(kOctetString, parts.signature)));
}

}  // namespace

std::string SignedAttributes(absl::string_view content_sha256) {
  return Element(kSet, Attributes(content_sha256));
}

std::string AssembleSignedData(const SignedDataParts& parts) {
  const std::string data =
      Element(kSequence, absl::StrCat(kVersion1, Element(kSet, kSha256),
                                      Element(kSequence, kData),
                                      Element(kTagged0, parts.certificate),
                                      Element(kSet, SignerInfo(parts))));
  return Element(kSequence, absl::StrCat(kSignedData, Element(kTagged0, data)));
}

std::string WriteSignedData(const CapsuleCertificate& certificate,
                            absl::string_view content_sha256,
                            absl::string_view signature) {
  const std::string attributes = Attributes(content_sha256);
  return AssembleSignedData({certificate.der(), certificate.issuer_and_serial(),
                             attributes, signature});
}

}  // namespace bootseal::image::host
