// What a bootloader would do with a flash, and what is wrong with it, as
// values, as text and as JSON. The names of the JSON members are a contract:
// README.md lists them. Thread-safe: free functions.
#ifndef BOOTSEAL_CLIENT_LAYOUT_REPORT_H_
#define BOOTSEAL_CLIENT_LAYOUT_REPORT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "client/layout/evidence.h"

namespace bootseal::layout {

enum class Severity : std::uint8_t {
  kBootsNot,  // the board does not come up
  kDegraded,  // it does, but without its second copy, or not with updates
  kNote,
};
// "boots-not", "degraded", "note"
absl::string_view NameOf(Severity severity);

struct Finding {
  Severity severity = Severity::kNote;
  std::string reason;  // "ENTRY_LIMIT"; stable
  std::string found;
  std::optional<std::uint64_t> offset;  // in the flash
  std::string expected;
  std::string fix;
};

struct Report {
  Evidence evidence;
  std::vector<Finding> findings;  // the severest first

  bool bootable() const;
  // nullptr when there is none.
  const Finding* Find(absl::string_view reason) const;
};

std::string FormatText(const Report& report);
std::string FormatJson(const Report& report);

// "the active one, accepted"; why a bootloader starts a bank.
absl::string_view WordsOf(image::fwu::BootReason reason);

}  // namespace bootseal::layout

#endif  // BOOTSEAL_CLIENT_LAYOUT_REPORT_H_
