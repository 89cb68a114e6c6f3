#include "server/audit/postgres/store.h"

#include <atomic>
#include <cstdint>
#include <pqxx/binarystring>
#include <pqxx/nontransaction>
#include <string>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/mutex.h"
#include "base/status.h"
#include "firmware/image/host/convert.h"
#include "server/audit/postgres/column.h"
#include "server/audit/postgres/error.h"
#include "server/audit/postgres/rows.h"
#include "server/audit/postgres/schema.h"
#include "server/audit/postgres/session.h"
#include "server/audit/postgres/writer.h"

namespace bootseal::audit {
namespace {

// With the writer's and the probe's: above what each server may have at once,
// PostgreSQL's hundred are soon gone.
constexpr std::size_t kReaders = 5;
constexpr absl::Duration kFoundLost = absl::Seconds(1);
// What a server that ends gives the database.
constexpr absl::Duration kHurry = absl::Seconds(2);

absl::Status NoSuchEntry(std::uint64_t index) {
  return base::NotFound("NO_SUCH_ENTRY",
                        absl::StrCat("the log has no entry ", index));
}

pqxx::binarystring Bytes(const std::string& bytes) {
  return pqxx::binarystring(bytes);
}

std::int64_t Number(std::uint64_t number) {
  return static_cast<std::int64_t>(std::min(number, kMaxStored));
}

class PostgresStore final : public Store {
 public:
  PostgresStore(const PostgresOptions& options,
                std::unique_ptr<Watchdog> watchdog)
      : watchdog_(std::move(watchdog)),
        writer_(options, *watchdog_),
        readers_(options, *watchdog_, kReaders),
        probe_(options, *watchdog_, 1) {}

  bool shared() const override { return true; }

  absl::StatusOr<Head> TakeTurn() override {
    absl::StatusOr<Head> head = writer_.TakeTurn();
    if (head.ok()) decider_ = std::this_thread::get_id();
    return head;
  }

  void EndTurn() override {
    decider_ = std::thread::id();
    writer_.EndTurn();
  }

  absl::Status Append(const std::vector<Record>& records,
                      const std::vector<Node>& nodes,
                      const Head& head) override {
    decider_ = std::thread::id();
    RETURN_IF_ERROR(writer_.Append(records, nodes, head));
    Outlives(head);
    return absl::OkStatus();
  }

  // Everything that this server appended itself was waited for. Another
  // database may answer now than the one that the head was read from: the
  // statement that waits behind the head finds it there too.
  absl::Status MakeDurable(const Head& head) override {
    if (head.size == 0 || IsKnownToOutlive(head)) return absl::OkStatus();
    RETURN_IF_ERROR(Commit([&](auto& statement) {
      const pqxx::result rows =
          statement.exec_prepared("barrier", Number(head.size),
                                  Bytes(image::host::ToString(head.root)));
      return rows.empty() ? Lost(head) : absl::OkStatus();
    }));
    Outlives(head);
    return absl::OkStatus();
  }

  absl::Status CheckWrites() override {
    return Commit([](auto& statement) {
      statement.exec(postgres::kBarrier);
      return absl::OkStatus();
    });
  }

  void Hurry() override { watchdog_->Hurry(kHurry); }

  absl::StatusOr<Head> NewestHead() override {
    const auto look = [](auto& work) {
      return HeadOf(work.exec_prepared("head"));
    };
    if (HasTurn()) return writer_.Read(look);
    return Retry(probe_, [&] { return ReadOnce(probe_, kShortLimit, look); });
  }

  absl::StatusOr<std::string> Get(std::uint64_t index) override {
    if (index > kMaxStored) return NoSuchEntry(index);
    ASSIGN_OR_RETURN(std::optional<StoredRecord> found,
                     One("get", Number(index)));
    if (!found) return NoSuchEntry(index);
    return std::move(found->entry);
  }

  absl::StatusOr<std::vector<StoredRecord>> List(
      const Filter& filter) override {
    if (filter.start > kMaxStored) return std::vector<StoredRecord>();
    return All("list", Number(filter.start), Bytes(filter.target),
               Bytes(filter.identity), filter.decision, filter.kind,
               Bytes(filter.key), filter.from_unix_ms, filter.until_unix_ms,
               std::int64_t{filter.limit});
  }

  absl::StatusOr<std::optional<StoredRecord>> FindRelease(
      const std::string& identity, const std::string& request_id) override {
    return One("release", Bytes(identity), Bytes(request_id));
  }

  absl::StatusOr<std::vector<std::optional<StoredRecord>>> FindReleases(
      const std::vector<ReleaseKey>& keys) override {
    if (keys.empty()) return std::vector<std::optional<StoredRecord>>();
    Column identities;
    Column request_ids;
    for (const auto& [identity, request_id] : keys) {
      identities.AddBytes(identity);
      request_ids.AddBytes(request_id);
    }
    return Read(
        [&](auto& work)
            -> absl::StatusOr<std::vector<std::optional<StoredRecord>>> {
          const pqxx::result rows = work.exec_prepared(
              "releases", identities.Literal(), request_ids.Literal());
          ASSIGN_OR_RETURN(std::vector<StoredRecord> records, RecordsOf(rows));
          std::vector<std::optional<StoredRecord>> found(keys.size());
          for (std::size_t i = 0; i < records.size(); ++i) {
            const auto place = rows[static_cast<pqxx::result::size_type>(i)][2]
                                   .as<std::size_t>();
            found[place - 1] = std::move(records[i]);
          }
          return found;
        });
  }

  absl::StatusOr<std::optional<StoredRecord>> LastRelease(
      const std::string& target) override {
    return One("last_release", Bytes(target));
  }

  absl::StatusOr<std::vector<StoredRecord>> About(
      const std::string& subject) override {
    return All("about", Bytes(subject));
  }

  absl::StatusOr<std::optional<StoredRecord>> LastOfKey(const std::string& key,
                                                        int kind,
                                                        int decision) override {
    return One("last_of_key", Bytes(key), kind, decision);
  }

  absl::StatusOr<std::vector<TreeHash>> Nodes(
      const std::vector<NodeId>& wanted) override {
    Column levels;
    Column positions;
    for (const NodeId& id : wanted) {
      levels.AddNumber(id.level);
      positions.AddNumber(id.index);
    }
    return Read([&](auto& work) -> absl::StatusOr<std::vector<TreeHash>> {
      const pqxx::result rows =
          work.exec_prepared("nodes", levels.Literal(), positions.Literal());
      std::vector<TreeHash> hashes;
      for (const pqxx::row& row : rows) {
        if (row[0].is_null()) return Missing(wanted[hashes.size()]);
        ASSIGN_OR_RETURN(const TreeHash hash, HashOf(row[0]));
        hashes.push_back(hash);
      }
      return hashes;
    });
  }

  absl::StatusOr<std::optional<StoredRecord>> HighestPolicy() override {
    return One("highest_policy");
  }

 private:
  static absl::Status Missing(const NodeId& id) {
    return base::NotFound(
        "LOG_CORRUPT",
        absl::StrCat("node ", id.index, " of level ", id.level, " is missing"));
  }

  // In a turn's own transaction for whoever has the turn.
  template <typename Work>
  auto Read(Work work)
      -> decltype(work(std::declval<pqxx::transaction_base&>())) {
    if (HasTurn()) return writer_.Read(work);
    return Retry(readers_,
                 [&] { return ReadOnce(readers_, kStatementLimit, work); });
  }

  bool HasTurn() const { return decider_ == std::this_thread::get_id(); }

  // One of many connections that a restart has cut is known to be lost at once;
  // a database that hangs is not asked twice.
  template <typename Attempt>
  auto Retry(SessionPool& pool, Attempt attempt) -> decltype(attempt()) {
    const absl::Time begin = absl::Now();
    auto first = attempt();
    if (ReasonOf(first) != "LOG_STORE") return first;
    pool.Clear();
    if (absl::Now() - begin > kFoundLost) return first;
    return attempt();
  }
  static std::string ReasonOf(const absl::Status& status) {
    return base::ReasonOf(status);
  }
  template <typename T>
  static std::string ReasonOf(const absl::StatusOr<T>& value) {
    return base::ReasonOf(value.status());
  }

  template <typename Work>
  auto ReadOnce(SessionPool& pool, absl::Duration limit, const Work& work)
      -> decltype(work(std::declval<pqxx::transaction_base&>())) {
    ASSIGN_OR_RETURN(const auto lease, pool.Take());
    return lease->session().Run(limit, [&] {
      pqxx::nontransaction statement(lease->session().connection());
      return work(statement);
    });
  }

  // One statement that is its own transaction.
  template <typename Work>
  absl::Status Commit(const Work& work) {
    return Retry(probe_, [&]() -> absl::Status {
      ASSIGN_OR_RETURN(const auto lease, probe_.Take());
      return lease->session().Commit(kCommitLimit, [&] {
        pqxx::nontransaction statement(lease->session().connection());
        return work(statement);
      });
    });
  }

  // Nothing was signed for it: whether what was signed is there still, the next
  // look at the log finds out.
  static absl::Status Lost(const Head& head) {
    return base::Unavailable(
        "LOG_STORE",
        absl::StrCat("the head of ", head.size,
                     " entries that was read is not "
                     "there where it was to be made durable; another database "
                     "has taken over"));
  }

  bool IsKnownToOutlive(const Head& head) const {
    const base::MutexLock lock(outlives_mutex_);
    return outlives_.size == head.size && outlives_.root == head.root;
  }

  void Outlives(const Head& head) {
    const base::MutexLock lock(outlives_mutex_);
    outlives_ = head;
  }

  template <typename... Arguments>
  absl::StatusOr<std::optional<StoredRecord>> One(
      const char* statement, const Arguments&... arguments) {
    return Read([&](auto& work) {
      return RecordOf(work.exec_prepared(statement, arguments...));
    });
  }

  template <typename... Arguments>
  absl::StatusOr<std::vector<StoredRecord>> All(const char* statement,
                                                const Arguments&... arguments) {
    return Read([&](auto& work) {
      return RecordsOf(work.exec_prepared(statement, arguments...));
    });
  }

  const std::unique_ptr<Watchdog> watchdog_;
  Writer writer_;
  SessionPool readers_;
  // Whether the database is well is asked of it whoever else reads.
  SessionPool probe_;
  // What a standby that takes over has too.
  mutable base::Mutex outlives_mutex_;
  Head outlives_ ABSL_GUARDED_BY(outlives_mutex_);
  // Who has the turn; nobody otherwise.
  std::atomic<std::thread::id> decider_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Store>> OpenPostgresStore(
    PostgresOptions options) {
  auto watchdog = std::make_unique<Watchdog>();
  RETURN_IF_ERROR(CreateTables(options, *watchdog));
  return std::make_unique<PostgresStore>(options, std::move(watchdog));
}

}  // namespace bootseal::audit
