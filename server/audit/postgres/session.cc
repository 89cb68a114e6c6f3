#include "server/audit/postgres/session.h"

#include <memory>
#include <pqxx/nontransaction>
#include <pqxx/transaction>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "base/status.h"
#include "server/audit/postgres/error.h"
#include "server/audit/postgres/schema.h"

namespace bootseal::audit {
namespace {

namespace schema = postgres;

// Above what each server may have at once, PostgreSQL's hundred are soon gone.
constexpr std::size_t kMaxOut = 6;

// A server that hangs while it has the turn loses it, and a statement that
// hangs ends. Times are in milliseconds. Every question has its index; a new
// table without statistics must not be read whole in a turn.
constexpr char kSettings[] =
    "SET statement_timeout = 10000;"
    "SET lock_timeout = 10000;"
    "SET idle_in_transaction_session_timeout = 10000;"
    "SET enable_seqscan = off;"
    "SET enable_hashjoin = off;"
    "SET enable_mergejoin = off;"
    "SET default_transaction_isolation = 'read committed';"
    "SET bytea_output = 'hex'";

std::string Show(pqxx::transaction_base& work, const std::string& setting) {
  return work.exec1(absl::StrCat("SHOW ", setting))[0].as<std::string>();
}

absl::Status NotDurable(const std::string& setting, const std::string& value) {
  return base::Precondition(
      "LOG_NOT_DURABLE",
      absl::StrCat("the audit log's database has ", setting, " = ", value,
                   ": what it says it has stored can be lost; expected on"));
}

absl::Status CheckDurable(pqxx::transaction_base& work) {
  for (const char* setting : {"fsync", "full_page_writes"}) {
    const std::string value = Show(work, setting);
    if (value != "on") return NotDurable(setting, value);
  }
  // remote_apply promises more than on.
  if (Show(work, "synchronous_commit") == "remote_apply") {
    return absl::OkStatus();
  }
  work.exec0("SET synchronous_commit = on");
  const std::string value = Show(work, "synchronous_commit");
  return value == "on" ? absl::OkStatus()
                       : NotDurable("synchronous_commit", value);
}

// A standby's view may be old, whatever target_session_attrs the operator
// chose.
absl::Status CheckPrimary(pqxx::transaction_base& work) {
  if (!work.exec1("SELECT pg_is_in_recovery()")[0].as<bool>()) {
    return absl::OkStatus();
  }
  return base::Unavailable("LOG_STORE",
                           "the audit log's database only follows another "
                           "one; connect to the primary");
}

bool Exists(pqxx::transaction_base& work, const std::string& table) {
  return !work.exec1(absl::StrCat("SELECT to_regclass('", table, "')"))[0]
              .is_null();
}

// True: the tables are there, and they are ours.
absl::StatusOr<bool> FindTables(pqxx::transaction_base& work) {
  if (!Exists(work, "log_schema")) {
    if (!Exists(work, "entries") && !Exists(work, "heads")) return false;
    return base::Precondition("DATABASE_NOT_A_LOG",
                              "the database has tables of another program; "
                              "give the audit log a database of its own");
  }
  const pqxx::result versions = work.exec("SELECT version FROM log_schema");
  const int version = versions.size() == 1 ? versions[0][0].as<int>() : 0;
  if (version == schema::kSchemaVersion) return true;
  return base::Precondition(
      "LOG_SCHEMA", absl::StrCat("the log has schema version ", version,
                                 ", expected ", schema::kSchemaVersion));
}

// libpqxx would do so on its own.
void NeverConnectAnew(pqxx::connection& connection) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
  connection.inhibit_reactivation(true);
#pragma GCC diagnostic pop
}

}  // namespace

Session::Session(const std::string& text) : connection_(text) {
  NeverConnectAnew(connection_);
}

absl::StatusOr<std::unique_ptr<Session>> Session::Open(
    const PostgresOptions& options) {
  ASSIGN_OR_RETURN(const std::string text, ConnectionText(options));
  return Guarded([&]() -> absl::StatusOr<std::unique_ptr<Session>> {
    std::unique_ptr<Session> session(new Session(text));
    RETURN_IF_ERROR(session->Prepare());
    return session;
  });
}

absl::Status Session::Prepare() {
  pqxx::nontransaction work(connection_);
  work.exec0(kSettings);
  RETURN_IF_ERROR(CheckPrimary(work));
  RETURN_IF_ERROR(CheckDurable(work));
  for (const schema::Statement& each : schema::kStatements) {
    connection_.prepare(each.name, each.sql);
  }
  return absl::OkStatus();
}

absl::Status CreateTables(const PostgresOptions& options) {
  ASSIGN_OR_RETURN(const std::unique_ptr<Session> session,
                   Session::Open(options));
  return Guarded([&]() -> absl::Status {
    pqxx::work work(session->connection());
    work.exec(schema::kTakeTurn);
    ASSIGN_OR_RETURN(const bool found, FindTables(work));
    if (found) return absl::OkStatus();
    work.exec0(schema::kSchema);
    work.exec0(absl::StrCat("INSERT INTO log_schema VALUES (",
                            schema::kSchemaVersion, ")"));
    work.commit();
    return absl::OkStatus();
  });
}

absl::StatusOr<std::unique_ptr<Session>> SessionPool::TakeIdle() {
  {
    base::MutexLock lock(mutex_);
    returned_.wait(mutex_, [this]() ABSL_NO_THREAD_SAFETY_ANALYSIS {
      return out_ < kMaxOut;
    });
    ++out_;
    if (!idle_.empty()) {
      std::unique_ptr<Session> session = std::move(idle_.back());
      idle_.pop_back();
      return session;
    }
  }
  auto session = Session::Open(options_);
  if (!session.ok()) Return(nullptr);
  return session;
}

absl::StatusOr<std::unique_ptr<SessionPool::Lease>> SessionPool::Take() {
  ASSIGN_OR_RETURN(std::unique_ptr<Session> session, TakeIdle());
  return std::make_unique<Lease>(*this, std::move(session));
}

void SessionPool::Return(std::unique_ptr<Session> session) {
  const base::MutexLock lock(mutex_);
  --out_;
  if (session && session->alive()) idle_.push_back(std::move(session));
  returned_.notify_one();
}

void SessionPool::Clear() {
  std::vector<std::unique_ptr<Session>> closed;
  const base::MutexLock lock(mutex_);
  closed.swap(idle_);
}

}  // namespace bootseal::audit
