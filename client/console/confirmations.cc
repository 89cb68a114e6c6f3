#include "client/console/confirmations.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "client/console/random.h"

namespace bootseal::console {
namespace {

// More than a page asks about; ids are random, so any may go.
constexpr std::size_t kFatesKept = 256;

absl::Status Over() {
  return base::Precondition(
      "CONFIRMATION_OVER",
      "this question is answered, replaced by a later one or too old; nothing "
      "was signed by this; ask again");
}

absl::Status Locked() {
  return base::Exhausted(
      "CONFIRMATIONS_LOCKED",
      absl::StrCat(kWrongCodesPerStart,
                   " wrong codes; nothing is signed until bootseal console is "
                   "started again"));
}

}  // namespace

absl::StatusOr<Question> Confirmations::Open(v1::ApprovalStatement statement) {
  const base::MutexLock lock(mutex_);
  if (wrong_codes_ >= kWrongCodesPerStart) return Locked();
  Close("void");
  if (fates_.size() >= kFatesKept) fates_.clear();
  open_ =
      Asked{{RandomToken(), RandomCode()}, std::move(statement), clock_.Now()};
  fates_[open_->question.id].state = "open";
  return open_->question;
}

absl::StatusOr<Taken> Confirmations::Confirm(absl::string_view id,
                                             absl::string_view code) {
  const base::MutexLock lock(mutex_);
  if (wrong_codes_ >= kWrongCodesPerStart) return Locked();
  Expire();
  if (!open_ || !SameSecret(id, open_->question.id)) return Over();
  if (SameSecret(code, open_->question.code)) return Take();
  return CountWrongCode();
}

absl::Status Confirmations::CountWrongCode() {
  ++wrong_codes_;
  const int left = kTriesPerQuestion - ++open_->tries;
  if (left == 0) Close("void");
  if (wrong_codes_ >= kWrongCodesPerStart) {
    Close("void");
    return Locked();
  }
  return base::Refused(
      "WRONG_CODE",
      left == 0 ? "not the code on the terminal; the question is void, ask "
                  "again"
                : absl::StrCat("not the code on the terminal; ", left,
                               left == 1 ? " try" : " tries", " left"));
}

absl::StatusOr<Taken> Confirmations::ConfirmHere(absl::string_view code) {
  const base::MutexLock lock(mutex_);
  Expire();
  if (wrong_codes_ >= kWrongCodesPerStart) return Locked();
  if (!open_) return Over();
  if (SameSecret(code, open_->question.code)) return Take();
  return base::Refused("WRONG_CODE",
                       "not the code of the question that is open now; nothing "
                       "was signed; read what it asks");
}

absl::Status Confirmations::DeclineHere() {
  const base::MutexLock lock(mutex_);
  Expire();
  if (!open_) return Over();
  Close("declined");
  return absl::OkStatus();
}

void Confirmations::Finish(const std::string& id,
                           const absl::StatusOr<std::uint64_t>& index) {
  const base::MutexLock lock(mutex_);
  fates_[id] = index.ok() ? Fate{"done", *index, absl::OkStatus()}
                          : Fate{"failed", 0, index.status()};
}

absl::StatusOr<Fate> Confirmations::FateOf(const std::string& id) {
  const base::MutexLock lock(mutex_);
  Expire();
  const auto found = fates_.find(id);
  if (found == fates_.end()) {
    return base::NotFound("UNKNOWN_CONFIRMATION", "no such confirmation");
  }
  return found->second;
}

void Confirmations::Expire() {
  if (open_ && clock_.Now() - open_->opened >= kQuestionLife) Close("expired");
}

void Confirmations::Close(const char* state) {
  if (!open_) return;
  fates_[open_->question.id].state = state;
  open_.reset();
}

Taken Confirmations::Take() {
  Taken taken{open_->question.id, std::move(open_->statement)};
  Close("signing");
  return taken;
}

}  // namespace bootseal::console
