#include "server/trust/profile.h"

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <array>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/openssl.h"
#include "base/status.h"
#include "firmware/image/algorithm.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/host/curve_words.h"
#include "server/trust/target_format.h"
#include "server/trust/text.h"

namespace bootseal::trust {
namespace {

// Enough for targets with vendor TLVs.
constexpr std::size_t kMaxProfileBytes = 1 << 20;

absl::Status Problem(const Problems& problems) {
  return base::Fail(absl::StatusCode::kInvalidArgument, "PROFILE_INVALID",
                    absl::StrCat("profile: ", absl::StrJoin(problems, "; ")));
}

// How OpenSSL names the type of a key, and its size in bits.
struct KeyType {
  image::Algorithm algorithm;
  int type;
  int bits;
  const char* group;  // nullptr: has none
};
constexpr std::array<KeyType, 6> kKeyTypes{{
    {image::Algorithm::kRsa2048, EVP_PKEY_RSA, 2048, nullptr},
    {image::Algorithm::kRsa3072, EVP_PKEY_RSA, 3072, nullptr},
    {image::Algorithm::kP256, EVP_PKEY_EC, 256, "prime256v1"},
    {image::Algorithm::kP384, EVP_PKEY_EC, 384, "secp384r1"},
    {image::Algorithm::kEd25519, EVP_PKEY_ED25519, 256, nullptr},
    {image::Algorithm::kBrainpoolP256t1, EVP_PKEY_EC, 256, "brainpoolP256t1"},
}};

// PKCS#1 for RSA, SubjectPublicKeyInfo otherwise; nullptr for anything else,
// and for bytes after the key.
base::EvpKeyPtr ReadKey(int type, absl::string_view der) {
  const auto* begin = reinterpret_cast<const unsigned char*>(der.data());
  const auto* at = begin;
  const long size = static_cast<long>(der.size());
  base::EvpKeyPtr key(type == EVP_PKEY_RSA
                          ? d2i_PublicKey(EVP_PKEY_RSA, nullptr, &at, size)
                          : d2i_PUBKEY(nullptr, &at, size));
  base::DrainOpenSslErrors();
  if (key && at != begin + size) key.reset();
  return key;
}

bool HasGroup(const EVP_PKEY* key, absl::string_view expected) {
  char name[64];
  std::size_t length = 0;
  return EVP_PKEY_get_group_name(key, name, sizeof(name), &length) == 1 &&
         absl::string_view(name, length) == expected;
}

bool IsKeyOf(const KeyType& expected, absl::string_view der) {
  // The size rules out other exponents and compressed points.
  if (der.size() !=
      image::SignatureTraitsOf(expected.algorithm)->public_key_size) {
    return false;
  }
  const base::EvpKeyPtr key = ReadKey(expected.type, der);
  return key && EVP_PKEY_get_base_id(key.get()) == expected.type &&
         EVP_PKEY_get_bits(key.get()) == expected.bits &&
         (expected.group == nullptr || HasGroup(key.get(), expected.group));
}

void CheckKey(const v1::Profile& profile, const Field& here) {
  if (profile.algorithm() == v1::ALGORITHM_UNSPECIFIED ||
      !v1::Algorithm_IsValid(profile.algorithm())) {
    return here.At("algorithm").Report("required");
  }
  for (const KeyType& type : kKeyTypes) {
    if (type.algorithm != ToImage(profile.algorithm())) continue;
    if (IsKeyOf(type, profile.public_key())) return;
  }
  here.At("public_key")
      .Report(
          absl::StrCat("is no key of ", v1::Algorithm_Name(profile.algorithm()),
                       " in ", profile.public_key().size(), " bytes, expected ",
                       image::SignatureTraitsOf(ToImage(profile.algorithm()))
                           ->public_key_size,
                       " bytes of DER as the device compares it; found ",
                       image::host::CurveWords(profile.public_key())));
}

}  // namespace

absl::Status CheckProfile(const v1::Profile& profile) {
  Problems problems;
  const Field here(problems);
  if (profile.target().name().empty()) {
    here.At("target.name").Report("required");
  }
  CheckFormat(profile.target(), profile.algorithm(), here.At("target"));
  CheckKey(profile, here);
  return problems.empty() ? absl::OkStatus() : Problem(problems);
}

absl::Status CheckFormatIs(const v1::Profile& profile,
                           v1::Target::FormatCase expected) {
  if (profile.target().format_case() == expected) return absl::OkStatus();
  return Problem({absl::StrCat("target ", profile.target().name(), " is for ",
                               HowToAsk(profile.target()))});
}

absl::StatusOr<std::shared_ptr<const McubootProfile>> McubootProfile::Make(
    const v1::Profile& profile) {
  RETURN_IF_ERROR(CheckProfile(profile));
  RETURN_IF_ERROR(CheckFormatIs(profile, v1::Target::kMcuboot));
  const std::shared_ptr<McubootProfile> made(new McubootProfile(profile));
  // Spans point into the profile's own copy.
  made->rules_ = RulesOf(made->format(), made->proto_.algorithm());
  made->rules_.public_key = image::host::AsBytes(made->proto_.public_key());
  made->key_hash_ = image::host::ToString(
      image::HashOf(made->rules_.hash, made->rules_.public_key).bytes());
  made->rules_.key_hash = image::host::AsBytes(made->key_hash_);
  made->identity_ = IdentityOf(made->format());
  made->rules_.vendor_uuid = image::host::AsBytes(made->identity_.vendor);
  made->rules_.class_uuid = image::host::AsBytes(made->identity_.device_class);
  if (made->format().has_receipt()) {
    made->log_ = LogTrustOf(made->format().receipt());
    made->receipt_ = ReceiptRulesOf(made->format().receipt(), made->log_);
    made->rules_.receipt = &made->receipt_;
  }
  return std::shared_ptr<const McubootProfile>(made);
}

absl::StatusOr<v1::Profile> ParseProfile(absl::string_view textproto) {
  Problems problems;
  v1::Profile profile;
  if (textproto.size() > kMaxProfileBytes) {
    problems.push_back(absl::StrCat("the file has ", textproto.size(),
                                    " bytes, expected at most ",
                                    kMaxProfileBytes));
    return Problem(problems);
  }
  if (ParseText(textproto, profile, problems) != Syntax::kGood) {
    return Problem(problems);
  }
  return profile;
}

}  // namespace bootseal::trust
