#include "client/tfm/expression.h"

#include <array>
#include <limits>
#include <optional>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "base/status.h"
#include "client/cli/text.h"

namespace bootseal::tfm {
namespace {

using cli::Printable;
using Value = std::int64_t;

constexpr int kMostDepth = 64;

struct Range {
  Value least;
  Value most;
};

template <typename T>
constexpr Range RangeOf() {
  return {std::numeric_limits<T>::min(), std::numeric_limits<T>::max()};
}

constexpr Range kNaturals{0, std::numeric_limits<Value>::max()};

struct Type {
  absl::string_view name;
  Range range;
};
constexpr std::array<Type, 20> kTypes{{
    {"uint8_t", RangeOf<std::uint8_t>()},
    {"uint16_t", RangeOf<std::uint16_t>()},
    {"uint32_t", RangeOf<std::uint32_t>()},
    {"uint64_t", kNaturals},
    {"uintptr_t", RangeOf<std::uint32_t>()},
    {"size_t", RangeOf<std::uint32_t>()},
    {"int8_t", RangeOf<std::int8_t>()},
    {"int16_t", RangeOf<std::int16_t>()},
    {"int32_t", RangeOf<std::int32_t>()},
    {"int64_t", RangeOf<std::int64_t>()},
    {"int", RangeOf<std::int32_t>()},
    {"long", RangeOf<std::int32_t>()},
    {"long int", RangeOf<std::int32_t>()},
    {"long long", RangeOf<std::int64_t>()},
    {"unsigned", RangeOf<std::uint32_t>()},
    {"unsigned int", RangeOf<std::uint32_t>()},
    {"unsigned long", RangeOf<std::uint32_t>()},
    {"unsigned long int", RangeOf<std::uint32_t>()},
    {"unsigned long long", kNaturals},
    {"unsigned char", RangeOf<std::uint8_t>()},
}};

const Type* FindType(absl::string_view words) {
  const std::string name = absl::StrJoin(
      absl::StrSplit(words, absl::ByAnyChar(" \t"), absl::SkipEmpty()), " ");
  for (const Type& type : kTypes) {
    if (type.name == name) return &type;
  }
  return nullptr;
}

struct Operator {
  absl::string_view sign;
  int precedence;
  std::optional<Value> (*apply)(Value, Value);  // nullopt: overflow
};

std::optional<Value> Add(Value a, Value b) {
  Value sum = 0;
  if (__builtin_add_overflow(a, b, &sum)) return std::nullopt;
  return sum;
}

std::optional<Value> Subtract(Value a, Value b) {
  Value difference = 0;
  if (__builtin_sub_overflow(a, b, &difference)) return std::nullopt;
  return difference;
}

std::optional<Value> Multiply(Value a, Value b) {
  Value product = 0;
  if (__builtin_mul_overflow(a, b, &product)) return std::nullopt;
  return product;
}

bool IsBelowAll(Value a, Value b) {
  return a == std::numeric_limits<Value>::min() && b == -1;
}

std::optional<Value> Divide(Value a, Value b) {
  if (IsBelowAll(a, b)) return std::nullopt;
  return a / b;
}

std::optional<Value> Remainder(Value a, Value b) {
  if (IsBelowAll(a, b)) return std::nullopt;
  return a % b;
}

std::optional<Value> ShiftLeft(Value a, Value b) {
  if (b < 0 || b > 62) return std::nullopt;
  return Multiply(a, Value{1} << b);
}

std::optional<Value> ShiftRight(Value a, Value b) {
  if (b < 0 || b > 63) return std::nullopt;
  return a >> b;
}

std::optional<Value> And(Value a, Value b) { return a & b; }
std::optional<Value> Or(Value a, Value b) { return a | b; }
std::optional<Value> Xor(Value a, Value b) { return a ^ b; }

constexpr std::array<Operator, 10> kOperators{{
    {"|", 1, Or},
    {"^", 2, Xor},
    {"&", 3, And},
    {"<<", 4, ShiftLeft},
    {">>", 4, ShiftRight},
    {"+", 5, Add},
    {"-", 5, Subtract},
    {"*", 6, Multiply},
    {"/", 6, Divide},
    {"%", 6, Remainder},
}};
constexpr int kLeastPrecedence = 1;

bool IsNameStart(char c) {
  return absl::ascii_isalpha(static_cast<unsigned char>(c)) || c == '_';
}
bool IsNamePart(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_';
}

class Evaluator {
 public:
  explicit Evaluator(absl::string_view text) : text_(text), rest_(text) {}

  absl::StatusOr<Value> Run() {
    ASSIGN_OR_RETURN(const Value value, Binary(kLeastPrecedence));
    Skip();
    if (!rest_.empty()) return Unexpected();
    return value;
  }

 private:
  absl::StatusOr<Value> Binary(int least);
  absl::StatusOr<Value> Apply(const Operator& on, Value left, Value right);
  absl::StatusOr<Value> Unary();
  absl::StatusOr<Value> Primary();
  absl::StatusOr<Value> Cast(const Type& type);
  absl::StatusOr<Value> Number();

  void Skip() { rest_ = absl::StripLeadingAsciiWhitespace(rest_); }
  const Operator* Next(int least) const;
  const Type* TypeAhead() const;
  absl::string_view Word() const;
  absl::Status Error(absl::string_view reason, absl::string_view what) const;
  absl::Status Unexpected() const;
  absl::Status Overflow() const {
    return Error("EXPRESSION_OVERFLOW", "does not fit 64 bits");
  }

  absl::string_view text_;
  absl::string_view rest_;
  int depth_ = 0;
};

absl::Status Evaluator::Error(absl::string_view reason,
                              absl::string_view what) const {
  return base::Invalid(reason, "",
                       absl::StrCat("\"", Printable(text_), "\" ", what));
}

absl::Status Evaluator::Unexpected() const {
  if (rest_.empty()) return Error("EXPRESSION_INVALID", "ends too early");
  const absl::string_view word = Word();
  if (!word.empty()) {
    return Error("EXPRESSION_INVALID",
                 absl::StrCat("has the name ", word,
                              ", expected numbers alone: the file must be "
                              "preprocessed"));
  }
  return Error("EXPRESSION_INVALID",
               absl::StrCat("cannot be read from \"", Printable(rest_),
                            "\" on, expected a number, an operator or a "
                            "parenthesis"));
}

absl::string_view Evaluator::Word() const {
  if (rest_.empty() || !IsNameStart(rest_.front())) return {};
  std::size_t size = 1;
  while (size < rest_.size() && IsNamePart(rest_[size])) ++size;
  return rest_.substr(0, size);
}

const Operator* Evaluator::Next(int least) const {
  for (const Operator& on : kOperators) {
    if (on.precedence < least) continue;
    if (rest_.substr(0, on.sign.size()) == on.sign) return &on;
  }
  return nullptr;
}

// Of operators that bind at least as strongly as `least`.
absl::StatusOr<Value> Evaluator::Binary(int least) {
  ASSIGN_OR_RETURN(Value left, Unary());
  for (Skip(); const Operator* const on = Next(least); Skip()) {
    rest_.remove_prefix(on->sign.size());
    ASSIGN_OR_RETURN(const Value right, Binary(on->precedence + 1));
    ASSIGN_OR_RETURN(left, Apply(*on, left, right));
  }
  return left;
}

absl::StatusOr<Value> Evaluator::Apply(const Operator& on, Value left,
                                       Value right) {
  const bool divides = on.sign == "/" || on.sign == "%";
  if (divides && right == 0) {
    return Error("EXPRESSION_DIVISION", "divides by zero");
  }
  const std::optional<Value> result = on.apply(left, right);
  if (!result) return Overflow();
  return *result;
}

absl::StatusOr<Value> Evaluator::Unary() {
  if (++depth_ > kMostDepth) {
    return Error("EXPRESSION_DEPTH",
                 absl::StrCat("nests more than ", kMostDepth, " deep"));
  }
  Skip();
  const char sign = rest_.empty() ? '\0' : rest_.front();
  absl::StatusOr<Value> value = 0;
  if (sign == '+' || sign == '-' || sign == '~') {
    rest_.remove_prefix(1);
    value = Unary();
    if (value.ok() && sign == '~') value = ~*value;
    if (value.ok() && sign == '-') {
      const std::optional<Value> negative = Subtract(0, *value);
      value = negative ? absl::StatusOr<Value>(*negative) : Overflow();
    }
  } else {
    value = Primary();
  }
  --depth_;
  return value;
}

// Behind an opening parenthesis.
const Type* Evaluator::TypeAhead() const {
  return FindType(rest_.substr(0, rest_.find(')')));
}

absl::StatusOr<Value> Evaluator::Cast(const Type& type) {
  rest_.remove_prefix(rest_.find(')') + 1);
  ASSIGN_OR_RETURN(const Value value, Unary());
  if (value >= type.range.least && value <= type.range.most) return value;
  return Error(
      "EXPRESSION_OVERFLOW",
      absl::StrCat("has ", value, ", which does not fit a ", type.name));
}

absl::StatusOr<Value> Evaluator::Primary() {
  if (rest_.empty() || rest_.front() != '(') return Number();
  rest_.remove_prefix(1);
  if (const Type* const type = TypeAhead()) return Cast(*type);
  ASSIGN_OR_RETURN(const Value value, Binary(kLeastPrecedence));
  Skip();
  if (rest_.empty()) return Error("EXPRESSION_INVALID", "lacks a )");
  if (rest_.front() != ')') return Unexpected();
  rest_.remove_prefix(1);
  return value;
}

bool IsSuffix(absl::string_view text) {
  constexpr std::array<absl::string_view, 9> kSuffixes{
      "", "u", "l", "ul", "lu", "ll", "ull", "llu", "z"};
  for (const absl::string_view suffix : kSuffixes) {
    if (absl::AsciiStrToLower(text) == suffix) return true;
  }
  return false;
}

bool IsDigit(char c, bool is_hex) {
  const auto byte = static_cast<unsigned char>(c);
  return is_hex ? absl::ascii_isxdigit(byte) : absl::ascii_isdigit(byte);
}

absl::StatusOr<Value> Evaluator::Number() {
  std::size_t size = 0;
  while (size < rest_.size() && IsNamePart(rest_[size])) ++size;
  const absl::string_view word = rest_.substr(0, size);
  if (word.empty() || IsNameStart(word.front())) return Unexpected();
  const bool is_hex = absl::AsciiStrToLower(word.substr(0, 2)) == "0x";
  std::size_t digits = is_hex ? 2 : 0;
  while (digits < size && IsDigit(word[digits], is_hex)) ++digits;
  const absl::string_view number = word.substr(0, digits);
  const bool is_octal = !is_hex && number.size() > 1 && number.front() == '0';
  if (number == "0x" || is_octal || !IsSuffix(word.substr(digits))) {
    return Error("EXPRESSION_INVALID",
                 absl::StrCat("has ", Printable(word),
                              ", expected a decimal number without leading "
                              "zeros, or 0x and digits"));
  }
  Value value = 0;
  const bool fits = is_hex ? absl::SimpleHexAtoi(number, &value)
                           : absl::SimpleAtoi(number, &value);
  if (!fits) return Overflow();
  rest_.remove_prefix(size);
  return value;
}

}  // namespace

absl::StatusOr<std::int64_t> Evaluate(absl::string_view text) {
  return Evaluator(absl::StripAsciiWhitespace(text)).Run();
}

}  // namespace bootseal::tfm
