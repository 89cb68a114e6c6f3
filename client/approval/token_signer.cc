// An approver's key in their own PKCS#11 token.
#include <utility>

#include "base/input_file.h"
#include "base/status.h"
#include "client/approval/signer.h"
#include "client/imgtool/prompt.h"
#include "hsm/approver_signer.h"
#include "hsm/pin_source.h"

namespace bootseal::approval {
namespace {

constexpr std::size_t kMaxPinBytes = 1024;

absl::StatusOr<base::Secret> ReadPin(const std::string& path) {
  if (path.empty()) return imgtool::AskPin();
  ASSIGN_OR_RETURN(
      std::string text,
      base::ReadPrivateFile(path, kMaxPinBytes, base::Accepts::kAnything));
  if (!text.empty() && text.back() == '\n') text.pop_back();
  return base::Secret(std::move(text));
}

class TokenSigner final : public Signer {
 public:
  explicit TokenSigner(std::unique_ptr<hsm::ApproverSigner> key)
      : key_(std::move(key)) {}

  absl::StatusOr<Signed> Sign(absl::string_view message) override {
    ASSIGN_OR_RETURN(std::string signature, key_->SignApproval(message));
    return Signed{std::move(signature), key_->public_key_pem()};
  }

 private:
  std::unique_ptr<hsm::ApproverSigner> key_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Signer>> OpenTokenSigner(
    const std::string& uri, const std::string& pin_path) {
  hsm::TokenOptions options;
  options.uri = uri;
  options.max_sessions = 1;
  ASSIGN_OR_RETURN(options.pin, ReadPin(pin_path));
  auto token = hsm::OpenToken(std::move(options));
  if (!token.ok()) return hsm::WithPinSource(token.status(), pin_path);
  ASSIGN_OR_RETURN(auto key, hsm::ApproverSigner::Open(*std::move(token), uri));
  return std::make_unique<TokenSigner>(std::move(key));
}

}  // namespace bootseal::approval
