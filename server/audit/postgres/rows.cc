#include "server/audit/postgres/rows.h"

#include <cstdint>
#include <cstring>
#include <pqxx/binarystring>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status.h"

namespace bootseal::audit {
namespace {

absl::StatusOr<std::uint64_t> NumberOf(const pqxx::field& field) {
  const auto number = field.as<std::int64_t>();
  if (number >= 0) return static_cast<std::uint64_t>(number);
  return base::Precondition(
      "LOG_CORRUPT", absl::StrCat("the log's number ", number,
                                  " is below zero; restore it from a copy"));
}

}  // namespace

absl::StatusOr<TreeHash> HashOf(const pqxx::field& field) {
  const pqxx::binarystring bytes(field);
  TreeHash hash;
  if (bytes.size() != hash.size()) {
    return base::Precondition("LOG_CORRUPT",
                              absl::StrCat("a stored hash has ", bytes.size(),
                                           " bytes, expected 32"));
  }
  std::memcpy(hash.data(), bytes.data(), hash.size());
  return hash;
}

absl::StatusOr<Head> HeadOf(const pqxx::result& rows) {
  if (rows.empty()) return Head{0, image::transparency::EmptyRoot()};
  ASSIGN_OR_RETURN(const std::uint64_t size, NumberOf(rows[0][0]));
  ASSIGN_OR_RETURN(const TreeHash root, HashOf(rows[0][1]));
  return Head{size, root};
}

absl::StatusOr<std::vector<StoredRecord>> RecordsOf(const pqxx::result& rows) {
  std::vector<StoredRecord> records;
  for (const pqxx::row& row : rows) {
    ASSIGN_OR_RETURN(const std::uint64_t index, NumberOf(row[0]));
    records.push_back({index, pqxx::binarystring(row[1]).str()});
  }
  return records;
}

absl::StatusOr<std::optional<StoredRecord>> RecordOf(const pqxx::result& rows) {
  ASSIGN_OR_RETURN(std::vector<StoredRecord> records, RecordsOf(rows));
  if (records.empty()) return std::nullopt;
  return std::move(records.front());
}

}  // namespace bootseal::audit
