// A bar on standard error, on a terminal only; gone with the object. Not
// thread-safe.
#ifndef BOOTSEAL_CLIENT_FWU_TERMINAL_PROGRESS_H_
#define BOOTSEAL_CLIENT_FWU_TERMINAL_PROGRESS_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace bootseal::fwu {

// "write  [##########..........]  50%"; bytes when there is no total.
std::string FormatProgress(absl::string_view what, std::uint64_t done,
                           std::uint64_t total);

class TerminalProgress {
 public:
  TerminalProgress();
  ~TerminalProgress();
  TerminalProgress(const TerminalProgress&) = delete;
  TerminalProgress& operator=(const TerminalProgress&) = delete;

  void Show(absl::string_view what, std::uint64_t done, std::uint64_t total);

 private:
  bool terminal_;
  std::string shown_;
};

}  // namespace bootseal::fwu

#endif  // BOOTSEAL_CLIENT_FWU_TERMINAL_PROGRESS_H_
