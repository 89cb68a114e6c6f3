#include "client/cli/progress.h"

#include <unistd.h>

#include <cstdio>
#include <utility>

#include "absl/strings/str_format.h"

namespace bootseal::cli {
namespace {

constexpr std::uint64_t kBarWidth = 40;

}  // namespace

std::string FormatProgress(absl::string_view what, std::uint64_t done,
                           std::uint64_t total) {
  const std::uint64_t filled =
      total == 0 ? kBarWidth : done * kBarWidth / total;
  const std::uint64_t percent = total == 0 ? 100 : done * 100 / total;
  return absl::StrFormat("%s  [%s%s] %3d%%", what, std::string(filled, '#'),
                         std::string(kBarWidth - filled, '.'), percent);
}

Progress::Progress(std::string what, std::uint64_t total)
    : what_(std::move(what)),
      total_(total),
      terminal_(isatty(STDERR_FILENO) == 1) {}

Progress::~Progress() {
  if (!shown_.empty()) std::fputs("\r\x1b[K", stderr);
}

void Progress::Show(std::uint64_t done) {
  if (!terminal_) return;
  const std::string line = FormatProgress(what_, done, total_);
  if (line == shown_) return;
  std::fprintf(stderr, "\r%s", line.c_str());
  shown_ = line;
}

}  // namespace bootseal::cli
