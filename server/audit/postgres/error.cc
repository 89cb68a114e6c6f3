#include "server/audit/postgres/error.h"

#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "base/status.h"

namespace bootseal::audit {
namespace {

enum class Kind { kPasses, kConflict, kCorrupt, kRights };

struct Class {
  const char* prefix;  // of the SQLSTATE
  Kind kind;
};
// PostgreSQL manual, appendix A "Error Codes".
constexpr Class kClasses[] = {
    {"08", Kind::kPasses},  // connection
    {"23505", Kind::kConflict},
    {"25006", Kind::kPasses},  // read only: after a switch to another server
    {"25P03", Kind::kPasses},  // idle in transaction for too long
    {"40", Kind::kPasses},     // rolled back
    {"53", Kind::kPasses},     // disk, memory, connections
    {"55P03", Kind::kPasses},  // lock
    {"57", Kind::kPasses},     // cancelled, shut down
    {"58", Kind::kPasses},     // the system's own
    {"XX001", Kind::kCorrupt},
    {"XX002", Kind::kCorrupt},
};

absl::Status Make(Kind kind, const std::string& message) {
  switch (kind) {
    case Kind::kPasses:
      return base::Unavailable("LOG_STORE", message);
    case Kind::kConflict:
      return base::Fail(absl::StatusCode::kAlreadyExists, "LOG_CONFLICT",
                        message);
    case Kind::kCorrupt:
      return base::Precondition(
          "LOG_CORRUPT",
          absl::StrCat(message, "; restore the log from a copy"));
    case Kind::kRights:
      return base::Precondition("LOG_RIGHTS", message);
  }
  return base::Internal(message);
}

// On one line, as log lines are.
std::string MessageOf(const std::exception& error) {
  std::string text = error.what();
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return absl::StrCat("audit log database: ",
                      absl::StrReplaceAll(text, {{"\n", "; "}, {"\t", " "}}));
}

}  // namespace

absl::Status PostgresError(const std::exception& error) {
  const std::string message = MessageOf(error);
  if (dynamic_cast<const pqxx::broken_connection*>(&error) != nullptr ||
      dynamic_cast<const pqxx::in_doubt_error*>(&error) != nullptr) {
    return Make(Kind::kPasses, message);
  }
  // libpqxx tells this one by its type alone.
  if (dynamic_cast<const pqxx::insufficient_privilege*>(&error) != nullptr) {
    return Make(Kind::kRights, message);
  }
  const auto* const sql = dynamic_cast<const pqxx::sql_error*>(&error);
  if (sql == nullptr) return base::Internal(message);
  for (const Class& each : kClasses) {
    if (absl::StartsWith(sql->sqlstate(), each.prefix)) {
      return Make(each.kind,
                  absl::StrCat(message, " (SQLSTATE ", sql->sqlstate(), ")"));
    }
  }
  // libpq itself found the connection broken.
  if (sql->sqlstate().empty()) return Make(Kind::kPasses, message);
  return base::Internal(
      absl::StrCat(message, " (SQLSTATE ", sql->sqlstate(), ")"));
}

}  // namespace bootseal::audit
