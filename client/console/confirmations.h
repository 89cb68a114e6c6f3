// The second pair of eyes: no word is signed that was not shown on the terminal
// and confirmed by its one-time code, or there.
//
//   page: Open ─▶ terminal shows statement and code ─▶ page: Confirm(code)
//                                                  └─▶ terminal: code or n
//
// One question at a time, about one exact statement; another one makes it void,
// and has another code: no answer meets a question that it was not given to.
#ifndef BOOTSEAL_CLIENT_CONSOLE_CONFIRMATIONS_H_
#define BOOTSEAL_CLIENT_CONSOLE_CONFIRMATIONS_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "base/mutex.h"
#include "bootseal/v1/approval.pb.h"

namespace bootseal::console {

// How long a question waits.
inline constexpr absl::Duration kQuestionLife = absl::Minutes(3);
inline constexpr int kTriesPerQuestion = 3;
// Of one start: whoever guesses has one chance in 100,000.
inline constexpr int kWrongCodesPerStart = 10;

struct Question {
  std::string id;    // 64 hexadecimal digits; the page has it
  std::string code;  // six digits; the terminal alone has it
};

struct Taken {
  std::string id;
  v1::ApprovalStatement statement;
};

// What became of a question.
struct Fate {
  // "open", "signing", "done", "failed", "declined", "void", "expired".
  std::string state;
  std::uint64_t index = 0;  // of the approval's entry, when done
  absl::Status error;       // when failed
};

// Thread-safe.
class Confirmations {
 public:
  // `clock` must outlive it.
  explicit Confirmations(const base::Clock& clock) : clock_(clock) {}

  // RESOURCE_EXHAUSTED (CONFIRMATIONS_LOCKED) after too many wrong codes.
  absl::StatusOr<Question> Open(v1::ApprovalStatement statement);

  // The statement to sign, once. PERMISSION_DENIED (WRONG_CODE) says how many
  // tries are left; FAILED_PRECONDITION (CONFIRMATION_OVER) for a question that
  // is answered, void, expired or was never asked; CONFIRMATIONS_LOCKED.
  absl::StatusOr<Taken> Confirm(absl::string_view id, absl::string_view code);

  // The same from the terminal, for the question that is open and has this
  // code. CONFIRMATION_OVER; WRONG_CODE, which costs no try: whoever types
  // there sees the right one.
  absl::StatusOr<Taken> ConfirmHere(absl::string_view code);
  // Whichever is open: nothing gets signed. CONFIRMATION_OVER.
  absl::Status DeclineHere();

  // What came of a statement that was taken.
  void Finish(const std::string& id,
              const absl::StatusOr<std::uint64_t>& index);

  // NOT_FOUND (UNKNOWN_CONFIRMATION); the last few are known.
  absl::StatusOr<Fate> FateOf(const std::string& id);

 private:
  struct Asked {
    Question question;
    v1::ApprovalStatement statement;
    absl::Time opened;
    int tries = 0;
  };

  void Expire() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Close(const char* state) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  Taken Take() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status CountWrongCode() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const base::Clock& clock_;
  base::Mutex mutex_;
  std::optional<Asked> open_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, Fate> fates_ ABSL_GUARDED_BY(mutex_);
  int wrong_codes_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace bootseal::console

#endif  // BOOTSEAL_CLIENT_CONSOLE_CONFIRMATIONS_H_
