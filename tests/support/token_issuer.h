// An OpenID Connect issuer for tests: keys, their JWK set, and tokens, good and
// bad ones, made with OpenSSL alone.
#ifndef BOOTSEAL_TESTS_SUPPORT_TOKEN_ISSUER_H_
#define BOOTSEAL_TESTS_SUPPORT_TOKEN_ISSUER_H_

#include <map>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "base/openssl.h"
#include "bootseal/v1/policy.pb.h"

namespace bootseal::tests {

// Names and values, these as JSON: {"ref", "\"refs/heads/main\""}.
using JsonMembers = std::map<std::string, std::string>;

std::string JsonText(absl::string_view text);
std::string JsonObjectOf(const JsonMembers& members);
// Without padding.
std::string Base64Url(absl::string_view bytes);

std::string Sha256Hex(absl::string_view text);

class TokenIssuer {
 public:
  static constexpr char kRsaKey[] = "rsa-key";  // RS256, 2,048 bits
  static constexpr char kEcKey[] = "ec-key";    // ES256, P-256

  // `url` is the tokens' "iss".
  explicit TokenIssuer(const std::string& url);

  const std::string& url() const { return url_; }
  // Both keys; of one alone.
  std::string KeySet() const;
  std::string KeySetOf(const std::string& key_id) const;
  std::string RsaPublicPem() const;

  // Good for five minutes from now on, with the audience kAudience.
  static constexpr char kAudience[] = "https://bootseal.example";
  JsonMembers Claims(const JsonMembers& more = {}) const;

  // Signed by that key, its header as it should be.
  std::string Sign(const JsonMembers& claims,
                   const std::string& key_id = kRsaKey) const;
  // Any header and payload, signed by the algorithm that the key is for.
  std::string SignText(absl::string_view header, absl::string_view payload,
                       const std::string& key_id) const;
  static std::string SignHmac(absl::string_view header,
                              absl::string_view payload,
                              absl::string_view secret);

  // An entry of a policy that names this issuer: RS256 and ES256, `file_name`
  // with the hash of KeySet().
  v1::Issuer Entry(const std::string& name, const std::string& file_name) const;

 private:
  EVP_PKEY* KeyOf(const std::string& key_id) const;

  std::string url_;
  base::EvpKeyPtr rsa_;
  base::EvpKeyPtr ec_;
};

// A person's workload: each claim has exactly this value.
v1::Workload WorkloadOf(const std::string& issuer,
                        const std::map<std::string, std::string>& claims);

}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_SUPPORT_TOKEN_ISSUER_H_
