#include "client/cli/profile_source.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/file.h"
#include "base/status.h"
#include "bootseal/v1/signing.grpc.pb.h"
#include "client/cli/exit_status.h"
#include "server/trust/profile.h"

namespace bootseal::cli {
namespace {

constexpr std::size_t kMaxProfileBytes = 1024 * 1024;

}  // namespace

absl::StatusOr<v1::Profile> LoadProfile(const std::string& path) {
  ASSIGN_OR_RETURN(const std::string text,
                   base::ReadFile(path, kMaxProfileBytes));
  absl::StatusOr<v1::Profile> profile = trust::ParseProfile(text);
  if (profile.ok()) return profile;
  return WithExit(
      base::Annotate(profile.status(), absl::StrCat("profile ", path)),
      ExitStatus::kLocalFile);
}

absl::StatusOr<std::vector<v1::Profile>> FetchProfiles(
    const Connection& connection) {
  const auto stub = v1::SigningService::NewStub(connection.channel());
  ASSIGN_OR_RETURN(
      const v1::ListTargetsReply reply,
      connection.Unary(*stub, &v1::SigningService::Stub::ListTargets,
                       v1::ListTargetsRequest()));
  return std::vector<v1::Profile>(reply.targets().begin(),
                                  reply.targets().end());
}

absl::StatusOr<v1::Profile> FetchProfile(const Connection& connection,
                                         const std::string& target) {
  ASSIGN_OR_RETURN(const std::vector<v1::Profile> profiles,
                   FetchProfiles(connection));
  std::vector<std::string> names;
  for (const v1::Profile& profile : profiles) {
    if (profile.target().name() == target) return profile;
    names.push_back(profile.target().name());
  }
  return base::NotFound(
      "UNKNOWN_TARGET",
      absl::StrCat("no target named \"", target, "\" that we may ask for; ",
                   names.empty() ? "there is none"
                                 : absl::StrCat("there are: ",
                                                absl::StrJoin(names, ", "))));
}

absl::StatusOr<v1::Profile> ReadProfile(Context& context,
                                        const ProfileSource& source) {
  if (source.target.empty() == source.profile.empty()) {
    return UsageError("TARGET_MISSING",
                      "give --target, or --profile to work offline, and not "
                      "both");
  }
  if (!source.profile.empty()) return LoadProfile(source.profile);
  ASSIGN_OR_RETURN(const Connection* const connection, context.Connect());
  return FetchProfile(*connection, source.target);
}

}  // namespace bootseal::cli
