#include "client/cli/imgtool_key.h"

#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "base/status.h"
#include "bootseal/v1/keys.grpc.pb.h"
#include "bootseal/v1/policy.pb.h"
#include "client/cli/encrypted_image.h"
#include "client/cli/imgtool_server.h"
#include "client/cli/profile_source.h"
#include "client/cli/public_key.h"

namespace bootseal::cli {
namespace {

constexpr absl::string_view kKeyPrefix = "key/";

absl::StatusOr<imgtool::KeyOnServer> KeyOf(const ListedTarget& target) {
  RETURN_IF_ERROR(target.serving);
  const v1::Profile& profile = target.profile;
  imgtool::KeyOnServer key;
  ASSIGN_OR_RETURN(key.pem, ToPem(profile.algorithm(), profile.public_key()));
  key.target = profile.target().name();
  key.judge = [profile](absl::string_view image) {
    return JudgeFile(profile, image).status();
  };
  return key;
}

// Who may ask for no target with it may yet see the key.
absl::StatusOr<imgtool::KeyOnServer> AskKeyService(const Connection& connection,
                                                   const std::string& name) {
  const auto stub = v1::KeyService::NewStub(connection.channel());
  v1::GetKeyRequest request;
  request.set_name(name);
  ASSIGN_OR_RETURN(
      const v1::Key key,
      connection.Unary(*stub, &v1::KeyService::Stub::GetKey, request));
  imgtool::KeyOnServer found;
  ASSIGN_OR_RETURN(found.pem, ToPem(key.algorithm(), key.public_key()));
  return found;
}

std::vector<const ListedTarget*> UsersOf(
    const std::vector<ListedTarget>& targets, absl::string_view key) {
  std::vector<const ListedTarget*> users;
  for (const ListedTarget& each : targets) {
    if (each.profile.target().key() == key) users.push_back(&each);
  }
  return users;
}

absl::StatusOr<imgtool::KeyOnServer> FindByKey(
    const Connection& connection, const std::vector<ListedTarget>& targets,
    const std::string& name) {
  const auto users = UsersOf(targets, name);
  if (users.empty()) return AskKeyService(connection, name);
  ASSIGN_OR_RETURN(imgtool::KeyOnServer key, KeyOf(*users.front()));
  // Several bootloaders: none of them is the one that was meant.
  if (users.size() > 1) {
    key.target.clear();
    key.judge = nullptr;
  }
  return key;
}

absl::StatusOr<imgtool::KeyOnServer> FindByTarget(
    const std::vector<ListedTarget>& targets, const std::string& name) {
  std::vector<v1::Profile> profiles;
  for (const ListedTarget& each : targets) profiles.push_back(each.profile);
  imgtool::ServerOrder order;
  order.signer = name;
  RETURN_IF_ERROR(FindSigner(profiles, order).status());
  for (const ListedTarget& each : targets) {
    if (each.profile.target().name() == name) return KeyOf(each);
  }
  return base::Internal("a target that was found is not there");
}

}  // namespace

absl::StatusOr<imgtool::KeyOnServer> FindKeyOnServer(
    Context& context, const std::string& signer) {
  ASSIGN_OR_RETURN(const Connection* const connection, context.Connect());
  ASSIGN_OR_RETURN(const std::vector<ListedTarget> targets,
                   FetchTargets(*connection));
  if (!absl::StartsWith(signer, kKeyPrefix)) {
    return FindByTarget(targets, signer);
  }
  return FindByKey(*connection, targets, signer.substr(kKeyPrefix.size()));
}

}  // namespace bootseal::cli
