#include "client/cli/fwu_bundle.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/pending_file.h"
#include "base/status.h"
#include "client/cli/approval_wait.h"
#include "client/cli/arguments.h"
#include "client/cli/believed_profile.h"
#include "client/cli/log_memory.h"
#include "client/cli/output.h"
#include "client/cli/output_places.h"
#include "client/cli/people_wait.h"
#include "client/cli/provisioning.h"
#include "client/cli/release.h"
#include "client/cli/release_request.h"
#include "client/cli/signed_already.h"
#include "client/cli/text.h"
#include "client/fwu/bundle.h"
#include "client/release/bundle_check.h"
#include "client/release/manifest_words.h"
#include "firmware/image/host/convert.h"
#include "server/trust/target_format.h"

namespace bootseal::cli {
namespace {

using image::host::VerifiedRelease;

struct Options {
  std::string target;
  std::string version;
  std::optional<std::uint32_t> security_counter;
  std::vector<std::string> components;
  ProvisioningOptions provisioning;
  std::string request_id;
  std::string wait;
  std::string receipt;
  std::string profile;
  std::string output;
  double timeout_seconds = 300;
};

// A component as it was given: NAME=FILE.
struct Component {
  std::string name;
  std::string path;
};

absl::StatusOr<Component> ParseComponent(const std::string& text) {
  const std::size_t sign = text.find('=');
  if (sign == 0 || sign == std::string::npos || sign + 1 == text.size()) {
    return UsageError("COMPONENT_INVALID",
                      absl::StrCat("component is \"", Printable(text),
                                   "\", expected NAME=FILE, for example "
                                   "fip=fip.bin"));
  }
  return Component{text.substr(0, sign), text.substr(sign + 1)};
}

absl::StatusOr<std::vector<Component>> ParseComponents(const Options& options) {
  std::vector<Component> components;
  for (const std::string& text : options.components) {
    ASSIGN_OR_RETURN(Component component, ParseComponent(text));
    for (const Component& other : components) {
      if (other.name != component.name) continue;
      return UsageError("COMPONENT_TWICE",
                        absl::StrCat("component ", Printable(component.name),
                                     " is given twice"));
    }
    components.push_back(std::move(component));
  }
  return components;
}

// After it is known that no output takes the place of one.
absl::StatusOr<std::vector<NamedFile>> OpenComponents(const Options& options) {
  ASSIGN_OR_RETURN(const std::vector<Component> components,
                   ParseComponents(options));
  OutputPlaces places{"bundle", options.output, options.receipt, {}};
  for (const Component& component : components) {
    places.inputs.push_back(component.path);
  }
  RETURN_IF_ERROR(CheckPlaces(places));
  std::vector<NamedFile> files;
  for (const Component& component : components) {
    auto file = release::UnchangedFile::Open(component.path);
    if (!file.ok()) return WithExit(file.status(), ExitStatus::kLocalFile);
    files.push_back({component.name, *std::move(file)});
  }
  return files;
}

// In the target's order, each of them.
absl::StatusOr<std::vector<NamedFile>> InOrder(const v1::Target& target,
                                               std::vector<NamedFile> files) {
  if (!target.has_release()) {
    return base::Precondition(
        "TARGET_NOT_RELEASE",
        absl::StrCat("target ", Printable(target.name()), " is for ",
                     trust::HowToAsk(target)));
  }
  std::vector<std::string> names;
  std::vector<NamedFile> ordered;
  for (const v1::ReleaseImage& image : target.release().images()) {
    names.push_back(image.name());
    for (NamedFile& file : files) {
      if (file.file && file.name == image.name()) {
        ordered.push_back(std::move(file));
      }
    }
  }
  if (ordered.size() == names.size() && ordered.size() == files.size()) {
    return ordered;
  }
  std::vector<std::string> given;
  for (const NamedFile& file : files) {
    if (file.file) given.push_back(Printable(file.name));
  }
  return UsageError(
      given.empty() ? "COMPONENT_MISSING" : "COMPONENT_UNKNOWN",
      absl::StrCat("the target's images are ", absl::StrJoin(names, ", "),
                   given.empty() ? "" : ", and not ",
                   absl::StrJoin(given, ", "),
                   "; give --component NAME=FILE for each, and no others"));
}

absl::StatusOr<release::ReleaseOrder> MakeReleaseOrder(
    const Options& options, const std::vector<NamedFile>& files) {
  release::ReleaseOrder order;
  v1::SignHeader& header = order.header;
  header.set_target(options.target);
  header.set_version(options.version);
  if (options.security_counter) {
    header.set_security_counter(*options.security_counter);
  }
  header.set_request_id(options.request_id.empty() ? RandomRequestId()
                                                   : options.request_id);
  if (options.provisioning.given()) {
    ASSIGN_OR_RETURN(*header.mutable_provisioning(),
                     ToProvisioning(options.provisioning));
  }
  std::uint64_t size = 0;
  for (const NamedFile& each : files) {
    v1::Component& component = *header.add_components();
    component.set_name(each.name);
    component.set_size(each.file->size());
    size += each.file->size();
    v1::ComponentDigest& digest = order.components.emplace_back();
    digest.set_name(each.name);
    digest.set_size(each.file->size());
    digest.set_sha256(each.file->sha256());
  }
  header.set_payload_size(size);
  return order;
}

struct Accepted {
  v1::SignReply reply;
  VerifiedRelease release;
};

absl::StatusOr<VerifiedRelease> Verify(const v1::Profile& profile,
                                       const release::ReleaseOrder& order,
                                       const v1::SignReply& reply,
                                       const LogKey& key) {
  ASSIGN_OR_RETURN(const auto trust, release::TrustOf(profile, key.text()));
  ASSIGN_OR_RETURN(
      VerifiedRelease opened,
      image::host::OpenRelease(reply.manifest(), reply.receipt(), trust));
  RETURN_IF_ERROR(
      release::CheckIsOrdered(profile.target(), order, opened.manifest()));
  RETURN_IF_ERROR(
      release::CheckIsOfTarget(profile.target(), opened.manifest()));
  return opened;
}

absl::StatusOr<TrustedCheckpoint> CheckpointOf(const LogKey& key,
                                               const v1::SignReply& reply) {
  ASSIGN_OR_RETURN(const std::string entry, EntryOfReceipt(reply.receipt()));
  return key.OpenReceipt(reply.receipt(), entry);
}

fwu::BundleParts PartsOf(const Accepted& accepted,
                         const std::vector<NamedFile>& files) {
  fwu::BundleParts parts;
  parts.head = {accepted.reply.manifest(), accepted.reply.receipt()};
  parts.metadata = accepted.release.manifest().metadata;
  for (const NamedFile& each : files) {
    parts.images.push_back({each.name, each.file});
  }
  return parts;
}

absl::Status WriteFiles(const Options& options, const Accepted& accepted,
                        const std::vector<NamedFile>& files) {
  ASSIGN_OR_RETURN(
      base::PendingFile bundle,
      fwu::PendingBundle(PartsOf(accepted, files), options.output));
  std::vector<base::PendingFile> pending;
  if (!options.receipt.empty()) {
    ASSIGN_OR_RETURN(
        base::PendingFile receipt,
        base::PendingFile::Write(options.receipt, accepted.reply.receipt()));
    pending.push_back(std::move(receipt));
  }
  pending.push_back(std::move(bundle));
  return base::PutInPlace(std::move(pending));
}

void Print(Format format, const Options& options,
           const release::ReleaseOrder& order, const Accepted& accepted) {
  const image::host::ReleaseManifest& manifest = accepted.release.manifest();
  const std::uint64_t index = accepted.release.log_index().value_or(0);
  if (format == Format::kJson) {
    PrintResult(JsonObject()
                    .Add("output", Json::Text(options.output))
                    .Add("request_id", Json::Text(order.header.request_id()))
                    .Add("log_index", Json::Number(index))
                    .Add("replayed", Json::Truth(accepted.reply.replayed()))
                    .Add("manifest", release::ManifestJson(manifest).Build())
                    .Build()
                    .text() +
                "\n");
    return;
  }
  release::Rows rows{{"bundle", Printable(options.output)}};
  for (auto& row : release::ManifestRows(manifest)) rows.push_back(row);
  rows.push_back({"receipt", absl::StrCat("log entry ", index)});
  rows.push_back({"request", Printable(order.header.request_id())});
  PrintResult(FormatTable(rows));
}

struct Prepared {
  std::vector<NamedFile> files;
  std::optional<v1::Profile> pinned;
  absl::Duration wait;
};

absl::StatusOr<Prepared> Prepare(const Options& options) {
  if (const auto version = image::host::ParseVersion(options.version);
      !version.ok()) {
    return WithExit(version.status(), ExitStatus::kUsage);
  }
  Prepared prepared;
  ASSIGN_OR_RETURN(prepared.files, OpenComponents(options));
  ASSIGN_OR_RETURN(prepared.pinned,
                   PinnedProfile(options.profile, options.target));
  ASSIGN_OR_RETURN(prepared.wait, WaitOf(options.wait));
  return prepared;
}

absl::StatusOr<ExitStatus> MakeBundle(Context& context,
                                      const Options& options) {
  ASSIGN_OR_RETURN(Prepared prepared, Prepare(options));
  ASSIGN_OR_RETURN(const LogKey key, context.ReadLogKey());
  ASSIGN_OR_RETURN(const Connection* const connection, context.Connect());
  ASSIGN_OR_RETURN(const LogMemory memory, LogMemory::Open(key));
  const absl::Time deadline =
      absl::Now() + absl::Seconds(options.timeout_seconds);
  std::optional<v1::Profile> profile = prepared.pinned;
  if (!profile) {
    ASSIGN_OR_RETURN(profile, AskForProfile(*connection, options.target,
                                            deadline - absl::Now()));
  }
  // Asked for a release, the server says what is wrong with a target it does
  // not show.
  if (profile) {
    ASSIGN_OR_RETURN(prepared.files,
                     InOrder(profile->target(), std::move(prepared.files)));
  }
  ASSIGN_OR_RETURN(const release::ReleaseOrder order,
                   MakeReleaseOrder(options, prepared.files));
  const auto ask = [&](absl::Duration most) {
    const absl::Duration left = deadline - absl::Now() + prepared.wait;
    return RequestRelease(*connection, order.header, prepared.files,
                          std::min(left, most));
  };
  ASSIGN_OR_RETURN(v1::SignReply reply,
                   AskUntilApproved(*connection, ask, prepared.wait));
  ASSIGN_OR_RETURN(const v1::Profile believed,
                   BelievedProfile(options.target, prepared.pinned, reply));
  ASSIGN_OR_RETURN(VerifiedRelease opened, Verify(believed, order, reply, key));
  ASSIGN_OR_RETURN(const TrustedCheckpoint checkpoint,
                   CheckpointOf(key, reply));
  const std::string& id = order.header.request_id();
  RETURN_IF_ERROR(
      AfterSigning(memory.Accept(*connection, checkpoint,
                                 absl::Seconds(options.timeout_seconds)),
                   id));
  const Accepted accepted{std::move(reply), std::move(opened)};
  RETURN_IF_ERROR(
      AfterSigning(WriteFiles(options, accepted, prepared.files), id));
  Print(context.format(), options, order, accepted);
  return ExitStatus::kDone;
}

}  // namespace

Action DeclareFwuBundle(CLI::App& app) {
  const auto options = std::make_shared<Options>();
  app.add_option("--target", options->target, "entry of the policy")
      ->required()
      ->check(PlainText());
  app.add_option("--version", options->version,
                 "major[.minor[.revision[+build]]]")
      ->required()
      ->check(PlainText());
  app.add_option("--security-counter", options->security_counter,
                 "default: as the target says")
      ->transform(WholeNumber32());
  app.add_option("--component", options->components,
                 "NAME=FILE, an image of the target; again for each")
      ->required()
      ->allow_extra_args(false)
      ->check(NotEmpty());
  DeclareProvisioning(app, options->provisioning);
  app.add_option("--request-id", options->request_id,
                 "the same id with the same images gets the same release; "
                 "default: random")
      ->check(RequestId());
  app.add_option("--profile", options->profile,
                 "demand the target and key of this file too")
      ->check(NotEmpty());
  app.add_option("--receipt", options->receipt,
                 "write the proof to a file of its own too")
      ->check(NotEmpty());
  app.add_option("--timeout", options->timeout_seconds,
                 "seconds for all attempts together, and as many for the proof "
                 "of the log once it is signed")
      ->check(PositiveSeconds());
  app.add_option("--wait", options->wait,
                 "for people to approve, for example 30m; default: end with "
                 "status 3, and the same command later gets it")
      ->check(NotEmpty());
  app.add_option("-o,--output", options->output, "a tar")
      ->required()
      ->check(NotEmpty());
  return [options](Context& context) { return MakeBundle(context, *options); };
}

}  // namespace bootseal::cli
