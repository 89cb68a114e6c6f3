#include "hsm/usage.h"

#include <string>

#include "base/status.h"

namespace bootseal::hsm {
namespace {

Usage::Failure FailureOf(const absl::Status& why) {
  const std::string reason = base::ReasonOf(why);
  if (reason == "TOKEN_LOST" || reason == "TOKEN_MISSING") {
    return Usage::Failure::kTokenLost;
  }
  if (reason == "TOKEN_BUSY") return Usage::Failure::kTokenBusy;
  if (reason == "SIGNATURE_WRONG") return Usage::Failure::kWrongSignature;
  return Usage::Failure::kOther;
}

}  // namespace

void Usage::OfKeys::CountFailure(const absl::Status& why) {
  failures[static_cast<std::size_t>(FailureOf(why))].Add();
}

}  // namespace bootseal::hsm
