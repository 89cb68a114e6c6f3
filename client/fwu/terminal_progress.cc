#include "client/fwu/terminal_progress.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "absl/strings/str_cat.h"

namespace bootseal::fwu {
namespace {

constexpr std::uint64_t kBarWidth = 40;

}  // namespace

std::string FormatProgress(absl::string_view what, std::uint64_t done,
                           std::uint64_t total) {
  if (total == 0) return absl::StrCat(what, "  ", done, " bytes");
  const std::uint64_t within = std::min(done, total);
  const std::uint64_t filled = within * kBarWidth / total;
  return absl::StrCat(what, "  [", std::string(filled, '#'),
                      std::string(kBarWidth - filled, '.'), "] ",
                      within * 100 / total, "%");
}

TerminalProgress::TerminalProgress() : terminal_(isatty(STDERR_FILENO) == 1) {}

TerminalProgress::~TerminalProgress() {
  if (!shown_.empty()) std::fputs("\r\x1b[K", stderr);
}

void TerminalProgress::Show(absl::string_view what, std::uint64_t done,
                            std::uint64_t total) {
  if (!terminal_) return;
  const std::string line = FormatProgress(what, done, total);
  if (line == shown_) return;
  std::fprintf(stderr, "\r\x1b[K%s", line.c_str());
  shown_ = line;
}

}  // namespace bootseal::fwu
