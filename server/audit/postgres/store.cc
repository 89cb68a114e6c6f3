#include "server/audit/postgres/store.h"

#include <atomic>
#include <cstdint>
#include <pqxx/binarystring>
#include <pqxx/nontransaction>
#include <string>
#include <thread>
#include <utility>

#include "base/status.h"
#include "server/audit/postgres/column.h"
#include "server/audit/postgres/error.h"
#include "server/audit/postgres/rows.h"
#include "server/audit/postgres/session.h"
#include "server/audit/postgres/writer.h"

namespace bootseal::audit {
namespace {

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
  explicit PostgresStore(const PostgresOptions& options)
      : writer_(options), readers_(options) {}

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
    return writer_.Append(records, nodes, head);
  }

  absl::StatusOr<Head> NewestHead() override {
    return Read([](auto& work) { return HeadOf(work.exec_prepared("head")); });
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
    if (decider_ == std::this_thread::get_id()) {
      return Guarded([&] { return work(writer_.turn()); });
    }
    const auto first = ReadOnce(work);
    if (first.ok() || base::ReasonOf(first.status()) != "LOG_STORE") {
      return first;
    }
    // It may be one of many connections that a restart has cut.
    readers_.Clear();
    return ReadOnce(work);
  }

  template <typename Work>
  auto ReadOnce(Work& work)
      -> decltype(work(std::declval<pqxx::transaction_base&>())) {
    ASSIGN_OR_RETURN(const auto lease, readers_.Take());
    return Guarded([&] {
      pqxx::nontransaction statement(lease->session().connection());
      return work(statement);
    });
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

  Writer writer_;
  SessionPool readers_;
  // Who has the turn; nobody otherwise.
  std::atomic<std::thread::id> decider_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Store>> OpenPostgresStore(
    PostgresOptions options) {
  RETURN_IF_ERROR(CreateTables(options));
  return std::make_unique<PostgresStore>(options);
}

}  // namespace bootseal::audit
