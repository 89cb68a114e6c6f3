#include "server/rpc_status.h"

#include <array>
#include <cstdint>
#include <optional>

#include "absl/strings/cord.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/status.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace bootseal::server {
namespace {

constexpr char kDomain[] = "bootseal";
constexpr char kRuleUrl[] = "bootseal/rule";
constexpr char kDetailUrl[] = "bootseal/detail/";
constexpr char kRetryUrl[] = "bootseal/retry-ms";

// Reasons that time alone may cure, and how long it usually takes.
struct Retry {
  absl::string_view reason;
  int seconds;
};
constexpr std::array<Retry, 8> kRetries{{
    {"TOO_MANY_REQUESTS", 1},
    {"IDENTITY_BUSY", 1},
    {"MEMORY_BUSY", 2},
    {"TOKEN_LOST", 2},
    {"LOG_CHANGED", 1},
    {"POLICY_SUPERSEDED", 1},
    {"DRAINING", 5},
    {"LOG_STORE", 1},
}};

using Details = google::protobuf::Map<std::string, std::string>;

void AddDetails(const absl::Status& status, Details& to) {
  status.ForEachPayload([&to](absl::string_view url, const absl::Cord& value) {
    if (!absl::ConsumePrefix(&url, kDetailUrl)) return;
    to[std::string(url)] = std::string(value);
  });
}

// Where a store is and what it says is for the server's own log.
std::string MessageOf(const absl::Status& status) {
  if (base::ReasonOf(status) != "LOG_STORE") {
    return std::string(status.message());
  }
  return "the audit log's store cannot be reached for now, nothing is "
         "released; the server's own log says why";
}

void AddErrorInfo(const absl::Status& status, google::rpc::Status& to) {
  google::rpc::ErrorInfo info;
  info.set_reason(base::ReasonOf(status));
  info.set_domain(kDomain);
  if (const std::string field = base::FieldOf(status); !field.empty()) {
    (*info.mutable_metadata())["field"] = field;
  }
  if (const std::string rule = RuleOf(status); !rule.empty()) {
    (*info.mutable_metadata())["rule"] = rule;
  }
  AddDetails(status, *info.mutable_metadata());
  to.add_details()->PackFrom(info);
}

// Nothing when trying again does not help.
std::optional<absl::Duration> RetryDelay(const absl::Status& status) {
  std::int64_t milliseconds = 0;
  const auto told = status.GetPayload(kRetryUrl);
  if (told && absl::SimpleAtoi(std::string(*told), &milliseconds)) {
    return absl::Milliseconds(milliseconds);
  }
  const std::string reason = base::ReasonOf(status);
  for (const Retry& retry : kRetries) {
    if (retry.reason == reason) return absl::Seconds(retry.seconds);
  }
  return std::nullopt;
}

void AddRetryInfo(const absl::Status& status, google::rpc::Status& to) {
  auto delay = RetryDelay(status);
  if (!delay) return;
  google::rpc::RetryInfo info;
  info.mutable_retry_delay()->set_seconds(
      absl::IDivDuration(*delay, absl::Seconds(1), &*delay));
  info.mutable_retry_delay()->set_nanos(
      static_cast<std::int32_t>(absl::ToInt64Nanoseconds(*delay)));
  to.add_details()->PackFrom(info);
}

}  // namespace

absl::Status WithRule(absl::Status status, absl::string_view rule) {
  if (!status.ok()) status.SetPayload(kRuleUrl, absl::Cord(rule));
  return status;
}

absl::Status WithDetail(absl::Status status, absl::string_view name,
                        absl::string_view value) {
  if (!status.ok()) {
    status.SetPayload(absl::StrCat(kDetailUrl, name), absl::Cord(value));
  }
  return status;
}

absl::Status WithRetryDelay(absl::Status status, absl::Duration delay) {
  if (status.ok()) return status;
  const std::int64_t milliseconds =
      absl::ToInt64Milliseconds(absl::Ceil(delay, absl::Milliseconds(1)));
  status.SetPayload(kRetryUrl, absl::Cord(absl::StrCat(milliseconds)));
  return status;
}

std::string RuleOf(const absl::Status& status) {
  const auto payload = status.GetPayload(kRuleUrl);
  return payload ? std::string(*payload) : std::string();
}

grpc::Status ToRpcStatus(const absl::Status& status) {
  if (status.ok()) return grpc::Status::OK;
  google::rpc::Status details;
  details.set_code(static_cast<int>(status.code()));
  details.set_message(MessageOf(status));
  AddErrorInfo(status, details);
  AddRetryInfo(status, details);
  return {static_cast<grpc::StatusCode>(status.code()), MessageOf(status),
          details.SerializeAsString()};
}

v1::Failure ToFailure(const absl::Status& status) {
  v1::Failure failure;
  failure.set_code(static_cast<int>(status.code()));
  failure.set_message(MessageOf(status));
  failure.set_reason(base::ReasonOf(status));
  failure.set_field(base::FieldOf(status));
  AddDetails(status, *failure.mutable_details());
  const auto delay = RetryDelay(status).value_or(absl::ZeroDuration());
  failure.set_retry_seconds(static_cast<std::uint32_t>(
      absl::ToInt64Seconds(absl::Ceil(delay, absl::Seconds(1)))));
  return failure;
}

}  // namespace bootseal::server
