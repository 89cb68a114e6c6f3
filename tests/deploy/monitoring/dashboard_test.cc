// Every query of the dashboard, and every alert, is about series that a real
// server shows.
#include <gtest/gtest.h>
#include <jansson.h>

#include <fstream>
#include <memory>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "base/file.h"
#include "firmware/image/host/cosignature.h"
#include "tests/server/approval_fixture.h"
#include "tests/server/scrape.h"
#include "tests/support/postgres_cluster.h"
#include "tests/support/status_matchers.h"

namespace bootseal::tests {
namespace {

const std::string& Folder() {
  static const auto* folder =
      new std::string(BOOTSEAL_SOURCE_DIR "/deploy/monitoring/");
  return *folder;
}

std::string Read(const std::string& name) {
  auto text = base::ReadFile(Folder() + name, 1 << 20);
  EXPECT_OK(text);
  return text.ok() ? *std::move(text) : std::string();
}

// Every "expr" below `node`.
void Collect(const json_t* node, std::vector<std::string>& queries) {
  const char* key = nullptr;
  json_t* value = nullptr;
  json_object_foreach(const_cast<json_t*>(node), key, value) {
    if (std::string(key) == "expr") queries.push_back(json_string_value(value));
    Collect(value, queries);
  }
  for (std::size_t i = 0; i < json_array_size(node); ++i) {
    Collect(json_array_get(node, i), queries);
  }
}

std::vector<std::string> Queries() {
  const std::string text = Read("dashboard.json");
  const std::unique_ptr<json_t, void (*)(json_t*)> root(
      json_loadb(text.data(), text.size(), 0, nullptr), json_decref);
  EXPECT_NE(root, nullptr);
  std::vector<std::string> queries;
  Collect(root.get(), queries);
  return queries;
}

// Names of our own series, and of the process's.
std::set<std::string> SeriesOf(const std::string& text) {
  static const std::regex kName("\\b(bootseal|process)_[a-z0-9_]+");
  std::set<std::string> names;
  for (std::sregex_iterator each(text.begin(), text.end(), kName), end;
       each != end; ++each) {
    names.insert(each->str());
  }
  return names;
}

// With everything in it that a server can show.
class Shown : public ApprovalFixture {
 protected:
  Shown() {
    AddMetrics(server_);
    server_.AddIssuer("github", TokenIssuer("https://issuer.example"));
    AddCanary(server_);
    v1::Witness& witness = *server_.config().mutable_log()->add_witnesses();
    witness.set_url("http://127.0.0.1:1");  // where nobody answers
    witness.set_verifier_key(
        image::host::CosignerKey::Make("witness", std::string(32, 'k'))
            ->text());
    server_.Start();
    EXPECT_OK(Ask(HeaderFor(payload_)));
    Waiting(GuardedHeader());
    const auto deadline =
        std::chrono::steady_clock::now() + std::chrono::seconds(20);
    do {
      scrape_ = Scrape(server_);
    } while (ValueOf(scrape_, "bootseal_pending_requests") != 1 &&
             std::chrono::steady_clock::now() < deadline);
    ServerFixture shared;
    AddMetrics(shared);
    v1::Postgres& postgres = *shared.config().mutable_log()->mutable_postgres();
    postgres.set_connection(database_.NewDatabase());
    postgres.set_password_path(database_.password_path());
    shared.Start();
    absl::StrAppend(&scrape_, Scrape(shared));
  }

  bool Has(const std::string& name) const {
    const std::string text = absl::StrCat("\n", scrape_);
    return absl::StrContains(text, absl::StrCat("\n", name, "{")) ||
           absl::StrContains(text, absl::StrCat("\n", name, " "));
  }

  PostgresCluster database_;
  // Of a server with its log in a file, and then of one that shares its log.
  std::string scrape_;
};

TEST_F(Shown, HasEverySeriesOfTheDashboard) {
  const std::vector<std::string> queries = Queries();
  EXPECT_GT(queries.size(), 30U);
  for (const std::string& query : queries) {
    const auto names = SeriesOf(query);
    EXPECT_FALSE(names.empty()) << query;
    for (const std::string& name : names) {
      EXPECT_TRUE(Has(name)) << name << " of " << query;
    }
  }
}

TEST_F(Shown, HasEverySeriesOfTheAlerts) {
  for (const std::string& name : SeriesOf(Read("alerts.yaml"))) {
    EXPECT_TRUE(Has(name)) << name;
  }
}

TEST_F(Shown, LagsBehindAWitnessThatDoesNotAnswer) {
  EXPECT_EQ(
      ValueOf(scrape_, R"(bootseal_witness_lag_entries{witness="witness"})"),
      ValueOf(scrape_, "bootseal_log_size_entries"));
}

// As recording rules, which promtool parses whole.
TEST(Dashboard, HasQueriesThatPrometheusTakes) {
  const TemporaryFolder folder;
  const std::string path = folder.File("queries.yaml");
  std::ofstream file(path);
  file << "groups:\n- name: dashboard\n  rules:\n";
  int number = 0;
  for (const std::string& query : Queries()) {
    file << "  - record: query_" << ++number << "\n    expr: '"
         << absl::StrReplaceAll(
                query, {{"$__rate_interval", "5m"}, {"$instance", ".*"}})
         << "'\n";
  }
  file.close();
  const Outcome checked = tests::Run({PROMTOOL, "check", "rules", path});
  EXPECT_EQ(checked.exit_code, 0) << checked.err;
  EXPECT_THAT(checked.out,
              testing::HasSubstr(absl::StrCat(number, " rules found")));
}

}  // namespace
}  // namespace bootseal::tests
