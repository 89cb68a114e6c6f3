// What a review found, by class. Kept in constant memory: of each class all are
// counted; the first findings and the newest warnings are held in full.
#ifndef BOOTSEAL_CLIENT_REVIEW_FINDING_H_
#define BOOTSEAL_CLIENT_REVIEW_FINDING_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace bootseal::review {

// In the order of reports; the bit of a class is 1 << its number.
enum class FindingClass : std::uint8_t {
  kTree,         // entries missing, or not what was hashed
  kConsistency,  // not the log that was seen before
  kRolledBack,   // older than what was seen before
  kEntry,        // not a log entry of ours
  kPolicy,
  kSignature,
  kApproval,
  kKey,
  kRollback,  // the guard of versions and security counters
  kTime,
  kSearch,
};
inline constexpr std::size_t kFindingClasses = 11;

struct ClassRow {
  const char* name;
  const char* meaning;
};
const ClassRow& RowOf(FindingClass kind);
// Every class once, in order.
const std::array<FindingClass, kFindingClasses>& AllClasses();
std::uint32_t BitOf(FindingClass kind);

// A warning is what an honest log may have too.
enum class Weight : std::uint8_t { kFinding, kWarning };

struct Finding {
  FindingClass kind = FindingClass::kTree;
  Weight weight = Weight::kFinding;
  std::optional<std::uint64_t> index;  // of the entry
  std::string reason;                  // "SIGNATURE_INVALID"
  std::string message;
};

// Not thread-safe.
class Findings {
 public:
  static constexpr std::size_t kHeld = 20;  // of each class, twice

  void Add(Finding finding);
  void Add(FindingClass kind, absl::string_view reason,
           absl::string_view message);
  void Warn(FindingClass kind, std::uint64_t index, absl::string_view reason,
            absl::string_view message);
  // Nothing when OK.
  void Add(FindingClass kind, std::uint64_t index, const absl::Status& status);

  // Warnings aside.
  std::uint64_t count(FindingClass kind) const;
  std::uint64_t warnings(FindingClass kind) const;
  bool clean() const { return mask() == 0; }
  // The bits of the classes with findings.
  std::uint32_t mask() const;
  // By class: findings, then warnings, each oldest first.
  std::vector<Finding> held() const;

 private:
  struct OfClass {
    std::uint64_t findings = 0;
    std::uint64_t warnings = 0;
    std::vector<Finding> first_findings;
    // Of a log of years, those that nobody has looked at yet.
    std::deque<Finding> last_warnings;
  };
  const OfClass& of(FindingClass kind) const;

  std::array<OfClass, kFindingClasses> classes_;
};

}  // namespace bootseal::review

#endif  // BOOTSEAL_CLIENT_REVIEW_FINDING_H_
