// The commands that take a public key from a server.
#include <gmock/gmock.h>

#include "base/status.h"
#include "client/imgtool/server.h"
#include "tests/client/imgtool/sign_fixture.h"

namespace bootseal::tests {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

struct Said {
  absl::Status status;
  std::string out;
  std::string err;
};

class KeyOnServerTest : public SignTest {
 protected:
  KeyOnServerTest() {
    MakeKey("ecdsa-p384", "key.pem");
    server_.find_key =
        [this](
            const std::string& signer) -> absl::StatusOr<imgtool::KeyOnServer> {
      if (signer == "key/app") return imgtool::KeyOnServer{Pem(), "", {}};
      if (signer != "app") return base::NotFound("UNKNOWN_TARGET", signer);
      return imgtool::KeyOnServer{
          Pem(), "app", [this](absl::string_view) { return verdict_; }};
    };
  }

  std::string Pem() const { return LoadKey("key.pem").PublicPem(); }
  Said Run(const Words& words) const {
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    Said said;
    said.status = imgtool::Run(words, server_);
    said.out = testing::internal::GetCapturedStdout();
    said.err = testing::internal::GetCapturedStderr();
    return said;
  }
  // What `words` say of the file and of the server's key are the same.
  void ExpectTheSameAsOfTheFile(Words words) const {
    words.insert(words.end(), {"-k", File("key.pem")});
    const Said local = Run(words);
    for (const char* name : {"bootseal:app", "bootseal:key/app"}) {
      words.back() = name;
      const Said remote = Run(words);
      EXPECT_OK(remote.status);
      EXPECT_EQ(remote.out, local.out);
      EXPECT_THAT(remote.out, testing::Not(IsEmpty()));
    }
  }

  imgtool::Server server_;
  absl::Status verdict_;
};

TEST_F(KeyOnServerTest, IsPrintedAsTheOneOfAFileIs) {
  ExpectTheSameAsOfTheFile({"getpub"});
  ExpectTheSameAsOfTheFile({"getpub", "-e", "lang-rust"});
  ExpectTheSameAsOfTheFile({"getpub", "-e", "pem"});
  ExpectTheSameAsOfTheFile({"getpub", "-e", "raw"});
  ExpectTheSameAsOfTheFile({"getpubhash"});
  ExpectTheSameAsOfTheFile({"getpubhash", "--imgtool-compatible"});
}

TEST_F(KeyOnServerTest, IsPublicForKeyinfo) {
  EXPECT_EQ(Run({"keyinfo", "-k", "bootseal:app"}).out, "public\n");
  EXPECT_OK(
      Run({"keyinfo", "-k", "bootseal:app", "--require", "public"}).status);
  const Said said =
      Run({"keyinfo", "-k", "bootseal:app", "--require", "private"});
  EXPECT_EQ(imgtool::ExitStatusOf(said.status), 2);
  EXPECT_THAT(std::string(said.status.message()),
              HasSubstr("stays in the HSM, where sign uses it"));
}

TEST_F(KeyOnServerTest, VerifiesWhatItSigned) {
  ASSERT_OK(Sign({"-k", File("key.pem")}));
  ExpectTheSameAsOfTheFile({"verify", File("image.bin")});
  EXPECT_THAT(Run({"verify", "-k", "bootseal:app", File("image.bin")}).err,
              IsEmpty());
}

TEST_F(KeyOnServerTest, DoesNotVerifyWhatAnotherSigned) {
  ASSERT_OK(Sign({"-k", File("key.pem")}));
  MakeKey("ecdsa-p384", "key.pem");
  const Said said = Run({"verify", "-k", "bootseal:app", File("image.bin")});
  EXPECT_EQ(base::ReasonOf(said.status), "KEY_UNKNOWN");
  EXPECT_EQ(imgtool::ExitStatusOf(said.status), 1);
}

TEST_F(KeyOnServerTest, WarnsWhenItsTargetWouldNotBootTheImage) {
  ASSERT_OK(Sign({"-k", File("key.pem")}));
  verdict_ = base::Precondition("SECURITY_COUNTER_MISSING", "no counter");
  const Said said = Run({"verify", "-k", "bootseal:app", File("image.bin")});
  EXPECT_OK(said.status);
  EXPECT_THAT(said.out, HasSubstr("Image was correctly validated"));
  EXPECT_THAT(said.err,
              HasSubstr("target app would not boot it: no counter "
                        "(SECURITY_COUNTER_MISSING); `bootseal explain "
                        "--target app "));
}

TEST_F(KeyOnServerTest, NeverLeavesTheHsm) {
  const Said said = Run({"getpriv", "-k", "bootseal:app"});
  EXPECT_EQ(base::ReasonOf(said.status), "KEY_IN_HSM");
  EXPECT_EQ(imgtool::ExitStatusOf(said.status), 2);
  EXPECT_THAT(std::string(said.status.message()),
              HasSubstr("private keys never leave the HSM"));
  EXPECT_THAT(said.out, IsEmpty());
}

TEST_F(KeyOnServerTest, IsNotMadeByKeygen) {
  const Said said = Run({"keygen", "-t", "ed25519", "-k", "bootseal:app"});
  EXPECT_EQ(base::ReasonOf(said.status), "KEY_IN_HSM");
  EXPECT_THAT(std::string(said.status.message()),
              HasSubstr("bootseal-token generate"));
  EXPECT_FALSE(std::filesystem::exists("bootseal:app"));
}

TEST_F(KeyOnServerTest, IsNoneOfAnotherName) {
  ASSERT_OK(Sign({"-k", File("key.pem")}));
  for (const Words& words :
       {Words{"getpub"}, Words{"getpubhash"}, Words{"keyinfo"},
        Words{"verify", File("image.bin")}}) {
    Words asked = words;
    asked.insert(asked.end(), {"-k", "bootseal:other"});
    EXPECT_EQ(base::ReasonOf(Run(asked).status), "UNKNOWN_TARGET");
  }
}

TEST_F(KeyOnServerTest, IsOutOfReachForAProgramWithoutServer) {
  for (const Words& words :
       {Words{"getpub"}, Words{"getpubhash"}, Words{"keyinfo"},
        Words{"verify", File("payload.bin")}}) {
    Words asked = words;
    asked.insert(asked.end(), {"-k", "bootseal:app"});
    EXPECT_EQ(base::ReasonOf(imgtool::Run(asked)), "SERVER_SIGNING");
  }
}

}  // namespace
}  // namespace bootseal::tests
