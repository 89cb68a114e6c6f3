#include "firmware/image/certificate/certificate.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "firmware/image/host/convert.h"
#include "tests/firmware/image/certificate/package_case.h"

namespace bootseal::tests {
namespace {

using image::Bytes;
using image::host::AsBytes;
using image::host::NameOf;
using image::host::ToString;
using namespace image::certificate;

// As TF-A's cert_create wrote them.
std::string Golden(Role role) {
  const std::string fip = PackageVector("stm32mp1.fip");
  const auto entries = image::host::ListFip(fip).value();
  for (const auto& entry : entries) {
    if (entry.uuid == TraitsOf(role).uuid) return std::string(entry.content);
  }
  return "";
}

std::string ReadError(const std::string& der) {
  return NameOf(ReadCertificate(AsBytes(der)).error());
}

TEST(Certificate, OfCertCreateIsReadAndWrittenAsItWas) {
  for (std::size_t i = 0; i < kRoles; ++i) {
    const std::string der = Golden(static_cast<Role>(i));
    const auto certificate = ReadCertificate(AsBytes(der));
    ASSERT_TRUE(certificate.ok())
        << kRoleTraits[i].name << " " << NameOf(certificate.error());
    EXPECT_EQ(WrittenCertificate(*certificate), der) << kRoleTraits[i].name;
    EXPECT_EQ(ToString(certificate->common_name), kRoleTraits[i].common_name);
    EXPECT_EQ(FindExtension(*certificate, kRoleTraits[i].counter)->counter, 5u);
    EXPECT_EQ(certificate->not_before.year, 2026);
    EXPECT_EQ(certificate->not_after.year, 2046);
  }
}

TEST(Certificate, OfCertCreateNamesTheImagesHashes) {
  const std::string der = Golden(Role::kTosFw);
  const auto certificate = ReadCertificate(AsBytes(der));
  EXPECT_EQ(ToString(FindExtension(*certificate, extension::kTosFwHash)->hash),
            Sha256("tos-fw of a package, for tests\n"));
  EXPECT_EQ(
      ToString(FindExtension(*certificate, extension::kTosFwExtra2Hash)->hash),
      std::string(32, '\0'));
  EXPECT_EQ(FindExtension(*certificate, extension::kNtFwHash), nullptr);
}

TEST(Certificate, CutAtAnyByteIsRefused) {
  for (std::size_t i = 0; i < kRoles; ++i) {
    const std::string der = Golden(static_cast<Role>(i));
    for (std::size_t size = 0; size < der.size(); ++size) {
      ASSERT_EQ(ReadError(der.substr(0, size)), "DER") << size;
    }
  }
}

TEST(Certificate, WithBytesBehindIsRefused) {
  const std::string der = Golden(Role::kNtFw);
  EXPECT_EQ(ReadError(der + '\0'), "DER");
  EXPECT_EQ(ReadError(der + der), "DER");
  EXPECT_EQ(ReadError(std::string(kMaxCertificateBytes + 1, '\x30')), "DER");
}

// What is read of another byte is what is written of it: no two forms of one
// certificate are taken.
TEST(Certificate, WithAnyBitChangedIsRefusedOrAnotherOne) {
  for (std::size_t i = 0; i < kRoles; ++i) {
    const std::string der = Golden(static_cast<Role>(i));
    for (std::size_t bit = 0; bit < 8 * der.size(); ++bit) {
      std::string changed = der;
      changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ 1 << bit % 8);
      const auto read = ReadCertificate(AsBytes(changed));
      if (!read.ok()) continue;
      ASSERT_EQ(WrittenCertificate(*read), changed) << bit;
    }
  }
}

TEST(Certificate, WithAnyByteTakenOutOrDoubledIsRefused) {
  const std::string der = Golden(Role::kConfig);
  for (std::size_t at = 0; at < der.size(); ++at) {
    std::string less = der;
    less.erase(at, 1);
    EXPECT_NE(ReadError(less), "OK") << at;
    std::string more = der;
    more.insert(at, 1, der[at]);
    EXPECT_NE(ReadError(more), "OK") << at;
  }
}

TEST(CertificateWriter, WritesNothingThatIsNotRead) {
  const std::string der = Golden(Role::kNtFw);
  const Certificate good = *ReadCertificate(AsBytes(der));
  const auto error = [&](const std::function<void(Certificate&)>& change) {
    Certificate bad = good;
    change(bad);
    return WrittenCertificate(bad);
  };
  const std::string zero(1, '\0');
  const std::string long_text(65, 'n');
  EXPECT_EQ(error([](Certificate& c) { c.serial = {}; }), "CERTIFICATE_FORM");
  EXPECT_EQ(error([&](Certificate& c) { c.serial = AsBytes(zero); }),
            "CERTIFICATE_FORM");
  EXPECT_EQ(error([&](Certificate& c) { c.common_name = AsBytes(long_text); }),
            "CERTIFICATE_FORM");
  EXPECT_EQ(error([](Certificate& c) { c.not_after.month = 13; }),
            "CERTIFICATE_FORM");
  EXPECT_EQ(error([](Certificate& c) { c.not_after.year = 2000; }),
            "CERTIFICATE_FORM");
  EXPECT_EQ(error([](Certificate& c) { c.key_id = {}; }), "CERTIFICATE_FORM");
  EXPECT_EQ(error([](Certificate& c) { c.key.der = {}; }), "CERTIFICATE_KEY");
  EXPECT_EQ(error([](Certificate& c) { c.count = 0; }),
            "CERTIFICATE_EXTENSION");
  EXPECT_EQ(error([](Certificate& c) { c.storage[0].id = 3; }),
            "CERTIFICATE_EXTENSION");
  EXPECT_EQ(error([](Certificate& c) { c.storage[0].counter = 0x80000000; }),
            "CERTIFICATE_EXTENSION");
  EXPECT_EQ(error([](Certificate& c) { c.storage[1].hash = {}; }),
            "CERTIFICATE_EXTENSION");
  EXPECT_EQ(error([](Certificate& c) { c.storage[2].id = c.storage[1].id; }),
            "CERTIFICATE_EXTENSION");
  EXPECT_EQ(error([](Certificate& c) { c.signature = {}; }), "DER");
}

TEST(CertificateWriter, NeedsRoomForAllOfIt) {
  const std::string der = Golden(Role::kNtFw);
  const Certificate certificate = *ReadCertificate(AsBytes(der));
  std::string buffer(der.size(), '\0');
  const auto room = [&](std::size_t size) {
    return std::as_writable_bytes(std::span(buffer)).first(size);
  };
  for (std::size_t size = 0; size < certificate.to_be_signed.size(); ++size) {
    EXPECT_EQ(NameOf(WriteToBeSigned(certificate, room(size)).error()),
              "BUFFER_TOO_SMALL");
  }
  for (std::size_t size = 0; size < der.size(); ++size) {
    EXPECT_EQ(NameOf(WriteCertificate(certificate.to_be_signed,
                                      certificate.signature, room(size))
                         .error()),
              "BUFFER_TOO_SMALL");
  }
}

}  // namespace
}  // namespace bootseal::tests
