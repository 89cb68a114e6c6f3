#include "client/console/call.h"

#include <google/protobuf/util/json_util.h>

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"

namespace bootseal::console {
namespace {

using google::protobuf::Struct;
using google::protobuf::Value;

absl::Status BadField(absl::string_view field, absl::string_view expected) {
  return base::Invalid("FIELD_INVALID", field,
                       absl::StrCat(field, " must be ", expected));
}

bool AllDigits(absl::string_view text) {
  return std::all_of(text.begin(), text.end(), absl::ascii_isdigit);
}

}  // namespace

absl::StatusOr<Struct> ParseBody(const std::string& body) {
  Struct object;
  if (google::protobuf::util::JsonStringToMessage(body, &object).ok()) {
    return object;
  }
  return base::Invalid("JSON_INVALID", "", "the body is not a JSON object");
}

absl::StatusOr<std::string> TextField(const Struct& body,
                                      const std::string& name) {
  const auto found = body.fields().find(name);
  if (found == body.fields().end()) return std::string();
  if (found->second.kind_case() == Value::kStringValue) {
    return found->second.string_value();
  }
  return BadField(name, "text");
}

absl::StatusOr<bool> TruthField(const Struct& body, const std::string& name) {
  const auto found = body.fields().find(name);
  if (found == body.fields().end()) return false;
  if (found->second.kind_case() == Value::kBoolValue) {
    return found->second.bool_value();
  }
  return BadField(name, "true or false");
}

absl::StatusOr<std::uint64_t> ParseWhole(absl::string_view field,
                                         absl::string_view text,
                                         std::uint64_t otherwise) {
  if (text.empty()) return otherwise;
  std::uint64_t number = 0;
  if (AllDigits(text) && absl::SimpleAtoi(text, &number)) return number;
  return BadField(field, "a whole number");
}

absl::StatusOr<std::string> ParseSubject(absl::string_view text) {
  const bool hex = std::all_of(text.begin(), text.end(), absl::ascii_isxdigit);
  if (text.size() == 64 && hex) return absl::HexStringToBytes(text);
  return BadField("subject", "64 hexadecimal digits");
}

int HttpStatusOf(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kOk:
      return 200;
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kOutOfRange:
      return 400;
    case absl::StatusCode::kUnauthenticated:
      return 401;
    case absl::StatusCode::kPermissionDenied:
      return 403;
    case absl::StatusCode::kNotFound:
      return 404;
    case absl::StatusCode::kAlreadyExists:
    case absl::StatusCode::kFailedPrecondition:
      return 409;
    case absl::StatusCode::kResourceExhausted:
      return 429;
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDeadlineExceeded:
      return 503;
    default:
      return 502;
  }
}

}  // namespace bootseal::console
