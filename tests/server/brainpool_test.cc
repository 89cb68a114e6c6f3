// Packages and first stages that keys on brainpoolP256t1 sign, born in a real
// token; OpenSSL, which knows nothing of us, says whether they hold.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "firmware/image/certificate/certificate.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/host/package_certificates.h"
#include "firmware/image/stm32/rom_check.h"
#include "server/trust/package_profile.h"
#include "server/trust/parts.h"
#include "tests/support/key_table.h"
#include "tests/support/process.h"
#include "tests/support/server_fixture.h"
#include "tests/support/sign_client.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_package.h"

namespace bootseal::tests {
namespace {

using image::host::AsBytes;
using image::host::ToString;

constexpr auto kState = absl::StatusCode::kFailedPrecondition;

class BrainpoolTest : public ::testing::Test {
 protected:
  BrainpoolTest() {
    root_ = server_.AddKey("root", hsm::Algorithm::kBrainpoolP256t1);
    tee_ = server_.AddKey("tee", hsm::Algorithm::kBrainpoolP256t1);
    v1::Target& fip = Add("fip");
    *fip.mutable_fip() = TestPackageFormat();
    fip.mutable_fip()->set_tos_fw_key("tee");
    *Add("fsbl-15").mutable_stm32_header() = TestFirstStageFormat();
    v1::Stm32HeaderFormat& table = *Add("fsbl-13").mutable_stm32_header();
    table = TestFirstStageFormat();
    table.set_chip(v1::STM32MP13);
    for (int i = 0; i < 8; ++i) {
      table.add_public_keys(PemOf(i == 0 ? root_.public_key : tee_.public_key));
    }
  }

  v1::Target& Add(const std::string& name) {
    v1::Target& target = *server_.policy().add_targets();
    target.set_name(name);
    target.set_key("root");
    target.add_requesters("ci");
    return target;
  }

  absl::StatusOr<v1::SignReply> AskPackage() {
    return Sign(server_.Channel("ci"), PackageHeader("fip", files_),
                PackageUpload(files_));
  }
  absl::StatusOr<v1::SignReply> AskStage(const std::string& target) {
    v1::SignHeader header = HeaderFor(stage_);
    header.set_target(target);
    header.set_security_counter(2);
    return Sign(server_.Channel("ci"), header, stage_);
  }

  void Write(const std::string& name, const std::string& content) {
    std::ofstream(folder_.File(name), std::ios::binary) << content;
  }

  // Each certificate has the key in it that signs it: OpenSSL takes it for its
  // own issuer. It does not know the extensions, which are critical.
  Outcome OpenSslVerifies(const std::string& der) {
    Write("c.der", der);
    const Outcome pem =
        tests::Run({"openssl", "x509", "-inform", "DER", "-in",
                    folder_.File("c.der"), "-out", folder_.File("c.pem")});
    EXPECT_EQ(pem.exit_code, 0) << pem.err;
    return tests::Run({"openssl", "verify", "-ignore_critical", "-check_ss_sig",
                       "-no_check_time", "-trusted", folder_.File("c.pem"),
                       folder_.File("c.pem")});
  }

  // r || s of a header over the SHA-256 of `message`, by the key of its own.
  Outcome OpenSslVerifies(const std::string& message,
                          const std::string& signature,
                          const std::string& spki) {
    Write("message", message);
    Write("signature", image::host::EcdsaSignatureDer(signature).value());
    Write("key.pem", PemOf(spki));
    return tests::Run({"openssl", "dgst", "-sha256", "-verify",
                       folder_.File("key.pem"), "-signature",
                       folder_.File("signature"), folder_.File("message")});
  }

  ServerFixture server_;
  TemporaryFolder folder_;
  hsm::KeyInfo root_;
  hsm::KeyInfo tee_;
  const PackageFiles files_ = TestPackageFiles();
  const std::string stage_ = absl::StrCat("bl2", std::string(30'000, 'b'));
};

TEST_F(BrainpoolTest, CertificatesAreThoseThatOpenSslVerifies) {
  server_.Start();
  const auto reply = AskPackage();
  ASSERT_OK(reply);
  ASSERT_EQ(reply->certificates_size(), 6);
  for (const v1::Certificate& made : reply->certificates()) {
    const Outcome good = OpenSslVerifies(made.der());
    EXPECT_EQ(good.exit_code, 0) << made.name() << good.err;
    const Outcome text = tests::Run(
        {"openssl", "x509", "-noout", "-text", "-in", folder_.File("c.pem")});
    EXPECT_NE(text.out.find("ASN1 OID: brainpoolP256t1"), std::string::npos);
    EXPECT_NE(text.out.find("ecdsa-with-SHA256"), std::string::npos);
    const auto read = image::certificate::ReadCertificate(AsBytes(made.der()));
    ASSERT_TRUE(read.ok());
    EXPECT_EQ(ToString(read->key.der), made.name() == "tos-fw-cert"
                                           ? tee_.public_key
                                           : root_.public_key);
    std::string bad = made.der();
    bad.back() = static_cast<char>(bad.back() ^ 1);  // of s
    EXPECT_NE(OpenSslVerifies(bad).exit_code, 0) << made.name();
  }
}

TEST_F(BrainpoolTest, FirstStageStartsOnClosedChipsAndOpenSslVerifiesIt) {
  server_.Start();
  for (const char* target : {"fsbl-15", "fsbl-13"}) {
    const auto reply = AskStage(target);
    ASSERT_OK(reply);
    const std::string image = reply->header() + stage_;
    const auto header = image::stm32::ReadHeader(AsBytes(image));
    ASSERT_TRUE(header.ok());
    EXPECT_EQ(header->algorithm,
              image::stm32::SignatureAlgorithm::kBrainpoolP256t1);
    const auto profile = trust::FirstStageProfile::Make(reply->profile());
    ASSERT_OK(profile);
    const image::Digest fused(AsBytes((*profile)->fused_hash()));
    EXPECT_TRUE(image::stm32::RomCheck({header->version, true, fused, 2},
                                       AsBytes(image))
                    .starts);
    const std::string message =
        ToString(*image::stm32::SignedRange(*header, AsBytes(image)));
    const std::string signature =
        ToString(image::Bytes(header->signature).first(64));
    const Outcome good = OpenSslVerifies(message, signature, root_.public_key);
    EXPECT_EQ(good.exit_code, 0) << good.out << good.err;
    EXPECT_NE(OpenSslVerifies(message, signature, tee_.public_key).exit_code,
              0);
    EXPECT_NE(
        OpenSslVerifies(message + "x", signature, root_.public_key).exit_code,
        0);
  }
}

TEST_F(BrainpoolTest, OtpHashesAreOverThePointAndItsNumber) {
  server_.Start();
  const auto fused = [&](const char* target) {
    const auto reply = AskStage(target);
    EXPECT_OK(reply);
    const auto profile = trust::FirstStageProfile::Make(reply->profile());
    EXPECT_OK(profile);
    return absl::BytesToHexString((*profile)->fused_hash());
  };
  const auto point = [](const hsm::KeyInfo& key) {
    return key.public_key.substr(28);
  };
  EXPECT_EQ(fused("fsbl-15"),
            absl::BytesToHexString(trust::Sha256Of(point(root_))));
  const std::string number("\2\0\0\0", 4);
  std::string table = trust::Sha256Of(number + point(root_));
  for (int i = 1; i < 8; ++i) table += trust::Sha256Of(number + point(tee_));
  EXPECT_EQ(fused("fsbl-13"), absl::BytesToHexString(trust::Sha256Of(table)));
}

// Put there by another tool, under the name that the policy has.
TEST_F(BrainpoolTest, KeyOnTheRegularCurveStopsItsTargetWithTheReason) {
  const std::string pem = folder_.File("regular.pem");
  ASSERT_EQ(tests::Run({"openssl", "genpkey", "-algorithm", "EC", "-pkeyopt",
                        "ec_paramgen_curve:brainpoolP256r1", "-out", pem})
                .exit_code,
            0);
  const SoftHsmToken& token = server_.token();
  const Outcome put =
      tests::Run({"softhsm2-util", "--import", pem, "--token", token.label(),
                  "--label", "regular", "--id", "77", "--pin", token.pin()},
                 token.environment());
  ASSERT_EQ(put.exit_code, 0) << put.err;
  v1::PinnedKey& key = *server_.policy().add_keys();
  key.set_name("regular");
  key.set_uri("pkcs11:object=regular");
  key.set_algorithm(v1::BRAINPOOL_P256T1);
  key.set_purpose(v1::FIRMWARE);
  key.set_accept_imported(true);
  key.set_public_key_sha256(std::string(64, 'a'));
  for (v1::Target& target : *server_.policy().mutable_targets()) {
    if (target.name() == "fsbl-15") target.set_key("regular");
  }
  server_.Start();
  EXPECT_THAT(AskStage("fsbl-15"),
              testing::AllOf(StatusIs(kState, "KEY_TYPE"),
                             MessageHas("brainpoolP256r1"),
                             MessageHas("the twisted brainpoolP256t1")));
  // Others go on.
  EXPECT_OK(AskPackage());
}

}  // namespace
}  // namespace bootseal::tests
