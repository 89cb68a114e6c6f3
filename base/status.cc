#include "base/status.h"

#include "absl/strings/cord.h"

namespace bootseal::base {
namespace {

constexpr char kReasonUrl[] = "bootseal/reason";
constexpr char kFieldUrl[] = "bootseal/field";

std::string PayloadOf(const absl::Status& status, absl::string_view url) {
  const auto payload = status.GetPayload(url);
  return payload ? static_cast<std::string>(*payload) : std::string();
}

}  // namespace

absl::Status Fail(absl::StatusCode code, absl::string_view reason,
                  absl::string_view message) {
  absl::Status status(code, message);
  status.SetPayload(kReasonUrl, absl::Cord(reason));
  return status;
}

absl::Status FailField(absl::StatusCode code, absl::string_view reason,
                       absl::string_view field, absl::string_view message) {
  absl::Status status = Fail(code, reason, message);
  status.SetPayload(kFieldUrl, absl::Cord(field));
  return status;
}

absl::Status Invalid(absl::string_view reason, absl::string_view field,
                     absl::string_view message) {
  return FailField(absl::StatusCode::kInvalidArgument, reason, field, message);
}

absl::Status NotFound(absl::string_view reason, absl::string_view message) {
  return Fail(absl::StatusCode::kNotFound, reason, message);
}

absl::Status Refused(absl::string_view reason, absl::string_view message) {
  return Fail(absl::StatusCode::kPermissionDenied, reason, message);
}

absl::Status Unavailable(absl::string_view reason, absl::string_view message) {
  return Fail(absl::StatusCode::kUnavailable, reason, message);
}

absl::Status Precondition(absl::string_view reason, absl::string_view message) {
  return Fail(absl::StatusCode::kFailedPrecondition, reason, message);
}

absl::Status Exhausted(absl::string_view reason, absl::string_view message) {
  return Fail(absl::StatusCode::kResourceExhausted, reason, message);
}

absl::Status Internal(absl::string_view message, const char* file, int line) {
  return Fail(absl::StatusCode::kInternal, "INTERNAL",
              absl::StrCat(message, " (", file, ":", line, ")"));
}

std::string ReasonOf(const absl::Status& status) {
  return PayloadOf(status, kReasonUrl);
}

std::string FieldOf(const absl::Status& status) {
  return PayloadOf(status, kFieldUrl);
}

absl::Status Annotate(const absl::Status& status, absl::string_view context) {
  if (status.ok()) return status;
  absl::Status annotated(status.code(),
                         absl::StrCat(context, ": ", status.message()));
  status.ForEachPayload(
      [&annotated](absl::string_view url, const absl::Cord& payload) {
        annotated.SetPayload(url, payload);
      });
  return annotated;
}

}  // namespace bootseal::base
