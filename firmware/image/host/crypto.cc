// The OpenSSL backend of crypto.h. Hashing goes through the low-level calls:
// their state is plain memory, so that a Hash can be copied in its middle.
// Deprecated in OpenSSL 3 in favour of calls whose state is on the heap.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "firmware/image/crypto.h"

#include <openssl/rsa.h>
#include <openssl/sha.h>

#include <cstring>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/openssl.h"
#include "firmware/image/algorithm.h"
#include "firmware/image/der.h"
#include "firmware/image/host/ed25519_point.h"
#include "firmware/image/host/p256_table.h"

namespace bootseal::image {
namespace {

using base::EvpKeyContextPtr;
using base::EvpKeyPtr;
using base::EvpMdContextPtr;

// SHA-384 is SHA-512 with another start and a shorter end.
template <typename Context>
Context& StateAs(std::span<std::byte> state) {
  static_assert(std::is_trivially_copyable_v<Context>);
  return *reinterpret_cast<Context*>(state.data());
}

const unsigned char* Data(Bytes bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

EvpKeyPtr ParseKey(Algorithm algorithm, Bytes der) {
  const unsigned char* cursor = Data(der);
  const long size = static_cast<long>(der.size());
  switch (algorithm) {
    case Algorithm::kRsa2048:
    case Algorithm::kRsa3072:
      if (!ReadRsaPublicKey(algorithm, der).ok()) return nullptr;
      return EvpKeyPtr(d2i_PublicKey(EVP_PKEY_RSA, nullptr, &cursor, size));
    case Algorithm::kP256:
    case Algorithm::kP384:
    case Algorithm::kEd25519:
    case Algorithm::kBrainpoolP256t1:
      if (!ReadRawPublicKey(algorithm, der).ok()) return nullptr;
      return EvpKeyPtr(d2i_PUBKEY(nullptr, &cursor, size));
  }
  return nullptr;
}

// A key ready to verify: the same key verifies thousands of signatures, and
// parsing it costs as much as using it.
struct PreparedKey {
  Algorithm algorithm{};
  std::string der;
  EvpKeyPtr key;
  EvpKeyContextPtr context;  // null for Ed25519, which has no prehash form
  std::shared_ptr<host::P256TableOfKey> table;  // null for all but P-256
};

bool PreparePss(EVP_PKEY_CTX* context) {
  return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1 &&
         EVP_PKEY_CTX_set_signature_md(context, EVP_sha256()) == 1 &&
         EVP_PKEY_CTX_set_rsa_mgf1_md(context, EVP_sha256()) == 1 &&
         EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) == 1;
}

bool IsRsa(Algorithm algorithm) {
  return algorithm == Algorithm::kRsa2048 || algorithm == Algorithm::kRsa3072;
}

// `key` is null when the DER is not a key of this algorithm.
PreparedKey Prepare(Algorithm algorithm, Bytes der) {
  PreparedKey prepared{algorithm,
                       {reinterpret_cast<const char*>(der.data()), der.size()},
                       ParseKey(algorithm, der),
                       nullptr,
                       nullptr};
  if (prepared.key && algorithm == Algorithm::kP256) {
    prepared.table =
        host::P256TableOfKey::Of(*ReadRawPublicKey(algorithm, der));
  }
  if (!prepared.key || algorithm == Algorithm::kEd25519) return prepared;
  prepared.context.reset(EVP_PKEY_CTX_new(prepared.key.get(), nullptr));
  EVP_PKEY_CTX* context = prepared.context.get();
  const bool ready = context && EVP_PKEY_verify_init(context) == 1 &&
                     (!IsRsa(algorithm) || PreparePss(context));
  if (!ready) prepared.key.reset();
  return prepared;
}

// The keys that this thread used last. Bounded, because clients bring keys.
class KeyCache {
 public:
  const PreparedKey& Get(Algorithm algorithm, Bytes der) {
    for (const PreparedKey& key : keys_) {
      if (key.algorithm == algorithm && Equal(der, DerOf(key))) return key;
    }
    constexpr std::size_t kMaxKeys = 16;
    if (keys_.size() < kMaxKeys) {
      return keys_.emplace_back(Prepare(algorithm, der));
    }
    PreparedKey& oldest = keys_[next_++ % kMaxKeys];
    oldest = Prepare(algorithm, der);
    return oldest;
  }

 private:
  static Bytes DerOf(const PreparedKey& key) {
    return std::as_bytes(std::span(key.der));
  }

  std::vector<PreparedKey> keys_;
  std::size_t next_ = 0;
};

const PreparedKey& KeyFor(Algorithm algorithm, Bytes der) {
  thread_local KeyCache cache;
  return cache.Get(algorithm, der);
}

// As strict as the devices', which OpenSSL is not.
bool VerifyEd25519(const PreparedKey& prepared, Bytes message,
                   Bytes signature) {
  const Result<Bytes> point = ReadRawPublicKey(
      prepared.algorithm, std::as_bytes(std::span(prepared.der)));
  if (!point.ok() || !host::IsStrictEd25519Point(*point) ||
      !host::IsStrictEd25519Point(signature.first(32))) {
    return false;
  }
  EVP_PKEY* const key = prepared.key.get();
  const EvpMdContextPtr context(EVP_MD_CTX_new());
  return context &&
         EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key) ==
             1 &&
         EVP_DigestVerify(context.get(), Data(signature), signature.size(),
                          Data(message), message.size()) == 1;
}

// `signature` is in canonical form.
bool Verify(const PreparedKey& key, Bytes digest, Bytes signature) {
  if (key.table) {
    if (const host::P256Table* table = key.table->ForNextUse()) {
      return table->Verifies(
          digest,
          *ReadEcdsaSignature(signature, CoordinateSize(key.algorithm)));
    }
  }
  if (!key.context) return VerifyEd25519(key, digest, signature);
  return EVP_PKEY_verify(key.context.get(), Data(signature), signature.size(),
                         Data(digest), digest.size()) == 1;
}

Error CheckForm(Algorithm algorithm, Bytes digest, Bytes signature) {
  const AlgorithmTraits* traits = SignatureTraitsOf(algorithm);
  if (traits == nullptr) return Error::kUnsupported;
  const std::size_t coordinate = CurveSize(algorithm);
  if (coordinate != 0) {
    if (!ReadEcdsaSignature(signature, coordinate).ok()) return Error::kDer;
  } else if (signature.size() != traits->max_signature_size) {
    return Error::kSignatureLength;
  }
  // The message of Ed25519 may have any length.
  if (algorithm == Algorithm::kEd25519) return Error::kOk;
  return digest.size() == HashSize(traits->hash) ? Error::kOk
                                                 : Error::kSignatureMismatch;
}

}  // namespace

Hash::Hash(HashAlgorithm algorithm) : algorithm_(algorithm), state_{} {
  static_assert(sizeof(SHA256_CTX) <= sizeof(state_));
  static_assert(sizeof(SHA512_CTX) <= sizeof(state_));
  static_assert(std::is_trivially_copyable_v<Hash>);
  switch (algorithm) {
    case HashAlgorithm::kSha256:
      SHA256_Init(new (state_.data()) SHA256_CTX);
      break;
    case HashAlgorithm::kSha384:
      SHA384_Init(new (state_.data()) SHA512_CTX);
      break;
    case HashAlgorithm::kSha512:
      SHA512_Init(new (state_.data()) SHA512_CTX);
      break;
  }
}

Hash& Hash::Update(Bytes bytes) {
  if (bytes.empty()) return *this;
  if (algorithm_ == HashAlgorithm::kSha256) {
    SHA256_Update(&StateAs<SHA256_CTX>(state_), bytes.data(), bytes.size());
  } else {
    SHA512_Update(&StateAs<SHA512_CTX>(state_), bytes.data(), bytes.size());
  }
  return *this;
}

Digest Hash::Finish() {
  std::array<std::byte, kMaxHashSize> digest{};
  auto* out = reinterpret_cast<unsigned char*>(digest.data());
  if (algorithm_ == HashAlgorithm::kSha256) {
    SHA256_Final(out, &StateAs<SHA256_CTX>(state_));
  } else {
    SHA512_Final(out, &StateAs<SHA512_CTX>(state_));
  }
  return Digest(Bytes(digest).first(HashSize(algorithm_)));
}

Error VerifySignature(Algorithm algorithm, Bytes public_key, Bytes digest,
                      Bytes signature) {
  BOOTSEAL_TRY(CheckForm(algorithm, digest, signature));
  const PreparedKey& key = KeyFor(algorithm, public_key);
  if (!key.key) {
    base::DrainOpenSslErrors();
    return Error::kKeyFormat;
  }
  if (Verify(key, digest, signature)) return Error::kOk;
  base::DrainOpenSslErrors();
  return Error::kSignatureMismatch;
}

}  // namespace bootseal::image
