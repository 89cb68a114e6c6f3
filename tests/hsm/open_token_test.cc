#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "base/status.h"
#include "hsm/pin_source.h"
#include "hsm/pkcs11/module.h"
#include "hsm/pkcs11/token.h"
#include "hsm/pkcs11/uri.h"
#include "hsm/signer.h"
#include "tests/support/softhsm_token.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_folder.h"

namespace bootseal::hsm {
namespace {

using pkcs11::Uri;
using tests::MessageHas;
using tests::SoftHsmToken;
using tests::StatusIs;
using tests::TemporaryFolder;

constexpr auto kPrecondition = absl::StatusCode::kFailedPrecondition;
constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

class OpenTokenTest : public testing::Test {
 protected:
  TokenOptions WithUri(const std::string& uri) const {
    TokenOptions options = softhsm_.Options();
    options.uri = uri;
    return options;
  }

  TemporaryFolder folder_;
  SoftHsmToken softhsm_{folder_.path()};
};

TEST_F(OpenTokenTest, FindsTheTokenByItsLabel) {
  const auto token = OpenToken(softhsm_.Options());
  ASSERT_OK(token);
  EXPECT_EQ((*token)->label(), "bootseal");
  EXPECT_EQ((*token)->serial().size(), 16U);
}

TEST(PinSource, IsNamedForAPinThatIsWrongUnlessItWasTyped) {
  const auto wrong = base::Precondition("PIN_INCORRECT", "wrong");
  EXPECT_EQ(WithPinSource(wrong, "/pin").message(), "PIN of /pin: wrong");
  EXPECT_EQ(WithPinSource(wrong, "").message(), "wrong");
  const auto other = base::Precondition("TOKEN_MISSING", "gone");
  EXPECT_EQ(WithPinSource(other, "/pin").message(), "gone");
}

TEST_F(OpenTokenTest, TakesSoftHsmWhenTheUriNamesNoModule) {
  EXPECT_OK(OpenToken(WithUri("pkcs11:token=bootseal")));
  EXPECT_OK(OpenToken(WithUri("pkcs11:token=bootseal?module-name=softhsm2")));
}

TEST_F(OpenTokenTest, OpensAgainAfterItWasClosed) {
  ASSERT_OK(OpenToken(softhsm_.Options()));
  EXPECT_OK(OpenToken(softhsm_.Options()));
}

TEST_F(OpenTokenTest, RefusesASecondTokenOfOneModule) {
  const auto token = OpenToken(softhsm_.Options());
  ASSERT_OK(token);
  EXPECT_THAT(OpenToken(softhsm_.Options()),
              StatusIs(kPrecondition, "MODULE_BUSY"));
}

TEST_F(OpenTokenTest, RefusesAModuleThatIsNotThere) {
  EXPECT_THAT(OpenToken(WithUri("pkcs11:?module-path=/nowhere/module.so")),
              StatusIs(kPrecondition, "MODULE_MISSING"));
  EXPECT_THAT(OpenToken(WithUri("pkcs11:?module-name=nosuchmodule")),
              StatusIs(kPrecondition, "MODULE_MISSING"));
}

TEST_F(OpenTokenTest, RefusesAModuleThatIsNone) {
  const std::string path = folder_.File("module.so");
  std::ofstream(path) << "not a library";
  EXPECT_THAT(OpenToken(WithUri("pkcs11:?module-path=" + path)),
              StatusIs(kPrecondition, "MODULE_UNUSABLE"));
}

TEST_F(OpenTokenTest, ListsTheTokensThatAreThereWhenNoneMatches) {
  const auto token = OpenToken(WithUri("pkcs11:token=other"));
  EXPECT_THAT(token, StatusIs(absl::StatusCode::kUnavailable, "TOKEN_MISSING"));
  EXPECT_THAT(token, MessageHas("\"bootseal\""));
}

TEST_F(OpenTokenTest, RefusesToChooseBetweenTwoTokens) {
  const SoftHsmToken second(folder_.path(), "second");
  EXPECT_THAT(OpenToken(WithUri("pkcs11:")),
              StatusIs(kPrecondition, "TOKEN_AMBIGUOUS"));
  EXPECT_OK(OpenToken(WithUri("pkcs11:token=second")));
}

TEST_F(OpenTokenTest, RefusesAWrongPin) {
  TokenOptions options = softhsm_.Options();
  options.pin = base::Secret(std::string("not-the-pin"));
  const auto token = OpenToken(std::move(options));
  EXPECT_THAT(token, StatusIs(kPrecondition, "PIN_INCORRECT"));
  EXPECT_THAT(std::string(token.status().message()),
              testing::Not(testing::HasSubstr("not-the-pin")));
}

TEST(Uri, RefusesAPinAndDoesNotRepeatIt) {
  for (const char* text :
       {"pkcs11:token=a?pin-value=s3cret", "pkcs11:?pin-source=s3cret",
        "pkcs11:nonsense?pin-value=s3cret", "pkcs11:%?pin-value=s3cret"}) {
    const auto uri = Uri::Parse(text);
    EXPECT_THAT(uri, StatusIs(kInvalid, "URI_PIN")) << text;
    EXPECT_THAT(std::string(uri.status().message()),
                testing::Not(testing::HasSubstr("s3cret")));
  }
}

TEST(Uri, RefusesWhatIsNoPkcs11Uri) {
  for (const char* text : {"", "token=a", "https://example/", "pkcs11:%zz",
                           "pkcs11:token", "pkcs11:id=%1"}) {
    EXPECT_THAT(Uri::Parse(text), StatusIs(kInvalid, "URI_SYNTAX")) << text;
  }
  EXPECT_THAT(Uri::Parse(std::string("pkcs11:object=a\0b", 17)),
              StatusIs(kInvalid, "URI_SYNTAX"));
}

TEST(Uri, RefusesAnAttributeThatItDoesNotKnow) {
  EXPECT_THAT(Uri::Parse("pkcs11:tokem=a"),
              StatusIs(kInvalid, "URI_ATTRIBUTE"));
}

TEST(Uri, RefusesAnAttributeThatItWouldNotHeed) {
  for (const char* text :
       {"pkcs11:token=a;library-manufacturer=other",
        "pkcs11:token=a;library-description=other",
        "pkcs11:token=a;library-version=9.9", "pkcs11:slot-description=other",
        "pkcs11:slot-manufacturer=other", "pkcs11:object=a;type=public",
        "pkcs11:object=a;type=cert", "pkcs11:object=a;type=secret-key"}) {
    EXPECT_THAT(Uri::Parse(text), StatusIs(kInvalid, "URI_ATTRIBUTE")) << text;
  }
}

TEST(Uri, TakesThePrivateHalfByItsType) {
  const auto uri = Uri::Parse("pkcs11:object=a;type=private");
  ASSERT_OK(uri);
  EXPECT_EQ(uri->object(), "a");
}

TEST(Uri, KeepsALabelThatSpeaksOfPins) {
  const auto uri = Uri::Parse("pkcs11:object=pin-board");
  ASSERT_OK(uri);
  EXPECT_EQ(uri->object(), "pin-board");
}

TEST(Uri, DecodesLabelAndId) {
  const auto uri = Uri::Parse("pkcs11:object=a%2Fb%20c;id=%00%ff");
  ASSERT_OK(uri);
  EXPECT_EQ(uri->object(), "a/b c");
  EXPECT_EQ(uri->id(), std::string("\0\xff", 2));
  EXPECT_EQ(pkcs11::UriEscape("a/b c"), "a%2Fb%20c");
}

}  // namespace
}  // namespace bootseal::hsm
