#include "server/key_service.h"

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "firmware/image/crypto.h"
#include "firmware/image/host/convert.h"
#include "server/call.h"
#include "server/refusals.h"
#include "server/rpc_status.h"

namespace bootseal::server {
namespace {

void AddToken(const hsm::KeyInfo& info, v1::Key& key) {
  // As the bootloaders compare it: P-384 images are hashed with SHA-384.
  const auto hash = key.algorithm() == v1::P384 ? image::HashAlgorithm::kSha384
                                                : image::HashAlgorithm::kSha256;
  const image::Digest digest =
      image::HashOf(hash, image::host::AsBytes(info.public_key));
  key.set_public_key(info.public_key);
  key.set_key_hash(image::host::ToString(digest.bytes()));
  v1::KeyAttributes& attributes = *key.mutable_attributes();
  attributes.set_sensitive(info.sensitive);
  attributes.set_extractable(info.extractable);
  attributes.set_never_extractable(info.never_extractable);
  attributes.set_local(info.local);
  attributes.set_token_label(info.token_label);
  attributes.set_token_serial(info.token_serial);
  attributes.set_id(info.id);
}

void RecordRefusal(const Environment& environment, const PolicyInForce& policy,
                   const v1::Caller& caller,
                   const v1::ChangeKeyRequest& request,
                   const absl::Status& why) {
  v1::Entry entry;
  entry.set_time_unix_ms(absl::ToUnixMillis(environment.clock.Now()));
  *entry.mutable_caller() = caller;
  entry.set_policy_sha256(policy.policy().sha256());
  entry.set_request_id(Shortened(request.request_id()));
  v1::KeyEvent& event = *entry.mutable_key();
  event.mutable_change()->set_action(request.change().action());
  event.mutable_change()->set_key(Shortened(request.change().key()));
  event.mutable_change()->set_replaces(Shortened(request.change().replaces()));
  event.set_decision(v1::REFUSED);
  event.set_reason(Shortened(std::string(why.message())));
  environment.refusals.Record(entry);
}

bool IsRefusal(const absl::Status& status) {
  return absl::IsInvalidArgument(status) || absl::IsNotFound(status) ||
         absl::IsPermissionDenied(status) || absl::IsFailedPrecondition(status);
}

}  // namespace

v1::Key KeyService::Describe(const PolicyInForce& policy,
                             const v1::PinnedKey& pinned) const {
  v1::Key key;
  key.set_name(pinned.name());
  key.set_algorithm(pinned.algorithm());
  key.set_purpose(pinned.purpose());
  if (pinned.name() == environment_.checkpoint_key.name) {
    key.set_serving(true);
    AddToken(environment_.checkpoint_key, key);
    return key;
  }
  const hsm::ServingKey* found = policy.FindKey(pinned.name());
  if (found == nullptr) {
    key.set_not_serving_reason(
        pinned.purpose() == v1::CANARY
            ? "a canary signs for no target; readiness tells whether it signs"
            : "this server does not use the key");
    return key;
  }
  const absl::Status serves = policy.CheckServes(pinned);
  key.set_serving(serves.ok());
  key.set_not_serving_reason(std::string(serves.message()));
  if (!found->info.public_key.empty()) AddToken(found->info, key);
  return key;
}

grpc::Status KeyService::ListKeys(grpc::ServerContext* context,
                                  const v1::ListKeysRequest*,
                                  v1::ListKeysReply* reply) {
  const auto policy = environment_.policies.Current();
  const auto caller = ReceiveWith(v1::READ_KEYS, *context, environment_,
                                  *policy, "KeyService.ListKeys");
  if (!caller.ok()) return ToRpcStatus(caller.status());
  for (const v1::PinnedKey& pinned : policy->policy().proto().keys()) {
    *reply->add_keys() = Describe(*policy, pinned);
  }
  return grpc::Status::OK;
}

grpc::Status KeyService::GetKey(grpc::ServerContext* context,
                                const v1::GetKeyRequest* request,
                                v1::Key* reply) {
  const auto policy = environment_.policies.Current();
  const auto caller = ReceiveWith(v1::READ_KEYS, *context, environment_,
                                  *policy, "KeyService.GetKey");
  if (!caller.ok()) return ToRpcStatus(caller.status());
  const v1::PinnedKey* pinned = policy->policy().FindKey(request->name());
  if (pinned == nullptr) {
    return ToRpcStatus(base::FailField(
        absl::StatusCode::kNotFound, "UNKNOWN_KEY", "name",
        absl::StrCat("the policy has no key ", request->name())));
  }
  *reply = Describe(*policy, *pinned);
  return grpc::Status::OK;
}

grpc::Status KeyService::ChangeKey(grpc::ServerContext* context,
                                   const v1::ChangeKeyRequest* request,
                                   v1::ChangeKeyReply* reply) {
  RequestLine line("ChangeKey");
  line.SetTrace(TraceOf(*context));
  const auto policy = environment_.policies.Current();
  line.SetRequest(request->change().key(), request->request_id());
  const auto caller = Receive(*context, environment_, *policy, line);
  const absl::Status allowed =
      caller.ok() ? Demand(v1::MANAGE_KEYS, *caller, environment_, *policy,
                           "KeyService.ChangeKey")
                  : caller.status();
  if (!allowed.ok()) {
    line.Write(allowed);
    return ToRpcStatus(allowed);
  }
  auto answer =
      environment_.key_changes.Ask(policy->policy(), *caller, *request);
  line.Write(answer.status());
  if (IsRefusal(answer.status())) {
    RecordRefusal(environment_, *policy, *caller, *request, answer.status());
  }
  if (answer.ok()) *reply = *std::move(answer);
  return ToRpcStatus(answer.status());
}

}  // namespace bootseal::server
