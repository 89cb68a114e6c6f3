#include "client/cli/explain_key.h"

#include <algorithm>
#include <iterator>
#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/cli/text.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/mcuboot/tlv.h"
#include "firmware/image/mcuboot/tlv_types.h"
#include "firmware/image/mcuboot/verifier.h"
#include "hsm/known_keys.h"
#include "server/trust/profile.h"

namespace bootseal::cli {
namespace {

using image::Bytes;
using image::HashAlgorithm;
using image::HashOf;
using image::host::Diagnosis;
using image::host::Evidence;
using image::host::ToString;
using image::mcuboot::Tlv;

// What an image of the other algorithms names of the keys that MCUboot and TF-M
// come with: the hash that goes with the image, and the table's SHA-256.
struct OtherHash {
  const char* named;  // SHA-384 for P-384, SHA-512 for Ed25519
  const char* sha256;
};
constexpr OtherHash kOtherHashes[] = {
    {"85b7bd5f5dff9a03a99927adaf6ca6febde822c1a480928324a8e60323715c57"
     "79461c496a95aee8c4f90b99779f848a",
     "6bcd1e16d80e5fe13a5307e6f1de8344c7e50e537d9962ce35ef6db5e642fae8"},
    {"ae13b71dae49a7b89d4d8ee5095cb8d45a32bd9c7d501cd3b8f86cbc8b41439b"
     "1b225cc36a5ba8081df071e0cbbc6192",
     "4ec3fb3193234e2ed4456e84507ba591bbe2456ea38d1cd80287cfdec268ab6f"},
    {"e3e129b49f1218e18e4614acb2523389c75852ebb98b4d2c6171a2fc65706ba3"
     "d1ddf85f52e71450c3e572e624695fafd41ce4d9354d6c2b19f7d6001a6ae8b0",
     "c1907fa4eac7fae3840a78902b6f0710b037e9968e5c6274a12a28790c7d4e3c"},
    {"e11ed22583de283392266b917bd82e88486edf47bc58c7ce8e42f9fb90e1daa9"
     "00e72f172e4bd4fb19fc1870638e3a89c3f033ef4db6f6235d02ee623b4b2924",
     "6754edab1e29affef4a05935adecbeb1a7b8b62397b31e39a61b5bfcaafd63af"},
    {"37491781699741ec96e7faaf03c04e70f135f2f8b1f09d5a2a53667115052331"
     "e6a8abd3310476e7fbedf676feb9e8bcff7ff5366e8470714c0ef4c582941881",
     "b1d87d60173352b9a4808979790fc699fb4c4f83b49cf1970edd96ff4adc36a6"},
};

// Type 0 when the image names no key.
Tlv KeyOf(const Evidence& evidence) {
  if (!evidence.whole()) return {};
  for (const Tlv& tlv :
       image::mcuboot::Tlvs(evidence.reading.facts.unprotected_area)) {
    if (image::mcuboot::IsKey(tlv.type)) return tlv;
  }
  return {};
}

// The SHA-256 by which the named key is known; of other hashes, only of those
// in the table.
std::string Sha256Of(const Tlv& key) {
  if (key.type == image::mcuboot::tlv::kPublicKey) {
    return ToString(HashOf(HashAlgorithm::kSha256, key.value).bytes());
  }
  const std::string named = absl::BytesToHexString(ToString(key.value));
  for (const OtherHash& other : kOtherHashes) {
    if (named == other.named) return absl::HexStringToBytes(other.sha256);
  }
  return ToString(key.value);
}

bool Names(const Tlv& key, Bytes public_key) {
  if (key.type == image::mcuboot::tlv::kPublicKey) {
    return image::Equal(key.value, public_key);
  }
  constexpr HashAlgorithm kHashes[] = {
      HashAlgorithm::kSha256, HashAlgorithm::kSha384, HashAlgorithm::kSha512};
  return std::any_of(
      std::begin(kHashes), std::end(kHashes), [&](HashAlgorithm hash) {
        return image::Equal(key.value, HashOf(hash, public_key).bytes());
      });
}

std::string Expected(const Evidence& evidence) {
  return absl::StrCat(
      "the target's key, hash ",
      absl::BytesToHexString(ToString(evidence.rules.key_hash)));
}

constexpr char kAnew[] = "sign the payload anew, with the target's key";

}  // namespace

std::optional<Diagnosis> DiagnoseKnownKey(const Evidence& evidence) {
  const Tlv key = KeyOf(evidence);
  if (key.type == 0) return std::nullopt;
  const hsm::KnownKey* const known = hsm::FindKnownKey(Sha256Of(key));
  if (known == nullptr) return std::nullopt;
  return Diagnosis{
      "PUBLICLY_KNOWN_KEY",
      absl::StrCat("signed with a key whose private half everybody has: ",
                   known->where),
      evidence.OffsetOf(key.value),
      Expected(evidence),
      kAnew,
      image::host::SignCommandFor(evidence)};
}

bool NamesOtherKey(const Evidence& evidence) {
  const Tlv key = KeyOf(evidence);
  return key.type != 0 && !Names(key, evidence.rules.public_key);
}

std::optional<Diagnosis> DiagnoseOtherTarget(
    const Evidence& evidence, const std::vector<v1::Profile>& others) {
  if (!NamesOtherKey(evidence)) return std::nullopt;
  const Tlv key = KeyOf(evidence);
  std::vector<std::string> owners;
  for (const v1::Profile& other : others) {
    const auto made = trust::McubootProfile::Make(other);
    if (!made.ok() || !Names(key, (*made)->rules().public_key)) continue;
    const bool bootable =
        image::mcuboot::Verify((*made)->rules(), evidence.file).ok();
    owners.push_back(
        absl::StrCat(Printable(other.target().name()),
                     bootable ? ", for which it is bootable" : ""));
  }
  if (owners.empty()) return std::nullopt;
  return Diagnosis{"KEY_OF_OTHER_TARGET",
                   absl::StrCat("signed with the key of target ",
                                absl::StrJoin(owners, "; and of target ")),
                   evidence.OffsetOf(key.value),
                   Expected(evidence),
                   kAnew,
                   image::host::SignCommandFor(evidence)};
}

}  // namespace bootseal::cli
