// bootseal-bench: signatures per second through the whole path (mutual TLS,
// policy, HSM, durable log, receipt, client's own verification) against a raw
// C_Sign loop on the same token, both in one run on the same cores.
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/security/credentials.h"
#include "tests/bench/load.h"
#include "tests/bench/raw_signing.h"
#include "tests/integration/installation.h"

namespace bootseal::bench {
namespace {

struct Options {
  std::vector<std::string> keys{"rsa3072", "p256"};
  int seconds = 5;
  std::size_t payload_bytes = 4096;
  int streams = 2;
  int window = 32;
};

struct Figure {
  std::string key;
  double per_second = 0;
  double raw_per_second = 0;
  double ratio() const { return per_second / raw_per_second; }
};

std::shared_ptr<grpc::Channel> Connect(
    const tests::Installation& installation) {
  const tests::Environment environment = installation.ClientEnvironment("ci");
  grpc::SslCredentialsOptions tls;
  tls.pem_root_certs = installation.Read("pki/ca.pem");
  tls.pem_cert_chain = installation.Read("pki/ci.pem");
  tls.pem_private_key = installation.Read("pki/ci.key");
  return grpc::CreateChannel(environment.at("BOOTSEAL_SERVER"),
                             grpc::SslCredentials(tls));
}

// Before the server runs: two processes that log in to one SoftHSM2 token at
// the same moment disturb each other.
double Raw(const tests::Installation& installation, const std::string& key,
           const Options& options) {
  setenv("SOFTHSM2_CONF", installation.File("softhsm2.conf").c_str(), 1);
  return RawSignaturesPerSecond(
      "/usr/lib/softhsm/libsofthsm2.so", "bootseal", "12345678", {key, key},
      static_cast<int>(std::thread::hardware_concurrency()),
      std::chrono::seconds(options.seconds));
}

double Whole(const tests::Installation& installation, const std::string& key,
             const Options& options) {
  Load load;
  load.target = key;
  load.log_key = installation.ClientEnvironment("ci").at("BOOTSEAL_LOG_KEY");
  load.payload = tests::Payload(options.payload_bytes);
  load.streams = options.streams;
  load.window = options.window;
  load.duration = std::chrono::seconds(options.seconds);
  return SignaturesPerSecond(Connect(installation), load);
}

std::vector<Figure> Measure(const Options& options) {
  std::vector<tests::TestTarget> targets;
  for (const std::string& key : options.keys) {
    targets.push_back(tests::BoardTarget(key));
  }
  tests::Installation installation(targets);
  std::vector<Figure> figures;
  for (const std::string& key : options.keys) {
    figures.push_back({key, 0, Raw(installation, key, options)});
  }
  if (installation.StartServer() != -1) {
    std::fprintf(stderr, "bootseal-bench: no server:\n%s",
                 installation.ServerLog().c_str());
    std::exit(1);
  }
  for (Figure& figure : figures) {
    figure.per_second = Whole(installation, figure.key, options);
  }
  return figures;
}

std::string Json(const Figure& figure) {
  return absl::StrFormat(
      "{\"key\":\"%s\",\"per_second\":%.0f,\"raw_per_second\":%.0f,"
      "\"ratio\":%.3f}",
      figure.key, figure.per_second, figure.raw_per_second, figure.ratio());
}

int Main(int argc, char** argv) {
  CLI::App app{"signatures per second: the whole path against raw C_Sign"};
  Options options;
  bool json = false;
  app.add_flag("--json", json, "one JSON object on standard output");
  app.add_option("--key", options.keys, "rsa2048 rsa3072 p256 p384 ed25519")
      ->capture_default_str();
  app.add_option("--seconds", options.seconds, "for each measurement")
      ->capture_default_str();
  app.add_option("--payload", options.payload_bytes, "bytes")
      ->capture_default_str();
  app.add_option("--streams", options.streams)->capture_default_str();
  app.add_option("--window", options.window, "requests under way per stream")
      ->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  const std::vector<Figure> figures = Measure(options);
  if (json) {
    std::vector<std::string> rows;
    for (const Figure& figure : figures) rows.push_back(Json(figure));
    std::printf("{\"signing\":[%s]}\n", absl::StrJoin(rows, ",").c_str());
    return 0;
  }
  std::printf("%-10s %14s %14s %7s\n", "key", "whole path/s", "raw C_Sign/s",
              "ratio");
  for (const Figure& figure : figures) {
    std::printf("%-10s %14.0f %14.0f %7.3f\n", figure.key.c_str(),
                figure.per_second, figure.raw_per_second, figure.ratio());
  }
  return 0;
}

}  // namespace
}  // namespace bootseal::bench

int main(int argc, char** argv) { return bootseal::bench::Main(argc, argv); }
