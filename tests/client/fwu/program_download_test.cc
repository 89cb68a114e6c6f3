// The program fetches a bundle, from a server that breaks off, lies or is not
// the one that it trusts.
#include <gtest/gtest.h>

#include <string>

#include "tests/client/fwu/https_server.h"
#include "tests/client/fwu/program_fixture.h"

namespace bootseal::fwu {
namespace {

class ProgramFrom : public Program {
 protected:
  tests::Outcome Fetch(const HttpsServer& server) {
    return Run({"install", server.Url(), "--ca", server.ca_path(),
                "--download-folder", folder_.path(), "--json"});
  }
  void ExpectRefusedBy(const std::string& content, const std::string& reason) {
    HttpsServer server(content);
    const std::string before = Flash();
    const tests::Outcome refused = Fetch(server);
    EXPECT_EQ(refused.exit_code, 1) << refused.out << refused.err;
    EXPECT_EQ(Json(refused.out).Reason(), reason) << refused.out;
    EXPECT_TRUE(Flash() == before) << reason;
    EXPECT_EQ(server.requests, 1) << reason;
  }
};

TEST_P(ProgramFrom, AServerThatBreaksOffInstallsTheWholeRelease) {
  HttpsServer server(second_.bundle);
  server.bytes_per_connection = 25'000;
  const tests::Outcome installed = Fetch(server);
  ASSERT_EQ(installed.exit_code, 0) << installed.out << installed.err;
  EXPECT_GE(server.ranges, 2);
  EXPECT_TRUE(device_.BankHas(Flash(), 1, second_));
  Reset();
  EXPECT_EQ(Json(Run({"status", "--json"}).out).Text("state"), "trial");
}

TEST_P(ProgramFrom, AServerOfSomethingElseTakesNothingOfIt) {
  std::string image = second_.bundle;
  image[image.size() / 2] ^= 1;
  ExpectRefusedBy(image, "IMAGE_DIGEST");
  ExpectRefusedBy(second_.bundle.substr(0, 40'000), "BUNDLE_TRUNCATED");
  ExpectRefusedBy(second_.bundle + std::string(4 << 20, '\0'), "BUNDLE_SIZE");
  ExpectRefusedBy(MakeRelease({.product = "toaster", .counter = 9}).bundle,
                  "PRODUCT_MISMATCH");
  ExpectRefusedBy(MakeRelease({.minor = 9, .counter = 4}).bundle, "DOWNGRADE");
}

TEST_P(ProgramFrom, AServerThatItDoesNotTrustTakesNothing) {
  const HttpsServer server(second_.bundle);
  const HttpsServer other(second_.bundle);
  const std::string before = Flash();
  ExpectRefusal({"install", server.Url(), "--ca", other.ca_path()}, 1,
                "DOWNLOAD_UNTRUSTED");
  EXPECT_EQ(Flash(), before);
  EXPECT_EQ(server.requests, 0);
}

INSTANTIATE_TEST_SUITE_P(Devices, ProgramFrom,
                         testing::Values(Kind::kGpt, Kind::kRaw), NameOfKind);

}  // namespace
}  // namespace bootseal::fwu
