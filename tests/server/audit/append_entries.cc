// Appends to a log from several threads, each COUNT entries or until it is
// killed. Each entry that was acknowledged becomes a line "index entry-in-hex"
// in one write.
//
// usage: append_entries DATABASE TOKEN-URI PIN KEY-URI [COUNT]
#include <unistd.h>

#include <cstdio>
#include <thread>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "hsm/signer.h"
#include "server/audit/log.h"
#include "server/audit/sqlite/store.h"
#include "tests/server/audit/log_fixture.h"

namespace bootseal {
namespace {

absl::StatusOr<std::unique_ptr<audit::Log>> Open(char** arguments) {
  ASSIGN_OR_RETURN(auto store, audit::OpenSqliteStore(arguments[1]));
  hsm::TokenOptions options;
  options.uri = arguments[2];
  options.pin = base::Secret(std::string(arguments[3]));
  ASSIGN_OR_RETURN(auto token, hsm::OpenToken(std::move(options)));
  ASSIGN_OR_RETURN(auto signer,
                   tests::SignerIn(std::move(token), arguments[4]));
  return audit::Log::Open(std::move(store), std::move(signer), tests::kOrigin);
}

void AppendEntries(audit::Log& log, int thread, std::uint64_t count) {
  for (std::uint64_t i = 0; i < count; ++i) {
    const auto receipt = log.Append(tests::RecordOf(
        absl::StrCat(getpid(), "-", thread, "-", i), "content"));
    if (!receipt.ok()) {
      std::fprintf(stderr, "%s\n", receipt.status().ToString().c_str());
      std::_Exit(1);
    }
    const std::string line = absl::StrCat(
        receipt->index(), " ", absl::BytesToHexString(receipt->entry()), "\n");
    if (write(STDOUT_FILENO, line.data(), line.size()) < 0) std::_Exit(1);
  }
}

}  // namespace
}  // namespace bootseal

int main(int count, char** arguments) {
  if (count != 5 && count != 6) return 2;
  const auto log = bootseal::Open(arguments);
  if (!log.ok()) {
    std::fprintf(stderr, "%s\n", log.status().ToString().c_str());
    return 1;
  }
  const std::uint64_t entries =
      count == 6 ? std::stoull(arguments[5]) : ~std::uint64_t{0};
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&log, thread, entries] {
      bootseal::AppendEntries(**log, thread, entries);
    });
  }
  for (std::thread& thread : threads) thread.join();
}
