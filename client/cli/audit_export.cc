#include "client/cli/audit_export.h"

#include <CLI/CLI.hpp>
#include <array>
#include <memory>
#include <string>
#include <vector>

#include "absl/time/clock.h"
#include "client/cli/arguments.h"
#include "client/cli/audit_export_lines.h"
#include "client/cli/audit_export_tiles.h"
#include "client/cli/audit_filter.h"

namespace bootseal::cli {
namespace {

struct Options {
  std::string format;
  std::string output;
  AuditFilter filter;
};

struct ExportFormat {
  const char* name;
  absl::StatusOr<ExitStatus> (*write)(Context& context,
                                      const AuditFilter& filter,
                                      const std::string& output);
};

// Tiles are of a whole tree.
absl::StatusOr<ExitStatus> ExportAllTiles(Context& context,
                                          const AuditFilter& filter,
                                          const std::string& output) {
  const v1::ListEntriesRequest none;
  if (ToRequest(filter, absl::Now()).ByteSizeLong() == none.ByteSizeLong()) {
    return ExportTiles(context, output);
  }
  return UsageError("USAGE",
                    "tiles hold the whole log; leave the filters out, or take "
                    "--format csv or json");
}

constexpr std::array<ExportFormat, 3> kFormats{{
    {"csv", ExportCsv},
    {"json", ExportJson},
    {"tiles", ExportAllTiles},
}};

std::vector<std::string> Names() {
  std::vector<std::string> names;
  for (const ExportFormat& format : kFormats) names.push_back(format.name);
  return names;
}

absl::StatusOr<ExitStatus> Export(Context& context, const Options& options) {
  for (const ExportFormat& format : kFormats) {
    if (format.name == options.format) {
      return format.write(context, options.filter, options.output);
    }
  }
  return UsageError("USAGE", "no such format");
}

}  // namespace

Action DeclareAuditExport(CLI::App& app) {
  const auto options = std::make_shared<Options>();
  app.add_option("--format", options->format,
                 "csv, json (a line for each entry), or tiles: a folder that "
                 "tlog-tiles tools read")
      ->required()
      ->default_str("")
      ->check(CLI::IsMember(Names()));
  app.add_option("-o,--output", options->output,
                 "file, or folder; tiles continue an earlier export there")
      ->required()
      ->default_str("")
      ->check(NotEmpty());
  DeclareAuditFilter(app, options->filter);
  return [options](Context& context) { return Export(context, *options); };
}

}  // namespace bootseal::cli
