#include "hsm/approver_signer.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "hsm/public_key.h"
#include "hsm/signing_key.h"

namespace bootseal::hsm {
namespace {

constexpr absl::string_view kApproval =
    "DSSEv1 36 application/vnd.bootseal.approval.v1 ";

}  // namespace

class ApproverSigner::State {
 public:
  explicit State(std::unique_ptr<SigningKey> key) : key_(std::move(key)) {}
  SigningKey& key() { return *key_; }

 private:
  std::unique_ptr<SigningKey> key_;
};

ApproverSigner::ApproverSigner(std::unique_ptr<State> state)
    : state_(std::move(state)) {}
ApproverSigner::~ApproverSigner() = default;

absl::StatusOr<std::unique_ptr<ApproverSigner>> ApproverSigner::Open(
    std::shared_ptr<Token> token, const std::string& uri) {
  KeySpec spec;
  spec.name = "of the approver";
  spec.uri = uri;
  spec.purpose = Purpose::kApprover;
  spec.accept_imported = true;
  // Nobody told which algorithm it is, and the policy has the public half.
  ASSIGN_OR_RETURN(const pkcs11::FoundKey found,
                   FindSpecifiedKey(*token, spec));
  spec.algorithm = found.info.algorithm;
  ASSIGN_OR_RETURN(auto opened, SigningKey::Open(std::move(token), spec));
  return std::unique_ptr<ApproverSigner>(
      new ApproverSigner(std::make_unique<State>(std::move(opened))));
}

absl::StatusOr<std::string> ApproverSigner::SignApproval(
    absl::string_view encoding) {
  if (!absl::StartsWith(encoding, kApproval)) {
    return base::Invalid("APPROVAL_SHAPE", "encoding",
                         "the text is no approval's; an approver's key signs "
                         "nothing else");
  }
  const Algorithm algorithm = key().algorithm;
  if (algorithm == Algorithm::kEd25519) return state_->key().Sign(encoding);
  return state_->key().Sign(KeyHash(algorithm, encoding));
}

std::string ApproverSigner::public_key_pem() const {
  return state_->key().public_key().Pem();
}

const KeyInfo& ApproverSigner::key() const { return state_->key().info(); }

}  // namespace bootseal::hsm
