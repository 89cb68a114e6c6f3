#include "tests/support/token_issuer.h"

#include <openssl/core_names.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <cstdlib>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"

namespace bootseal::tests {
namespace {

void Check(bool ok) {
  if (!ok) std::abort();
}

std::string Bytes(const BIGNUM* number, int size) {
  std::string bytes(static_cast<std::size_t>(size), '\0');
  Check(BN_bn2binpad(number, reinterpret_cast<unsigned char*>(bytes.data()),
                     size) == size);
  return bytes;
}

base::BignumPtr NumberOf(const EVP_PKEY* key, const char* name) {
  BIGNUM* number = nullptr;
  Check(EVP_PKEY_get_bn_param(key, name, &number) == 1);
  return base::BignumPtr(number);
}

std::string Member(const EVP_PKEY* key, const char* name, int size = 0) {
  const base::BignumPtr number = NumberOf(key, name);
  return JsonText(Base64Url(
      Bytes(number.get(), size == 0 ? BN_num_bytes(number.get()) : size)));
}

// R and S of 32 bytes each, of what OpenSSL writes as DER.
std::string RawSignature(const std::string& der) {
  const auto* at = reinterpret_cast<const unsigned char*>(der.data());
  const base::EcdsaSignaturePtr signature(
      d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size())));
  Check(signature != nullptr);
  return Bytes(ECDSA_SIG_get0_r(signature.get()), 32) +
         Bytes(ECDSA_SIG_get0_s(signature.get()), 32);
}

std::string Signature(EVP_PKEY* key, absl::string_view text) {
  const base::EvpMdContextPtr context(EVP_MD_CTX_new());
  Check(EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr,
                           key) == 1);
  std::size_t size = 0;
  const auto* data = reinterpret_cast<const unsigned char*>(text.data());
  Check(EVP_DigestSign(context.get(), nullptr, &size, data, text.size()) == 1);
  std::string signature(size, '\0');
  Check(EVP_DigestSign(context.get(),
                       reinterpret_cast<unsigned char*>(signature.data()),
                       &size, data, text.size()) == 1);
  signature.resize(size);
  return EVP_PKEY_is_a(key, "EC") == 1 ? RawSignature(signature) : signature;
}

}  // namespace

std::string Sha256Hex(absl::string_view text) {
  unsigned char digest[32];
  unsigned size = 0;
  Check(EVP_Digest(text.data(), text.size(), digest, &size, EVP_sha256(),
                   nullptr) == 1);
  return absl::BytesToHexString(
      absl::string_view(reinterpret_cast<const char*>(digest), size));
}

std::string JsonText(absl::string_view text) {
  return absl::StrCat("\"", text, "\"");
}

std::string JsonObjectOf(const JsonMembers& members) {
  return absl::StrCat("{",
                      absl::StrJoin(members, ",",
                                    [](std::string* out, const auto& each) {
                                      absl::StrAppend(out, JsonText(each.first),
                                                      ":", each.second);
                                    }),
                      "}");
}

std::string Base64Url(absl::string_view bytes) {
  std::string text;
  absl::WebSafeBase64Escape(bytes, &text);
  return std::string(absl::StripSuffix(absl::StripSuffix(text, "="), "="));
}

TokenIssuer::TokenIssuer(const std::string& url)
    : url_(url), rsa_(EVP_RSA_gen(2048)), ec_(EVP_EC_gen("P-256")) {
  Check(rsa_ && ec_);
}

EVP_PKEY* TokenIssuer::KeyOf(const std::string& key_id) const {
  return key_id == kEcKey ? ec_.get() : rsa_.get();
}

std::string TokenIssuer::KeySetOf(const std::string& key_id) const {
  JsonMembers key{{"kid", JsonText(key_id)}, {"use", "\"sig\""}};
  if (key_id == kRsaKey) {
    key["kty"] = "\"RSA\"";
    key["alg"] = "\"RS256\"";
    key["n"] = Member(rsa_.get(), OSSL_PKEY_PARAM_RSA_N);
    key["e"] = Member(rsa_.get(), OSSL_PKEY_PARAM_RSA_E);
  } else {
    key["kty"] = "\"EC\"";
    key["alg"] = "\"ES256\"";
    key["crv"] = "\"P-256\"";
    key["x"] = Member(ec_.get(), OSSL_PKEY_PARAM_EC_PUB_X, 32);
    key["y"] = Member(ec_.get(), OSSL_PKEY_PARAM_EC_PUB_Y, 32);
  }
  return absl::StrCat("{\"keys\":[", JsonObjectOf(key), "]}");
}

std::string TokenIssuer::KeySet() const {
  const std::string rsa = KeySetOf(kRsaKey);
  const std::string ec = KeySetOf(kEcKey);
  return absl::StrCat(absl::StripSuffix(rsa, "]}"), ",",
                      absl::StripPrefix(ec, "{\"keys\":["));
}

std::string TokenIssuer::RsaPublicPem() const {
  const base::BioPtr out(BIO_new(BIO_s_mem()));
  Check(PEM_write_bio_PUBKEY(out.get(), rsa_.get()) == 1);
  char* data = nullptr;
  const long size = BIO_get_mem_data(out.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

JsonMembers TokenIssuer::Claims(const JsonMembers& more) const {
  const std::int64_t now = absl::ToUnixSeconds(absl::Now());
  JsonMembers claims{{"iss", JsonText(url_)},
                     {"aud", JsonText(kAudience)},
                     {"sub", "\"repo:example/app:ref:refs/heads/main\""},
                     {"iat", absl::StrCat(now)},
                     {"nbf", absl::StrCat(now)},
                     {"exp", absl::StrCat(now + 300)}};
  for (const auto& [name, value] : more) claims[name] = value;
  return claims;
}

std::string TokenIssuer::Sign(const JsonMembers& claims,
                              const std::string& key_id) const {
  const char* algorithm = key_id == kEcKey ? "\"ES256\"" : "\"RS256\"";
  return SignText(
      JsonObjectOf(
          {{"typ", "\"JWT\""}, {"alg", algorithm}, {"kid", JsonText(key_id)}}),
      JsonObjectOf(claims), key_id);
}

std::string TokenIssuer::SignText(absl::string_view header,
                                  absl::string_view payload,
                                  const std::string& key_id) const {
  const std::string text =
      absl::StrCat(Base64Url(header), ".", Base64Url(payload));
  return absl::StrCat(text, ".", Base64Url(Signature(KeyOf(key_id), text)));
}

std::string TokenIssuer::SignHmac(absl::string_view header,
                                  absl::string_view payload,
                                  absl::string_view secret) {
  const std::string text =
      absl::StrCat(Base64Url(header), ".", Base64Url(payload));
  unsigned char mac[32];
  unsigned size = 0;
  Check(HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
             reinterpret_cast<const unsigned char*>(text.data()), text.size(),
             mac, &size) != nullptr);
  return absl::StrCat(
      text, ".",
      Base64Url(absl::string_view(reinterpret_cast<const char*>(mac), size)));
}

v1::Issuer TokenIssuer::Entry(const std::string& name,
                              const std::string& file_name) const {
  v1::Issuer issuer;
  issuer.set_name(name);
  issuer.set_url(url_);
  issuer.set_audience(kAudience);
  issuer.set_jwks_path(file_name);
  issuer.set_jwks_sha256(Sha256Hex(KeySet()));
  issuer.add_algorithms(v1::RS256);
  issuer.add_algorithms(v1::ES256);
  return issuer;
}

v1::Workload WorkloadOf(const std::string& issuer,
                        const std::map<std::string, std::string>& claims) {
  v1::Workload workload;
  workload.set_issuer(issuer);
  for (const auto& [name, value] : claims) {
    v1::ClaimRule& rule = *workload.add_claims();
    rule.set_claim(name);
    rule.set_equals(value);
  }
  return workload;
}

}  // namespace bootseal::tests
