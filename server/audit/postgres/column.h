// One column of many rows as an array literal (PostgreSQL manual, 8.15.6), so
// that a batch is one statement whatever its size.
#ifndef BOOTSEAL_SERVER_AUDIT_POSTGRES_COLUMN_H_
#define BOOTSEAL_SERVER_AUDIT_POSTGRES_COLUMN_H_

#include <cstdint>
#include <limits>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace bootseal::audit {

// PostgreSQL's integers are signed, as SQLite's are.
inline constexpr std::uint64_t kMaxStored =
    std::numeric_limits<std::int64_t>::max();

class Column {
 public:
  void AddNumber(std::uint64_t number);
  void AddBytes(absl::string_view bytes);
  void AddNull();

  // OUT_OF_RANGE (LOG_NUMBER) when a number was above kMaxStored.
  const absl::Status& status() const { return status_; }
  std::string Literal() const { return text_ + "}"; }

 private:
  void Separate();

  std::string text_ = "{";
  absl::Status status_;
};

}  // namespace bootseal::audit

#endif  // BOOTSEAL_SERVER_AUDIT_POSTGRES_COLUMN_H_
