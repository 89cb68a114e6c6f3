#include "tests/integration/image_comparison.h"

#include <gtest/gtest.h>
#include <openssl/pem.h>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/openssl.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/mcuboot/boot_record.h"
#include "firmware/image/mcuboot/reader.h"
#include "firmware/image/mcuboot/tlv.h"
#include "firmware/image/mcuboot/tlv_types.h"
#include "tests/client/imgtool/independent_decryption.h"

namespace bootseal::tests {
namespace {

namespace mcuboot = image::mcuboot;

// An image without what names the signer or comes of it: keys, signatures,
// digest, and the signer's hash in a boot record.
struct Rest {
  std::string header_and_payload;
  std::string tlvs;
  std::string behind;
};

// A content key is another one each time.
bool ComesOfTheKey(std::uint16_t type) {
  return mcuboot::IsKey(type) || mcuboot::IsSignature(type) ||
         mcuboot::IsEncryption(type) || type == mcuboot::tlv::kSha256 ||
         type == mcuboot::tlv::kDecompressedSignature;
}

// The value without what comes of the key.
std::string ValueOf(const mcuboot::Tlv& tlv) {
  if (ComesOfTheKey(tlv.type)) return {};
  std::string value = image::host::ToString(tlv.value);
  if (tlv.type != mcuboot::tlv::kBootRecord) return value;
  const auto record = mcuboot::ReadBootRecord(tlv.value);
  EXPECT_TRUE(record.ok());
  const std::size_t at = value.find(image::host::ToString(record->signer));
  return value.replace(at, record->signer.size(), "signer");
}

std::string TextOf(image::Bytes area) {
  std::string text;
  for (const mcuboot::Tlv& tlv : mcuboot::Tlvs(area)) {
    absl::StrAppend(&text, tlv.type, ":", tlv.value.size(), ":",
                    absl::BytesToHexString(ValueOf(tlv)), " ");
  }
  return text;
}

Rest RestOf(const std::string& bytes) {
  const mcuboot::Reading reading = mcuboot::ReadImage(
      image::host::AsBytes(bytes), image::HashAlgorithm::kSha256);
  EXPECT_EQ(reading.error, image::Error::kOk);
  Rest rest;
  const auto end = reinterpret_cast<const char*>(reading.payload.data()) +
                   reading.payload.size() - bytes.data();
  rest.header_and_payload = bytes.substr(0, end);
  rest.tlvs = absl::StrCat(TextOf(reading.facts.protected_area), "| ",
                           TextOf(reading.facts.unprotected_area));
  rest.behind = bytes.substr(bytes.size() - reading.rest.size());
  return rest;
}

}  // namespace

void ExpectSame(const std::string& server, const std::string& local) {
  ASSERT_EQ(server.size(), local.size());
  const Rest a = RestOf(server);
  const Rest b = RestOf(local);
  EXPECT_TRUE(a.header_and_payload == b.header_and_payload);
  EXPECT_EQ(a.tlvs, b.tlvs);
  EXPECT_TRUE(a.behind == b.behind);
}

std::string DecryptedImage(const std::string& image, std::uint16_t type,
                           const std::string& private_key) {
  const mcuboot::Reading reading = mcuboot::ReadImage(
      image::host::AsBytes(image), image::HashAlgorithm::kSha256);
  EXPECT_EQ(reading.error, image::Error::kOk);
  base::BioPtr pem(BIO_new_mem_buf(private_key.data(),
                                   static_cast<int>(private_key.size())));
  const base::EvpKeyPtr key(
      PEM_read_bio_PrivateKey(pem.get(), nullptr, nullptr, nullptr));
  EXPECT_TRUE(key);
  const std::string tlv = image::host::ToString(
      mcuboot::FindTlv(reading.facts.unprotected_area, type).value);
  const std::size_t mac =
      type == mcuboot::tlv::kEncryptionX25519Sha512 ? 64 : 32;
  const std::string content_key = imgtool::EciesContentKey(key.get(), tlv, mac);
  EXPECT_NE(content_key, "");
  std::string decrypted = image;
  return decrypted.replace(
      reading.header.size(), reading.payload.size(),
      imgtool::Decrypted(content_key, image::host::ToString(reading.payload)));
}

}  // namespace bootseal::tests
