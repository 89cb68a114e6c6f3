// What a configuration may say; what a server makes of it: life_test.cc.
#include "server/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/file.h"
#include "firmware/image/host/cosignature.h"
#include "google/protobuf/text_format.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_folder.h"

namespace bootseal::server {
namespace {

using tests::MessageHas;
using tests::StatusIs;

// What every configuration needs.
constexpr char kLeast[] = R"(
listen: "127.0.0.1:8443"
tls { certificate_path: "server.pem" key_path: "server.key" }
policy_path: "policy.textproto"
hsm { pkcs11 { uri: "pkcs11:token=bootseal" pin_path: "pin" } }
log {
  origin: "bootseal.example/audit"
  checkpoint_key: "log"
  sqlite { path: "log.sqlite" }
}
)";

std::string WitnessOf(const std::string& name, const std::string& raw_key) {
  const auto key = image::host::CosignerKey::Make(name, raw_key);
  return absl::StrCat("witnesses { url: \"https://", name,
                      "\" verifier_key: \"", key.ok() ? key->text() : "",
                      "\" } ");
}

class ConfigTest : public testing::Test {
 protected:
  absl::StatusOr<v1::ServerConfig> Load(const std::string& more) const {
    v1::ServerConfig config;
    google::protobuf::TextFormat::Parser parser;
    EXPECT_TRUE(parser.MergeFromString(kLeast, &config));
    EXPECT_TRUE(parser.MergeFromString(more, &config)) << more;
    std::string text;
    google::protobuf::TextFormat::PrintToString(config, &text);
    const std::string path = folder_.File("server.textproto");
    EXPECT_OK(base::WriteFileAtomically(path, text));
    return LoadConfig(path);
  }
  void ExpectProblem(const std::string& more, const std::string& text) const {
    const auto config = Load(more);
    EXPECT_THAT(config,
                StatusIs(absl::StatusCode::kInvalidArgument, "CONFIG_INVALID"))
        << more;
    EXPECT_THAT(config, MessageHas(text)) << more;
  }

  const tests::TemporaryFolder folder_;
};

TEST_F(ConfigTest, TakesTheLeastOfAllAndPutsTheDefaultsIn) {
  const auto config = Load("");
  ASSERT_OK(config);
  EXPECT_EQ(config->limits().max_payload_bytes(), std::uint64_t{64} << 20);
  EXPECT_EQ(config->limits().max_concurrent_requests(), 256U);
  EXPECT_EQ(config->limits().max_requests_per_identity(), 128U);
  EXPECT_EQ(config->limits().places_for_releases(), 32U);
  EXPECT_EQ(config->limits().upload_seconds(), 300U);
  EXPECT_EQ(config->limits().max_pending_per_identity(), 64U);
  EXPECT_EQ(config->limits().max_calls_per_second(), 1000U);
  EXPECT_EQ(config->hsm().pkcs11().max_sessions(), 8U);
}

TEST_F(ConfigTest, TakesEachLimitUpToItsBound) {
  EXPECT_OK(
      Load("limits { max_payload_bytes: 4294967296 upload_seconds: 86400 "
           "max_concurrent_requests: 4096 max_requests_per_identity: 4096 "
           "max_buffered_bytes: 1048576 max_pending_per_identity: 10000 "
           "max_calls_per_second: 1000000 places_for_releases: 4095 }"));
}

TEST_F(ConfigTest, RefusesEachLimitAboveItsBound) {
  const struct {
    const char* limit;
    const char* text;
  } kCases[] = {
      {"max_payload_bytes: 4294967297",
       "limits.max_payload_bytes: 4294967297, expected at most 4294967296"},
      {"upload_seconds: 86401",
       "limits.upload_seconds: 86401, expected at most 86400 (a day)"},
      {"max_concurrent_requests: 4097",
       "limits.max_concurrent_requests: 4097, expected at most 4096"},
      {"max_requests_per_identity: 257",
       "limits.max_requests_per_identity: 257, expected at most 256"},
      {"max_buffered_bytes: 18446744073709551615",
       "limits.max_buffered_bytes: 18446744073709551615, expected at most "},
      {"max_pending_per_identity: 10001",
       "limits.max_pending_per_identity: 10001, expected at most 10000"},
      {"max_calls_per_second: 4294967295",
       "limits.max_calls_per_second: 4294967295, expected at most 1000000"},
      {"places_for_releases: 256",
       "limits.places_for_releases: 256, expected fewer than 256"},
  };
  for (const auto& each : kCases) {
    ExpectProblem(absl::StrCat("limits { ", each.limit, " }"), each.text);
  }
}

TEST_F(ConfigTest, NamesEveryLimitThatIsWrongAtOnce) {
  const auto config = Load(
      "limits { upload_seconds: 4000000000 "
      "max_calls_per_second: 4000000000 }");
  EXPECT_THAT(config, MessageHas("limits.upload_seconds: 4000000000"));
  EXPECT_THAT(config, MessageHas("limits.max_calls_per_second: 4000000000"));
}

// The log has a line for each, and each is found by itself.
TEST_F(ConfigTest, NamesTheFileWithEachProblem) {
  const absl::Status status =
      Load(
          "limits { upload_seconds: 4000000 max_calls_per_second: 4000000000 }"
          "hsm { pkcs11 { max_sessions: 4000000 } }")
          .status();
  const std::vector<std::string> lines = absl::StrSplit(status.message(), '\n');
  EXPECT_GE(lines.size(), 3U) << status;
  for (const std::string& line : lines) {
    EXPECT_THAT(line, testing::StartsWith(folder_.File("server.textproto: ")));
  }
}

TEST_F(ConfigTest, RefusesMoreSessionsThanAnyTokenHas) {
  ExpectProblem("hsm { pkcs11 { max_sessions: 4294967295 } }",
                "hsm.pkcs11.max_sessions: 4294967295, expected at most 1024");
}

TEST_F(ConfigTest, RefusesACanaryThatHardlyEverSigns) {
  ExpectProblem("health { canary_key: \"canary\" interval_seconds: 3601 }",
                "health.interval_seconds: 3601, expected at most 3600");
}

// A port is not taken modulo 65536.
TEST_F(ConfigTest, RefusesAPortOfItsMetricsThatIsNone) {
  for (const char* port : {"65536", "99999", "4294976760", "99999999999999"}) {
    ExpectProblem(absl::StrCat("metrics { listen: \"127.0.0.1:", port, "\" }"),
                  absl::StrCat("metrics.listen: \"127.0.0.1:", port,
                               "\" has port ", port, ", expected 0 to 65535"));
  }
}

TEST_F(ConfigTest, RefusesOnePortForCallersAndMetrics) {
  ExpectProblem("metrics { listen: \"127.0.0.1:8443\" }",
                "metrics.listen: \"127.0.0.1:8443\" is listen's too");
}

TEST_F(ConfigTest, RefusesOneFileForBothPorts) {
  ExpectProblem("port_file: \"port\" metrics { port_file: \"port\" }",
                "metrics.port_file: \"port\" is port_file's too");
}

// Each then has a free one of its own.
TEST_F(ConfigTest, TakesPortZeroForCallersAndMetrics) {
  EXPECT_OK(
      Load("listen: \"127.0.0.1:0\" metrics { listen: \"127.0.0.1:0\" }"));
}

TEST_F(ConfigTest, NamesBothStoresWhereThereIsNone) {
  ExpectProblem("log { sqlite { path: \"\" } }",
                "log.sqlite.path or log.postgres.connection: required");
}

TEST_F(ConfigTest, RefusesAnAddressOfItsMetricsWithoutAPort) {
  for (const char* listen : {"127.0.0.1", "127.0.0.1:", "127.0.0.1:-1",
                             "127.0.0.1:http", "127.0.0.1: 9464"}) {
    ExpectProblem(absl::StrCat("metrics { listen: \"", listen, "\" }"),
                  absl::StrCat("metrics.listen: \"", listen,
                               "\" has no port, expected host:port"));
  }
}

TEST_F(ConfigTest, TakesSeveralWitnesses) {
  const std::string first = WitnessOf("one.example", std::string(32, '1'));
  const std::string second = WitnessOf("two.example", std::string(32, '2'));
  EXPECT_OK(Load(absl::StrCat("log { ", first, second, "}")));
}

// It would be asked twice, and have two figures of one name.
TEST_F(ConfigTest, RefusesOneWitnessTwice) {
  const std::string first = WitnessOf("one.example", std::string(32, '1'));
  const std::string second = WitnessOf("two.example", std::string(32, '2'));
  ExpectProblem(absl::StrCat("log { ", first, second, first, "}"),
                ", which is that of log.witnesses[0] too, expected another");
}

TEST_F(ConfigTest, RefusesAWitnessWithoutAHost) {
  for (const char* url : {"", "witness.example", "https://", "http:///x",
                          "https://:8440", "https://no such host"}) {
    ExpectProblem(absl::StrCat("log { witnesses { url: \"", url, "\" } }"),
                  absl::StrCat("log.witnesses[0].url: \"", url,
                               "\", expected https://HOST"));
  }
}

}  // namespace
}  // namespace bootseal::server
