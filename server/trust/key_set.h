// The public keys that an issuer signs its tokens with: a JWK set (RFC 7517).
#ifndef BOOTSEAL_SERVER_TRUST_KEY_SET_H_
#define BOOTSEAL_SERVER_TRUST_KEY_SET_H_

#include <cjose/jwk.h>

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "bootseal/v1/policy.pb.h"

namespace bootseal::trust {

inline constexpr std::size_t kMaxKeySetBytes = 64 << 10;

struct TokenKey {
  std::string id;  // its "kid"; empty when it has none
  // The only one that it verifies, by its kind: RSA is RS256, P-256 is ES256.
  v1::TokenAlgorithm algorithm = v1::TOKEN_ALGORITHM_UNSPECIFIED;
  std::shared_ptr<const cjose_jwk_t> key;
};

// Immutable, and thread-safe for that reason.
class KeySet {
 public:
  // RSA of 2,048 to 8,192 bits and P-256. Keys of other kinds, algorithms or
  // uses are passed over, as RFC 7517, section 5 has it. INVALID_ARGUMENT
  // (KEY_SET_INVALID): no JWK set, a name given twice in one object, a key that
  // does not parse or is too short, a private or symmetric one, two of one
  // "kid", none that can be used.
  static absl::StatusOr<KeySet> Parse(absl::string_view json);

  // The key with this "kid"; nullptr when there is none.
  const TokenKey* Find(absl::string_view id) const;
  const std::vector<TokenKey>& keys() const { return keys_; }

 private:
  std::vector<TokenKey> keys_;
};

}  // namespace bootseal::trust

#endif  // BOOTSEAL_SERVER_TRUST_KEY_SET_H_
