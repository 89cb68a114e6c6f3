// `bootseal sign` as a build runs it: the whole process, from exec to the file
// that was written, for a payload of 256 KiB.
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <iostream>
#include <string>

#include "base/file.h"
#include "hsm/algorithm.h"
#include "tests/support/process.h"
#include "tests/support/server_fixture.h"
#include "tests/support/temporary_folder.h"

namespace bootseal::tests {
namespace {

constexpr std::size_t kPayloadBytes = 256 << 10;

// One server for all figures; slots with room for the payload.
class Bench {
 public:
  Bench() {
    server_.policy().mutable_targets(0)->mutable_mcuboot()->set_slot_size(
        512 << 10);
    server_.AddKey("rsa", hsm::Algorithm::kRsa3072);
    server_.AddTarget("rsa", "rsa");
    server_.Start();
    std::string payload("\x00\x80\x00\x20\x01\x01\x00\x00", 8);
    payload.resize(kPayloadBytes, 'p');
    if (!base::WriteFileAtomically(folder_.File("app.bin"), payload).ok()) {
      std::abort();
    }
  }

  void Sign(const std::string& target) {
    Environment environment = server_.ClientEnvironment("ci");
    environment["BOOTSEAL_STATE"] = folder_.File("state");
    const Outcome outcome = Run({BOOTSEAL_PROGRAM, "sign", "--target", target,
                                 "--version", "1.2.3", folder_.File("app.bin")},
                                environment);
    if (outcome.exit_code == 0) return;
    std::cerr << outcome.err;
    std::abort();
  }

 private:
  ServerFixture server_;
  TemporaryFolder folder_;
};

Bench& Shared() {
  static Bench bench;
  return bench;
}

void BM_SignP256(benchmark::State& state) {
  Bench& bench = Shared();
  for (auto _ : state) bench.Sign("app");
}
void BM_SignRsa3072(benchmark::State& state) {
  Bench& bench = Shared();
  for (auto _ : state) bench.Sign("rsa");
}
void BM_StartUp(benchmark::State& state) {
  for (auto _ : state) Run({BOOTSEAL_PROGRAM, "version"});
}

BENCHMARK(BM_StartUp)->UseRealTime()->Unit(benchmark::kMillisecond);
BENCHMARK(BM_SignP256)->UseRealTime()->Unit(benchmark::kMillisecond);
BENCHMARK(BM_SignRsa3072)->UseRealTime()->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace bootseal::tests

BENCHMARK_MAIN();
