// The part of a signing request in which something is signed: one decision over
// all that was asked for, a permit for each of its pairs.
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/status.h"
#include "hsm/precedence.h"
#include "server/audit/record.h"
#include "server/call_limits.h"
#include "server/carried_receipt.h"
#include "server/sealing/permit_mint.h"
#include "server/signing_flow.h"
#include "server/trust/receipt_format.h"
#include "server/trust/target_format.h"

namespace bootseal::server {

absl::StatusOr<SigningFlow::Signed> SigningFlow::SignAllowed() {
  std::vector<trust::KeyDigest> pairs;
  for (const v1::SignedDigest& each : decision_->asked().digests()) {
    pairs.push_back({each.key(), each.digest(), each.pure()});
  }
  ASSIGN_OR_RETURN(permits_, PermitsFor(std::move(pairs)));
  std::vector<v1::SignedDigest> made;
  const auto sign = [&](const sealing::Signable& what,
                        sealing::Check check) -> absl::StatusOr<std::string> {
    ASSIGN_OR_RETURN(v1::SignedDigest one, SignOne(what, check));
    made.push_back(std::move(one));
    return made.back().signature();
  };
  if (trust::CarriesReceipt(profile_->proto().target(), header_)) {
    RETURN_IF_ERROR(CheckCarriesEntry(
        profile_->proto().target(),
        ReleaseEntry(LargestSignatures(Asked().digests(0), header_))));
  }
  ASSIGN_OR_RETURN(sealed_, sealer_->Seal(sign));
  v1::Entry entry = ReleaseEntry(made);
  ASSIGN_OR_RETURN(audit::Record record, audit::RecordOf(entry));
  record.request_id = header_.request_id();
  record.release = std::make_shared<const v1::SigningEvent>(
      std::move(*entry.mutable_signing()));
  record.recheck = [this](const audit::Standing& standing) {
    return decision_->CheckRelease(standing);
  };
  return record;
}

absl::StatusOr<std::vector<hsm::SigningPermit>> SigningFlow::PermitsFor(
    std::vector<trust::KeyDigest> pairs) const {
  // A key may have retired while the payload came.
  RETURN_IF_ERROR(policy_->ProfileOf(header_.target()).status());
  ASSIGN_OR_RETURN(
      trust::Approved approved,
      policy_->judge().Approve(caller_, header_, decision_->asked(),
                               std::move(pairs), decision_->facts()));
  return PermitMint::Mint(std::move(approved));
}

absl::StatusOr<hsm::SigningPermit> SigningFlow::PermitFor(
    const trust::KeyDigest& pair) {
  for (hsm::SigningPermit& permit : permits_) {
    if (permit.key() == pair.key && permit.digest() == pair.digest) {
      return std::move(permit);  // what is left of it is nobody's
    }
  }
  ASSIGN_OR_RETURN(std::vector<hsm::SigningPermit> permits, PermitsFor({pair}));
  return std::move(permits.front());
}

absl::StatusOr<v1::SignedDigest> SigningFlow::SignOne(
    const sealing::Signable& what, sealing::Check check) {
  const bool pure = !what.message.empty();
  const std::string key = trust::KeyFor(*admission_.target, what.name);
  ASSIGN_OR_RETURN(hsm::SigningPermit permit,
                   PermitFor({key, what.digest, pure}));
  // The device's verifier is what every signature must pass before it leaves
  // the signer.
  hsm::Signer& signer = policy_->signer();
  std::optional<hsm::Precedence> precedence;
  if (LaneOf(target()) == Lane::kReleases) precedence.emplace();
  ASSIGN_OR_RETURN(
      const hsm::Signature signature,
      pure ? signer.SignMessage(std::move(permit), what.message, check)
           : signer.Sign(std::move(permit), check));
  v1::SignedDigest made;
  made.set_key(signature.key);
  made.set_key_hash(profile_->key_hash_for(what.name));
  made.set_algorithm(profile_->proto().algorithm());
  made.set_name(what.name);
  made.set_digest(signature.digest);
  made.set_signature(signature.bytes);
  made.set_pure(pure);
  return made;
}

}  // namespace bootseal::server
