#include "tests/support/signing_key.h"

#include <openssl/rsa.h>

#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>

namespace bootseal::tests {
namespace {

using image::Algorithm;

// A test without its key has nothing to say.
void Require(bool holds) {
  if (holds) return;
  std::fprintf(stderr, "%s\n", base::DrainOpenSslErrors().c_str());
  std::abort();
}

base::EvpKeyPtr Generate(Algorithm algorithm) {
  switch (algorithm) {
    case Algorithm::kRsa2048:
      return base::EvpKeyPtr(EVP_RSA_gen(2048));
    case Algorithm::kRsa3072:
      return base::EvpKeyPtr(EVP_RSA_gen(3072));
    case Algorithm::kP256:
      return base::EvpKeyPtr(EVP_EC_gen("P-256"));
    case Algorithm::kP384:
      return base::EvpKeyPtr(EVP_EC_gen("P-384"));
    case Algorithm::kEd25519:
      return base::EvpKeyPtr(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
    case Algorithm::kBrainpoolP256t1:
      return base::EvpKeyPtr(
          EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "brainpoolP256t1"));
  }
  return nullptr;
}

bool IsRsa(Algorithm algorithm) {
  return algorithm == Algorithm::kRsa2048 || algorithm == Algorithm::kRsa3072;
}

std::string PublicDer(Algorithm algorithm, EVP_PKEY* key) {
  unsigned char* der = nullptr;
  const int size =
      IsRsa(algorithm) ? i2d_PublicKey(key, &der) : i2d_PUBKEY(key, &der);
  Require(size > 0);
  std::string text(reinterpret_cast<const char*>(der),
                   static_cast<std::size_t>(size));
  OPENSSL_free(der);
  return text;
}

const unsigned char* Data(image::Bytes bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

std::string SignEd25519(EVP_PKEY* key, image::Bytes message) {
  std::string signature(64, '\0');
  std::size_t size = signature.size();
  const base::EvpMdContextPtr context(EVP_MD_CTX_new());
  Require(EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key) ==
              1 &&
          EVP_DigestSign(context.get(),
                         reinterpret_cast<unsigned char*>(signature.data()),
                         &size, Data(message), message.size()) == 1);
  return signature;
}

}  // namespace

SigningKey::SigningKey(Algorithm algorithm)
    : algorithm_(algorithm), key_(Generate(algorithm)) {
  Require(key_ != nullptr);
  public_key_ = PublicDer(algorithm, key_.get());
}

std::string SigningKey::Sign(image::Bytes digest) const {
  if (algorithm_ == Algorithm::kEd25519) return SignEd25519(key_.get(), digest);
  const base::EvpKeyContextPtr context(EVP_PKEY_CTX_new(key_.get(), nullptr));
  Require(EVP_PKEY_sign_init(context.get()) == 1);
  if (IsRsa(algorithm_)) {
    Require(EVP_PKEY_CTX_set_rsa_padding(context.get(),
                                         RSA_PKCS1_PSS_PADDING) == 1 &&
            EVP_PKEY_CTX_set_signature_md(context.get(), EVP_sha256()) == 1 &&
            EVP_PKEY_CTX_set_rsa_pss_saltlen(context.get(),
                                             RSA_PSS_SALTLEN_DIGEST) == 1);
  }
  std::size_t size = 512;
  std::string signature(size, '\0');
  Require(EVP_PKEY_sign(context.get(),
                        reinterpret_cast<unsigned char*>(signature.data()),
                        &size, Data(digest), digest.size()) == 1);
  signature.resize(size);
  return signature;
}

std::string PublicKeyOn(const char* curve) {
  const base::EvpKeyPtr key(EVP_EC_gen(curve));
  Require(key != nullptr);
  return PublicDer(Algorithm::kP256, key.get());
}

const SigningKey& SharedKey(Algorithm algorithm) {
  static auto* keys = new std::map<Algorithm, std::unique_ptr<SigningKey>>;
  std::unique_ptr<SigningKey>& key = (*keys)[algorithm];
  if (!key) key = std::make_unique<SigningKey>(algorithm);
  return *key;
}

}  // namespace bootseal::tests
