#include "client/cli/fwu_check.h"

#include <CLI/CLI.hpp>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/file.h"
#include "base/status.h"
#include "client/cli/arguments.h"
#include "client/cli/key_in_use.h"
#include "client/cli/profile_source.h"
#include "client/cli/text.h"
#include "client/fwu/bundle.h"
#include "client/release/bundle_check.h"
#include "client/release/manifest_words.h"
#include "client/release/metadata_words.h"
#include "client/release/readers.h"
#include "client/release/release_file.h"
#include "client/release/verdict_words.h"
#include "firmware/image/host/convert.h"
#include "server/trust/overlap.h"
#include "server/trust/release_format.h"

namespace bootseal::cli {
namespace {

using image::host::VerifiedRelease;
using release::ReleaseFile;
using release::ReleaseFileKind;

struct Options {
  std::vector<std::string> files;
  std::vector<std::string> readers;
  ProfileSource source;
  std::string receipt;
};

absl::StatusOr<v1::Profile> ProfileOfRelease(Context& context,
                                             const ProfileSource& source) {
  ASSIGN_OR_RETURN(v1::Profile profile, ReadProfile(context, source));
  if (profile.target().has_release()) return profile;
  return base::Precondition(
      "TARGET_NOT_RELEASE",
      absl::StrCat("target ", Printable(profile.target().name()),
                   " has no release format, and makes no bundles"));
}

// Which readers are asked, and whether one of them is enough.
struct Demand {
  std::vector<image::host::MetadataReader> readers;
  bool any_is_enough = false;
  std::optional<v1::Profile> profile;
};

absl::StatusOr<Demand> DemandOf(Context& context, const Options& options) {
  Demand demand;
  ASSIGN_OR_RETURN(demand.readers, release::ParseReaders(options.readers));
  const bool profile =
      !options.source.target.empty() || !options.source.profile.empty();
  if (profile) {
    ASSIGN_OR_RETURN(demand.profile, ProfileOfRelease(context, options.source));
    ASSIGN_OR_RETURN(const auto more,
                     release::ReadersOf(demand.profile->target().release()));
    demand.readers.insert(demand.readers.end(), more.begin(), more.end());
  }
  if (demand.readers.empty()) {
    demand.readers = image::host::AllReaders();
    demand.any_is_enough = true;
  }
  return demand;
}

// The metadata that counts, and what is wrong with it as a pair.
struct Looked {
  release::FoundReplicas found;
  absl::Status replicas;
};

absl::StatusOr<Looked> Look(const std::vector<ReleaseFile>& files) {
  Looked looked;
  if (files.size() == 1) {
    ASSIGN_OR_RETURN(looked.found.winner,
                     release::FindMetadata(files[0].front));
    return looked;
  }
  ASSIGN_OR_RETURN(looked.found,
                   release::FindReplicas(files[0].front, files[1].front));
  if (looked.found.other != image::Error::kOk) {
    looked.replicas = base::Precondition(
        image::host::NameOf(looked.found.other),
        absl::StrCat(release::ReplicaWords(looked.found),
                     "; on the device: bootseal-fwu repair"));
  }
  return looked;
}

absl::StatusOr<ExitStatus> CheckMetadata(
    Context& context, const Options& options,
    const std::vector<ReleaseFile>& files) {
  ASSIGN_OR_RETURN(const Demand demand, DemandOf(context, options));
  const auto looked = Look(files);
  if (!looked.ok()) {
    return base::Annotate(looked.status(), Printable(files[0].path));
  }
  const release::FoundMetadata& found = looked->found.winner;
  const auto readings = release::TryReaders(demand.readers, found);
  if (context.format() == Format::kJson) {
    JsonObject json;
    if (files.size() == 2) {
      json.Add("replicas", release::ReplicaJson(looked->found));
    }
    PrintResult(
        json.Add("readers", release::ReadingJson(readings)).Build().text() +
        "\n");
  } else {
    if (files.size() == 2) {
      PrintResult(absl::StrCat(
          "replicas: ", release::ReplicaWords(looked->found), "\n"));
    }
    PrintResult(FormatTable(release::ReadingRows(readings)));
  }
  RETURN_IF_ERROR(looked->replicas);
  RETURN_IF_ERROR(release::CheckAgrees(found.metadata));
  if (demand.profile) {
    RETURN_IF_ERROR(
        trust::CheckIsOf(demand.profile->target().release(), found.metadata));
  }
  RETURN_IF_ERROR(demand.any_is_enough ? release::CheckOneReads(readings)
                                       : release::CheckAllRead(readings));
  return ExitStatus::kDone;
}

absl::StatusOr<VerifiedRelease> OpenManifest(const Options& options,
                                             const ReleaseFile& file,
                                             const v1::Profile& profile,
                                             const LogKey& key) {
  if (release::LooksLikeVerdict(file.front)) {
    return base::Precondition(
        "RELEASE_EXPECTED",
        "it is a verdict on a release: `bootseal fwu show` tells what it says, "
        "and a device proves it: bootseal-fwu accept --statement FILE");
  }
  ASSIGN_OR_RETURN(const auto trust, release::TrustOf(profile, key.text()));
  std::string receipt;
  if (!options.receipt.empty()) {
    ASSIGN_OR_RETURN(receipt,
                     base::ReadFile(options.receipt, fwu::kMaxReceiptBytes));
  }
  ASSIGN_OR_RETURN(VerifiedRelease opened,
                   image::host::OpenRelease(file.front, receipt, trust));
  RETURN_IF_ERROR(
      release::CheckIsOfTarget(profile.target(), opened.manifest()));
  return opened;
}

// By each key that devices trust: a bundle streams past, once for each.
absl::StatusOr<VerifiedRelease> OpenByAnyKey(const Options& options,
                                             ReleaseFile& file, KeyInUse& found,
                                             const LogKey& key) {
  absl::Status first;
  for (v1::Profile& profile : trust::ProfilesByKey(found.profile)) {
    if (!first.ok()) {
      ASSIGN_OR_RETURN(file, release::OpenReleaseFile(file.path));
    }
    auto opened =
        file.kind == ReleaseFileKind::kBundle
            ? release::CheckBundle(std::move(file.source), profile, key.text())
            : OpenManifest(options, file, profile, key);
    if (opened.ok()) {
      found.profile = std::move(profile);
      return opened;
    }
    if (first.ok()) first = opened.status();
  }
  return first;
}

void PrintGood(Format format, const ReleaseFile& file, const KeyInUse& key,
               const VerifiedRelease& opened) {
  const image::host::ReleaseManifest& manifest = opened.manifest();
  const bool whole = file.kind == ReleaseFileKind::kBundle;
  const std::uint64_t index = opened.log_index().value_or(0);
  if (format == Format::kJson) {
    JsonObject json;
    json.Add("good", Json::Truth(true))
        .Add("file", Json::Text(file.path))
        .Add("images_checked", Json::Truth(whole))
        .Add("log_index", Json::Number(index))
        .Add("manifest", release::ManifestJson(manifest).Build());
    AddKey(key, json);
    PrintResult(json.Build().text() + "\n");
    return;
  }
  PrintResult(absl::StrCat(
      Printable(file.path), ": ", whole ? "bundle" : "manifest (no images)",
      " of target ", Printable(manifest.target), ", version ",
      image::host::FormatVersion(manifest.version), ", security counter ",
      manifest.security_counter, ", ", manifest.images.size(), " ",
      manifest.images.size() == 1 ? "image" : "images", ", log entry ", index,
      KeyWords(key), "\n"));
}

absl::StatusOr<ExitStatus> CheckSigned(Context& context, const Options& options,
                                       ReleaseFile file) {
  ASSIGN_OR_RETURN(const v1::Profile profile,
                   ProfileOfRelease(context, options.source));
  ASSIGN_OR_RETURN(const LogKey key, context.ReadLogKey());
  ASSIGN_OR_RETURN(const auto readers, release::ParseReaders(options.readers));
  KeyInUse in_use{profile, profile.target().key(),
                  profile.target().overlap_keys().empty()};
  const auto opened = OpenByAnyKey(options, file, in_use, key);
  if (!opened.ok()) {
    return base::Annotate(opened.status(), Printable(file.path));
  }
  ASSIGN_OR_RETURN(const release::FoundMetadata found,
                   release::FindMetadata(opened->manifest().metadata));
  RETURN_IF_ERROR(release::CheckAllRead(release::TryReaders(readers, found)));
  PrintGood(context.format(), file, in_use, *opened);
  return ExitStatus::kDone;
}

absl::StatusOr<ExitStatus> Check(Context& context, const Options& options) {
  std::vector<ReleaseFile> files;
  for (const std::string& path : options.files) {
    ASSIGN_OR_RETURN(ReleaseFile file, release::OpenReleaseFile(path));
    const bool is_signed = file.kind != ReleaseFileKind::kMetadata;
    if (is_signed && options.files.size() > 1) {
      return UsageError("REPLICA_EXPECTED",
                        absl::StrCat(Printable(path),
                                     " is no metadata; two files are taken for "
                                     "its replicas"));
    }
    if (is_signed) return CheckSigned(context, options, std::move(file));
    files.push_back(std::move(file));
  }
  return CheckMetadata(context, options, files);
}

}  // namespace

Action DeclareFwuCheck(CLI::App& app) {
  const auto options = std::make_shared<Options>();
  app.add_option("file", options->files,
                 "metadata (two: primary and secondary replica), manifest or "
                 "bundle")
      ->required()
      ->expected(1, 2)
      ->check(NotEmpty());
  app.add_option("--reader", options->readers,
                 "demand that it reads the metadata; may be repeated; default: "
                 "a table of all")
      ->allow_extra_args(false)
      ->check(PlainText());
  app.add_option("--target", options->source.target,
                 "demand what this target demands; ask the server")
      ->check(PlainText());
  app.add_option("--profile", options->source.profile,
                 "the same, offline, with a file of `targets export`")
      ->check(NotEmpty());
  app.add_option("--receipt", options->receipt,
                 "of a manifest; a bundle has its own")
      ->check(NotEmpty());
  return [options](Context& context) { return Check(context, *options); };
}

}  // namespace bootseal::cli
