// Against others: mkeficapsule of Debian's u-boot-tools, and openssl.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/file.h"
#include "firmware/image/guid.h"
#include "firmware/image/host/guid.h"
#include "firmware/image/host/open_capsule.h"
#include "firmware/image/host/signed_data.h"
#include "tests/support/process.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/test_capsule.h"

namespace bootseal::tests {
namespace {

using namespace image::host;

const std::string kFirmware =
    absl::StrCat("firmware with ", std::string(1, '\0'), " and more of it");

class Mkeficapsule : public testing::Test {
 protected:
  Mkeficapsule() {
    Put("firmware", kFirmware);
    Put("key.pem", PrivateKeyPem(SharedCapsuleKey().key.get()));
    Put("certificate.pem", SharedCapsuleKey().pem);
  }

  void Put(const std::string& name, const std::string& content) {
    ASSERT_OK(base::WriteFileAtomically(folder_.File(name), content));
  }
  std::string Get(const std::string& name) {
    const auto content = base::ReadFile(folder_.File(name), 1 << 20);
    EXPECT_OK(content);
    return content.value_or("");
  }

  // What it makes with these options.
  std::string Make(std::vector<std::string> options, bool has_firmware = true) {
    options.insert(options.begin(), "mkeficapsule");
    if (has_firmware) options.push_back(folder_.File("firmware"));
    options.push_back(folder_.File("made"));
    const Outcome outcome = tests::Run(options);
    EXPECT_EQ(outcome.exit_code, 0) << outcome.out << outcome.err;
    return Get("made");
  }
  std::string MakeSigned(std::vector<std::string> options) {
    for (const std::string& more :
         {std::string("--private-key"), folder_.File("key.pem"),
          std::string("--certificate"), folder_.File("certificate.pem")}) {
      options.push_back(more);
    }
    return Make(options);
  }

  std::string type() const { return FormatGuid(image::guids::kFip); }
  // Tags and values of DER, by openssl, without places and sizes.
  std::vector<std::string> Elements(const std::string& der) {
    Put("der", der);
    const Outcome outcome = tests::Run(
        {"openssl", "asn1parse", "-inform", "DER", "-in", folder_.File("der")});
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    std::vector<std::string> elements;
    for (const absl::string_view line :
         absl::StrSplit(outcome.out, '\n', absl::SkipEmpty())) {
      const std::size_t kind =
          std::max(line.find("cons:") + 1, line.find("prim:") + 1);
      elements.push_back(absl::StrCat(line.substr(line.find("d="), 3), " ",
                                      line.substr(kind - 1)));
    }
    return elements;
  }

  TemporaryFolder folder_;
};

TEST_F(Mkeficapsule, MakesTheSameWithoutASignature) {
  CapsuleHeader header;
  header.image_type = image::guids::kFip;
  const auto ours = [&] {
    return WriteCapsuleFront(header, "", kFirmware.size()).value() + kFirmware;
  };
  EXPECT_EQ(Make({"--guid", type(), "--index", "1"}), ours());
  header.image_index = 200;
  header.hardware_instance = 0x1234;
  EXPECT_EQ(Make({"--guid", type(), "--index", "200", "--instance", "4660"}),
            ours());
  header.oem_flags = kMustBeAccepted;
  EXPECT_EQ(Make({"--guid", type(), "--index", "200", "--instance", "4660",
                  "--capoemflag", "0x8000"}),
            ours());
}

TEST_F(Mkeficapsule, MakesTheSameAcceptAndRevert) {
  EXPECT_EQ(Make({"--fw-accept", "--guid", type()}, false),
            WriteAcceptCapsule(image::guids::kFip));
  EXPECT_EQ(Make({"--fw-revert"}, false), WriteRevertCapsule());
}

TEST_F(Mkeficapsule, MakesWhatWeOpen) {
  const std::string theirs =
      MakeSigned({"--guid", type(), "--index", "3", "--monotonic-count", "9",
                  "--capoemflag", "0x8000"});
  const auto opened = OpenCapsule(theirs, SharedCapsuleKey().certificate);
  ASSERT_OK(opened);
  const CapsuleHeader& header = opened->front().header;
  EXPECT_EQ(header.image_type, image::guids::kFip);
  EXPECT_EQ(header.image_index, 3);
  EXPECT_EQ(header.oem_flags, kMustBeAccepted);
  EXPECT_EQ(header.monotonic_count, 9u);
  EXPECT_FALSE(header.version.has_value());
  EXPECT_EQ(theirs.substr(opened->front().size), kFirmware);
  EXPECT_THAT(
      OpenCapsule(theirs, OtherCapsuleKey().certificate),
      StatusIs(absl::StatusCode::kPermissionDenied, "CERTIFICATE_MISMATCH"));
}

// Ours is theirs without a time: the same bytes in front of the PKCS#7 but for
// sizes, the same elements in it but for the signature.
TEST_F(Mkeficapsule, SignsTheSameButForATime) {
  CapsuleHeader header;
  header.image_type = image::guids::kFip;
  header.monotonic_count = 9;
  const std::string ours = MakeCapsule(header, kFirmware, SharedCapsuleKey());
  const std::string theirs =
      MakeSigned({"--guid", type(), "--index", "1", "--monotonic-count", "9"});
  constexpr std::size_t kTime = 30;
  ASSERT_EQ(theirs.size(), ours.size() + kTime);
  constexpr std::size_t kFront = 0x7c;
  for (std::size_t i = 0; i < kFront; ++i) {
    const bool size = (i >= 0x18 && i < 0x1c) || (i >= 0x44 && i < 0x48) ||
                      (i >= 0x64 && i < 0x68);
    if (size) continue;
    EXPECT_EQ(ours[i], theirs[i]) << i;
  }
  const auto read = [](const std::string& file) {
    return ReadCapsuleFront(file, file.size()).value().signed_data;
  };
  std::vector<std::string> expected = Elements(read(theirs));
  const std::vector<std::string> found = Elements(read(ours));
  ASSERT_EQ(expected.size(), found.size() + 4);
  // The signature is the last one; the attribute of the time has four.
  for (std::size_t i = 0; i + 4 < expected.size(); ++i) {
    if (!absl::StrContains(expected[i + 1], "signingTime")) continue;
    expected.erase(expected.begin() + static_cast<std::ptrdiff_t>(i),
                   expected.begin() + static_cast<std::ptrdiff_t>(i + 4));
    break;
  }
  ASSERT_EQ(expected.size(), found.size());
  for (std::size_t i = 0; i + 1 < found.size(); ++i) {
    EXPECT_EQ(expected[i], found[i]) << i;
  }
}

TEST_F(Mkeficapsule, WithAnEllipticCurveIsRefusedAsUBootDoes) {
  const auto key = MakeKey("P-256", 0);
  Put("key.pem", PrivateKeyPem(key.get()));
  Put("certificate.pem", CertificatePem(key.get(), "curve"));
  const std::string theirs =
      MakeSigned({"--guid", type(), "--index", "1", "--monotonic-count", "9"});
  EXPECT_THAT(OpenCapsule(theirs, SharedCapsuleKey().certificate),
              MessageHas("another algorithm than RSA"));
}

class OpenSslCms : public Mkeficapsule {
 protected:
  Outcome Verify(const std::string& signed_data, const std::string& content,
                 const std::string& certificate) {
    Put("signature.der", signed_data);
    Put("content", content);
    Put("trusted.pem", certificate);
    return tests::Run({"openssl", "cms", "-verify", "-inform", "DER", "-binary",
                       "-in", folder_.File("signature.der"), "-content",
                       folder_.File("content"), "-CAfile",
                       folder_.File("trusted.pem"), "-purpose", "any", "-out",
                       folder_.File("verified")});
  }
};

TEST_F(OpenSslCms, VerifiesOursAlthoughItHasNoTime) {
  const CapsuleHeader header = TestCapsuleHeader();
  const std::string file = MakeCapsule(header, kFirmware, SharedCapsuleKey());
  const auto read = ReadCapsuleFront(file, file.size());
  ASSERT_OK(read);
  const std::string content =
      absl::StrCat(SignedInFront(header), kFirmware, SignedBehind(header));
  const Outcome good =
      Verify(read->signed_data, content, SharedCapsuleKey().pem);
  EXPECT_EQ(good.exit_code, 0) << good.err;
  EXPECT_EQ(Get("verified"), content);
  EXPECT_NE(Verify(read->signed_data, content + "x", SharedCapsuleKey().pem)
                .exit_code,
            0);
  EXPECT_NE(
      Verify(read->signed_data, kFirmware, SharedCapsuleKey().pem).exit_code,
      0);
  EXPECT_NE(Verify(read->signed_data, content, OtherCapsuleKey().pem).exit_code,
            0);
}

}  // namespace
}  // namespace bootseal::tests
