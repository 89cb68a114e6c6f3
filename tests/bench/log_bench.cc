// What the audit log costs: entries per second, and a log of a million.
//
//   build/release/bin/log-bench [ENTRIES [FOLDER]]
#include <sys/stat.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "firmware/image/host/convert.h"
#include "hsm/signer.h"
#include "server/audit/load.h"
#include "server/audit/log.h"
#include "server/audit/record.h"
#include "server/audit/sqlite/store.h"
#include "server/audit/tree.h"
#include "tests/support/softhsm_token.h"
#include "tests/support/temporary_folder.h"

namespace bootseal {
namespace {

using Clock = std::chrono::steady_clock;
using Seconds = std::chrono::duration<double>;

constexpr auto kAppendTime = std::chrono::seconds(5);
constexpr std::uint64_t kBatch = 1024;
constexpr int kTargets = 20;
constexpr int kPeople = 50;

template <typename T>
T Must(absl::StatusOr<T> result) {
  if (result.ok()) return *std::move(result);
  std::fprintf(stderr, "%s\n", result.status().ToString().c_str());
  std::exit(1);
}
void Must(const absl::Status& status) {
  if (status.ok()) return;
  std::fprintf(stderr, "%s\n", status.ToString().c_str());
  std::exit(1);
}

std::string Text(const char* what, std::uint64_t number) {
  return absl::StrCat(what, "-", number);
}

// A release as bootseald writes it for an image with a P-256 key.
audit::Record Release(const std::string& request_id, std::uint64_t number) {
  v1::Entry entry;
  entry.set_time_unix_ms(1'800'000'000'000 + static_cast<std::int64_t>(number));
  entry.set_request_id(request_id);
  entry.set_policy_sha256(std::string(32, 'p'));
  v1::Caller& caller = *entry.mutable_caller();
  caller.set_identity(Text("ci", number % kPeople));
  caller.set_method("mtls");
  caller.set_subject(
      absl::StrCat("spiffe://dev.bootseal.example/ci-", number % kPeople));
  caller.set_certificate_sha256(std::string(32, 'c'));
  caller.add_roles("ci");
  v1::SigningEvent& signing = *entry.mutable_signing();
  signing.set_target(Text("product/image", number % kTargets));
  signing.set_version("1.2.3");
  signing.set_security_counter(7);
  signing.set_payload_size(200'000);
  signing.set_payload_sha256(std::string(32, 's'));
  signing.set_decision(v1::ALLOWED);
  signing.set_rule("target.requesters");
  signing.set_request_sha256(std::string(32, 'r'));
  v1::SignedDigest& digest = *signing.add_digests();
  digest.set_key(Text("key", number % kTargets));
  digest.set_key_hash(std::string(32, 'h'));
  digest.set_algorithm(v1::P256);
  digest.set_digest(std::string(32, 'd'));
  digest.set_signature(std::string(71, 'z'));
  audit::Record record = Must(audit::RecordOf(entry));
  record.request_id = request_id;
  return record;
}

// One of a thousand is of what is looked for among the many: a refusal, and of
// a target, person, key and subject of its own.
audit::Record Rare(std::uint64_t number) {
  v1::Entry entry;
  entry.set_time_unix_ms(1'800'000'000'000 + static_cast<std::int64_t>(number));
  entry.mutable_caller()->set_identity("rare-person");
  v1::SigningEvent& signing = *entry.mutable_signing();
  signing.set_target("rare-target");
  signing.set_decision(v1::REFUSED);
  signing.set_subject_sha256(std::string(32, 'j'));
  signing.add_digests()->set_key("rare-key");
  signing.mutable_digests(0)->set_digest(std::string(32, 'd'));
  return Must(audit::RecordOf(entry));
}

audit::Record NumberedRecord(std::uint64_t number) {
  if (number % 1000 == 999) return Rare(number);
  return Release(Text("request", number), number);
}

class Bench {
 public:
  Bench(std::string folder, std::uint64_t entries)
      : folder_(std::move(folder)), entries_(entries), token_(folder_) {
    token_.GenerateKey("log", hsm::Algorithm::kEd25519);
  }

  void Append(int appenders) {
    const std::string path = folder_ + "/append.sqlite";
    std::uint64_t done = 0;
    {
      const auto log = Open(path);
      done = AppendFrom(*log, appenders);
    }
    std::printf("append, %3d at once: %8.0f entries/s\n", appenders,
                static_cast<double>(done) / Seconds(kAppendTime).count());
    std::filesystem::remove(path);
  }

  void Fill() {
    const auto store = Must(audit::OpenSqliteStore(path()));
    audit::Tree tree = Must(audit::LoadTree(*store));
    const auto start = Clock::now();
    while (tree.size() < entries_) {
      std::vector<audit::Record> records;
      std::vector<audit::Node> nodes;
      while (records.size() < kBatch && tree.size() < entries_) {
        records.push_back(NumberedRecord(tree.size()));
        for (const audit::Node& node : tree.Add(image::transparency::LeafHash(
                 image::host::AsBytes(records.back().entry)))) {
          nodes.push_back(node);
        }
      }
      Must(store->Append(records, nodes, {tree.size(), tree.root()}));
    }
    Report("fill the store, batches of 1024", Clock::now() - start);
  }

  void Size() {
    struct stat status {};
    stat(path().c_str(), &status);
    const std::string entry = NumberedRecord(0).entry;
    std::printf(
        "database: %.0f bytes/entry; an entry has %zu\n",
        static_cast<double>(status.st_size) / static_cast<double>(entries_),
        entry.size());
  }

  void Ask() {
    const auto start = Clock::now();
    const auto log = Open(path());
    Report("open (log of this many entries)", Clock::now() - start);
    std::mt19937_64 random(1);
    Repeat("prove inclusion", 10000,
           [&] { Must(log->InclusionProof(random() % entries_, entries_)); });
    Repeat("prove consistency", 10000, [&] {
      Must(log->ConsistencyProof(1 + random() % entries_, entries_));
    });
    Repeat("LastRelease of a target", 1000, [&] {
      Must(log->LastRelease(Text("product/image", random() % kTargets)));
    });
    Repeat("LastRelease of a target without releases", 1000,
           [&] { Must(log->LastRelease("rare-target")); });
    Repeat("LastOfKey of a key without changes", 1000, [&] {
      Must(log->LastOfKey("rare-key", v1::Entry::kKey, v1::ALLOWED));
    });
    Repeat("About nothing that is there", 1000,
           [&] { Must(log->About(std::string(32, 'n'))); });
    AskForLists(*log);
  }

  void Rebuild() {
    const auto store = Must(audit::OpenSqliteStore(path()));
    const audit::Head head = Must(store->NewestHead());
    const auto start = Clock::now();
    audit::Tree tree;
    audit::Filter page;
    page.limit = 1000;
    while (tree.size() < head.size) {
      page.start = tree.size();
      for (const audit::StoredRecord& record : Must(store->List(page))) {
        tree.Add(
            image::transparency::LeafHash(image::host::AsBytes(record.entry)));
      }
    }
    if (tree.root() != head.root) std::exit(1);
    Report("verify: read and hash every entry", Clock::now() - start);
  }

 private:
  std::string path() const { return folder_ + "/audit.sqlite"; }

  static void Report(const char* what, Clock::duration time) {
    std::printf("%-46s %10.3f s\n", what, Seconds(time).count());
    std::fflush(stdout);
  }
  static void Repeat(const char* what, int times,
                     const std::function<void()>& action) {
    const auto start = Clock::now();
    for (int i = 0; i < times; ++i) action();
    std::printf("%-46s %10.1f us\n", what,
                Seconds(Clock::now() - start).count() * 1e6 / times);
    std::fflush(stdout);
  }

  void AskForLists(audit::Log& log) {
    struct Question {
      const char* what;
      audit::Filter filter;
    };
    std::vector<Question> questions(11);
    questions[0] = {"list: a page of all", {}};
    questions[1] = {"list: by target", {}};
    questions[1].filter.target = "rare-target";
    questions[2] = {"list: by identity", {}};
    questions[2].filter.identity = "rare-person";
    questions[3] = {"list: by key", {}};
    questions[3].filter.key = "rare-key";
    questions[4] = {"list: by decision", {}};
    questions[4].filter.decision = v1::REFUSED;
    questions[5] = {"list: by a kind that there is none of", {}};
    questions[5].filter.kind = v1::Entry::kApproval;
    questions[6] = {"list: the newest by time", {}};
    questions[6].filter.from_unix_ms =
        1'800'000'000'000 + static_cast<std::int64_t>(entries_) - 50;
    questions[7] = {"list: by target, identity and decision", {}};
    questions[7].filter.target = Text("product/image", 1);
    questions[7].filter.identity = "rare-person";
    questions[7].filter.decision = v1::REFUSED;
    questions[8] = {"list: releases of an identity", {}};
    questions[8].filter.identity = Text("ci", 1);
    questions[8].filter.decision = v1::ALLOWED;
    questions[9] = {"list: the last releases of a key", {}};
    questions[9].filter.key = Text("key", 1);
    questions[9].filter.start = entries_ - 1000;
    questions[10] = {"list: by target and identity, never together", {}};
    questions[10].filter.target = Text("product/image", 1);
    questions[10].filter.identity = Text("ci", 2);
    for (const Question& question : questions) {
      Repeat(question.what, 5, [&] { Must(log.List(question.filter)); });
    }
  }

  std::unique_ptr<audit::Log> Open(const std::string& path) {
    hsm::KeySpec spec;
    spec.name = "log";
    spec.uri = token_.KeyUri("log");
    spec.algorithm = hsm::Algorithm::kEd25519;
    spec.purpose = hsm::Purpose::kCheckpoint;
    auto signer = Must(hsm::CheckpointSigner::Open(
        Must(hsm::OpenToken(token_.Options())), spec));
    return Must(audit::Log::Open(Must(audit::OpenSqliteStore(path)),
                                 std::move(signer), "bootseal.example/bench"));
  }

  // Each appender asks for its next entry once the last has its receipt.
  static std::uint64_t AppendFrom(audit::Log& log, int appenders) {
    std::atomic<std::uint64_t> done{0};
    const auto end = Clock::now() + kAppendTime;
    std::vector<std::thread> threads;
    for (int t = 0; t < appenders; ++t) {
      threads.emplace_back([&, t] {
        for (std::uint64_t i = 0; Clock::now() < end; ++i) {
          Must(log.Append(Release(absl::StrCat(t, "-", i), i)));
          ++done;
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    return done;
  }

  const std::string folder_;
  const std::uint64_t entries_;
  tests::SoftHsmToken token_;
};

}  // namespace
}  // namespace bootseal

int main(int count, char** arguments) {
  const std::uint64_t entries =
      count > 1 ? std::strtoull(arguments[1], nullptr, 10) : 1'000'000;
  const bootseal::tests::TemporaryFolder temporary;
  bootseal::Bench bench(count > 2 ? arguments[2] : temporary.path(), entries);
  for (const int appenders : {1, 16, 256}) bench.Append(appenders);
  bench.Fill();
  bench.Size();
  bench.Ask();
  bench.Rebuild();
}
