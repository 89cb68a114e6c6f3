#include "client/cli/fwu_show.h"

#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "client/cli/arguments.h"
#include "client/cli/inspect_release.h"
#include "client/cli/text.h"
#include "client/release/metadata_words.h"
#include "client/release/release_file.h"

namespace bootseal::cli {
namespace {

using release::ReleaseFile;
using release::ReleaseFileKind;

absl::StatusOr<Description> Describe(const ReleaseFile& file) {
  switch (file.kind) {
    case ReleaseFileKind::kBundle:
      return DescribeBundle(*file.source);
    case ReleaseFileKind::kManifest:
      return DescribeManifest(file.front);
    case ReleaseFileKind::kMetadata:
      break;
  }
  return DescribeMetadata(file.front);
}

absl::StatusOr<Description> DescribeReplicas(const ReleaseFile& primary,
                                             const ReleaseFile& secondary) {
  ASSIGN_OR_RETURN(const release::FoundReplicas found,
                   release::FindReplicas(primary.front, secondary.front));
  release::Rows rows = release::MetadataRows(found.winner);
  rows.insert(rows.begin() + 1, {"replicas", release::ReplicaWords(found)});
  Description description;
  description.text = FormatTable(rows);
  description.json = release::ReplicaJson(found);
  return description;
}

absl::StatusOr<Description> DescribeAll(const std::vector<std::string>& paths) {
  std::vector<ReleaseFile> files;
  for (const std::string& path : paths) {
    ASSIGN_OR_RETURN(ReleaseFile file, release::OpenReleaseFile(path));
    if (paths.size() > 1 && file.kind != ReleaseFileKind::kMetadata) {
      return UsageError("REPLICA_EXPECTED",
                        absl::StrCat(path,
                                     " is no metadata; two files are taken for "
                                     "its replicas"));
    }
    files.push_back(std::move(file));
  }
  if (files.size() == 2) return DescribeReplicas(files[0], files[1]);
  return Describe(files[0]);
}

absl::StatusOr<ExitStatus> Show(Context& context,
                                const std::vector<std::string>& paths) {
  const auto description = DescribeAll(paths);
  if (!description.ok()) {
    return base::Annotate(description.status(), Printable(paths.front()));
  }
  PrintResult(context.format() == Format::kJson
                  ? description->json.text() + "\n"
                  : description->text);
  return ExitStatus::kDone;
}

}  // namespace

Action DeclareFwuShow(CLI::App& app) {
  const auto paths = std::make_shared<std::vector<std::string>>();
  app.add_option("file", *paths,
                 "metadata, manifest, bundle or verdict; two: primary and secondary "
                 "replica of metadata")
      ->required()
      ->expected(1, 2)
      ->check(NotEmpty());
  return [paths](Context& context) { return Show(context, *paths); };
}

}  // namespace bootseal::cli
