// A real server and a real witness, and what an operator with the database can
// do: put an older copy back, and let it grow another way.
#ifndef BOOTSEAL_TESTS_CLIENT_WITNESS_WITNESSED_FIXTURE_H_
#define BOOTSEAL_TESTS_CLIENT_WITNESS_WITNESSED_FIXTURE_H_

#include <cstdint>
#include <string>

#include "tests/client/cli/online_fixture.h"
#include "tests/client/witness/running_witness.h"

namespace bootseal::tests {

class WitnessedTest : public OnlineTest {
 protected:
  WitnessedTest() : witness_({server_.log_key()}) {}

  // In the server's configuration, under its own key.
  void Configure();
  // The stopped server's database, to a copy and back.
  void Copy(const std::string& name);
  void Restore(const std::string& name);
  // A release, and no other matters.
  void Grow();
  // The newest checkpoint, as the server shows it.
  std::string Checkpoint();
  std::uint64_t Size();
  // Until the server shows a checkpoint of at least this size that the witness
  // cosigned; empty after ten seconds.
  std::string WaitForCosigned(std::uint64_t size);
  // bootseal audit witness --once, with a state of its own.
  Outcome CosignOnce();

  RunningWitness witness_;
};

}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_CLIENT_WITNESS_WITNESSED_FIXTURE_H_
