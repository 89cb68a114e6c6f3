// The terminal that `bootseal console` runs in: what only the person at the
// machine sees and types.
#ifndef BOOTSEAL_CLIENT_CONSOLE_TERMINAL_H_
#define BOOTSEAL_CLIENT_CONSOLE_TERMINAL_H_

#include <cstdio>
#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/strings/string_view.h"
#include "base/mutex.h"
#include "client/console/confirmations.h"
#include "client/console/source.h"

namespace bootseal::console {

enum class Voice { kText, kJson };

// What is to be signed, and how to answer. Text of others cannot move the
// cursor. With kJson one object on a line.
std::string QuestionText(const Prepared& prepared, const Question& question,
                         Voice voice);

// Writes and reads. ReadLine aside it is thread-safe.
class Terminal {
 public:
  // `out` is standard error but in tests, and outlives the terminal.
  explicit Terminal(Voice voice, std::FILE* out = stderr)
      : voice_(voice), out_(out) {}

  Voice voice() const { return voice_; }
  // A line for whoever looks. {"console":...} with kJson.
  void Say(absl::string_view text);
  // The same, as it is.
  void Print(absl::string_view text);
  // The next line of standard input; nullopt at its end. For one thread. Waits
  // while somebody else has the keyboard.
  std::optional<std::string> ReadLine();
  // What was typed, and not yet read: no answer to a question that comes now.
  // Waits for the keyboard.
  void DiscardTyped();
  // Held by whoever may ask for a passphrase or a PIN.
  base::Mutex& keyboard() { return keyboard_; }

 private:
  std::optional<std::string> TakeLine();

  const Voice voice_;
  std::FILE* const out_;
  base::Mutex mutex_;
  base::Mutex keyboard_;
  // Beyond what was given out as lines.
  std::string typed_ ABSL_GUARDED_BY(keyboard_);
};

}  // namespace bootseal::console

#endif  // BOOTSEAL_CLIENT_CONSOLE_TERMINAL_H_
