// The step from a decision to the proof of it.
#include <cstddef>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/status.h"
#include "firmware/image/crypto.h"
#include "server/trust/decision.h"
#include "server/trust/entry.h"
#include "server/trust/target_format.h"

namespace bootseal::trust {
namespace {

// What is judged is what the header asks for.
absl::Status CheckAsked(const Admission& admission,
                        const v1::SignHeader& header,
                        const v1::SigningEvent& asked) {
  if (asked.target() == header.target() &&
      asked.version() == header.version() &&
      asked.security_counter() == admission.security_counter &&
      asked.has_security_counter() == admission.has_security_counter &&
      static_cast<std::size_t>(asked.digests_size()) ==
          DigestsOf(*admission.target) &&
      asked.request_sha256() == RequestDigest(header, asked.payload_sha256())) {
    return absl::OkStatus();
  }
  return base::Refused("REQUEST_DIFFERS",
                       "what is judged is not what the header asks for");
}

absl::Status CheckKind(const v1::Target& target, const KeyDigest& pair) {
  if (pair.pure == SignsMessage(target)) return absl::OkStatus();
  return base::Refused(
      "SIGNATURE_KIND",
      absl::StrCat(
          "target ", target.name(), " has its key sign ",
          SignsMessage(target) ? "the image itself" : "the image's digest"));
}

// What a key signs for `target` has this length; 0 for a key that is not there.
std::size_t DigestBytes(const Policy& policy, const v1::Target& target,
                        const std::string& name) {
  const v1::PinnedKey* const key = policy.FindKey(name);
  if (key == nullptr) return 0;
  return image::HashSize(SignedHash(target, key->algorithm()));
}

absl::Status CheckLength(const KeyDigest& pair, std::size_t expected) {
  if (pair.digest.size() == expected && expected != 0) return absl::OkStatus();
  return base::Refused(
      "DIGEST_LENGTH",
      absl::StrCat("digest has ", pair.digest.size(), " bytes, expected ",
                   expected, " for key ", pair.key));
}

// The name of the digest that was asked for in this place; empty: none.
std::string NameAt(const v1::SigningEvent& asked, std::size_t at) {
  const int index = static_cast<int>(at);
  return index < asked.digests_size() ? asked.digests(index).name() : "";
}

std::string HowMany(std::size_t digests) {
  return digests == 1 ? std::string("one digest")
                      : absl::StrCat(digests, " digests at once");
}

absl::Status CheckKeys(const v1::Target& target, const v1::SigningEvent& asked,
                       const std::vector<KeyDigest>& pairs) {
  const std::size_t expected = DigestsOf(target);
  bool good = pairs.size() == expected;
  for (std::size_t i = 0; good && i < pairs.size(); ++i) {
    good = pairs[i].key == KeyFor(target, NameAt(asked, i));
  }
  if (good) return absl::OkStatus();
  return base::Refused(
      "KEY_NOT_OF_TARGET",
      absl::StrCat("target ", target.name(), " signs ", HowMany(expected),
                   expected == 1 ? " with key " : ", each with its own of ",
                   absl::StrJoin(KeysOf(target), ", ")));
}

// The outer digest of a compressed image follows from what was asked for and
// the signature over the inner one.
absl::Status CheckIsAsked(const v1::SignHeader& header,
                          const v1::SignedDigest& asked,
                          const KeyDigest& pair) {
  if (asked.key() == pair.key && asked.pure() == pair.pure &&
      (asked.digest() == pair.digest ||
       header.compression() != v1::COMPRESSION_UNSPECIFIED)) {
    return absl::OkStatus();
  }
  return base::Refused("DIGEST_NOT_ASKED",
                       "digest is not the one that was asked for");
}

}  // namespace

absl::StatusOr<Approved> Judge::Approve(const v1::Caller& caller,
                                        const v1::SignHeader& header,
                                        const v1::SigningEvent& asked,
                                        std::vector<KeyDigest> pairs,
                                        const Facts& facts) const {
  const Admission admission = Admit(caller, header);
  if (admission.decision == v1::REFUSED) {
    return base::Refused(admission.code, admission.reason);
  }
  const v1::Target& target = *admission.target;
  RETURN_IF_ERROR(CheckKeys(target, asked, pairs));
  for (const KeyDigest& pair : pairs) {
    RETURN_IF_ERROR(CheckKind(target, pair));
    RETURN_IF_ERROR(CheckLength(pair, DigestBytes(policy_, target, pair.key)));
  }
  RETURN_IF_ERROR(CheckAsked(admission, header, asked));
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    RETURN_IF_ERROR(
        CheckIsAsked(header, asked.digests(static_cast<int>(i)), pairs[i]));
  }
  const Ruling ruling = RuleOn(policy_, target, caller, asked, facts);
  if (ruling.decision != v1::ALLOWED) {
    return base::Refused(ruling.code, ruling.reason);
  }
  return Approved(std::move(pairs), ruling);
}

}  // namespace bootseal::trust
