#include "server/key_service.h"

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "firmware/image/crypto.h"
#include "firmware/image/host/convert.h"
#include "server/call.h"
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
    key.set_not_serving_reason("this server does not use the key");
    return key;
  }
  key.set_serving(found->status.ok());
  key.set_not_serving_reason(std::string(found->status.message()));
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

}  // namespace bootseal::server
