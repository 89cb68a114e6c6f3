// bootseal inspect: any file of ours, by its content, and nothing invented.
#include <gtest/gtest.h>

#include <string>

#include "tests/client/cli/offline_fixture.h"
#include "tests/support/pki.h"

namespace bootseal::tests {
namespace {

using InspectTest = OfflineTest;

std::string Indented(const std::string& pem) {
  std::string text;
  for (const char c : pem)
    text += c == '\n' ? std::string("\\n") : std::string(1, c);
  return text;
}

// A policy names its CAs in PEM: it is no key for that.
std::string PolicyText(const std::string& ca_pem) {
  return absl::StrCat(
      "version: 7\ntrust_domains { name: \"dev.example\" ca_pem: \"",
      Indented(ca_pem),
      "\" }\npeople { name: \"ci\" subjects: \"spiffe://dev.example/ci\" }\n");
}

TEST_F(InspectTest, RecognisesAPolicy) {
  const CertificateAuthority ca("Test CA");
  const std::string policy =
      WriteFile("policy", PolicyText(ca.certificate_pem()));
  const Outcome text = Bootseal({"inspect", policy});
  EXPECT_EQ(text.exit_code, 0) << text.err;
  EXPECT_THAT(text.out, HasSubstr("policy"));
  EXPECT_THAT(text.out, testing::ContainsRegex("version +7"));
  const Outcome json = Bootseal({"inspect", "--json", policy});
  EXPECT_THAT(json.out, HasSubstr("\"format\":\"policy\",\"version\":7"));
  EXPECT_THAT(json.out, HasSubstr("\"people\":1"));
}

TEST_F(InspectTest, SaysWhatIsWrongWithAPolicy) {
  const Outcome outcome =
      Bootseal({"inspect",
                WriteFile("policy", "version: 7\ntargets { name: \"a\" }\n")});
  EXPECT_EQ(outcome.exit_code, 5);
  EXPECT_THAT(outcome.err, HasSubstr("POLICY_INVALID"));
  EXPECT_THAT(outcome.err, HasSubstr("targets[0].key: required"));
}

TEST_F(InspectTest, TakesAPolicyWithAMistypedFieldForAPolicy) {
  const Outcome outcome =
      Bootseal({"inspect", WriteFile("policy", "version: 7\ntarget { }\n")});
  EXPECT_EQ(outcome.exit_code, 5);
  EXPECT_THAT(outcome.err, HasSubstr("POLICY_INVALID"));
}

TEST_F(InspectTest, RecognisesACertificate) {
  const CertificateAuthority ca("Test CA");
  CertificateRequest request = ForSpiffe("spiffe://dev.example/ci");
  const std::string pem = ca.Issue(request).certificate_pem;
  const std::string path = WriteFile("ci.pem", pem);
  const Outcome text = Bootseal({"inspect", path});
  EXPECT_EQ(text.exit_code, 0) << text.err;
  EXPECT_THAT(text.out, HasSubstr("certificate"));
  EXPECT_THAT(text.out, HasSubstr("Test CA"));
  EXPECT_THAT(text.out, HasSubstr("spiffe://dev.example/ci"));
  EXPECT_THAT(text.out, HasSubstr(" UTC"));
  const Outcome json = Bootseal({"inspect", "--json", path});
  EXPECT_THAT(json.out, HasSubstr("\"format\":\"certificate\""));
  // As denied_certificates wants it.
  EXPECT_THAT(json.out, testing::ContainsRegex("\"sha256\":\"[0-9a-f]+\""));
}

TEST_F(InspectTest, RefusesACertificateThatDoesNotParse) {
  const Outcome outcome =
      Bootseal({"inspect", WriteFile("bad.pem",
                                     "-----BEGIN CERTIFICATE-----\nAAAA\n"
                                     "-----END CERTIFICATE-----\n")});
  EXPECT_EQ(outcome.exit_code, 5);
  EXPECT_THAT(outcome.err, HasSubstr("CERTIFICATE_INVALID"));
}

TEST_F(InspectTest, ShowsNothingOfAPrivateKey) {
  const CertificateAuthority ca("Test CA");
  const std::string pem =
      ca.Issue(ForSpiffe("spiffe://dev.example/ci")).key_pem;
  const Outcome outcome = Bootseal({"inspect", WriteFile("ci.key", pem)});
  EXPECT_EQ(outcome.exit_code, 5);
  EXPECT_THAT(outcome.err, HasSubstr("none of: MCUboot image"));
  EXPECT_EQ(outcome.out, "");
}

TEST_F(InspectTest, InventsNothingOfAHeaderThatIsCut) {
  const std::string image = Read(absl::StrCat(kVectors, "tfm-s.bin"));
  for (const std::size_t size : {4u, 20u, 31u}) {
    const std::string cut = WriteFile("cut", image.substr(0, size));
    const Outcome text = Bootseal({"inspect", cut});
    EXPECT_EQ(text.exit_code, 5);
    EXPECT_THAT(text.out, HasSubstr(absl::StrCat(size, " of 32 bytes")));
    EXPECT_THAT(text.out, Not(HasSubstr("0.0.0")));
    EXPECT_THAT(text.out, Not(HasSubstr("payload")));
    EXPECT_THAT(text.err, HasSubstr("is broken"));
    const Outcome json = Bootseal({"inspect", "--json", cut});
    EXPECT_THAT(json.out, HasSubstr("\"header\":null"));
    EXPECT_THAT(json.out, Not(HasSubstr("0.0.0")));
  }
}

TEST_F(InspectTest, InventsNothingOfAHeaderThatIsNone) {
  std::string image = Read(absl::StrCat(kVectors, "tfm-s.bin"));
  image[28] = 1;  // the reserved word
  const Outcome outcome = Bootseal({"inspect", WriteFile("odd", image)});
  EXPECT_EQ(outcome.exit_code, 5);
  EXPECT_THAT(outcome.out, Not(HasSubstr("0.0.0")));
  EXPECT_THAT(outcome.err, HasSubstr("reserved"));
}

TEST_F(InspectTest, ShowsTheHeaderOfAnImageThatIsCutAfterIt) {
  const std::string image = Read(absl::StrCat(kVectors, "tfm-s.bin"));
  const Outcome outcome =
      Bootseal({"inspect", WriteFile("cut", image.substr(0, 32))});
  EXPECT_EQ(outcome.exit_code, 5);
  EXPECT_THAT(outcome.out, HasSubstr("1.3.0"));
  EXPECT_THAT(outcome.out, HasSubstr("1024 bytes"));
}

}  // namespace
}  // namespace bootseal::tests
