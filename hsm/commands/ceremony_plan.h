// What a ceremony is to make, and in front of whom.
#ifndef BOOTSEAL_HSM_COMMANDS_CEREMONY_PLAN_H_
#define BOOTSEAL_HSM_COMMANDS_CEREMONY_PLAN_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "hsm/commands/options.h"

namespace bootseal::hsm::commands {

struct CeremonyOptions {
  TokenChoice token;
  // One of each for every key; paddings and purposes may be left out.
  std::vector<std::string> labels;
  std::vector<std::string> algorithms;
  std::vector<std::string> paddings;
  std::vector<std::string> purposes;
  std::string origin;
  std::vector<std::string> people;
  bool unattended = false;  // nobody is asked
  std::string transcript;
  std::string check;
  Form form = Form::kText;
};

struct PlannedKey {
  std::string label;
  Algorithm algorithm = Algorithm::kP256;
  RsaPadding padding = RsaPadding::kPss;
  std::string purpose;
  // "plan p256 pss firmware app": its line in the transcript.
  std::string Line() const;
};

// One to four keys, labels of at most 40 bytes and no two alike; at most eight
// people of at most 40 bytes, none twice nor with what cannot be seen; one at
// least unless nobody is asked. INVALID_ARGUMENT (USAGE), (KEY_LABEL),
// (UNKNOWN_ALGORITHM), (ORIGIN).
absl::StatusOr<std::vector<PlannedKey>> PlanOf(const CeremonyOptions& options);

}  // namespace bootseal::hsm::commands

#endif  // BOOTSEAL_HSM_COMMANDS_CEREMONY_PLAN_H_
