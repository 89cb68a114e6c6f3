// What a token was used for, in figures: signatures by the purpose and the
// algorithm of the key, failures, recoveries.
#ifndef BOOTSEAL_HSM_USAGE_H_
#define BOOTSEAL_HSM_USAGE_H_

#include <array>
#include <atomic>
#include <cstddef>

#include "absl/status/status.h"
#include "base/figures.h"
#include "hsm/algorithm.h"
#include "hsm/signer.h"

namespace bootseal::hsm {

// Thread-safe.
class Usage {
 public:
  static constexpr std::size_t kPurposes = 5;
  static constexpr std::size_t kAlgorithms = 6;
  // From a token in memory, well below a millisecond, to one across a network
  // that is short of time.
  static constexpr std::array<double, 13> kSeconds{
      0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5};

  enum class Failure { kTokenLost, kTokenBusy, kWrongSignature, kOther };
  static constexpr std::size_t kFailures = 4;

  struct OfKeys {
    std::atomic<bool> opened = false;  // there is such a key
    // The token's own calls, good or not, without the wait for a session.
    base::Histogram sign_seconds{kSeconds};
    // By Failure.
    std::array<base::Counter, kFailures> failures;

    void CountFailure(const absl::Status& why);
  };

  OfKeys& Of(Purpose purpose, Algorithm algorithm) {
    return keys_[static_cast<std::size_t>(purpose)]
                [static_cast<std::size_t>(algorithm)];
  }

  // Of everybody, for a session to work with. Patience is longer than the last.
  static constexpr std::array<double, 10> kWaitSeconds{
      0.0005, 0.002, 0.01, 0.05, 0.2, 0.5, 1, 2, 5, 20};
  base::Histogram wait_seconds{kWaitSeconds};

  // Re-initialisations of a token that was lost.
  base::Counter recoveries;
  base::Counter failed_recoveries;

 private:
  std::array<std::array<OfKeys, kAlgorithms>, kPurposes> keys_;
};

}  // namespace bootseal::hsm

#endif  // BOOTSEAL_HSM_USAGE_H_
