#include "tests/server/scrape.h"

#include <httplib.h>

#include <chrono>
#include <cstdlib>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/file.h"

namespace bootseal::tests {

void AddMetrics(ServerFixture& server) {
  server.config().mutable_metrics()->set_listen("127.0.0.1:0");
  server.config().mutable_metrics()->set_port_file("metrics-port");
}

void AddCanary(ServerFixture& server) {
  server.AddKey("canary", hsm::Algorithm::kEd25519);
  server.policy()
      .mutable_keys(server.policy().keys_size() - 1)
      ->set_purpose(v1::CANARY);
  server.config().mutable_health()->set_canary_key("canary");
  server.config().mutable_health()->set_interval_seconds(1);
}

int MetricsPort(const ServerFixture& server) {
  const auto text = base::ReadFile(server.folder().File("metrics-port"), 64);
  int port = 0;
  if (!text.ok() || !absl::SimpleAtoi(*text, &port)) std::abort();
  return port;
}

HttpAnswer Fetch(const ServerFixture& server, const std::string& path) {
  httplib::Client client("127.0.0.1", MetricsPort(server));
  const auto result = client.Get(path);
  if (!result) return {};
  return {result->status, result->get_header_value("Content-Type"),
          result->body};
}

std::string Scrape(const ServerFixture& server) {
  return Fetch(server, "/metrics").body;
}

double ValueOf(const std::string& scrape, const std::string& series) {
  const std::string text = absl::StrCat("\n", scrape);
  const std::size_t at = text.find(absl::StrCat("\n", series, " "));
  if (at == std::string::npos) return -1;
  const std::size_t begin = at + series.size() + 2;
  double value = -1;
  if (!absl::SimpleAtod(text.substr(begin, text.find('\n', begin) - begin),
                        &value)) {
    return -1;
  }
  return value;
}

bool Reaches(const ServerFixture& server, const std::string& series,
             double value) {
  const auto deadline =
      std::chrono::steady_clock::now() + std::chrono::seconds(15);
  while (ValueOf(Scrape(server), series) != value) {
    if (std::chrono::steady_clock::now() > deadline) return false;
  }
  return true;
}

}  // namespace bootseal::tests
