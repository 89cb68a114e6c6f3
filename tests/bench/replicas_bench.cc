// Entries per second that one log takes: from one server and from three on
// PostgreSQL, and from one on SQLite. Each server is a log with connections of
// its own; batches, checkpoint signatures and durability are real.
//
// usage: replicas-bench [SECONDS]
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <thread>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "hsm/signer.h"
#include "server/audit/log.h"
#include "server/audit/postgres/store.h"
#include "server/audit/sqlite/store.h"
#include "tests/server/audit/log_fixture.h"
#include "tests/support/postgres_cluster.h"
#include "tests/support/softhsm_token.h"
#include "tests/support/temporary_folder.h"

namespace bootseal {
namespace {

// Callers that wait for their receipts, at each server.
constexpr int kThreads = 48;
// A release's entry has about 600 bytes.
constexpr std::size_t kContentBytes = 500;

[[noreturn]] void Die(const absl::Status& status) {
  std::fprintf(stderr, "%s\n", status.ToString().c_str());
  std::exit(1);
}

template <typename T>
T Must(absl::StatusOr<T> value) {
  if (!value.ok()) Die(value.status());
  return *std::move(value);
}

using Logs = std::vector<std::unique_ptr<audit::Log>>;

struct Figures {
  double per_second;
  std::uint64_t entries;
};

Figures Measure(const Logs& logs, int seconds) {
  std::atomic<bool> ending = false;
  std::vector<std::thread> threads;
  const std::string content(kContentBytes, 'x');
  const std::uint64_t before = logs[0]->Checkpoint().head.size;
  const absl::Time start = absl::Now();
  for (std::size_t i = 0; i < logs.size() * kThreads; ++i) {
    threads.emplace_back([&, i] {
      for (int n = 0; !ending; ++n) {
        const auto receipt = logs[i % logs.size()]->Append(
            tests::RecordOf(absl::StrCat(i, "-", n), content));
        if (!receipt.ok()) Die(receipt.status());
      }
    });
  }
  absl::SleepFor(absl::Seconds(seconds));
  ending = true;
  for (std::thread& thread : threads) thread.join();
  const double took = absl::ToDoubleSeconds(absl::Now() - start);
  const std::uint64_t entries = logs[0]->Checkpoint().head.size - before;
  return {static_cast<double>(entries) / took, entries};
}

class Bench {
 public:
  Bench() {
    softhsm_.GenerateKey("log", hsm::Algorithm::kEd25519);
    token_ = Must(hsm::OpenToken(softhsm_.Options()));
  }

  void RunSqlite(int seconds) {
    const std::string path = folder_.File("audit.sqlite");
    Figures figures{};
    {
      Logs logs;
      logs.push_back(Open(Must(audit::OpenSqliteStore(path))));
      figures = Measure(logs, seconds);
    }
    struct stat file {};
    stat(path.c_str(), &file);
    Print("SQLite", 1, figures, static_cast<double>(file.st_size));
  }

  void RunPostgres(int servers, int seconds) {
    const std::string connection = cluster_.NewDatabase();
    const double empty = SizeOf(connection);
    Logs logs;
    for (int i = 0; i < servers; ++i) {
      logs.push_back(Open(Must(
          audit::OpenPostgresStore({connection, cluster_.password_path()}))));
    }
    const Figures figures = Measure(logs, seconds);
    Print("PostgreSQL", servers, figures, SizeOf(connection) - empty);
  }

 private:
  std::unique_ptr<audit::Log> Open(std::unique_ptr<audit::Store> store) {
    auto signer = Must(tests::SignerIn(token_, softhsm_.KeyUri("log")));
    return Must(
        audit::Log::Open(std::move(store), std::move(signer), tests::kOrigin));
  }
  double SizeOf(const std::string& connection) {
    double bytes = 0;
    const std::string text = cluster_.Execute(
        connection, "SELECT pg_database_size(current_database())");
    if (!absl::SimpleAtod(text, &bytes)) std::abort();
    return bytes;
  }
  static void Print(const char* store, int servers, const Figures& figures,
                    double bytes) {
    std::printf("| %s | %d | %.0f | %.0f |\n", store, servers,
                figures.per_second,
                bytes / static_cast<double>(figures.entries));
    std::fflush(stdout);
  }

  tests::TemporaryFolder folder_;
  tests::SoftHsmToken softhsm_{folder_.path()};
  tests::PostgresCluster cluster_;
  std::shared_ptr<hsm::Token> token_;
};

}  // namespace
}  // namespace bootseal

int main(int count, char** arguments) {
  int seconds = 5;
  if (count > 2 || (count == 2 && !absl::SimpleAtoi(arguments[1], &seconds))) {
    std::fprintf(stderr, "usage: replicas-bench [SECONDS]\n");
    return 2;
  }
  bootseal::Bench bench;
  std::printf("| store | servers | entries/s | bytes an entry |\n");
  std::printf("|---|--:|--:|--:|\n");
  bench.RunSqlite(seconds);
  bench.RunPostgres(1, seconds);
  bench.RunPostgres(3, seconds);
}
