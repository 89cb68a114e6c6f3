// Who may call the console: the page that was opened with an address from the
// terminal, and nobody else in the browser or on the machine.
//
//   terminal ── http://127.0.0.1:PORT/#ticket ──▶ page ── ticket ──▶ console
//                                                  page ◀── token ──
//   file 0600 ── http://127.0.0.1:PORT/open/ticket ──▶ the same address
//
// A browser's arguments can be read by other users of the machine: the first
// ticket goes to it in a file, each serves once, and the token never is in an
// address.
#ifndef BOOTSEAL_CLIENT_CONSOLE_ACCESS_H_
#define BOOTSEAL_CLIENT_CONSOLE_ACCESS_H_

#include <functional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/mutex.h"

namespace bootseal::console {

// Thread-safe.
class Access {
 public:
  Access();

  // For one more page; an earlier one that nobody used serves no more.
  std::string IssueTicket();

  // Whether Redeem would take it now.
  bool IsOpen(absl::string_view ticket) const;

  // The token of this start. UNAUTHENTICATED (TICKET_INVALID).
  absl::StatusOr<std::string> Redeem(absl::string_view ticket);

  // Called once, by the thread of the next Redeem that is taken; calls nothing
  // of this object.
  void OnFirstUse(std::function<void()> used);

  bool Admits(absl::string_view token) const;

 private:
  const std::string token_;
  mutable base::Mutex mutex_;
  std::function<void()> used_ ABSL_GUARDED_BY(mutex_);
  std::string ticket_ ABSL_GUARDED_BY(mutex_);  // empty: none
};

}  // namespace bootseal::console

#endif  // BOOTSEAL_CLIENT_CONSOLE_ACCESS_H_
