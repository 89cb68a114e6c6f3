// A person with a key, who signs what a test wants signed.
#ifndef BOOTSEAL_TESTS_SUPPORT_TEST_APPROVER_H_
#define BOOTSEAL_TESTS_SUPPORT_TEST_APPROVER_H_

#include <string>

#include "base/openssl.h"
#include "bootseal/v1/approval.pb.h"

namespace bootseal::tests {

// A fresh Ed25519 key. Not thread-safe.
class TestApprover {
 public:
  explicit TestApprover(std::string name);

  const std::string& name() const { return name_; }
  // As it goes into the policy.
  const std::string& public_key() const { return public_key_; }
  // DSSE; the statement's approver is this one unless it names another.
  v1::DsseEnvelope Sign(v1::ApprovalStatement statement) const;

 private:
  std::string name_;
  base::EvpKeyPtr key_;
  std::string public_key_;
};

}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_SUPPORT_TEST_APPROVER_H_
