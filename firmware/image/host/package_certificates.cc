#include "firmware/image/host/package_certificates.h"

#include <openssl/sha.h>

#include <optional>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "base/status.h"
#include "firmware/image/certificate/certificate.h"
#include "firmware/image/crypto.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/host/curve_words.h"

namespace bootseal::image::host {
namespace {

using certificate::Certificate;
using certificate::Extension;
using certificate::ExtensionKind;
using certificate::ImageRole;
using certificate::Role;
using certificate::RoleTraits;
namespace extension = certificate::extension;

// What an extension that names a key, or a root certificate, says: which one.
struct KeyPlace {
  const char* name;
  std::uint16_t extension;  // 0: the root key
  std::string CertificateKeys::*key;
};

constexpr KeyPlace kKeyPlaces[] = {
    {"root", 0, &CertificateKeys::root},
    {"trusted-world", extension::kTrustedWorldKey,
     &CertificateKeys::trusted_world},
    {"non-trusted-world", extension::kNonTrustedWorldKey,
     &CertificateKeys::non_trusted_world},
    {"tos-fw", extension::kTosFwContentKey, &CertificateKeys::tos_fw},
    {"nt-fw", extension::kNtFwContentKey, &CertificateKeys::nt_fw},
};

const std::string& KeyFor(const CertificateKeys& keys, std::uint16_t id) {
  for (const KeyPlace& place : kKeyPlaces) {
    if (place.extension == id) return keys.*place.key;
  }
  return keys.root;
}

absl::Status CheckKeys(const CertificateKeys& keys) {
  std::optional<certificate::Curve> curve;
  for (const KeyPlace& place : kKeyPlaces) {
    const std::string& der = keys.*place.key;
    if (der.empty()) {
      return base::Invalid(
          "KEY_MISSING", place.name,
          absl::StrCat("no ", place.name,
                       " key; expected one for each place, the root key if no "
                       "other"));
    }
    const auto key = certificate::ReadPublicKey(AsBytes(der));
    if (!key.ok()) {
      return base::Invalid("CERTIFICATE_KEY", place.name,
                           absl::StrCat("in the place of the ", place.name,
                                        " key: ", CurveWords(der),
                                        "; expected an uncompressed point of "
                                        "P-256 or brainpoolP256t1"));
    }
    if (curve.value_or(key->curve) != key->curve) {
      return base::Invalid("CURVES_DIFFER", place.name,
                           absl::StrCat(place.name,
                                        " key on another curve than the root "
                                        "key; expected one curve for all"));
    }
    curve = key->curve;
  }
  return absl::OkStatus();
}

absl::Status CheckCounters(const CertificateRequest& request) {
  if (request.trusted_counter != request.non_trusted_counter) {
    return base::Invalid(
        "COUNTERS_DIFFER", "counter",
        absl::StrCat("trusted counter ", request.trusted_counter,
                     ", non-trusted counter ", request.non_trusted_counter,
                     "; expected one value: the chip keeps both in one "
                     "register, and refuses the lower after the higher"));
  }
  if (request.trusted_counter > certificate::kMaxCounter) {
    return base::Invalid(
        "COUNTER_RANGE", "counter",
        absl::StrCat("counter ", request.trusted_counter, "; expected at most ",
                     certificate::kMaxCounter));
  }
  return absl::OkStatus();
}

absl::Status CheckDigests(const CertificateRequest& request) {
  for (std::size_t index = 0; index < certificate::kImageRoles; ++index) {
    const char* name = certificate::kImageTraits[index].name;
    const std::string& digest = request.digests[index];
    const bool always = index == IndexOf(ImageRole::kTosFw) ||
                        index == IndexOf(ImageRole::kNtFw);
    if (digest.empty() && !always) continue;
    if (digest.empty()) {
      return base::Invalid("IMAGE_MISSING", name,
                           absl::StrCat("no ", name,
                                        "; expected its digest: every package "
                                        "has one"));
    }
    if (digest.size() != certificate::kDigestBytes ||
        digest == std::string(certificate::kDigestBytes, '\0')) {
      return base::Invalid(
          "DIGEST", name,
          absl::StrCat("digest ", absl::BytesToHexString(digest), " of ", name,
                       "; expected SHA-256, 32 bytes"));
    }
  }
  return absl::OkStatus();
}

certificate::Time ToTime(absl::Time time) {
  const absl::CivilSecond civil =
      absl::ToCivilSecond(time, absl::UTCTimeZone());
  if (civil.year() < 1950 || civil.year() > 9999) return {};
  return {static_cast<std::uint16_t>(civil.year()),
          static_cast<std::uint8_t>(civil.month()),
          static_cast<std::uint8_t>(civil.day()),
          static_cast<std::uint8_t>(civil.hour()),
          static_cast<std::uint8_t>(civil.minute()),
          static_cast<std::uint8_t>(civil.second())};
}

absl::Status CheckValidity(const CertificateRequest& request) {
  const bool possible = ToTime(request.not_before).year != 0 &&
                        ToTime(request.not_after).year != 0;
  if (possible && request.not_before <= request.not_after) {
    return absl::OkStatus();
  }
  return base::Invalid(
      "VALIDITY", "not_after",
      absl::StrCat("valid from ", absl::FormatTime(request.not_before),
                   " until ", absl::FormatTime(request.not_after),
                   "; expected years 1950 to 9999, in this order"));
}

// SHA-1 over the bits of the key, as X.509 has it: it proves nothing.
std::string KeyId(const certificate::PublicKey& key) {
  const std::string bits = "\x04" + ToString(key.point);
  std::string id(certificate::kKeyIdBytes, '\0');
  SHA1(reinterpret_cast<const unsigned char*>(bits.data()), bits.size(),
       reinterpret_cast<unsigned char*>(id.data()));
  return id;
}

Bytes HashFor(const CertificateRequest& request, std::uint16_t id) {
  static constexpr std::byte kNone[certificate::kDigestBytes] = {};
  for (std::size_t index = 0; index < certificate::kImageRoles; ++index) {
    if (certificate::kImageTraits[index].hash != id) continue;
    const std::string& digest = request.digests[index];
    return digest.empty() ? Bytes(kNone) : AsBytes(digest);
  }
  return kNone;
}

Extension MakeExtension(const CertificateRequest& request, std::uint16_t id) {
  Extension made;
  made.id = id;
  switch (certificate::KindOf(id)) {
    case ExtensionKind::kCounter:
      made.counter = request.trusted_counter;
      break;
    case ExtensionKind::kHash:
      made.hash = HashFor(request, id);
      break;
    case ExtensionKind::kKey:
      made.key = *certificate::ReadPublicKey(AsBytes(KeyFor(request.keys, id)));
      break;
    case ExtensionKind::kUnknown:
      break;
  }
  return made;
}

absl::StatusOr<std::string> WriteTbs(const Certificate& description) {
  std::string buffer(certificate::kMaxCertificateBytes, '\0');
  const Result<Bytes> written = certificate::WriteToBeSigned(
      description, std::as_writable_bytes(std::span(buffer)));
  if (!written.ok()) return base::Internal(Text(written.error()));
  return ToString(*written);
}

// 62 bits of a hash over all else, between two that keep it positive and of one
// length.
std::string SerialOf(const std::string& unnumbered) {
  constexpr absl::string_view kDomain = "bootseal certificate serial 1\n";
  std::string serial = ToString(Hash(HashAlgorithm::kSha256)
                                    .Update(AsBytes(kDomain))
                                    .Update(AsBytes(unnumbered))
                                    .Finish()
                                    .bytes())
                           .substr(0, 8);
  serial[0] = static_cast<char>((serial[0] & 0x3f) | 0x40);
  return serial;
}

absl::StatusOr<PlannedCertificate> Plan(const CertificateRequest& request,
                                        Role role) {
  const RoleTraits& traits = certificate::TraitsOf(role);
  PlannedCertificate planned;
  planned.role = role;
  planned.signer = KeyFor(request.keys, traits.parent_extension);
  Certificate description;
  description.common_name = AsBytes(traits.common_name);
  description.not_before = ToTime(request.not_before);
  description.not_after = ToTime(request.not_after);
  description.key = *certificate::ReadPublicKey(AsBytes(planned.signer));
  const std::string key_id = KeyId(description.key);
  description.key_id = AsBytes(key_id);
  for (const std::uint16_t id : traits.extensions) {
    if (id == 0) break;
    description.storage[description.count++] = MakeExtension(request, id);
  }
  description.serial = AsBytes("\x01");
  ASSIGN_OR_RETURN(const std::string unnumbered, WriteTbs(description));
  const std::string serial = SerialOf(unnumbered);
  description.serial = AsBytes(serial);
  ASSIGN_OR_RETURN(planned.to_be_signed, WriteTbs(description));
  planned.digest = ToString(
      HashOf(HashAlgorithm::kSha256, AsBytes(planned.to_be_signed)).bytes());
  return planned;
}

// Minimal INTEGER of a magnitude; empty for zero.
std::string IntegerDer(absl::string_view magnitude) {
  const std::size_t first = magnitude.find_first_not_of('\0');
  if (first == absl::string_view::npos) return "";
  std::string content(magnitude.substr(first));
  if ((content[0] & 0x80) != 0) content.insert(content.begin(), '\0');
  return absl::StrCat("\x02", std::string(1, static_cast<char>(content.size())),
                      content);
}

}  // namespace

absl::StatusOr<std::vector<PlannedCertificate>> PlanCertificates(
    const CertificateRequest& request) {
  RETURN_IF_ERROR(CheckKeys(request.keys));
  RETURN_IF_ERROR(CheckCounters(request));
  RETURN_IF_ERROR(CheckDigests(request));
  RETURN_IF_ERROR(CheckValidity(request));
  std::vector<PlannedCertificate> planned;
  for (std::size_t index = 0; index < certificate::kRoles; ++index) {
    ASSIGN_OR_RETURN(PlannedCertificate one,
                     Plan(request, static_cast<Role>(index)));
    planned.push_back(std::move(one));
  }
  return planned;
}

absl::StatusOr<std::string> SealCertificate(const PlannedCertificate& planned,
                                            absl::string_view signature) {
  std::string der(signature);
  if (signature.size() == 2 * certificate::kDigestBytes) {
    ASSIGN_OR_RETURN(der, EcdsaSignatureDer(signature));
  }
  const char* name = certificate::TraitsOf(planned.role).name;
  const auto key = certificate::ReadPublicKey(AsBytes(planned.signer));
  const Error verified =
      key.ok() ? VerifySignature(certificate::AlgorithmOf(key->curve), key->der,
                                 AsBytes(planned.digest), AsBytes(der))
               : key.error();
  if (verified != Error::kOk) {
    return base::Invalid(
        "SIGNATURE", name,
        absl::StrCat("signature of ", name, ": ", Text(verified),
                     "; expected one by the key that its "
                     "place names"));
  }
  std::string buffer(certificate::kMaxCertificateBytes, '\0');
  const Result<Bytes> written =
      certificate::WriteCertificate(AsBytes(planned.to_be_signed), AsBytes(der),
                                    std::as_writable_bytes(std::span(buffer)));
  if (!written.ok()) {
    return base::Invalid(
        "SIGNATURE", name,
        absl::StrCat("sealing ", name, ": ", Text(written.error())));
  }
  return ToString(*written);
}

absl::Status CheckCounterStep(std::uint32_t last, std::uint32_t next,
                              std::uint32_t step) {
  if (next < last) {
    return base::Invalid("COUNTER_LOW", "counter",
                         absl::StrCat("counter ", next, " after ", last,
                                      "; devices that took that one refuse "
                                      "it"));
  }
  if (next - last > step) {
    return base::Invalid("COUNTER_LEAP", "counter",
                         absl::StrCat("counter ", next, " after ", last,
                                      "; expected at most ", step,
                                      " more: a device counts one by one and "
                                      "never back"));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> EcdsaSignatureDer(absl::string_view raw) {
  constexpr std::size_t kHalf = certificate::kDigestBytes;
  std::string r;
  std::string s;
  if (raw.size() == 2 * kHalf) {
    r = IntegerDer(raw.substr(0, kHalf));
    s = IntegerDer(raw.substr(kHalf));
  }
  if (r.empty() || s.empty()) {
    return base::Invalid("SIGNATURE", "signature",
                         absl::StrCat("signature of ", raw.size(),
                                      " bytes; expected r and s, 32 bytes "
                                      "each, neither of them zero"));
  }
  return absl::StrCat(
      "\x30", std::string(1, static_cast<char>(r.size() + s.size())), r, s);
}

}  // namespace bootseal::image::host
