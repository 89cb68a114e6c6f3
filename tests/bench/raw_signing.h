// The token's own speed: C_SignInit and C_Sign in a loop, nothing around it.
#ifndef BOOTSEAL_TESTS_BENCH_RAW_SIGNING_H_
#define BOOTSEAL_TESTS_BENCH_RAW_SIGNING_H_

#include <chrono>
#include <string>

namespace bootseal::bench {

struct RawKey {
  std::string label;
  std::string algorithm;  // "rsa3072" or "p256"
};

// Signatures per second with `threads` sessions of the token `token_label`,
// over `duration`. The module is initialised before and finalised after;
// SOFTHSM2_CONF must be set. Ends the process with a message when the token
// refuses.
double RawSignaturesPerSecond(const std::string& module_path,
                              const std::string& token_label,
                              const std::string& pin, const RawKey& key,
                              int threads, std::chrono::seconds duration);

}  // namespace bootseal::bench

#endif  // BOOTSEAL_TESTS_BENCH_RAW_SIGNING_H_
