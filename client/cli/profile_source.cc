#include "client/cli/profile_source.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/file.h"
#include "base/status.h"
#include "bootseal/v1/signing.grpc.pb.h"
#include "client/cli/exit_status.h"
#include "server/trust/profile.h"
#include "server/trust/target_profile.h"

namespace bootseal::cli {
namespace {

constexpr std::size_t kMaxProfileBytes = 1024 * 1024;

// Whether the verifier gets its rules from it.
absl::StatusOr<v1::Profile> Judging(v1::Profile profile) {
  RETURN_IF_ERROR(trust::TargetProfile::Make(profile).status());
  return profile;
}

absl::StatusOr<v1::Profile> ParseJudging(absl::string_view text) {
  ASSIGN_OR_RETURN(v1::Profile profile, trust::ParseProfile(text));
  return Judging(std::move(profile));
}

absl::Status NotServing(const v1::Target& target, const v1::Failure* why) {
  return base::Precondition(
      "KEY_NOT_SERVING",
      absl::StrCat("key \"", target.key(), "\" of target \"", target.name(),
                   "\" does not serve: ",
                   why == nullptr ? std::string("the server does not say why")
                                  : absl::StrCat(why->message(), " (",
                                                 why->reason(), ")")));
}

absl::Status ServingOf(const v1::ListTargetsReply& reply,
                       const v1::Profile& profile) {
  const auto why = reply.not_serving().find(profile.target().name());
  if (why != reply.not_serving().end()) {
    return NotServing(profile.target(), &why->second);
  }
  return profile.public_key().empty() ? NotServing(profile.target(), nullptr)
                                      : absl::OkStatus();
}

absl::Status UnknownTarget(const std::string& target,
                           const std::vector<std::string>& known) {
  return base::NotFound(
      "UNKNOWN_TARGET",
      absl::StrCat(
          "no target named \"", target, "\" that we may ask for; ",
          known.empty()
              ? std::string("there is none: a server shows targets "
                            "only to those who may ask for them")
              : absl::StrCat("there are: ", absl::StrJoin(known, ", "))));
}

}  // namespace

absl::StatusOr<v1::Profile> LoadProfile(const std::string& path) {
  ASSIGN_OR_RETURN(const std::string text,
                   base::ReadFile(path, kMaxProfileBytes));
  absl::StatusOr<v1::Profile> profile = ParseJudging(text);
  if (profile.ok()) return profile;
  return WithExit(
      base::Annotate(profile.status(), absl::StrCat("profile ", path)),
      ExitStatus::kLocalFile);
}

absl::StatusOr<std::vector<ListedTarget>> FetchTargets(
    const Connection& connection) {
  const auto stub = v1::SigningService::NewStub(connection.channel());
  ASSIGN_OR_RETURN(
      const v1::ListTargetsReply reply,
      connection.Unary(*stub, &v1::SigningService::Stub::ListTargets,
                       v1::ListTargetsRequest()));
  std::vector<ListedTarget> targets;
  for (const v1::Profile& profile : reply.targets()) {
    targets.push_back({profile, ServingOf(reply, profile)});
  }
  return targets;
}

absl::StatusOr<v1::Profile> FetchProfile(const Connection& connection,
                                         const std::string& target) {
  ASSIGN_OR_RETURN(const std::vector<ListedTarget> listed,
                   FetchTargets(connection));
  std::vector<std::string> names;
  for (const ListedTarget& each : listed) {
    names.push_back(each.profile.target().name());
    if (names.back() != target) continue;
    RETURN_IF_ERROR(each.serving);
    return Judging(each.profile);
  }
  return UnknownTarget(target, names);
}

absl::StatusOr<v1::Profile> ReadProfile(Context& context,
                                        const ProfileSource& source) {
  if (source.target.empty() && source.profile.empty()) {
    return UsageError("TARGET_MISSING",
                      "give --target, or --profile to work offline");
  }
  if (!source.target.empty() && !source.profile.empty()) {
    return UsageError("TARGET_AND_PROFILE",
                      "give --target, or --profile to work offline, and not "
                      "both");
  }
  if (!source.profile.empty()) return LoadProfile(source.profile);
  ASSIGN_OR_RETURN(const Connection* const connection, context.Connect());
  return FetchProfile(*connection, source.target);
}

}  // namespace bootseal::cli
