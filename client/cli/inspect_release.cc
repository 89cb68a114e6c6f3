#include "client/cli/inspect_release.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "client/cli/text.h"
#include "client/fwu/bundle.h"
#include "client/release/manifest_words.h"
#include "client/release/metadata_file.h"
#include "client/release/metadata_words.h"
#include "client/release/verdict_words.h"
#include "firmware/image/transparency/note.h"

namespace bootseal::cli {
namespace {

constexpr char kUnchecked[] = " (not checked; `bootseal fwu check` does)";

std::string ReceiptWords(absl::string_view receipt) {
  if (receipt.empty()) return "none";
  const auto proof =
      image::transparency::ParseProofFile({receipt.data(), receipt.size()});
  if (!proof.ok()) return "malformed";
  return absl::StrCat("log entry ", proof->index);
}

absl::StatusOr<Description> Describe(absl::string_view words,
                                     absl::string_view format,
                                     const fwu::BundleHead& head,
                                     const release::Rows& more) {
  ASSIGN_OR_RETURN(const auto manifest, release::ReadUnproven(head.envelope));
  release::Rows rows{{"format", absl::StrCat(words, kUnchecked)}};
  for (auto& row : release::ManifestRows(manifest)) rows.push_back(row);
  rows.insert(rows.end(), more.begin(), more.end());
  Description description;
  description.text = FormatTable(rows);
  JsonObject json;
  json.Add("format", Json::Text(format))
      .Add("manifest", release::ManifestJson(manifest).Build());
  if (!more.empty()) {
    json.Add("receipt", Json::Text(ReceiptWords(head.receipt)));
  }
  description.json = json.Build();
  return description;
}

absl::StatusOr<Description> DescribeVerdict(absl::string_view bytes) {
  ASSIGN_OR_RETURN(const auto verdict, release::ReadUnprovenVerdict(bytes));
  release::Rows rows{
      {"format",
       "release verdict (not checked; `bootseal-fwu accept` or reject does)"}};
  for (auto& row : release::VerdictRows(verdict)) rows.push_back(row);
  Description description;
  description.text = FormatTable(rows);
  description.json = JsonObject()
                         .Add("format", Json::Text("release-verdict"))
                         .Add("verdict", release::VerdictJson(verdict).Build())
                         .Build();
  return description;
}

}  // namespace

absl::StatusOr<Description> DescribeMetadata(absl::string_view bytes) {
  ASSIGN_OR_RETURN(const release::FoundMetadata found,
                   release::FindMetadata(bytes));
  Description description;
  description.text = FormatTable(release::MetadataRows(found));
  description.json = release::MetadataJson(found);
  return description;
}

absl::StatusOr<Description> DescribeManifest(absl::string_view bytes) {
  if (release::LooksLikeVerdict(bytes)) return DescribeVerdict(bytes);
  return Describe("release manifest", "release-manifest",
                  {std::string(bytes), ""}, {});
}

absl::StatusOr<Description> DescribeBundle(fwu::ByteSource& source) {
  ASSIGN_OR_RETURN(const fwu::BundleHead head, fwu::ReadBundleHead(source));
  return Describe("release bundle", "release-bundle", head,
                  {{"receipt", ReceiptWords(head.receipt)}});
}

absl::StatusOr<Description> DescribeBundleBytes(absl::string_view bytes) {
  return DescribeBundle(*fwu::FromMemory(bytes));
}

}  // namespace bootseal::cli
