// SHA-256 and another hash of ours as image::Hash, for backends that need both:
// a source that defines Hash's functions by these. Algorithms beside them yield
// an empty digest.
#ifndef BOOTSEAL_FIRMWARE_CRYPTO_HASH_OF_TWO_H_
#define BOOTSEAL_FIRMWARE_CRYPTO_HASH_OF_TWO_H_

#include <new>

#include "firmware/crypto/sha2.h"
#include "firmware/image/crypto.h"

namespace bootseal::crypto {

// `state` is Hash's, which has room for either.
template <image::HashAlgorithm kOther, typename Other>
class HashOfTwo {
 public:
  static void Begin(image::HashAlgorithm algorithm, image::MutableBytes state) {
    if (algorithm == image::HashAlgorithm::kSha256) Begin<Sha256>(state);
    if (algorithm == kOther) Begin<Other>(state);
  }

  static void Update(image::HashAlgorithm algorithm, image::MutableBytes state,
                     image::Bytes bytes) {
    if (algorithm == image::HashAlgorithm::kSha256) {
      As<Sha256>(state).Update(bytes);
    } else if (algorithm == kOther) {
      As<Other>(state).Update(bytes);
    }
  }

  static image::Digest Finish(image::HashAlgorithm algorithm,
                              image::MutableBytes state) {
    if (algorithm == image::HashAlgorithm::kSha256) {
      return image::Digest(As<Sha256>(state).Finish());
    }
    if (algorithm == kOther) return image::Digest(As<Other>(state).Finish());
    return image::Digest();
  }

 private:
  template <typename Context>
  static void Begin(image::MutableBytes state) {
    new (state.data()) Context;
  }
  template <typename Context>
  static Context& As(image::MutableBytes state) {
    return *std::launder(reinterpret_cast<Context*>(state.data()));
  }
};

}  // namespace bootseal::crypto

#endif  // BOOTSEAL_FIRMWARE_CRYPTO_HASH_OF_TWO_H_
