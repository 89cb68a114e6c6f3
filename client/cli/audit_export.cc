#include "client/cli/audit_export.h"

#include <CLI/CLI.hpp>
#include <array>
#include <memory>
#include <string>
#include <vector>

#include "client/cli/arguments.h"
#include "client/cli/audit_export_tiles.h"

namespace bootseal::cli {
namespace {

struct Options {
  std::string format;
  std::string output;
};

struct ExportFormat {
  const char* name;
  absl::StatusOr<ExitStatus> (*write)(Context& context,
                                      const std::string& output);
};

constexpr std::array<ExportFormat, 1> kFormats{{
    {"tiles", ExportTiles},
}};

std::vector<std::string> Names() {
  std::vector<std::string> names;
  for (const ExportFormat& format : kFormats) names.push_back(format.name);
  return names;
}

absl::StatusOr<ExitStatus> Export(Context& context, const Options& options) {
  for (const ExportFormat& format : kFormats) {
    if (format.name == options.format) {
      return format.write(context, options.output);
    }
  }
  return UsageError("USAGE", "no such format");
}

}  // namespace

Action DeclareAuditExport(CLI::App& app) {
  const auto options = std::make_shared<Options>();
  app.add_option("--format", options->format,
                 "tiles: a folder that tlog-tiles tools read")
      ->required()
      ->default_str("")
      ->check(CLI::IsMember(Names()));
  app.add_option("-o,--output", options->output,
                 "folder; an earlier export there is continued")
      ->required()
      ->default_str("")
      ->check(NotEmpty());
  return [options](Context& context) { return Export(context, *options); };
}

}  // namespace bootseal::cli
