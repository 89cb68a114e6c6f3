#include "server/audit/postgres/session.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <pqxx/nontransaction>
#include <pqxx/transaction>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "base/status.h"
#include "server/audit/postgres/error.h"
#include "server/audit/postgres/schema.h"

namespace bootseal::audit {
namespace {

namespace schema = postgres;

// A server that hangs while it has the turn loses it, and a statement that
// hangs ends. Times are in milliseconds. Every question has its index; a new
// table without statistics must not be read whole in a turn.
constexpr char kSettings[] =
    "SET statement_timeout = 10000;"
    "SET lock_timeout = 10000;"
    "SET idle_in_transaction_session_timeout = 10000;"
    // A server that the network has lost keeps nothing of the database.
    "SET tcp_keepalives_idle = 5;"
    "SET tcp_keepalives_interval = 2;"
    "SET tcp_keepalives_count = 3;"
    "SET tcp_user_timeout = 10000;"
    "SET client_min_messages = warning;"
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

absl::Status AllBusy(std::size_t connections) {
  return base::Unavailable(
      "LOG_STORE",
      absl::StrCat("audit log database: all ", connections,
                   " connections have been busy for ",
                   absl::FormatDuration(kShortLimit), "; try again"));
}

// The watchdog has no socket yet: libpq keeps this limit itself, in whole
// seconds, two at least. Of a keyword that is there twice the last one counts.
std::string ConnectWithin(const std::string& text, absl::Duration limit) {
  if (limit == absl::InfiniteDuration()) return text;
  return absl::StrCat(text, " connect_timeout=",
                      std::max<std::int64_t>(2, absl::ToInt64Seconds(limit)));
}

}  // namespace

absl::Status NoAnswer(absl::Duration limit) {
  return base::Unavailable(
      "LOG_STORE", absl::StrCat("audit log database: no answer within ",
                                absl::FormatDuration(limit),
                                "; is it frozen, or the network in between?"));
}

bool Session::Warnings::operator()(const char message[]) noexcept {
  ++count_;
  last_ = message;
  return false;
}

absl::Status Session::Warnings::Doubt() const {
  return base::Unavailable(
      "LOG_STORE",
      absl::StrCat("audit log database: committed with a warning: ",
                   absl::StrReplaceAll(absl::StripSuffix(last_, "\n"),
                                       {{"\n", "; "}, {"\t", " "}})));
}

Session::Session(const std::string& text,
                 std::shared_ptr<PostgresFigures> figures, Watchdog& watchdog)
    : figures_(std::move(figures)),
      watchdog_(watchdog),
      connection_(text),
      socket_(fcntl(connection_.sock(), F_DUPFD_CLOEXEC, 0)) {
  NeverConnectAnew(connection_);
  ++figures_->open;
}

Session::~Session() {
  if (!alive()) figures_->lost.Add();
  --figures_->open;
  close(socket_);
}

absl::StatusOr<std::unique_ptr<Session>> Session::Open(
    const PostgresOptions& options, Watchdog& watchdog) {
  auto session = Connect(options, watchdog);
  PostgresFigures& figures = *options.figures;
  (session.ok() ? figures.connects : figures.failed_connects).Add();
  return session;
}

absl::StatusOr<std::unique_ptr<Session>> Session::Connect(
    const PostgresOptions& options, Watchdog& watchdog) {
  ASSIGN_OR_RETURN(const std::string text, ConnectionText(options));
  const absl::Duration left = watchdog.Bound(absl::InfiniteDuration());
  return Guarded([&]() -> absl::StatusOr<std::unique_ptr<Session>> {
    std::unique_ptr<Session> session(
        new Session(ConnectWithin(text, left), options.figures, watchdog));
    if (session->socket_ == -1) {
      return base::Exhausted("OUT_OF_FILES", "no file descriptor is left");
    }
    RETURN_IF_ERROR(
        session->Run(kShortLimit, [&] { return session->Prepare(); }));
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

absl::Status CreateTables(const PostgresOptions& options, Watchdog& watchdog) {
  ASSIGN_OR_RETURN(const std::unique_ptr<Session> session,
                   Session::Open(options, watchdog));
  return session->Run(kStatementLimit, [&]() -> absl::Status {
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
    const auto limit = absl::ToChronoMilliseconds(watchdog_.Bound(kShortLimit));
    const bool free = returned_.wait_for(
        mutex_, limit,
        [this]() ABSL_NO_THREAD_SAFETY_ANALYSIS { return out_ < limit_; });
    if (!free) return AllBusy(limit_);
    ++out_;
    if (!idle_.empty()) {
      std::unique_ptr<Session> session = std::move(idle_.back());
      idle_.pop_back();
      return session;
    }
  }
  auto session = Session::Open(options_, watchdog_);
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
