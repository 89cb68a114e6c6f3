// What the server signed with keys of the token, beside what Debian's
// cert_create makes of PEM files of the same keys; and what OpenSSL and Mbed
// TLS, the parser of TF-A's BL2, read of it.
#include <gtest/gtest.h>
#include <mbedtls/oid.h>
#include <mbedtls/x509_crt.h>
#include <openssl/pem.h>
#include <sys/stat.h>

#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/openssl.h"
#include "firmware/image/certificate/chain.h"
#include "firmware/image/host/convert.h"
#include "server/trust/parts.h"
#include "tests/support/process.h"
#include "tests/support/server_fixture.h"
#include "tests/support/sign_client.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_package.h"

namespace bootseal::tests {
namespace {

using image::host::AsBytes;
using image::host::ToString;
using namespace image::certificate;

constexpr const char* kKeys[] = {"root", "tw", "ntw", "tee", "boot"};

struct OnACurve {
  const char* name;  // as OpenSSL has it
  v1::Algorithm algorithm;
};
constexpr OnACurve kP256{"P-256", v1::P256};
constexpr OnACurve kBrainpool{"brainpoolP256t1", v1::BRAINPOOL_P256T1};

void PrintTo(const OnACurve& curve, std::ostream* out) { *out << curve.name; }

class PackageMadeOn : public ::testing::Test {
 protected:
  explicit PackageMadeOn(const OnACurve& curve) : curve_(curve) {
    for (const char* name : kKeys) Import(name);
    v1::Target& target = *server_.policy().add_targets();
    target.set_name("fip");
    target.set_key("root");
    target.add_requesters("ci");
    v1::FipFormat& format = *target.mutable_fip();
    format = TestPackageFormat();
    format.set_trusted_world_key("tw");
    format.set_non_trusted_world_key("ntw");
    format.set_tos_fw_key("tee");
    format.set_nt_fw_key("boot");
    format.set_security_counter_step(4);
    server_.Start();
    v1::SignHeader header = PackageHeader("fip", files_);
    header.set_security_counter(5);
    const auto reply =
        Sign(server_.Channel("ci"), header, PackageUpload(files_));
    EXPECT_OK(reply);
    if (reply.ok()) reply_ = *reply;
  }

  // The same key, in the token and as a file.
  void Import(const std::string& name) {
    const std::string pem = folder_.File(name + ".pem");
    const Outcome made =
        tests::Run({"openssl", "genpkey", "-algorithm", "EC", "-pkeyopt",
                    absl::StrCat("ec_paramgen_curve:", curve_.name), "-pkeyopt",
                    "ec_param_enc:named_curve", "-out", pem});
    ASSERT_EQ(made.exit_code, 0) << made.err;
    chmod(pem.c_str(), 0600);
    const hsm::KeyInfo info = server_.token().ImportKey(name, pem);
    v1::PinnedKey& key = *server_.policy().add_keys();
    key.set_name(name);
    key.set_uri(absl::StrCat("pkcs11:object=", name));
    key.set_algorithm(curve_.algorithm);
    key.set_purpose(v1::FIRMWARE);
    key.set_accept_imported(true);
    key.set_public_key_sha256(
        absl::BytesToHexString(trust::Sha256Of(info.public_key)));
  }

  std::string Read(const std::string& name) const {
    std::ifstream file(folder_.File(name), std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  const std::string& Der(Role role) const {
    return reply_.certificates(static_cast<int>(IndexOf(role))).der();
  }
  static std::string SignerFile(Role role) {
    constexpr const char* kSigners[] = {"root", "root", "tw",
                                        "tee",  "ntw",  "boot"};
    return absl::StrCat(kSigners[IndexOf(role)], ".pem");
  }

  // Those that Debian's tool knows: all but the configuration's.
  void RunCertCreate() {
    std::vector<std::string> words = {
        "cert_create", "-a", "ecdsa",        "-s", "sha256",
        "--tfw-nvctr", "5",  "--ntfw-nvctr", "5"};
    const auto option = [&](const std::string& name, const std::string& file) {
      words.push_back("--" + name);
      words.push_back(folder_.File(file));
    };
    option("rot-key", "root.pem");
    option("trusted-world-key", "tw.pem");
    option("non-trusted-world-key", "ntw.pem");
    option("tos-fw-key", "tee.pem");
    option("nt-fw-key", "boot.pem");
    option("scp-fw-key", "boot.pem");  // asked for, and not used
    option("soc-fw-key", "boot.pem");
    for (const auto& [name, content] : files_) {
      if (name == "fw-config" || name == "hw-config") continue;
      std::ofstream(folder_.File(name), std::ios::binary) << content;
      option(name, name);
    }
    for (std::size_t i = IndexOf(Role::kTrustedKey); i < kRoles; ++i) {
      option(kRoleTraits[i].name, absl::StrCat(kRoleTraits[i].name, ".crt"));
    }
    const Outcome outcome = tests::Run(words);
    ASSERT_EQ(outcome.exit_code, 0) << outcome.out << outcome.err;
  }

  const OnACurve curve_;
  ServerFixture server_;
  TemporaryFolder folder_;
  const PackageFiles files_ = TestPackageFiles();
  v1::SignReply reply_;
};

class PackageTools : public PackageMadeOn,
                     public ::testing::WithParamInterface<OnACurve> {
 protected:
  PackageTools() : PackageMadeOn(GetParam()) {}
};
INSTANTIATE_TEST_SUITE_P(Curves, PackageTools,
                         ::testing::Values(kP256, kBrainpool),
                         [](const auto& one) {
                           return one.param.algorithm == v1::P256 ? "P256"
                                                                  : "Brainpool";
                         });

std::string TbsOf(const Certificate& certificate) {
  std::array<std::byte, kMaxCertificateBytes> buffer;
  return ToString(*WriteToBeSigned(certificate, buffer));
}

// Extension by extension, and then all of it but serial and times.
TEST_P(PackageTools, SignAsCertCreateDoes) {
  ASSERT_EQ(reply_.certificates_size(), 6);
  RunCertCreate();
  for (std::size_t i = IndexOf(Role::kTrustedKey); i < kRoles; ++i) {
    const std::string theirs = Read(absl::StrCat(kRoleTraits[i].name, ".crt"));
    const auto them = ReadCertificate(AsBytes(theirs));
    ASSERT_TRUE(them.ok()) << kRoleTraits[i].name;
    Certificate us = *ReadCertificate(AsBytes(Der(static_cast<Role>(i))));
    ASSERT_EQ(us.count, them->count);
    for (std::size_t e = 0; e < us.count; ++e) {
      const Extension& ours = us.storage[e];
      const Extension& other = them->storage[e];
      EXPECT_EQ(ours.id, other.id);
      EXPECT_EQ(ours.counter, other.counter);
      EXPECT_EQ(ToString(ours.hash), ToString(other.hash)) << ours.id;
      EXPECT_EQ(ToString(ours.key.der), ToString(other.key.der)) << ours.id;
    }
    us.serial = them->serial;
    us.not_before = them->not_before;
    us.not_after = them->not_after;
    EXPECT_EQ(TbsOf(us), ToString(them->to_be_signed)) << kRoleTraits[i].name;
  }
}

TEST_P(PackageTools, SignWhatOpenSslVerifies) {
  ASSERT_EQ(reply_.certificates_size(), 6);
  for (std::size_t i = 0; i < kRoles; ++i) {
    const std::string& der = Der(static_cast<Role>(i));
    const auto* at = reinterpret_cast<const unsigned char*>(der.data());
    const base::X509Ptr x509(
        d2i_X509(nullptr, &at, static_cast<long>(der.size())));
    ASSERT_NE(x509, nullptr) << kRoleTraits[i].name;
    for (const char* name : kKeys) {
      const std::string file = absl::StrCat(name, ".pem");
      const base::BioPtr bio(BIO_new_file(folder_.File(file).c_str(), "r"));
      const base::EvpKeyPtr key(
          PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr));
      EXPECT_EQ(X509_verify(x509.get(), key.get()) == 1,
                file == SignerFile(static_cast<Role>(i)))
          << kRoleTraits[i].name << " " << name;
    }
    base::DrainOpenSslErrors();
  }
}

struct Seen {
  std::string name;
  std::string value;
};

int Note(void* context, const mbedtls_x509_crt*, const mbedtls_x509_buf* name,
         int critical, const unsigned char* begin, const unsigned char* end) {
  if (critical == 0) return 0;
  char text[64] = {};
  if (mbedtls_oid_get_numeric_string(text, sizeof text, name) <= 0) return -1;
  static_cast<std::vector<Seen>*>(context)->push_back(
      {text, std::string(begin, end)});
  return 0;
}

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

// Out of the request alone, in hexadecimal.
std::string Wanted(std::uint16_t id, const PackageFiles& files,
                   const TemporaryFolder& folder) {
  constexpr std::pair<std::uint16_t, const char*> kNamed[] = {
      {extension::kTrustedWorldKey, "tw"},
      {extension::kNonTrustedWorldKey, "ntw"},
      {extension::kTosFwContentKey, "tee"},
      {extension::kNtFwContentKey, "boot"}};
  for (const auto& [extension, key] : kNamed) {
    if (extension != id) continue;
    const Outcome der = tests::Run({"openssl", "pkey", "-in",
                                    folder.File(absl::StrCat(key, ".pem")),
                                    "-pubout", "-outform", "DER"});
    return absl::BytesToHexString(der.out);
  }
  if (KindOf(id) == ExtensionKind::kCounter) return "020105";
  std::string hash(32, '\0');
  for (const ImageTraits& traits : kImageTraits) {
    if (traits.hash != id) continue;
    for (const auto& [name, content] : files) {
      if (name == traits.name) hash = trust::Sha256Of(content);
    }
  }
  return absl::StrCat("3031300d060960864801650304020105000420",
                      absl::BytesToHexString(hash));
}

// Of brainpool's 256-bit curves, Mbed TLS knows the regular one alone.
class PackageOnP256 : public PackageMadeOn {
 protected:
  PackageOnP256() : PackageMadeOn(kP256) {}
};

TEST_F(PackageOnP256, HasTheExtensionsThatMbedTlsAndOpenSslSee) {
  ASSERT_EQ(reply_.certificates_size(), 6);
  std::size_t compared = 0;
  for (std::size_t i = 0; i < kRoles; ++i) {
    const std::string& der = Der(static_cast<Role>(i));
    const std::vector<Seen> seen = SeenByMbedTls(der);
    std::ofstream(folder_.File("c.der"), std::ios::binary) << der;
    const Outcome text = tests::Run({"openssl", "asn1parse", "-inform", "DER",
                                     "-in", folder_.File("c.der")});
    ASSERT_EQ(text.exit_code, 0) << text.err;
    std::size_t next = 0;
    for (const std::uint16_t id : kRoleTraits[i].extensions) {
      if (id == 0) break;
      ASSERT_LT(next, seen.size()) << kRoleTraits[i].name;
      const std::string name = absl::StrCat("1.3.6.1.4.1.4128.2100.", id);
      const std::string value = Wanted(id, files_, folder_);
      EXPECT_EQ(seen[next].name, name);
      EXPECT_EQ(absl::BytesToHexString(seen[next].value), value) << id;
      const std::size_t at = text.out.find(absl::StrCat(":", name, "\n"));
      ASSERT_NE(at, std::string::npos) << id;
      const std::size_t dump = text.out.find("[HEX DUMP]:", at) + 11;
      EXPECT_EQ(absl::AsciiStrToLower(text.out.substr(dump, value.size())),
                value)
          << id;
      ++next;
      ++compared;
    }
    EXPECT_EQ(next, seen.size()) << kRoleTraits[i].name;
  }
  EXPECT_EQ(compared, 18u);
}

}  // namespace
}  // namespace bootseal::tests
