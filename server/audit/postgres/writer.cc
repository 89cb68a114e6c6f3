#include "server/audit/postgres/writer.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/status.h"
#include "firmware/image/host/convert.h"
#include "server/audit/postgres/column.h"
#include "server/audit/postgres/rows.h"
#include "server/audit/postgres/schema.h"

namespace bootseal::audit {
namespace {

// Longer than a restart of the database takes, shorter than a client's
// patience (client/cli/retry.h).
constexpr absl::Duration kDoubtLimit = absl::Seconds(8);
constexpr absl::Duration kDoubtWait = absl::Milliseconds(100);
// A connection that a restart has cut is known to be lost at once; one to a
// database that hangs is not worth another.
constexpr absl::Duration kFoundLost = absl::Seconds(1);

std::string BytesOf(const TreeHash& hash) {
  return image::host::ToString(hash);
}

// An empty one stands for none.
void AddOptional(Column& column, const std::string& bytes) {
  if (bytes.empty()) {
    column.AddNull();
  } else {
    column.AddBytes(bytes);
  }
}

template <std::size_t kCount>
absl::Status CheckAll(const std::array<Column, kCount>& columns) {
  for (const Column& column : columns) RETURN_IF_ERROR(column.status());
  return absl::OkStatus();
}

absl::Status InsertEntries(pqxx::transaction_base& work, std::uint64_t index,
                           const std::vector<Record>& records) {
  std::array<Column, 11> columns;
  auto& [positions, entries, identities, request_ids, targets, decisions,
         policy_versions, kinds, times, keys, subjects] = columns;
  for (const Record& record : records) {
    positions.AddNumber(index++);
    entries.AddBytes(record.entry);
    identities.AddBytes(record.identity);
    AddOptional(request_ids, record.request_id);
    targets.AddBytes(record.target);
    decisions.AddNumber(static_cast<std::uint64_t>(record.decision));
    if (record.policy_version == 0) {
      policy_versions.AddNull();
    } else {
      policy_versions.AddNumber(record.policy_version);
    }
    kinds.AddNumber(static_cast<std::uint64_t>(record.kind));
    times.AddNumber(static_cast<std::uint64_t>(record.time_unix_ms));
    keys.AddBytes(record.key);
    AddOptional(subjects, record.subject);
  }
  RETURN_IF_ERROR(CheckAll(columns));
  work.exec_prepared0("insert_entries", positions.Literal(), entries.Literal(),
                      identities.Literal(), request_ids.Literal(),
                      targets.Literal(), decisions.Literal(),
                      policy_versions.Literal(), kinds.Literal(),
                      times.Literal(), keys.Literal(), subjects.Literal());
  return absl::OkStatus();
}

absl::Status InsertNodes(pqxx::transaction_base& work,
                         const std::vector<Node>& nodes) {
  std::array<Column, 3> columns;
  auto& [levels, positions, hashes] = columns;
  for (const Node& node : nodes) {
    levels.AddNumber(node.id.level);
    positions.AddNumber(node.id.index);
    hashes.AddBytes(BytesOf(node.hash));
  }
  RETURN_IF_ERROR(CheckAll(columns));
  work.exec_prepared0("insert_nodes", levels.Literal(), positions.Literal(),
                      hashes.Literal());
  return absl::OkStatus();
}

absl::Status Conflict(const Head& newest, std::uint64_t begin) {
  return base::Fail(absl::StatusCode::kAlreadyExists, "LOG_CONFLICT",
                    absl::StrCat("the log has ", newest.size,
                                 " entries, and the batch begins at ", begin));
}

}  // namespace

absl::StatusOr<Head> Writer::TakeTurn() {
  EndTurn();
  // A connection that was lost while nobody used it is found out now.
  const bool used = session_ != nullptr;
  const absl::Time begin = absl::Now();
  absl::StatusOr<Head> head = BeginTurn();
  if (head.ok() || !used || session_) return head;
  if (absl::Now() - begin > kFoundLost) return head;
  return BeginTurn();
}

absl::StatusOr<Head> Writer::BeginTurn() {
  if (!session_) {
    ASSIGN_OR_RETURN(session_, Session::Open(options_, watchdog_));
  }
  const auto begin = [&]() -> absl::StatusOr<Head> {
    turn_ = std::make_unique<pqxx::work>(session_->connection());
    // The second statement sees what was committed before the first returned.
    return HeadOf(turn_->exec(
        absl::StrCat(postgres::kTakeTurn, ";", postgres::kNewestHead)));
  };
  absl::StatusOr<Head> head = session_->Run(Left(kStatementLimit), begin);
  if (head.ok()) {
    newest_ = *head;
  } else {
    EndTurn();
  }
  return head;
}

void Writer::EndTurn() {
  if (turn_) {
    // Rolls back what was not committed.
    session_
        ->Run(Left(kShortLimit),
              [this] {
                turn_.reset();
                return absl::OkStatus();
              })
        .IgnoreError();
  }
  if (session_ && !session_->alive()) session_.reset();
}

absl::Status Writer::Append(const std::vector<Record>& records,
                            const std::vector<Node>& nodes, const Head& head) {
  if (!has_turn()) RETURN_IF_ERROR(TakeTurn().status());
  const std::uint64_t begin = head.size - records.size();
  absl::Status status =
      begin == newest_.size
          ? session_->Run(Left(kStatementLimit),
                          [&] { return Insert(records, nodes, head); })
          : Conflict(newest_, begin);
  if (status.ok()) return Commit(head);
  EndTurn();
  return status;
}

// A time-out of COMMIT would end the wait for a standby and count as done.
absl::Status Writer::Insert(const std::vector<Record>& records,
                            const std::vector<Node>& nodes, const Head& head) {
  RETURN_IF_ERROR(InsertEntries(*turn_, newest_.size, records));
  RETURN_IF_ERROR(InsertNodes(*turn_, nodes));
  turn_->exec0(absl::StrCat("INSERT INTO heads VALUES (", head.size, ", '\\x",
                            absl::BytesToHexString(BytesOf(head.root)),
                            "'); SET LOCAL statement_timeout = 0"));
  return absl::OkStatus();
}

absl::Status Writer::Commit(const Head& head) {
  const absl::Status status = session_->Commit(Left(kCommitLimit), [this] {
    turn_->commit();
    return absl::OkStatus();
  });
  const bool doubtful = session_->doubtful();
  EndTurn();
  return doubtful ? FindOut(head, status) : status;
}

absl::Status Writer::FindOut(const Head& head, const absl::Status& lost) {
  const absl::Time begin = absl::Now();
  absl::StatusOr<bool> there = lost;
  while (!there.ok() && absl::Now() - begin < watchdog_.Bound(kDoubtLimit)) {
    patience_ = begin + kDoubtLimit;
    there = LookAndSettle(head);
    EndTurn();
    patience_ = absl::InfiniteFuture();
    if (!there.ok()) absl::SleepFor(kDoubtWait);
  }
  if (there.ok()) return *there ? absl::OkStatus() : lost;
  return base::Annotate(lost, "it is not known yet whether this was recorded");
}

// What is seen may be on this machine alone: its wait for a standby was cut
// off. Something is committed behind it, and that is waited for.
absl::StatusOr<bool> Writer::LookAndSettle(const Head& head) {
  RETURN_IF_ERROR(TakeTurn().status());
  ASSIGN_OR_RETURN(
      const bool there, Read([&](auto& work) -> absl::StatusOr<bool> {
        const pqxx::result rows =
            work.exec_prepared("root", static_cast<std::int64_t>(head.size));
        if (rows.empty()) return false;
        ASSIGN_OR_RETURN(const TreeHash root, HashOf(rows[0][0]));
        return root == head.root;
      }));
  if (!there) return false;
  RETURN_IF_ERROR(session_->Commit(Left(kCommitLimit), [this] {
    turn_->exec(
        absl::StrCat("SET LOCAL statement_timeout = 0;", postgres::kBarrier));
    turn_->commit();
    return absl::OkStatus();
  }));
  return true;
}

absl::Duration Writer::Left(absl::Duration limit) const {
  return std::clamp(patience_ - absl::Now(), kDoubtWait, limit);
}

}  // namespace bootseal::audit
