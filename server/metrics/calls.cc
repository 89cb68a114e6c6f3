#include "server/metrics/calls.h"

#include <chrono>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "bootseal/v1/approvals.pb.h"
#include "bootseal/v1/audit.pb.h"
#include "bootseal/v1/fwu.pb.h"
#include "bootseal/v1/keys.pb.h"
#include "bootseal/v1/signing.pb.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace bootseal::metrics {
namespace {

using grpc::experimental::InterceptionHookPoints;
using grpc::experimental::InterceptorBatchMethods;

constexpr char kOther[] = "other";
// Not ours: their protos are not at hand.
constexpr const char* kFurther[] = {"Health.Check", "Health.Watch",
                                    "ServerReflection.ServerReflectionInfo"};

struct ClassOf {
  absl::string_view prefix;  // of the reason
  absl::string_view name;
};
// The first that fits; then the code decides.
constexpr ClassOf kByReason[] = {
    {"APPROVALS_REQUIRED", "approvals"},
    {"REQUEST_DENIED", "approvals"},
    {"DRAINING", "draining"},
    {"LOG_", "log"},
    {"TOKEN_LOST", "hsm"},
    {"TOKEN_MISSING", "hsm"},
    {"TOKEN_BUSY", "hsm"},
    {"SIGNATURE_WRONG", "hsm"},
    {"KEY_", "hsm"},
    {"PIN_", "hsm"},
    {"UNKNOWN_TOKEN_KEY", "issuer_keys"},
};

absl::string_view ByCode(grpc::StatusCode code) {
  switch (code) {
    case grpc::OK:
      return "none";
    case grpc::UNAUTHENTICATED:
      return "identity";
    case grpc::PERMISSION_DENIED:
      return "policy";
    case grpc::RESOURCE_EXHAUSTED:
      return "limits";
    case grpc::CANCELLED:
    case grpc::DEADLINE_EXCEEDED:
      return "client";
    case grpc::INVALID_ARGUMENT:
    case grpc::NOT_FOUND:
    case grpc::ALREADY_EXISTS:
    case grpc::FAILED_PRECONDITION:
    case grpc::OUT_OF_RANGE:
    case grpc::UNIMPLEMENTED:
      return "request";
    default:
      return "server";
  }
}

struct CodeName {
  grpc::StatusCode code;
  const char* name;
};
constexpr CodeName kCodes[] = {
    {grpc::OK, "OK"},
    {grpc::CANCELLED, "CANCELLED"},
    {grpc::INVALID_ARGUMENT, "INVALID_ARGUMENT"},
    {grpc::DEADLINE_EXCEEDED, "DEADLINE_EXCEEDED"},
    {grpc::NOT_FOUND, "NOT_FOUND"},
    {grpc::ALREADY_EXISTS, "ALREADY_EXISTS"},
    {grpc::PERMISSION_DENIED, "PERMISSION_DENIED"},
    {grpc::UNAUTHENTICATED, "UNAUTHENTICATED"},
    {grpc::RESOURCE_EXHAUSTED, "RESOURCE_EXHAUSTED"},
    {grpc::FAILED_PRECONDITION, "FAILED_PRECONDITION"},
    {grpc::ABORTED, "ABORTED"},
    {grpc::OUT_OF_RANGE, "OUT_OF_RANGE"},
    {grpc::UNIMPLEMENTED, "UNIMPLEMENTED"},
    {grpc::INTERNAL, "INTERNAL"},
    {grpc::UNAVAILABLE, "UNAVAILABLE"},
    {grpc::DATA_LOSS, "DATA_LOSS"},
};

std::string NameOf(grpc::StatusCode code) {
  for (const CodeName& each : kCodes) {
    if (each.code == code) return each.name;
  }
  return "UNKNOWN";
}

// Empty when the status carries none.
std::string ReasonOf(const grpc::Status& status) {
  google::rpc::Status details;
  if (!details.ParseFromString(status.error_details())) return "";
  for (const auto& each : details.details()) {
    google::rpc::ErrorInfo info;
    if (each.UnpackTo(&info)) return info.reason();
  }
  return "";
}

std::vector<std::string> KnownRpcs() {
  const google::protobuf::FileDescriptor* const files[] = {
      v1::SignHeader::descriptor()->file(),
      v1::ApprovalRequest::descriptor()->file(),
      v1::GetCheckpointRequest::descriptor()->file(),
      v1::ListKeysRequest::descriptor()->file(),
      v1::IssueMetadataRequest::descriptor()->file(),
  };
  std::vector<std::string> names(std::begin(kFurther), std::end(kFurther));
  for (const auto* file : files) {
    for (int i = 0; i < file->service_count(); ++i) {
      const auto* service = file->service(i);
      for (int j = 0; j < service->method_count(); ++j) {
        names.push_back(
            absl::StrCat(service->name(), ".", service->method(j)->name()));
      }
    }
  }
  return names;
}

}  // namespace

absl::string_view ReasonClass(grpc::StatusCode code, absl::string_view reason) {
  for (const ClassOf& each : kByReason) {
    if (absl::StartsWith(reason, each.prefix)) return each.name;
  }
  return ByCode(code);
}

// gRPC destroys it when the handler is done and what it sent has left.
class Calls::Counted final : public grpc::experimental::Interceptor {
 public:
  Counted(Calls& calls, Rpcs::value_type& rpc)
      : calls_(calls), rpc_(rpc), timed_(rpc.second.seconds) {
    rpc_.second.called = true;
    ++rpc_.second.in_progress;
  }
  ~Counted() override {
    --rpc_.second.in_progress;
    calls_.Count(rpc_.first, status_);
  }

  void Intercept(InterceptorBatchMethods* methods) override {
    if (methods->QueryInterceptionHookPoint(
            InterceptionHookPoints::PRE_SEND_STATUS)) {
      status_ = methods->GetSendStatus();
    }
    methods->Proceed();
  }

 private:
  Calls& calls_;
  Rpcs::value_type& rpc_;
  const base::Timed timed_;
  // Until the handler has one: the call was cut off.
  grpc::Status status_ = grpc::Status::CANCELLED;
};

class Calls::Factory final
    : public grpc::experimental::ServerInterceptorFactoryInterface {
 public:
  explicit Factory(Calls& calls) : calls_(calls) {}

  grpc::experimental::Interceptor* CreateServerInterceptor(
      grpc::experimental::ServerRpcInfo* info) override {
    // gRPC takes it over.
    return new Counted(calls_, calls_.Find(info->method()));
  }

 private:
  Calls& calls_;
};

Calls::Calls() {
  for (const std::string& name : KnownRpcs()) rpcs_.try_emplace(name);
  rpcs_.try_emplace(kOther);
}

std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface>
Calls::MakeInterceptors() {
  return std::make_unique<Factory>(*this);
}

// "/bootseal.v1.SigningService/Sign" is SigningService.Sign.
Calls::Rpcs::value_type& Calls::Find(absl::string_view method) {
  const std::size_t slash = method.rfind('/');
  const std::size_t dot = method.rfind('.', slash);
  if (slash != absl::string_view::npos && dot != absl::string_view::npos) {
    const auto found =
        rpcs_.find(absl::StrCat(method.substr(dot + 1, slash - dot - 1), ".",
                                method.substr(slash + 1)));
    if (found != rpcs_.end()) return *found;
  }
  return *rpcs_.find(kOther);
}

void Calls::Count(const std::string& rpc, const grpc::Status& status) {
  const absl::string_view about =
      ReasonClass(status.error_code(), status.ok() ? "" : ReasonOf(status));
  const base::MutexLock lock(mutex_);
  ++totals_[{rpc, status.error_code(), about}];
}

Family Calls::totals() const {
  return {"bootseal_calls_total",
          "Calls by rpc, gRPC code and what the reason is about.",
          Kind::kCounter, [this] {
            const base::MutexLock lock(mutex_);
            std::vector<Sample> samples;
            for (const auto& [key, count] : totals_) {
              const auto& [rpc, code, about] = key;
              samples.push_back({{{"rpc", rpc},
                                  {"code", NameOf(code)},
                                  {"reason_class", std::string(about)}},
                                 static_cast<double>(count)});
            }
            return samples;
          }};
}

Family Calls::durations() const {
  return {"bootseal_call_duration_seconds",
          "From a call's first byte to the last of its answer, uploads "
          "included.",
          Kind::kHistogram, [this] {
            std::vector<Sample> samples;
            for (const auto& [name, rpc] : rpcs_) {
              // Most are never called.
              if (!rpc.called) continue;
              samples.push_back({{{"rpc", name}}, 0, &rpc.seconds});
            }
            return samples;
          }};
}

Family Calls::in_progress() const {
  return {"bootseal_calls_in_progress", "Calls that are under way.",
          Kind::kGauge, [this] {
            std::vector<Sample> samples;
            for (const auto& [name, rpc] : rpcs_) {
              samples.push_back({{{"rpc", name}},
                                 static_cast<double>(rpc.in_progress.load())});
            }
            return samples;
          }};
}

}  // namespace bootseal::metrics
