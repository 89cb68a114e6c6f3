// The whole path under load: SignMany streams over mutual TLS, and every reply
// checked as the CLI checks it before it writes a file.
#ifndef BOOTSEAL_TESTS_BENCH_LOAD_H_
#define BOOTSEAL_TESTS_BENCH_LOAD_H_

#include <chrono>
#include <memory>
#include <string>

#include "grpcpp/channel.h"

namespace bootseal::bench {

struct Load {
  std::string target;
  std::string log_key;  // "origin+id+base64"
  std::string payload;
  int streams = 2;
  int window = 32;  // requests under way on each stream
  std::chrono::seconds duration{5};
};

// Signatures per second that were verified, with their receipts, by the client.
// Ends the process with a message when one is refused.
double SignaturesPerSecond(const std::shared_ptr<grpc::Channel>& channel,
                           const Load& load);

}  // namespace bootseal::bench

#endif  // BOOTSEAL_TESTS_BENCH_LOAD_H_
