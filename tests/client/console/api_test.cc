// What the page gets to show.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/evp.h>

#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/file.h"
#include "client/console/recompute.h"
#include "tests/client/console/http_fixture.h"
#include "tests/support/process.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_folder.h"

namespace bootseal::tests {
namespace {

using testing::HasSubstr;

using ConsoleApi = HttpTest;

TEST_F(ConsoleApi, PassesEveryFilterOn) {
  const std::string reply =
      Get("/api/entries?target=an521%2Fapp&identity=ci&key=k&decision=refused"
          "&from=5&until=9&start=7&limit=20");
  ASSERT_EQ(StatusOfReply(reply), 200) << reply;
  const v1::ListEntriesRequest filter = source_.last_filter();
  EXPECT_EQ(filter.target(), "an521/app");
  EXPECT_EQ(filter.identity(), "ci");
  EXPECT_EQ(filter.key(), "k");
  EXPECT_EQ(filter.decision(), "refused");
  EXPECT_EQ(filter.from_unix_ms(), 5);
  EXPECT_EQ(filter.until_unix_ms(), 9);
  EXPECT_EQ(filter.start(), 7U);
  EXPECT_EQ(filter.limit(), 20U);
}

TEST_F(ConsoleApi, NamesAFilterThatIsNoNumber) {
  for (const char* query : {"start=x", "start=-1", "limit=1e3", "from=0x10",
                            "until=99999999999999999999"}) {
    const std::string reply = Get(absl::StrCat("/api/entries?", query));
    EXPECT_EQ(StatusOfReply(reply), 400) << query;
    EXPECT_EQ(Member(reply, "reason"), "FIELD_INVALID") << query;
  }
  EXPECT_EQ(source_.calls(), 0);
}

TEST_F(ConsoleApi, ShowsARequestAgainstTheLastRelease) {
  const std::string reply =
      Get(absl::StrCat("/api/requests/", source_.subject()));
  ASSERT_EQ(StatusOfReply(reply), 200) << reply;
  EXPECT_THAT(reply, HasSubstr("{\"name\":\"version\",\"before\":\"1.2.2\","
                               "\"now\":\"1.2.3\"}"));
  EXPECT_THAT(reply, HasSubstr(absl::BytesToHexString(std::string(32, 'd'))));
  EXPECT_THAT(reply, HasSubstr("\"state\":\"waiting\""));
}

TEST_F(ConsoleApi, KnowsNoOtherCall) {
  for (const char* path : {"/api/", "/api/keys", "/api/entries/1/2",
                           "/api/requests//confirmation"}) {
    EXPECT_EQ(StatusOfReply(Get(path)), 404) << path;
  }
  EXPECT_EQ(StatusOfReply(Post("/api/entries", "{}")), 404);
  EXPECT_EQ(source_.calls(), 0);
}

v1::SignedDigest DigestWithPreimage() {
  v1::SignedDigest digest;
  v1::Preimage& preimage = *digest.mutable_preimage();
  preimage.set_header(std::string("\x3d\xb8\xf3\x96\x00'%s\\", 9));
  preimage.set_padding_bytes(5);
  preimage.set_padding_byte(0xff);
  preimage.set_payload_padding_bytes(3);
  preimage.set_protected_tlvs("tlvs");
  return digest;
}

struct HashCase {
  const char* name;
  const EVP_MD* (*hash)();
};

class Recompute : public testing::TestWithParam<HashCase> {};

// The line does what it says, in a shell.
TEST_P(Recompute, LineGivesTheDigest) {
  const TemporaryFolder folder;
  v1::SignedDigest digest = DigestWithPreimage();
  const std::string payload("pay\0load", 8);
  const std::string whole =
      absl::StrCat(digest.preimage().header(), std::string(5, '\xff'), payload,
                   std::string(3, '\0'), "tlvs");
  std::string raw(EVP_MAX_MD_SIZE, '\0');
  unsigned int size = 0;
  EVP_Digest(whole.data(), whole.size(),
             reinterpret_cast<unsigned char*>(raw.data()), &size,
             GetParam().hash(), nullptr);
  raw.resize(size);
  digest.set_digest(raw);
  ASSERT_OK(base::WriteFileAtomically(folder.File("payload.bin"), payload));
  const Outcome outcome =
      tests::Run({"sh", "-c",
                  absl::StrCat("cd ", folder.path(), " && ",
                               console::RecomputeLine(digest))});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(outcome.out, absl::StrCat(absl::BytesToHexString(raw), "  -\n"));
  EXPECT_EQ(console::HashNameOf(digest), GetParam().name);
}

INSTANTIATE_TEST_SUITE_P(Hashes, Recompute,
                         testing::Values(HashCase{"sha256", EVP_sha256},
                                         HashCase{"sha384", EVP_sha384},
                                         HashCase{"sha512", EVP_sha512}));

TEST(RecomputeLine, SaysNothingOfADigestWhosePreimageIsNotThere) {
  v1::SignedDigest digest;
  digest.set_digest(std::string(32, 'd'));
  EXPECT_EQ(console::RecomputeLine(digest), "");
}

}  // namespace
}  // namespace bootseal::tests
