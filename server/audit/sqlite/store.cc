#include "server/audit/sqlite/store.h"

#include <algorithm>
#include <cstring>
#include <iterator>
#include <utility>

#include "base/mutex.h"
#include "base/status.h"
#include "server/audit/sqlite/database.h"
#include "server/audit/sqlite/search.h"
#include "server/audit/sqlite/spans.h"
#include "server/audit/sqlite/statement.h"

namespace bootseal::audit {
namespace {

constexpr char kInsertEntry[] =
    "INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
constexpr char kInsertNode[] = "INSERT INTO nodes VALUES (?, ?, ?)";
constexpr char kInsertHead[] = "INSERT INTO heads VALUES (?, ?)";
constexpr char kNewestHead[] =
    "SELECT size, root FROM heads ORDER BY size DESC LIMIT 1";
constexpr char kGetEntry[] = "SELECT entry FROM entries WHERE position = ?";
constexpr char kFindRelease[] =
    "SELECT position, entry FROM entries INDEXED BY releases"
    " WHERE identity = ? AND request_id = ?";
constexpr char kLastRelease[] =
    "SELECT position, entry FROM entries INDEXED BY released WHERE target = ?"
    " AND decision = 1 AND kind = 10 ORDER BY position DESC LIMIT 1";
constexpr char kAbout[] =
    "SELECT position, entry FROM entries INDEXED BY subjects"
    " WHERE subject = ? ORDER BY position";
// Changes of keys are asked for all the time, anything else never.
constexpr char kLastOfKey[] =
    "SELECT position, entry FROM entries WHERE position = CASE ?2 WHEN 16 THEN"
    " (SELECT position FROM entries INDEXED BY key_changes WHERE key = ?1"
    " AND kind = 16 AND decision = ?3 ORDER BY position DESC LIMIT 1) ELSE"
    " (SELECT position FROM entries NOT INDEXED WHERE key = ?1 AND kind = ?2"
    " AND decision = ?3 ORDER BY position DESC LIMIT 1) END";
constexpr char kGetNode[] =
    "SELECT hash FROM nodes WHERE level = ? AND position = ?";
constexpr char kHighestPolicy[] =
    "SELECT position, entry FROM entries INDEXED BY policies"
    " WHERE policy_version IS NOT NULL"
    " ORDER BY policy_version DESC, position DESC LIMIT 1";

absl::StatusOr<TreeHash> HashOf(const std::string& blob) {
  TreeHash hash;
  if (blob.size() != hash.size()) {
    return base::Precondition(
        "LOG_CORRUPT",
        absl::StrCat("a stored hash has ", blob.size(), " bytes, expected 32"));
  }
  std::memcpy(hash.data(), blob.data(), hash.size());
  return hash;
}

absl::Status NoSuchEntry(std::uint64_t index) {
  return base::NotFound("NO_SUCH_ENTRY",
                        absl::StrCat("the log has no entry ", index));
}

// Of a row with position and entry; the statement is reset when it is none.
absl::StatusOr<StoredRecord> RecordOf(Statement& row) {
  const absl::StatusOr<std::uint64_t> index = row.Number(0);
  std::string entry = row.Blob(1);
  if (!index.ok()) {
    row.Reset();
    return index.status();
  }
  return StoredRecord{*index, std::move(entry)};
}

image::Bytes BytesOf(const std::string& text) {
  return {reinterpret_cast<const std::byte*>(text.data()), text.size()};
}

absl::StatusOr<std::optional<StoredRecord>> OneOf(Statement& find) {
  ASSIGN_OR_RETURN(const bool found, find.Step());
  if (!found) return std::nullopt;
  absl::StatusOr<StoredRecord> record = RecordOf(find);
  find.Reset();
  if (!record.ok()) return record.status();
  return *std::move(record);
}

absl::StatusOr<std::vector<StoredRecord>> AllOf(Statement& list) {
  std::vector<StoredRecord> records;
  while (true) {
    ASSIGN_OR_RETURN(const bool more, list.Step());
    if (!more) return records;
    ASSIGN_OR_RETURN(StoredRecord record, RecordOf(list));
    records.push_back(std::move(record));
  }
}

// Of what several searches found, each in order.
std::vector<StoredRecord> Page(std::vector<StoredRecord> found,
                               std::uint32_t limit) {
  std::sort(found.begin(), found.end(),
            [](const StoredRecord& one, const StoredRecord& other) {
              return one.index < other.index;
            });
  if (found.size() > limit) found.resize(limit);
  return found;
}

// Statements of one connection, prepared once.
struct Writer {
  SqliteConnection connection;
  Statement entry;
  Statement node;
  Statement head;
  SpanWriter spans;
};

struct ReaderSet {
  SqliteConnection connection;
  Statement head;
  Statement get;
  Statement release;
  Statement last_release;
  Statement about;
  Statement last_of_key;
  Statement node;
  Statement policy;
};

absl::StatusOr<Writer> MakeWriter(const std::string& path) {
  ASSIGN_OR_RETURN(SqliteConnection connection, Connect(path));
  sqlite3* raw = connection.get();
  RETURN_IF_ERROR(CreateTables(raw));
  ASSIGN_OR_RETURN(Statement entry, Statement::Prepare(raw, kInsertEntry));
  ASSIGN_OR_RETURN(Statement node, Statement::Prepare(raw, kInsertNode));
  ASSIGN_OR_RETURN(Statement head, Statement::Prepare(raw, kInsertHead));
  ASSIGN_OR_RETURN(SpanWriter spans, SpanWriter::Prepare(raw));
  return Writer{std::move(connection), std::move(entry), std::move(node),
                std::move(head), std::move(spans)};
}

absl::StatusOr<ReaderSet> MakeReader(const std::string& path) {
  ASSIGN_OR_RETURN(SqliteConnection connection, Connect(path));
  sqlite3* raw = connection.get();
  ASSIGN_OR_RETURN(Statement head, Statement::Prepare(raw, kNewestHead));
  ASSIGN_OR_RETURN(Statement get, Statement::Prepare(raw, kGetEntry));
  ASSIGN_OR_RETURN(Statement release, Statement::Prepare(raw, kFindRelease));
  ASSIGN_OR_RETURN(Statement last, Statement::Prepare(raw, kLastRelease));
  ASSIGN_OR_RETURN(Statement about, Statement::Prepare(raw, kAbout));
  ASSIGN_OR_RETURN(Statement of_key, Statement::Prepare(raw, kLastOfKey));
  ASSIGN_OR_RETURN(Statement node, Statement::Prepare(raw, kGetNode));
  ASSIGN_OR_RETURN(Statement policy, Statement::Prepare(raw, kHighestPolicy));
  return ReaderSet{std::move(connection), std::move(head), std::move(get),
                   std::move(release),    std::move(last), std::move(about),
                   std::move(of_key),     std::move(node), std::move(policy)};
}

class SqliteStore final : public Store {
 public:
  SqliteStore(FileLock lock, Writer writer, ReaderSet reader)
      : lock_(std::move(lock)),
        writer_(std::move(writer)),
        reader_(std::move(reader)) {}

  absl::Status Append(const std::vector<Record>& records,
                      const std::vector<Node>& nodes,
                      const Head& head) override {
    const base::MutexLock lock(writer_mutex_);
    sqlite3* raw = writer_.connection.get();
    RETURN_IF_ERROR(Execute(raw, "BEGIN IMMEDIATE"));
    absl::Status status = Insert(records, nodes, head);
    if (status.ok()) status = Execute(raw, "COMMIT");
    // A failed COMMIT may have rolled back by itself.
    if (!status.ok() && sqlite3_get_autocommit(raw) == 0) {
      Execute(raw, "ROLLBACK").IgnoreError();
    }
    return status;
  }

  absl::StatusOr<Head> NewestHead() override {
    const base::MutexLock lock(reader_mutex_);
    ASSIGN_OR_RETURN(const bool found, reader_.head.Step());
    if (!found) return Head{0, image::transparency::EmptyRoot()};
    const absl::StatusOr<std::uint64_t> size = reader_.head.Number(0);
    const std::string root = reader_.head.Blob(1);
    reader_.head.Reset();
    ASSIGN_OR_RETURN(const TreeHash hash, HashOf(root));
    RETURN_IF_ERROR(size.status());
    return Head{*size, hash};
  }

  absl::StatusOr<std::string> Get(std::uint64_t index) override {
    if (index > kMaxNumber) return NoSuchEntry(index);
    const base::MutexLock lock(reader_mutex_);
    ASSIGN_OR_RETURN(const bool found, reader_.get.Bind(index).Step());
    if (!found) return NoSuchEntry(index);
    std::string entry = reader_.get.Blob(0);
    reader_.get.Reset();
    return entry;
  }

  absl::StatusOr<std::vector<StoredRecord>> List(
      const Filter& filter) override {
    if (filter.start > kMaxNumber) return std::vector<StoredRecord>();
    const base::MutexLock lock(reader_mutex_);
    std::vector<StoredRecord> found;
    for (const std::string& sql : SearchesFor(filter)) {
      ASSIGN_OR_RETURN(Statement list,
                       Search(reader_.connection.get(), sql, filter));
      ASSIGN_OR_RETURN(std::vector<StoredRecord> part, AllOf(list));
      std::move(part.begin(), part.end(), std::back_inserter(found));
    }
    return Page(std::move(found), filter.limit);
  }

  absl::StatusOr<std::optional<StoredRecord>> FindRelease(
      const std::string& identity, const std::string& request_id) override {
    const base::MutexLock lock(reader_mutex_);
    Statement& find = reader_.release;
    find.Bind(absl::string_view(identity)).Bind(absl::string_view(request_id));
    return OneOf(find);
  }

  absl::StatusOr<std::optional<StoredRecord>> LastRelease(
      const std::string& target) override {
    const base::MutexLock lock(reader_mutex_);
    return OneOf(reader_.last_release.Bind(absl::string_view(target)));
  }

  absl::StatusOr<std::vector<StoredRecord>> About(
      const std::string& subject) override {
    const base::MutexLock lock(reader_mutex_);
    return AllOf(reader_.about.Bind(BytesOf(subject)));
  }

  absl::StatusOr<std::optional<StoredRecord>> LastOfKey(const std::string& key,
                                                        int kind,
                                                        int decision) override {
    const base::MutexLock lock(reader_mutex_);
    Statement& find = reader_.last_of_key;
    find.Bind(absl::string_view(key))
        .Bind(static_cast<std::uint64_t>(kind))
        .Bind(static_cast<std::uint64_t>(decision));
    return OneOf(find);
  }

  absl::StatusOr<std::vector<TreeHash>> Nodes(
      const std::vector<NodeId>& wanted) override {
    const base::MutexLock lock(reader_mutex_);
    std::vector<TreeHash> hashes;
    for (const NodeId& id : wanted) {
      Statement& get = reader_.node;
      get.Bind(std::uint64_t{id.level}).Bind(id.index);
      ASSIGN_OR_RETURN(const bool found, get.Step());
      if (!found) {
        return base::NotFound("LOG_CORRUPT",
                              absl::StrCat("node ", id.index, " of level ",
                                           id.level, " is missing"));
      }
      const std::string blob = get.Blob(0);
      get.Reset();
      ASSIGN_OR_RETURN(const TreeHash hash, HashOf(blob));
      hashes.push_back(hash);
    }
    return hashes;
  }

  absl::StatusOr<std::optional<StoredRecord>> HighestPolicy() override {
    const base::MutexLock lock(reader_mutex_);
    ASSIGN_OR_RETURN(const bool found, reader_.policy.Step());
    if (!found) return std::nullopt;
    ASSIGN_OR_RETURN(StoredRecord record, RecordOf(reader_.policy));
    reader_.policy.Reset();
    return record;
  }

 private:
  absl::Status Insert(const std::vector<Record>& records,
                      const std::vector<Node>& nodes, const Head& head)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(writer_mutex_) {
    std::uint64_t index = head.size - records.size();
    RETURN_IF_ERROR(writer_.spans.Add(records, index));
    for (const Record& record : records) {
      RETURN_IF_ERROR(InsertEntry(index++, record));
    }
    for (const Node& node : nodes) {
      writer_.node.Bind(std::uint64_t{node.id.level}).Bind(node.id.index);
      RETURN_IF_ERROR(writer_.node.Bind(image::Bytes(node.hash)).Run());
    }
    return writer_.head.Bind(head.size).Bind(image::Bytes(head.root)).Run();
  }

  absl::Status InsertEntry(std::uint64_t index, const Record& record)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(writer_mutex_) {
    Statement& insert = writer_.entry;
    insert.Bind(index)
        .Bind(BytesOf(record.entry))
        .Bind(absl::string_view(record.identity));
    if (record.request_id.empty()) {
      insert.BindNull();
    } else {
      insert.Bind(absl::string_view(record.request_id));
    }
    insert.Bind(absl::string_view(record.target))
        .Bind(static_cast<std::uint64_t>(record.decision));
    if (record.policy_version == 0) {
      insert.BindNull();
    } else {
      insert.Bind(record.policy_version);
    }
    insert.Bind(static_cast<std::uint64_t>(record.kind))
        .Bind(static_cast<std::uint64_t>(record.time_unix_ms))
        .Bind(absl::string_view(record.key));
    if (record.subject.empty()) {
      insert.BindNull();
    } else {
      insert.Bind(BytesOf(record.subject));
    }
    return insert.Run();
  }

  const FileLock lock_;
  base::Mutex writer_mutex_;
  Writer writer_ ABSL_GUARDED_BY(writer_mutex_);
  base::Mutex reader_mutex_;
  ReaderSet reader_ ABSL_GUARDED_BY(reader_mutex_);
};

}  // namespace

absl::StatusOr<std::unique_ptr<Store>> OpenSqliteStore(
    const std::string& path) {
  const std::string file = ResolvedPath(path);
  ASSIGN_OR_RETURN(FileLock lock, TakeFile(file));
  ASSIGN_OR_RETURN(Writer writer, MakeWriter(file));
  ASSIGN_OR_RETURN(ReaderSet reader, MakeReader(file));
  return std::make_unique<SqliteStore>(std::move(lock), std::move(writer),
                                       std::move(reader));
}

}  // namespace bootseal::audit
