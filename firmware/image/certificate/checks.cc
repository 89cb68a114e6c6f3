#include "firmware/image/certificate/checks.h"

#include "firmware/image/hardened.h"

namespace bootseal::image::certificate::checks {
namespace {

Error Holds(bool holds) { return holds ? Error::kOk : Error::kFault; }

const RoleTraits& RoleAt(std::size_t index) { return kRoleTraits[index]; }
const ImageTraits& ImageAt(std::size_t index) { return kImageTraits[index]; }

bool IsRoot(std::size_t index) { return RoleAt(index).parent_extension == 0; }

const Extension* ExtensionOf(const Facts& facts, Role role, std::uint16_t id) {
  const ReadRole& read = facts.of(role);
  return read.there() ? FindExtension(read.certificate, id) : nullptr;
}

const Extension* CounterOf(const Facts& facts, std::size_t index) {
  return ExtensionOf(facts, static_cast<Role>(index), RoleAt(index).counter);
}

// The key that signed the certificate at `index`, as far as is known: its own
// for a root, the one that the parent names for another. nullptr when nothing
// names one.
const PublicKey* SignerOf(const Facts& facts, std::size_t index) {
  if (IsRoot(index)) return &facts.certificates[index].certificate.key;
  const Extension* named =
      ExtensionOf(facts, RoleAt(index).parent, RoleAt(index).parent_extension);
  return named == nullptr ? nullptr : &named->key;
}

// What the certificate says of the image; empty when it says nothing.
Bytes ExpectedHash(const Facts& facts, std::size_t index) {
  const ImageTraits& traits = ImageAt(index);
  const Extension* named = ExtensionOf(facts, traits.certificate, traits.hash);
  return named == nullptr ? Bytes() : named->hash;
}

// Of an optional image that was not there when its certificate was made.
bool NamesNone(Bytes hash) {
  for (const std::byte byte : hash) {
    if (byte != std::byte{0}) return false;
  }
  return true;
}

}  // namespace

Error RulesAreConsistent(const Rules& rules, const Facts&, std::size_t) {
  const bool ceiling_reachable =
      rules.counter_ceiling == 0 ||
      (rules.counter_ceiling >= rules.trusted_counter &&
       rules.counter_ceiling >= rules.non_trusted_counter);
  const bool counters_agree =
      !rules.one_counter || rules.trusted_counter == rules.non_trusted_counter;
  return Holds(rules.root_key_hash.size() == kDigestBytes &&
               rules.counter_ceiling <= kMaxCounter && ceiling_reachable &&
               counters_agree);
}

Error CertificateIsThere(const Rules&, const Facts& facts, std::size_t index) {
  return Holds(facts.certificates[index].there());
}

// Proves that it was made for this place: a certificate of another one, of the
// same keys too, says other things.
Error SaysWhatItsPlaceWants(const Rules&, const Facts& facts,
                            std::size_t index) {
  const ReadRole& read = facts.certificates[index];
  if (!read.there()) return Error::kOk;
  std::size_t at = 0;
  for (const std::uint16_t wanted : RoleAt(index).extensions) {
    if (wanted == 0) break;
    if (at == read.certificate.count) return Error::kFault;
    if (read.certificate.storage[at].id != wanted) return Error::kFault;
    ++at;
  }
  return Holds(at == read.certificate.count);
}

// Proves that the key that signed it is one which the backend can judge.
Error KeysAreOfTheTargetsCurve(const Rules& rules, const Facts& facts,
                               std::size_t index) {
  if (!facts.certificates[index].there()) return Error::kOk;
  const PublicKey* key = SignerOf(facts, index);
  return Holds(key == nullptr || key->curve == rules.curve);
}

// Proves that the root of what follows is the one that the device trusts: the
// key by which the signature is judged is hashed here.
Error RootKeyIsTheTargets(const Rules& rules, const Facts& facts,
                          std::size_t index) {
  if (!IsRoot(index) || !facts.certificates[index].there()) return Error::kOk;
  const Digest hash =
      KeyHashOf(rules.key_hash_form, facts.certificates[index].certificate.key);
  return Same(hash.bytes(), rules.root_key_hash, Error::kRootKeyUnknown);
}

// BL2 does not look at the key that a certificate itself carries; one that is
// not its parent's was put there from elsewhere.
Error KeyIsTheOneThatTheParentNames(const Rules&, const Facts& facts,
                                    std::size_t index) {
  if (IsRoot(index) || !facts.certificates[index].there()) return Error::kOk;
  const PublicKey* key = SignerOf(facts, index);
  if (key == nullptr) return Error::kOk;
  return Same(facts.certificates[index].certificate.key.der, key->der,
              Error::kCertificateKeyUnknown);
}

// Proves that the holder of that key signed it. The answer is the backend's own
// word, not the outcome of a branch here.
Error SignatureMatches(const Rules& rules, const Facts& facts,
                       std::size_t index) {
  const ReadRole& read = facts.certificates[index];
  if (!read.there()) return Error::kOk;
  const PublicKey* key = SignerOf(facts, index);
  if (key == nullptr) return Error::kCertificateSignature;
  return VerifySignature(AlgorithmOf(rules.curve), key->der,
                         read.digest.bytes(), read.certificate.signature);
}

Error CounterIsHighEnough(const Rules& rules, const Facts& facts,
                          std::size_t index) {
  const Extension* counter = CounterOf(facts, index);
  if (counter == nullptr) return Error::kOk;
  const std::uint32_t least = counter->id == extension::kTrustedCounter
                                  ? rules.trusted_counter
                                  : rules.non_trusted_counter;
  return Holds(counter->counter >= least);
}

// Proves that accepting it does not spend the counter.
Error CounterIsBelowCeiling(const Rules& rules, const Facts& facts,
                            std::size_t index) {
  const Extension* counter = CounterOf(facts, index);
  return Holds(counter == nullptr || rules.counter_ceiling == 0 ||
               counter->counter <= rules.counter_ceiling);
}

// Proves that no certificate of the package locks another one out, once the
// device has raised its counter.
Error CountersAgree(const Rules& rules, const Facts& facts, std::size_t) {
  const Extension* first[2] = {};
  for (std::size_t index = 0; index < kRoles; ++index) {
    const Extension* counter = CounterOf(facts, index);
    if (counter == nullptr) continue;
    const bool own =
        !rules.one_counter && counter->id == extension::kNonTrustedCounter;
    const Extension*& other = first[own ? 1 : 0];
    if (other == nullptr) other = counter;
    if (other->counter != counter->counter) return Error::kFault;
  }
  return Error::kOk;
}

// An image that its certificate names was in the package when it was signed.
Error ImageIsThere(const Rules& rules, const Facts& facts, std::size_t index) {
  const bool wanted = rules.images[index] == Presence::kRequired ||
                      !NamesNone(ExpectedHash(facts, index));
  return Holds(!wanted || facts.images[index].size() == kDigestBytes);
}

Error ImageIsExpected(const Rules& rules, const Facts& facts,
                      std::size_t index) {
  if (facts.images[index].size() == 0) return Error::kOk;
  const Bytes hash = ExpectedHash(facts, index);
  const bool named = hash.empty() || !NamesNone(hash);
  return Holds(named && rules.images[index] != Presence::kForbidden);
}

// Proves that the image is the one that its certificate speaks of.
Error ImageMatches(const Rules&, const Facts& facts, std::size_t index) {
  const Bytes hash = ExpectedHash(facts, index);
  if (facts.images[index].size() == 0 || hash.empty()) return Error::kOk;
  return Same(facts.images[index].bytes(), hash, Error::kPackageImageDigest);
}

}  // namespace bootseal::image::certificate::checks
