#include "client/cli/rpc_status.h"

#include <cstdint>

#include "absl/strings/cord.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/status.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace bootseal::cli {
namespace {

constexpr char kRuleUrl[] = "bootseal/rule";
constexpr char kDetailUrl[] = "bootseal/detail/";
constexpr char kRetryUrl[] = "bootseal/retry-ms";

std::string MetadataOf(const google::rpc::ErrorInfo& info,
                       const std::string& name) {
  const auto found = info.metadata().find(name);
  return found == info.metadata().end() ? std::string() : found->second;
}

absl::Status WithInfo(const absl::Status& status,
                      const google::rpc::ErrorInfo& info) {
  absl::Status full =
      base::FailField(status.code(), info.reason(), MetadataOf(info, "field"),
                      status.message());
  if (const std::string rule = MetadataOf(info, "rule"); !rule.empty()) {
    full.SetPayload(kRuleUrl, absl::Cord(rule));
  }
  for (const auto& [name, value] : info.metadata()) {
    full.SetPayload(absl::StrCat(kDetailUrl, name), absl::Cord(value));
  }
  return full;
}

// A stream that the server ends while it waits for us has no details: its
// reason leads the message (bootseal/v1/signing.proto).
absl::Status WithoutDetails(absl::StatusCode code, absl::string_view message) {
  if (code == absl::StatusCode::kUnavailable &&
      absl::ConsumePrefix(&message, "DRAINING: ")) {
    return base::Unavailable("DRAINING", message);
  }
  if (code == absl::StatusCode::kCancelled &&
      absl::ConsumePrefix(&message, "UPLOAD_TOO_SLOW: ")) {
    return base::Fail(code, "UPLOAD_TOO_SLOW", message);
  }
  return {code, message};
}

void SetRetry(const google::rpc::RetryInfo& info, absl::Status& status) {
  const std::int64_t milliseconds = info.retry_delay().seconds() * 1000 +
                                    info.retry_delay().nanos() / 1'000'000;
  status.SetPayload(kRetryUrl, absl::Cord(absl::StrCat(milliseconds)));
}

}  // namespace

absl::Status FromRpcStatus(const grpc::Status& status) {
  if (status.ok()) return absl::OkStatus();
  auto code = static_cast<absl::StatusCode>(status.error_code());
  const bool cut_off =
      code == absl::StatusCode::kCancelled && status.error_details().empty();
  if (cut_off) code = absl::StatusCode::kUnavailable;
  absl::Status plain = WithoutDetails(code, status.error_message());
  google::rpc::Status details;
  if (!details.ParseFromString(status.error_details())) return plain;
  google::rpc::ErrorInfo info;
  google::rpc::RetryInfo retry;
  for (const auto& detail : details.details()) {
    if (detail.UnpackTo(&info)) plain = WithInfo(plain, info);
  }
  for (const auto& detail : details.details()) {
    if (detail.UnpackTo(&retry)) SetRetry(retry, plain);
  }
  return plain;
}

absl::Status WithMessage(const absl::Status& status,
                         absl::string_view message) {
  absl::Status other(status.code(), message);
  status.ForEachPayload(
      [&other](absl::string_view url, const absl::Cord& cord) {
        other.SetPayload(url, cord);
      });
  return other;
}

std::string RuleOf(const absl::Status& status) {
  const auto payload = status.GetPayload(kRuleUrl);
  return payload ? std::string(*payload) : std::string();
}

std::string DetailOf(const absl::Status& status, absl::string_view name) {
  const auto payload = status.GetPayload(absl::StrCat(kDetailUrl, name));
  return payload ? std::string(*payload) : std::string();
}

std::optional<absl::Duration> RetryDelayOf(const absl::Status& status) {
  const auto payload = status.GetPayload(kRetryUrl);
  std::int64_t milliseconds = 0;
  if (!payload || !absl::SimpleAtoi(std::string(*payload), &milliseconds)) {
    return std::nullopt;
  }
  return absl::Milliseconds(milliseconds);
}

}  // namespace bootseal::cli
