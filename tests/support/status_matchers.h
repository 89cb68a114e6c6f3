// EXPECT_THAT(x, IsOk()), StatusIs(code, reason), IsOkAndHolds(m).
#ifndef BOOTSEAL_TESTS_SUPPORT_STATUS_MATCHERS_H_
#define BOOTSEAL_TESTS_SUPPORT_STATUS_MATCHERS_H_

#include <gmock/gmock.h>

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/status.h"

namespace bootseal::tests {

inline const absl::Status& StatusOf(const absl::Status& status) {
  return status;
}
template <typename T>
const absl::Status& StatusOf(const absl::StatusOr<T>& result) {
  return result.status();
}

MATCHER(IsOk, "is OK") {
  *result_listener << StatusOf(arg).ToString();
  return StatusOf(arg).ok();
}

// The machine-readable reason is part of the contract, the wording is not.
MATCHER_P2(StatusIs, code, reason, "") {
  const absl::Status& status = StatusOf(arg);
  *result_listener << status.ToString();
  return status.code() == code && base::ReasonOf(status) == std::string(reason);
}

// The message says `text`.
MATCHER_P(MessageHas, text, "") {
  const absl::Status& status = StatusOf(arg);
  *result_listener << status.ToString();
  return !status.ok() &&
         std::string(status.message()).find(text) != std::string::npos;
}

}  // namespace bootseal::tests

#define ASSERT_OK(expression) \
  ASSERT_THAT((expression), ::bootseal::tests::IsOk())
#define EXPECT_OK(expression) \
  EXPECT_THAT((expression), ::bootseal::tests::IsOk())

#endif  // BOOTSEAL_TESTS_SUPPORT_STATUS_MATCHERS_H_
