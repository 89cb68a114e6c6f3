// Public keys that a review may need. They count only where a policy of the log
// pins them: whoever gives them need not be believed.
#ifndef BOOTSEAL_CLIENT_REVIEW_PUBLIC_KEYS_H_
#define BOOTSEAL_CLIENT_REVIEW_PUBLIC_KEYS_H_

#include <map>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/string_view.h"
#include "client/review/sha256.h"

namespace bootseal::review {

// Not thread-safe while keys are added.
class PublicKeys {
 public:
  // DER as the device compares it.
  void Add(std::string device_der) {
    std::string hash = absl::BytesToHexString(Sha256(device_der));
    keys_.emplace(std::move(hash), std::move(device_der));
  }

  // By the policy's pin (hex); nullptr when there is none.
  const std::string* Find(absl::string_view sha256) const {
    const auto found = keys_.find(absl::AsciiStrToLower(sha256));
    return found == keys_.end() ? nullptr : &found->second;
  }

 private:
  std::map<std::string, std::string> keys_;  // by SHA-256 in hex
};

}  // namespace bootseal::review

#endif  // BOOTSEAL_CLIENT_REVIEW_PUBLIC_KEYS_H_
