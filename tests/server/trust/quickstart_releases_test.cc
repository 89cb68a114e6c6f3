// The policy of deploy/quickstart, as it is filled in there.
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "base/file.h"
#include "firmware/image/host/convert.h"
#include "server/trust/policy.h"
#include "server/trust/release_format.h"
#include "tests/server/trust/example_policy.h"
#include "tests/support/signing_key.h"
#include "tests/support/test_capsule.h"
#include "tests/support/status_matchers.h"

namespace bootseal::trust {
namespace {

// deploy/quickstart fills in the same places.
std::string Filled(std::string text) {
  const auto pem = [](const tests::SigningKey& key) {
    return absl::StrCat("-----BEGIN PUBLIC KEY-----\\n",
                        absl::Base64Escape(key.public_key()),
                        "\\n-----END PUBLIC KEY-----\\n");
  };
  const std::vector<std::pair<std::string, std::string>> kFill = {
      {"@CA_PEM@", absl::StrReplaceAll(tests::kCaPem, {{"\n", "\\n"}})},
      {"@ALICE_APPROVER_PEM@", pem(tests::SharedKey(image::Algorithm::kP256))},
      {"@BOB_APPROVER_PEM@", pem(tests::SharedKey(image::Algorithm::kEd25519))},
      {"@CAPSULES_CERTIFICATE_PEM@",
       absl::StrReplaceAll(tests::SharedCapsuleKey().pem, {{"\n", "\\n"}})},
      {"@CAPSULES_SHA256@",
       absl::BytesToHexString(image::host::ToString(
           image::HashOf(image::HashAlgorithm::kSha256,
                         image::host::AsBytes(tests::SharedCapsuleKey()
                                                  .certificate.public_key()))
               .bytes()))}};
  text = absl::StrReplaceAll(text, kFill);
  for (char digit = '1';; ++digit) {
    const std::size_t end = text.find("_SHA256@");
    if (end == std::string::npos) return text;
    const std::size_t begin = text.rfind('@', end);
    text.replace(begin, end + 8 - begin, std::string(64, digit));
  }
}

TEST(QuickstartPolicy, HasReleasesForBothVersionsOfTheMetadata) {
  const auto text =
      base::ReadFile(absl::StrCat(BOOTSEAL_SOURCE_DIR,
                                  "/deploy/policy/quickstart.textproto.in"),
                     1 << 20);
  ASSERT_OK(text);
  const auto policy = Policy::Parse(Filled(*text));
  ASSERT_OK(policy);
  std::uint32_t version = 2;
  for (const char* name : {"stm32mp157/release", "stm32mp157/release-v1"}) {
    const v1::Target* const target = (*policy)->FindTarget(name);
    ASSERT_NE(target, nullptr) << name;
    EXPECT_EQ(target->release().metadata_version(), version--);
    EXPECT_TRUE(IsFip(target->release().images(0)));
  }
}

}  // namespace
}  // namespace bootseal::trust
