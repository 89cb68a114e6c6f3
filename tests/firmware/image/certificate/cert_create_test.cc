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

std::string PlanError(const std::function<void(CertificateRequest&)>& change) {
  CertificateRequest request = SmallRequest();
  change(request);
  return base::ReasonOf(PlanCertificates(request).status());
}

TEST(CertificatePlan, OfTheSameRequestIsTheSame) {
  const auto once = PlanCertificates(SmallRequest()).value();
  const auto again = PlanCertificates(SmallRequest()).value();
  for (std::size_t i = 0; i < kRoles; ++i) {
    EXPECT_EQ(once[i].to_be_signed, again[i].to_be_signed);
    EXPECT_EQ(once[i].digest, Sha256(once[i].to_be_signed));
  }
}

std::string SerialOf(const PlannedCertificate& planned) {
  const std::string der = Signed(planned);
  return ToString(ReadCertificate(AsBytes(der))->serial);
}

TEST(CertificatePlan, HasAnotherSerialForEverythingThatItSays) {
  const std::function<void(CertificateRequest&)> changes[] = {
      [](CertificateRequest&) {},
      [](CertificateRequest& r) { r.not_before += absl::Seconds(1); },
      [](CertificateRequest& r) { r.not_after += absl::Seconds(1); },
      [](CertificateRequest& r) {
        r.trusted_counter = r.non_trusted_counter = 6;
      },
      [](CertificateRequest& r) {
        r.digests[IndexOf(ImageRole::kNtFw)][0] ^= 1;
      },
      [](CertificateRequest& r) { r.keys.nt_fw = r.keys.tos_fw; }};
  std::vector<std::string> serials;
  for (const auto& change : changes) {
    CertificateRequest request = SmallRequest();
    change(request);
    const auto planned = PlanCertificates(request).value();
    const std::string serial = SerialOf(planned[IndexOf(Role::kNtFw)]);
    EXPECT_EQ(serial.size(), 8u);
    EXPECT_EQ(serial[0] & 0xc0, 0x40);
    for (const std::string& other : serials) EXPECT_NE(serial, other);
    serials.push_back(serial);
  }
}

TEST(CertificatePlan, RefusesWhatKillsBoards) {
  EXPECT_EQ(PlanError([](CertificateRequest& r) { r.trusted_counter = 6; }),
            "COUNTERS_DIFFER");
  EXPECT_EQ(PlanError([](CertificateRequest& r) {
              r.trusted_counter = r.non_trusted_counter = 0x80000000;
            }),
            "COUNTER_RANGE");
  for (const auto key : {&image::host::CertificateKeys::root,
                         &image::host::CertificateKeys::trusted_world,
                         &image::host::CertificateKeys::non_trusted_world,
                         &image::host::CertificateKeys::tos_fw,
                         &image::host::CertificateKeys::nt_fw}) {
    EXPECT_EQ(PlanError([&](CertificateRequest& r) { (r.keys.*key).clear(); }),
              "KEY_MISSING");
    EXPECT_EQ(PlanError([&](CertificateRequest& r) { (r.keys.*key)[3] ^= 1; }),
              "CERTIFICATE_KEY");
  }
  EXPECT_EQ(image::host::CheckCounterStep(5, 4, 10).code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(base::ReasonOf(image::host::CheckCounterStep(5, 4, 10)),
            "COUNTER_LOW");
  EXPECT_EQ(base::ReasonOf(image::host::CheckCounterStep(5, 16, 10)),
            "COUNTER_LEAP");
  EXPECT_EQ(base::ReasonOf(image::host::CheckCounterStep(0, 0xffffffff, 10)),
            "COUNTER_LEAP");
  EXPECT_TRUE(image::host::CheckCounterStep(5, 5, 0).ok());
  EXPECT_TRUE(image::host::CheckCounterStep(5, 15, 10).ok());
}

TEST(CertificatePlan, RefusesWhatNoPackageIs) {
  for (const ImageRole role : {ImageRole::kTosFw, ImageRole::kNtFw}) {
    EXPECT_EQ(PlanError([&](CertificateRequest& r) {
                r.digests[IndexOf(role)].clear();
              }),
              "IMAGE_MISSING");
  }
  for (const std::string& digest :
       {std::string(31, 'd'), std::string(33, 'd'), std::string(64, 'd'),
        std::string(32, '\0')}) {
    EXPECT_EQ(PlanError([&](CertificateRequest& r) {
                r.digests[IndexOf(ImageRole::kFwConfig)] = digest;
              }),
              "DIGEST");
  }
  EXPECT_EQ(PlanError([](CertificateRequest& r) {
              r.not_after = r.not_before - absl::Seconds(1);
            }),
            "VALIDITY");
  EXPECT_EQ(PlanError([](CertificateRequest& r) {
              r.not_after = absl::InfiniteFuture();
            }),
            "VALIDITY");
  EXPECT_EQ(PlanError([](CertificateRequest& r) {
              r.not_before = absl::UnixEpoch() - absl::Hours(24 * 365 * 30);
            }),
            "VALIDITY");
  const std::string twisted =
      absl::HexStringToBytes(
          "305a301406072a8648ce3d020106092b240303020801010803420004") +
      std::string(64, 'p');
  EXPECT_EQ(PlanError([&](CertificateRequest& r) { r.keys.nt_fw = twisted; }),
            "CURVES_DIFFER");
  EXPECT_EQ(PlanError([&](CertificateRequest& r) {
              r.keys = {twisted, twisted, twisted, twisted, twisted};
            }),
            "");
}

std::string SealError(const PlannedCertificate& planned,
                      const std::string& signature) {
  return base::ReasonOf(SealCertificate(planned, signature).status());
}

TEST(CertificateSeal, TakesTheSignatureOfItsKeyAlone) {
  const auto planned = PlanCertificates(SmallRequest()).value();
  const PlannedCertificate& one = planned[IndexOf(Role::kNtFw)];
  const SigningKey& key = SharedChainKeys().nt_fw;
  EXPECT_EQ(SealError(one, key.Sign(AsBytes(one.digest))), "");
  EXPECT_EQ(SealError(one, SharedChainKeys().root.Sign(AsBytes(one.digest))),
            "SIGNATURE");
  EXPECT_EQ(SealError(one, key.Sign(AsBytes(planned[0].digest))), "SIGNATURE");
  EXPECT_EQ(SealError(one, ""), "SIGNATURE");
  EXPECT_EQ(SealError(one, std::string(64, '\0')), "SIGNATURE");
  EXPECT_EQ(SealError(one, std::string(63, 'r')), "SIGNATURE");
  EXPECT_EQ(SealError(one, key.Sign(AsBytes(one.digest)) + '\0'), "SIGNATURE");
}

TEST(CertificateSeal, TakesASignatureAsAnHsmGivesIt) {
  const PlannedCertificate one = PlanCertificates(SmallRequest()).value()[0];
  // Until one half has a leading zero, and one a highest bit.
  for (int round = 0; round < 20; ++round) {
    const std::string der = SharedChainKeys().root.Sign(AsBytes(one.digest));
    const auto* at = reinterpret_cast<const unsigned char*>(der.data());
    const base::EcdsaSignaturePtr signature(
        d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size())));
    std::string raw(64, '\0');
    auto* out = reinterpret_cast<unsigned char*>(raw.data());
    BN_bn2binpad(ECDSA_SIG_get0_r(signature.get()), out, 32);
    BN_bn2binpad(ECDSA_SIG_get0_s(signature.get()), out + 32, 32);
    EXPECT_EQ(*image::host::EcdsaSignatureDer(raw), der);
    EXPECT_EQ(*SealCertificate(one, raw), *SealCertificate(one, der));
  }
  const std::string small =
      std::string(31, '\0') + '\x01' + std::string(31, '\0') + '\x80';
  EXPECT_EQ(absl::BytesToHexString(*image::host::EcdsaSignatureDer(small)),
            "300702010102020080");
}

}  // namespace
}  // namespace bootseal::tests
