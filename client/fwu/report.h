// What the program prints: for people, and as JSON on one line for machines.
// Thread-safe: free functions without state.
#ifndef BOOTSEAL_CLIENT_FWU_REPORT_H_
#define BOOTSEAL_CLIENT_FWU_REPORT_H_

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "client/fwu/agent.h"
#include "client/fwu/gpt_storage.h"

namespace bootseal::fwu {

// "regular", "staging", "trial-pending", "trial", "fallen-back",
// "return-pending".
const char* NameOf(image::fwu::State state);

struct DeviceFacts {
  std::string product;
  std::uint32_t security_counter = 0;
  image::fwu::BootRegister boot;
  std::optional<GptHealth> gpt;  // nullopt: there is no GPT
};

// What an operator does now: "nothing", or a command and why.
std::string NextStep(const Condition& condition, const DeviceFacts& facts);

std::string ConditionText(const Condition& condition, const DeviceFacts& facts);
std::string ConditionJson(const Condition& condition, const DeviceFacts& facts);
// `check` that mended a fallback tells "fallback" as the condition does.
std::string OutcomeText(const Outcome& outcome);
std::string OutcomeJson(const Outcome& outcome);
// {"error":{"field":...,"message":...,"reason":...}}
std::string ErrorJson(const absl::Status& status);

}  // namespace bootseal::fwu

#endif  // BOOTSEAL_CLIENT_FWU_REPORT_H_
