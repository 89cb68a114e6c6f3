// The value of a C expression of integers, as the preprocessor leaves it.
#ifndef BOOTSEAL_CLIENT_TFM_EXPRESSION_H_
#define BOOTSEAL_CLIENT_TFM_EXPRESSION_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace bootseal::tfm {

// Decimal and 0x numbers with C's suffixes, parentheses, casts to integer types
// and C's arithmetic: + - * / % << >> & ^ | ~, in 64 bits with a sign. Nothing
// is executed. INVALID_ARGUMENT: EXPRESSION_INVALID (anything else, names and
// octal numbers too), EXPRESSION_OVERFLOW, EXPRESSION_DIVISION (by zero),
// EXPRESSION_DEPTH (more than 64 parentheses within one another). Thread-safe.
absl::StatusOr<std::int64_t> Evaluate(absl::string_view text);

}  // namespace bootseal::tfm

#endif  // BOOTSEAL_CLIENT_TFM_EXPRESSION_H_
