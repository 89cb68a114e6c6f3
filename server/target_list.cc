#include "server/target_list.h"

#include <algorithm>
#include <string>

#include "server/rpc_status.h"

namespace bootseal::server {
namespace {

bool MayAsk(const v1::Caller& caller, const v1::Target& target) {
  return std::any_of(target.requesters().begin(), target.requesters().end(),
                     [&caller](const std::string& role) {
                       return std::count(caller.roles().begin(),
                                         caller.roles().end(), role) > 0;
                     });
}

void AddTarget(const v1::Target& target, const PolicyInForce& policy,
               v1::ListTargetsReply* reply) {
  v1::Profile& listed = *reply->add_targets();
  const auto profile = policy.ProfileOf(target.name());
  if (profile.ok()) {
    listed = profile->proto();
    return;
  }
  *listed.mutable_target() = target;
  const v1::PinnedKey* key = policy.policy().FindKey(target.key());
  if (key != nullptr) listed.set_algorithm(key->algorithm());
  (*reply->mutable_not_serving())[target.name()] = ToFailure(profile.status());
}

}  // namespace

v1::ListTargetsReply TargetsFor(const v1::Caller& caller,
                                const PolicyInForce& policy) {
  v1::ListTargetsReply reply;
  for (const v1::Target& target : policy.policy().proto().targets()) {
    if (MayAsk(caller, target)) AddTarget(target, policy, &reply);
  }
  return reply;
}

}  // namespace bootseal::server
