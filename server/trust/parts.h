// Text that is hashed, in parts that cannot run into each other: each stands
// behind its length, 8 bytes, most significant first.
#ifndef BOOTSEAL_SERVER_TRUST_PARTS_H_
#define BOOTSEAL_SERVER_TRUST_PARTS_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace bootseal::trust {

// Not thread-safe.
class Parts {
 public:
  // `purpose` is a line that no other text to hash begins with.
  explicit Parts(absl::string_view purpose) : text_(purpose) {}

  void Add(absl::string_view part);
  // A number is a part of 8 bytes.
  void AddNumber(std::uint64_t value);
  // SHA-256 of what was added, 32 raw bytes.
  std::string Sha256() const;

 private:
  std::string text_;
};

// A number as 8 bytes, most significant first. Thread-safe, as Sha256Of is.
std::string BigEndian(std::uint64_t value);

// 32 raw bytes.
std::string Sha256Of(absl::string_view text);

}  // namespace bootseal::trust

#endif  // BOOTSEAL_SERVER_TRUST_PARTS_H_
