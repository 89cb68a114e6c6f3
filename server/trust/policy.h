// The policy as values that are known to be consistent. Pure: no I/O, no clock.
#ifndef BOOTSEAL_SERVER_TRUST_POLICY_H_
#define BOOTSEAL_SERVER_TRUST_POLICY_H_

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "bootseal/v1/policy.pb.h"
#include "server/trust/approver_key.h"
#include "server/trust/key_set.h"
#include "server/trust/problems.h"

namespace bootseal::trust {

// A policy is logged with its full text, and a log entry is 65,535 bytes long.
inline constexpr std::size_t kMaxPolicyBytes = 65000;

// A key of the policy's people.
struct Approver {
  const v1::Person* person = nullptr;  // owned by the policy
  bool retired = false;                // it counts no more
  ApproverKey key;
};

// Immutable, and thread-safe for that reason; replaced as a whole on reload.
class Policy {
 public:
  // Checks everything and reports every problem at once, each on a line with
  // its field path: "targets[1].key: no key named "release"; known: dev", or
  // with line and column where the file is no textproto. INVALID_ARGUMENT
  // (POLICY_INVALID).
  static absl::StatusOr<std::shared_ptr<const Policy>> Parse(
      absl::string_view textproto);
  // Of a policy that a log says was in force: the same without the rules that
  // came after it (policy_checks.h). It is for judging what was done under it,
  // and never comes into force.
  static absl::StatusOr<std::shared_ptr<const Policy>> ParseLogged(
      absl::string_view textproto);

  // The content of a file that the policy names by its path (jwks_path);
  // nullopt leaves that issuer without keys.
  using ReadNamedFile =
      std::function<absl::StatusOr<std::optional<std::string>>(
          const std::string& path)>;
  // The same policy with its issuers' keys. Every problem is reported at once:
  // "issuers[0].jwks_sha256: ...". INVALID_ARGUMENT (POLICY_INVALID).
  absl::StatusOr<std::shared_ptr<const Policy>> WithIssuerKeys(
      const ReadNamedFile& read) const;

  const v1::Policy& proto() const { return proto_; }
  // The file, verbatim, and its SHA-256 (32 raw bytes).
  const std::string& text() const { return text_; }
  const std::string& sha256() const { return sha256_; }

  // nullptr when there is none.
  const v1::Target* FindTarget(absl::string_view name) const;
  const v1::PinnedKey* FindKey(absl::string_view name) const;
  const v1::TrustDomain* FindTrustDomain(absl::string_view name) const;
  const v1::Person* FindPerson(absl::string_view name) const;
  const v1::Person* FindPersonBySubject(absl::string_view subject) const;
  // `account` as people.accounts write it: "github 1234567".
  const v1::Person* FindPersonByAccount(absl::string_view account) const;
  // `url`: a token's "iss".
  const v1::Issuer* FindIssuerByUrl(absl::string_view url) const;
  // nullptr before WithIssuerKeys. `issuer`: the policy's name.
  const KeySet* KeysOf(absl::string_view issuer) const;
  // In the policy's order.
  std::vector<std::string> RolesOf(absl::string_view person) const;
  // `certificate_sha256`: 32 raw bytes.
  bool IsDenied(absl::string_view certificate_sha256) const;
  // Every approver key, retired ones too, in the policy's order.
  const std::vector<Approver>& approvers() const { return approvers_; }
  // `statement_sha256`: 32 raw bytes.
  bool IsRevoked(absl::string_view statement_sha256) const;

 private:
  using Rules = void (*)(const v1::Policy&, const Field&);

  Policy() = default;
  static absl::StatusOr<std::shared_ptr<const Policy>> ParseBy(
      Rules rules, absl::string_view textproto);
  void Index();
  void IndexApprovers();

  v1::Policy proto_;
  std::string text_;
  std::string sha256_;
  absl::flat_hash_map<std::string, int> targets_;
  absl::flat_hash_map<std::string, int> keys_;
  absl::flat_hash_map<std::string, int> trust_domains_;
  absl::flat_hash_map<std::string, int> people_;
  absl::flat_hash_map<std::string, int> people_by_subject_;
  absl::flat_hash_map<std::string, int> people_by_account_;
  absl::flat_hash_map<std::string, int> issuers_by_url_;
  std::map<std::string, KeySet> issuer_keys_;  // by the issuer's name
  absl::flat_hash_map<std::string, std::vector<std::string>> roles_of_;
  absl::flat_hash_set<std::string> denied_;   // raw
  absl::flat_hash_set<std::string> revoked_;  // raw
  std::vector<Approver> approvers_;
};

}  // namespace bootseal::trust

#endif  // BOOTSEAL_SERVER_TRUST_POLICY_H_
