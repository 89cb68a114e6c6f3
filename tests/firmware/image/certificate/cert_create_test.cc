// What we plan and seal, beside what Debian's cert_create writes; and what
// OpenSSL and Mbed TLS, the parser of TF-A's BL2, read of it.
#include <gtest/gtest.h>
#include <mbedtls/oid.h>
#include <mbedtls/x509_crt.h>
#include <openssl/pem.h>

#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/openssl.h"
#include "base/status.h"
#include "firmware/image/host/convert.h"
#include "tests/firmware/image/certificate/package_case.h"
#include "tests/support/process.h"
#include "tests/support/temporary_folder.h"

namespace bootseal::tests {
namespace {

using image::Bytes;
using image::host::AsBytes;
using image::host::CertificateRequest;
using image::host::NameOf;
using image::host::PlanCertificates;
using image::host::PlannedCertificate;
using image::host::SealCertificate;
using image::host::ToString;
using namespace image::certificate;

std::string Slurp(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void PutKey(const SigningKey& key, const std::string& path) {
  const base::BioPtr bio(BIO_new_file(path.c_str(), "w"));
  ASSERT_EQ(PEM_write_bio_PrivateKey(bio.get(), key.get(), nullptr, nullptr, 0,
                                     nullptr, nullptr),
            1);
}

// Those that Debian's tool knows, made of the same keys, images and counter as
// SmallRequest().
Certificates ByCertCreate(const TemporaryFolder& folder) {
  const ChainKeys& keys = SharedChainKeys();
  std::vector<std::string> words = {
      "cert_create", "-a", "ecdsa",        "-s", "sha256",
      "--tfw-nvctr", "5",  "--ntfw-nvctr", "5"};
  const auto option = [&](const std::string& name, const std::string& file) {
    words.push_back("--" + name);
    words.push_back(folder.File(file));
  };
  const std::pair<const char*, const SigningKey*> pems[] = {
      {"rot-key", &keys.root},
      {"trusted-world-key", &keys.trusted_world},
      {"non-trusted-world-key", &keys.non_trusted_world},
      {"tos-fw-key", &keys.tos_fw},
      {"nt-fw-key", &keys.nt_fw},
      // Asked for, and not used.
      {"scp-fw-key", &keys.nt_fw},
      {"soc-fw-key", &keys.nt_fw}};
  for (const auto& [name, key] : pems) {
    PutKey(*key, folder.File(absl::StrCat(name, ".pem")));
    option(name, absl::StrCat(name, ".pem"));
  }
  for (const ImageRole role :
       {ImageRole::kTosFw, ImageRole::kTosFwExtra1, ImageRole::kNtFw}) {
    const char* name = TraitsOf(role).name;
    std::ofstream(folder.File(name)) << SmallImages()[IndexOf(role)];
    option(name, name);
  }
  for (std::size_t i = IndexOf(Role::kTrustedKey); i < kRoles; ++i) {
    option(kRoleTraits[i].name, absl::StrCat(kRoleTraits[i].name, ".crt"));
  }
  const Outcome outcome = Run(words);
  EXPECT_EQ(outcome.exit_code, 0) << outcome.out << outcome.err;
  Certificates certificates;
  for (std::size_t i = IndexOf(Role::kTrustedKey); i < kRoles; ++i) {
    certificates[i] =
        Slurp(folder.File(absl::StrCat(kRoleTraits[i].name, ".crt")));
  }
  return certificates;
}

std::string TbsOf(const Certificate& certificate) {
  std::array<std::byte, kMaxCertificateBytes> buffer;
  return ToString(*WriteToBeSigned(certificate, buffer));
}

TEST(CertCreate, WritesWhatWeWriteButForSerialAndTimes) {
  const TemporaryFolder folder;
  const Certificates theirs = ByCertCreate(folder);
  const Certificates ours = SignedAll(SmallRequest());
  for (std::size_t i = IndexOf(Role::kTrustedKey); i < kRoles; ++i) {
    const auto them = ReadCertificate(AsBytes(theirs[i]));
    ASSERT_TRUE(them.ok()) << kRoleTraits[i].name << NameOf(them.error());
    Certificate us = *ReadCertificate(AsBytes(ours[i]));
    us.serial = them->serial;
    us.not_before = them->not_before;
    us.not_after = them->not_after;
    EXPECT_EQ(TbsOf(us), ToString(them->to_be_signed)) << kRoleTraits[i].name;
  }
}

TEST(CertCreate, AndWeMakeOnePackageTogether) {
  const TemporaryFolder folder;
  Certificates mixed = ByCertCreate(folder);
  const Certificates ours = SignedAll(SmallRequest());
  mixed[IndexOf(Role::kConfig)] = ours[IndexOf(Role::kConfig)];
  EXPECT_EQ(Verdict(SmallRules(), FipOf(mixed, SmallImages())), "OK");
  mixed[IndexOf(Role::kTosFwKey)] = ours[IndexOf(Role::kTosFwKey)];
  mixed[IndexOf(Role::kNtFw)] = ours[IndexOf(Role::kNtFw)];
  EXPECT_EQ(Verdict(SmallRules(), FipOf(mixed, SmallImages())), "OK");
}

const std::vector<PlannedCertificate>& SmallPlan() {
  static const auto* plan = new std::vector<PlannedCertificate>(
      PlanCertificates(SmallRequest()).value());
  return *plan;
}

// The key that has to have signed.
base::EvpKeyPtr KeyOf(const std::string& der) {
  const auto* at = reinterpret_cast<const unsigned char*>(der.data());
  return base::EvpKeyPtr(
      d2i_PUBKEY(nullptr, &at, static_cast<long>(der.size())));
}

TEST(SealedCertificate, IsOneToOpenSsl) {
  for (const PlannedCertificate& planned : SmallPlan()) {
    const std::string der = Signed(planned);
    const auto* at = reinterpret_cast<const unsigned char*>(der.data());
    const base::X509Ptr x509(
        d2i_X509(nullptr, &at, static_cast<long>(der.size())));
    ASSERT_NE(x509, nullptr) << TraitsOf(planned.role).name;
    EXPECT_EQ(X509_verify(x509.get(), KeyOf(planned.signer).get()), 1);
    EXPECT_EQ(X509_get_version(x509.get()), 2);
    EXPECT_EQ(X509_NAME_cmp(X509_get_subject_name(x509.get()),
                            X509_get_issuer_name(x509.get())),
              0);
    // Decoded and encoded again, extensions, names and dates included.
    X509* const copy = X509_dup(x509.get());
    unsigned char* bytes = nullptr;
    const int size = i2d_X509(copy, &bytes);
    EXPECT_EQ(std::string(reinterpret_cast<char*>(bytes),
                          static_cast<std::size_t>(size)),
              der);
    OPENSSL_free(bytes);
    X509_free(copy);
  }
}

// Of each of our extensions, as `openssl asn1parse` shows it: number, critical,
// and what is in the octet string.
TEST(SealedCertificate, HasItsExtensionsWhereAsn1parseSeesThem) {
  const TemporaryFolder folder;
  for (const PlannedCertificate& planned : SmallPlan()) {
    const std::string der = Signed(planned);
    std::ofstream(folder.File("c.der"), std::ios::binary) << der;
    const Outcome outcome = tests::Run({"openssl", "asn1parse", "-inform",
                                        "DER", "-in", folder.File("c.der")});
    ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
    const auto certificate = ReadCertificate(AsBytes(der));
    for (const Extension& extension : certificate->extensions()) {
      std::string value;
      switch (KindOf(extension.id)) {
        case ExtensionKind::kCounter:
          value = "020105";
          break;
        case ExtensionKind::kHash:
          value = "3031300D060960864801650304020105000420" +
                  absl::BytesToHexString(ToString(extension.hash));
          break;
        case ExtensionKind::kKey:
          value = absl::BytesToHexString(ToString(extension.key.der));
          break;
        case ExtensionKind::kUnknown:
          FAIL();
      }
      const std::size_t name = outcome.out.find(
          absl::StrCat(":1.3.6.1.4.1.4128.2100.", extension.id, "\n"));
      ASSERT_NE(name, std::string::npos) << extension.id;
      const std::size_t critical = outcome.out.find("BOOLEAN", name);
      const std::size_t dump = outcome.out.find("[HEX DUMP]:", name);
      ASSERT_LT(critical, dump);
      EXPECT_EQ(outcome.out.substr(dump + 11, value.size()),
                absl::AsciiStrToUpper(value))
          << extension.id;
      EXPECT_EQ(outcome.out[dump + 11 + value.size()], '\n');
    }
  }
}

struct Seen {
  std::string name;
  int critical = 0;
  std::string value;
};

int Note(void* context, const mbedtls_x509_crt*, const mbedtls_x509_buf* name,
         int critical, const unsigned char* begin, const unsigned char* end) {
  static_cast<std::vector<Seen>*>(context)->push_back(
      {std::string(reinterpret_cast<const char*>(name->p), name->len), critical,
       std::string(begin, end)});
  return 0;
}

// Of what is not in X.509 itself, in order.
std::vector<Seen> SeenByMbedTls(const std::string& der) {
  std::vector<Seen> seen;
  mbedtls_x509_crt certificate;
  mbedtls_x509_crt_init(&certificate);
  EXPECT_EQ(
      mbedtls_x509_crt_parse_der_with_ext_cb(
          &certificate, reinterpret_cast<const unsigned char*>(der.data()),
          der.size(), 1, Note, &seen),
      0);
  mbedtls_x509_crt_free(&certificate);
  return seen;
}

TEST(SealedCertificate, HasTheExtensionsThatMbedTlsSees) {
  for (const PlannedCertificate& planned : SmallPlan()) {
    const std::string der = Signed(planned);
    const auto certificate = ReadCertificate(AsBytes(der));
    std::vector<Seen> ours = SeenByMbedTls(der);
    std::erase_if(ours, [](const Seen& seen) { return seen.critical == 0; });
    ASSERT_EQ(ours.size(), certificate->count);
    for (std::size_t i = 0; i < ours.size(); ++i) {
      char name[64] = {};
      mbedtls_asn1_buf buffer{};
      buffer.p = reinterpret_cast<unsigned char*>(ours[i].name.data());
      buffer.len = ours[i].name.size();
      ASSERT_GT(mbedtls_oid_get_numeric_string(name, sizeof name, &buffer), 0);
      const Extension& extension = certificate->storage[i];
      EXPECT_EQ(std::string(name),
                absl::StrCat("1.3.6.1.4.1.4128.2100.", extension.id));
      if (KindOf(extension.id) == ExtensionKind::kHash) {
        EXPECT_EQ(ours[i].value.substr(19), ToString(extension.hash));
      }
      if (KindOf(extension.id) == ExtensionKind::kKey) {
        EXPECT_EQ(ours[i].value, ToString(extension.key.der));
      }
    }
  }
}

}  // namespace
}  // namespace bootseal::tests
