#include "hsm/pkcs11/token.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/log.h"
#include "base/status.h"

namespace bootseal::hsm {
namespace {

constexpr std::chrono::milliseconds kFirstPause{100};
constexpr std::chrono::milliseconds kLongestPause{10000};
constexpr char kFinalTry[] = "PIN_FINAL_TRY";

absl::Status CheckPinState(const CK_TOKEN_INFO& token) {
  const std::string label = pkcs11::Unpadded(token.label);
  if ((token.flags & CKF_USER_PIN_LOCKED) != 0) {
    return base::Precondition(
        "PIN_LOCKED",
        absl::StrCat("the PIN of token ", label,
                     " is locked; the security officer must set a new one"));
  }
  if ((token.flags & CKF_USER_PIN_FINAL_TRY) != 0) {
    return base::Precondition(
        kFinalTry, absl::StrCat("one more wrong PIN locks token ", label,
                                "; log in once with the vendor's tool first"));
  }
  return absl::OkStatus();
}

// Before the final try none was sent: it is worth asking again later, when a
// human may have used it.
bool IsAboutOurPin(const absl::Status& status) {
  const std::string reason = base::ReasonOf(status);
  return absl::StartsWith(reason, "PIN_") && reason != kFinalTry;
}

std::uint32_t SessionLimit(const CK_TOKEN_INFO& token, std::uint32_t wanted) {
  const std::uint32_t limit = std::max(wanted, 1U);
  if (token.ulMaxSessionCount == CK_UNAVAILABLE_INFORMATION ||
      token.ulMaxSessionCount == CK_EFFECTIVELY_INFINITE) {
    return limit;
  }
  // One is the keeper's, one is for object changes.
  const CK_ULONG usable =
      std::max<CK_ULONG>(token.ulMaxSessionCount, 3) - CK_ULONG{2};
  return static_cast<std::uint32_t>(std::min<CK_ULONG>(limit, usable));
}

}  // namespace

struct Token::Claims {
  struct Use {
    Purpose purpose;
    int count;
  };
  base::Mutex mutex;
  std::map<std::string, Use> uses ABSL_GUARDED_BY(mutex);
};

Token::Token(std::unique_ptr<pkcs11::Module> module, TokenOptions options,
             pkcs11::Uri uri)
    : module_(std::move(module)),
      options_(std::move(options)),
      uri_(std::move(uri)),
      claims_(std::make_shared<Claims>()) {}

absl::StatusOr<std::shared_ptr<Token>> Token::Open(
    std::unique_ptr<pkcs11::Module> module, TokenOptions options) {
  ASSIGN_OR_RETURN(pkcs11::Uri uri, pkcs11::Uri::Parse(options.uri));
  auto token = std::shared_ptr<Token>(
      new Token(std::move(module), std::move(options), std::move(uri)));
  ASSIGN_OR_RETURN(const pkcs11::Slot slot, token->FindSlot());
  token->label_ = pkcs11::Unpadded(slot.token.label);
  token->serial_ = pkcs11::Unpadded(slot.token.serialNumber);
  token->manufacturer_ = pkcs11::Unpadded(slot.token.manufacturerID);
  token->model_ = pkcs11::Unpadded(slot.token.model);
  token->pool_ = std::make_unique<pkcs11::SessionPool>(
      token->module_->functions(),
      pkcs11::SessionPool::Limits{
          SessionLimit(slot.token, token->options_.max_sessions)});
  ASSIGN_OR_RETURN(const auto exclusive, token->pool_->AcquireAll());
  RETURN_IF_ERROR(token->Login(exclusive));
  return token;
}

absl::StatusOr<pkcs11::SessionPool::Lease> Token::Acquire() {
  const base::Timed waits(usage_.wait_seconds);
  return pool_->Acquire();
}

// The sessions and the login end with the library.
Token::~Token() { module_->Shutdown(); }

bool Token::Matches(const pkcs11::Uri& uri) const {
  CK_TOKEN_INFO info{};
  const auto fill = [](auto& field, const std::string& text) {
    std::fill(std::begin(field), std::end(field), ' ');
    std::copy_n(text.begin(), std::min(text.size(), sizeof(field)), field);
  };
  fill(info.label, label_);
  fill(info.serialNumber, serial_);
  fill(info.manufacturerID, manufacturer_);
  fill(info.model, model_);
  return uri.MatchesToken(info);
}

absl::StatusOr<pkcs11::Slot> Token::FindSlot() const {
  ASSIGN_OR_RETURN(const auto slots, module_->Slots());
  std::vector<pkcs11::Slot> matching;
  std::vector<std::string> labels;
  for (const pkcs11::Slot& slot : slots) {
    if ((slot.token.flags & CKF_TOKEN_INITIALIZED) == 0) continue;
    labels.push_back(
        absl::StrCat("\"", pkcs11::Unpadded(slot.token.label), "\" (serial ",
                     pkcs11::Unpadded(slot.token.serialNumber), ")"));
    if (uri_.Matches(slot.id, slot.token)) matching.push_back(slot);
  }
  const std::string present =
      labels.empty() ? "no token is there"
                     : absl::StrCat("present: ", absl::StrJoin(labels, ", "));
  if (matching.empty()) {
    return base::Unavailable(
        "TOKEN_MISSING",
        absl::StrCat("no token matches ", uri_.text(), "; ", present));
  }
  if (matching.size() > 1) {
    return base::Precondition(
        "TOKEN_AMBIGUOUS",
        absl::StrCat(matching.size(), " tokens match ", uri_.text(),
                     ", expected one; name its serial; ", present));
  }
  return matching.front();
}

absl::Status Token::Login(const pkcs11::SessionPool::Exclusive& exclusive) {
  ASSIGN_OR_RETURN(const pkcs11::Slot slot, FindSlot());
  RETURN_IF_ERROR(CheckPinState(slot.token));
  CK_FUNCTION_LIST& functions = module_->functions();
  CK_SESSION_HANDLE keeper = CK_INVALID_HANDLE;
  const CK_RV opened = functions.C_OpenSession(slot.id, CKF_SERIAL_SESSION,
                                               nullptr, nullptr, &keeper);
  if (opened != CKR_OK) return pkcs11::ToStatus("C_OpenSession", opened);
  if ((slot.token.flags & CKF_LOGIN_REQUIRED) != 0) {
    const absl::string_view pin = options_.pin.Reveal();
    // PKCS#11 takes the PIN as a non-const pointer and only reads it.
    auto* bytes = reinterpret_cast<CK_UTF8CHAR*>(const_cast<char*>(pin.data()));
    const CK_RV result = functions.C_Login(keeper, CKU_USER, bytes, pin.size());
    if (result != CKR_OK && result != CKR_USER_ALREADY_LOGGED_IN) {
      functions.C_CloseSession(keeper);
      return base::Annotate(pkcs11::ToStatus("C_Login", result),
                            absl::StrCat("token ", label_));
    }
  }
  pool_->Restart(exclusive, slot.id);
  return absl::OkStatus();
}

absl::Status Token::Recover(std::uint64_t lost_epoch) {
  ASSIGN_OR_RETURN(const auto exclusive, pool_->AcquireAll());
  if (pool_->epoch() != lost_epoch) return absl::OkStatus();
  {
    base::MutexLock lock(mutex_);
    if (!pin_refused_.ok()) return pin_refused_;
    if (Steady::now() < next_attempt_) return last_failure_;
  }
  const absl::Status status = Surfaced(Reinitialise(exclusive));
  (status.ok() ? usage_.recoveries : usage_.failed_recoveries).Add();
  base::Log(status.ok() ? base::Severity::kWarning : base::Severity::kError,
            status.ok() ? "token recovered" : "token lost",
            {{"token", label_}, {"reason", std::string(status.message())}});
  base::MutexLock lock(mutex_);
  if (status.ok()) {
    pause_ = std::chrono::milliseconds(0);
    return status;
  }
  if (IsAboutOurPin(status)) pin_refused_ = status;
  pause_ = std::clamp(pause_ * 2, kFirstPause, kLongestPause);
  next_attempt_ = Steady::now() + pause_;
  last_failure_ = status;
  return status;
}

absl::Status Token::Reinitialise(
    const pkcs11::SessionPool::Exclusive& exclusive) {
  // Whatever comes of it, the old sessions are gone.
  pool_->Restart(exclusive, std::nullopt);
  RETURN_IF_ERROR(module_->Reinitialise());
  return Login(exclusive);
}

absl::Status Token::Surfaced(const absl::Status& status) {
  if (!pkcs11::IsSessionLost(status)) return status;
  return base::Unavailable("TOKEN_LOST", status.message());
}

absl::StatusOr<std::shared_ptr<void>> Token::Claim(
    const std::string& public_key, Purpose purpose) {
  base::MutexLock lock(claims_->mutex);
  const auto [use, inserted] =
      claims_->uses.try_emplace(public_key, Claims::Use{purpose, 0});
  if (use->second.purpose != purpose) {
    return base::Precondition(
        "KEY_PURPOSE",
        "one public key is used for two purposes (firmware, checkpoint, "
        "canary, approver); give each purpose a key of its own");
  }
  ++use->second.count;
  return std::shared_ptr<void>(
      claims_.get(), [claims = claims_, public_key](void*) {
        base::MutexLock release(claims->mutex);
        const auto found = claims->uses.find(public_key);
        if (--found->second.count == 0) claims->uses.erase(found);
      });
}

}  // namespace bootseal::hsm
