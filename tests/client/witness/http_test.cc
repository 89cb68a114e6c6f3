// c2sp.org/tlog-witness over HTTP, from outside.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <httplib.h>

#include <algorithm>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "base/file.h"
#include "firmware/image/host/add_checkpoint.h"
#include "firmware/image/host/cosignature.h"
#include "tests/client/witness/growth.h"
#include "tests/client/witness/running_witness.h"
#include "tests/support/pki.h"
#include "tests/support/status_matchers.h"

namespace bootseal::tests {
namespace {

using testing::HasSubstr;

constexpr char kOrigin[] = "bootseal.example/test";
constexpr char kType[] = "text/plain";

class WitnessHttpTest : public testing::Test {
 protected:
  WitnessHttpTest() : witness_({log_.vkey()}) { witness_.Start(); }

  httplib::Result Post(const std::string& body,
                       const std::string& path = "/add-checkpoint") {
    httplib::Client client("127.0.0.1", witness_.port());
    return client.Post(path, body, kType);
  }
  int Add(const std::string& body) {
    const auto result = Post(body);
    return result ? result->status : 0;
  }

  TestLog log_;
  RunningWitness witness_;
};

TEST_F(WitnessHttpTest, CosignsAndShowsWhatItCosigned) {
  EXPECT_EQ(witness_.Latest(kOrigin), "");
  const auto first = Post(Growth(log_, 0, 5));
  ASSERT_TRUE(first);
  ASSERT_EQ(first->status, 200);
  const auto key = image::host::CosignerKey::Parse(WitnessKeyText());
  const auto seen = image::host::OpenCosigned(witness_.Latest(kOrigin), *key);
  ASSERT_OK(seen);
  EXPECT_EQ(seen->size, 5U);
  EXPECT_EQ(seen->line, first->body);
  EXPECT_OK(log_.key().Open(witness_.Latest(kOrigin)).status());
  EXPECT_THAT(witness_.Output(), HasSubstr(WitnessKeyText()));
}

TEST_F(WitnessHttpTest, AnswersWithTheStatusOfTheSpecification) {
  ASSERT_EQ(Add(Growth(log_, 0, 5)), 200);
  EXPECT_EQ(Add("hello"), 400);
  EXPECT_EQ(Add(Growth(log_, 5, 3)), 400);
  EXPECT_EQ(Add(Growth(TestLog(), 5, 9)), 403);
  EXPECT_EQ(Add(absl::StrReplaceAll(Growth(log_, 5, 9),
                                    {{kOrigin, "other.example/log"}})),
            404);
  EXPECT_EQ(Add(Growth(log_, 0, 9)), 409);
  EXPECT_EQ(Add(Fork(log_, 5, 9)), 422);
  EXPECT_EQ(Add(Growth(log_, 5, 9)), 200);
}

TEST_F(WitnessHttpTest, TellsItsSizeWithTheTypeOfTheSpecification) {
  ASSERT_EQ(Add(Growth(log_, 0, 5)), 200);
  const auto result = Post(Growth(log_, 3, 9));
  ASSERT_TRUE(result);
  EXPECT_EQ(result->status, 409);
  EXPECT_EQ(result->get_header_value("Content-Type"), "text/x.tlog.size");
  EXPECT_EQ(result->body, "5\n");
}

TEST_F(WitnessHttpTest, TakesNoLargeBody) {
  EXPECT_EQ(Add(std::string(65537, 'x')), 413);
  EXPECT_EQ(Add(std::string(65536, 'x')), 400);
  EXPECT_EQ(Add(Growth(log_, 0, 5)), 200);
}

TEST_F(WitnessHttpTest, HasNothingElse) {
  httplib::Client client("127.0.0.1", witness_.port());
  EXPECT_EQ(client.Get("/add-checkpoint")->status, 405);
  EXPECT_EQ(client.Get("/")->status, 404);
  EXPECT_EQ(client.Get("/../etc/passwd")->status, 404);
  EXPECT_EQ(client.Get("/.lock")->status, 404);
  EXPECT_EQ(client.Get("/" + std::string(64, 'A') + "/checkpoint")->status,
            404);
  EXPECT_EQ(client.Put("/add-checkpoint", Growth(log_, 0, 5), kType)->status,
            404);
  EXPECT_EQ(Post(Growth(log_, 0, 5), "/sign-subtree")->status, 404);
  EXPECT_EQ(witness_.Latest(kOrigin), "");
}

TEST_F(WitnessHttpTest, OfManyAtOnceOneIsCosigned) {
  // Each of them fits on its own; two would be a fork or a way back.
  std::vector<int> statuses(8);
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < statuses.size(); ++i) {
    threads.emplace_back(
        [this, i, &statuses] { statuses[i] = Add(Growth(log_, 0, i + 1)); });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(std::count(statuses.begin(), statuses.end(), 200), 1);
  EXPECT_EQ(std::count(statuses.begin(), statuses.end(), 409), 7);
}

TEST_F(WitnessHttpTest, HasItsStateAndItsPortForItself) {
  const Outcome twin = witness_.StartAndFail();
  EXPECT_EQ(twin.exit_code, 5);
  EXPECT_THAT(twin.err, HasSubstr("FILE_LOCKED"));
  RunningWitness other({log_.vkey()});
  other.TakePort(witness_.port());
  const Outcome same_port = other.StartAndFail();
  EXPECT_EQ(same_port.exit_code, 1);
  EXPECT_THAT(same_port.err, HasSubstr("CANNOT_LISTEN"));
}

TEST(WitnessProgram, SpeaksTlsWithACertificate) {
  const TestLog log;
  RunningWitness witness({log.vkey()});
  const CertificateAuthority ca("witness CA");
  CertificateRequest request;
  request.addresses = {"127.0.0.1"};
  const Credential credential = ca.Issue(request);
  ASSERT_OK(base::WriteFileAtomically(witness.File("tls.pem"),
                                      credential.certificate_pem));
  ASSERT_OK(base::WriteFileAtomically(
      witness.File("tls.key"), credential.key_pem, base::FileMode::kPrivate));
  ASSERT_OK(
      base::WriteFileAtomically(witness.File("ca.pem"), ca.certificate_pem()));
  witness.Start({"--tls-cert", witness.File("tls.pem"), "--tls-key",
                 witness.File("tls.key")});
  EXPECT_THAT(witness.Output(), HasSubstr("https://127.0.0.1:"));
  httplib::SSLClient client("127.0.0.1", witness.port());
  client.set_ca_cert_path(witness.File("ca.pem").c_str());
  client.enable_server_certificate_verification(true);
  const auto result = client.Post("/add-checkpoint", Growth(log, 0, 5), kType);
  ASSERT_TRUE(result) << httplib::to_string(result.error());
  EXPECT_EQ(result->status, 200);
  httplib::Client plain("127.0.0.1", witness.port());
  EXPECT_FALSE(plain.Get("/"));
}

TEST(WitnessProgram, SaysWhatIsWrongWithItsOptions) {
  const TestLog log;
  RunningWitness witness({log.vkey()});
  const struct {
    std::vector<std::string> more;
    int exit_code;
    const char* says;
  } kCases[] = {
      {{"--once"}, 2, "excludes"},
      {{"--log", "nonsense"}, 2, "LOG_KEY_INVALID"},
      {{"--tls-cert", "x"}, 2, "--tls-key"},
      {{"--tls-cert", witness.File("w.pem"), "--tls-key",
        witness.File("w.pem")},
       1,
       "TLS_INVALID"},
  };
  for (const auto& each : kCases) {
    const Outcome outcome = witness.StartAndFail(each.more);
    EXPECT_EQ(outcome.exit_code, each.exit_code) << outcome.err;
    EXPECT_THAT(outcome.err, HasSubstr(each.says));
  }
}

TEST(WitnessProgram, WithAStateOfAnotherKeyDoesNotStart) {
  const TestLog log;
  RunningWitness witness({log.vkey()});
  witness.Start();
  witness.Kill();
  const std::string path =
      witness.File("state") + image::host::CheckpointPath(kOrigin);
  ASSERT_OK(base::WriteFileAtomically(path, log.Note(5, RootOf(5))));
  const Outcome outcome = witness.StartAndFail();
  EXPECT_EQ(outcome.exit_code, 5);
  EXPECT_THAT(outcome.err, HasSubstr("STATE_INVALID"));
}

}  // namespace
}  // namespace bootseal::tests
