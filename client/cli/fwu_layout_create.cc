#include "client/cli/fwu_layout_create.h"

#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/file.h"
#include "base/status.h"
#include "client/cli/arguments.h"
#include "client/cli/fwu_layout_options.h"
#include "client/cli/json.h"
#include "client/cli/output.h"
#include "client/cli/text.h"
#include "client/layout/create.h"
#include "client/release/guid_words.h"

namespace bootseal::cli {
namespace {

constexpr std::size_t kMaxContentBytes = 64 << 20;

struct Options {
  FwuLayoutOptions layout;
  std::string size;
  std::string metadata;
  std::string fip;
  std::string fip_b;
  std::string fsbl;
  std::vector<std::string> partitions;
  std::string disk;
  std::string output;
};

absl::StatusOr<std::string> ReadContent(const std::string& path) {
  if (path.empty()) return std::string();
  ASSIGN_OR_RETURN(std::string content, base::ReadFile(path, kMaxContentBytes));
  if (!content.empty()) return content;
  return LocalFileError("FILE_EMPTY", absl::StrCat(path, " is empty"));
}

absl::StatusOr<layout::CreateOrder> OrderOf(const Options& options) {
  ASSIGN_OR_RETURN(const layout::CheckOrder asked,
                   ParseFwuLayoutOptions(options.layout));
  const layout::Generation& generation =
      asked.generation == nullptr ? layout::GenerationOf(2) : *asked.generation;
  layout::CreateOrder order{
      {*asked.board, *asked.store, generation, asked.images}};
  if (!options.size.empty()) {
    ASSIGN_OR_RETURN(order.size, layout::ParseSize(options.size));
  }
  for (const std::string& text : options.partitions) {
    ASSIGN_OR_RETURN(layout::ExtraPartition partition,
                     layout::ParsePartition(text));
    order.partitions.push_back(std::move(partition));
  }
  if (!options.disk.empty()) {
    ASSIGN_OR_RETURN(order.disk,
                     release::ParseGuidWord("disk GUID", options.disk));
  }
  ASSIGN_OR_RETURN(order.metadata, ReadContent(options.metadata));
  ASSIGN_OR_RETURN(order.fip_a, ReadContent(options.fip));
  ASSIGN_OR_RETURN(order.fip_b, ReadContent(options.fip_b));
  ASSIGN_OR_RETURN(order.fsbl, ReadContent(options.fsbl));
  return order;
}

std::string TextOf(const Options& options, const layout::Created& created) {
  const auto& build = created.report.evidence.build;
  return absl::StrCat(
      options.output, ": ", build.store.name, " of ", build.board.name, ", ",
      created.image.size(), " bytes, for ", build.Words(),
      created.empty.empty() ? ", boots"
                            : absl::StrCat("; before it boots, fill ",
                                           absl::StrJoin(created.empty, ", ")),
      "\n");
}

std::string JsonOf(const Options& options, const layout::Created& created) {
  std::vector<Json> empty;
  for (const std::string& place : created.empty) {
    empty.push_back(Json::Text(place));
  }
  return JsonObject()
             .Add("output", Json::Text(options.output))
             .Add("size", Json::Number(created.image.size()))
             .Add("bootable", Json::Truth(created.report.bootable()))
             .Add("empty", Json::Array(empty))
             .Build()
             .text() +
         "\n";
}

absl::StatusOr<ExitStatus> Create(Context& context, const Options& options) {
  ASSIGN_OR_RETURN(const layout::CreateOrder order, OrderOf(options));
  RETURN_IF_ERROR(CheckOutput(options.output));
  ASSIGN_OR_RETURN(const layout::Created created,
                   layout::CreateFlash(order, options.output));
  RETURN_IF_ERROR(created.image.WriteTo(options.output));
  PrintResult(context.format() == Format::kJson ? JsonOf(options, created)
                                                : TextOf(options, created));
  return ExitStatus::kDone;
}

void DeclareFiles(CLI::App& app, Options& options) {
  app.add_option("--metadata", options.metadata,
                 "one replica, of `fwu create`; default: fip-a accepted")
      ->check(NotEmpty());
  app.add_option("--fip", options.fip, "FIP of bank a")->check(NotEmpty());
  app.add_option("--fip-b", options.fip_b, "FIP of bank b")->check(NotEmpty());
  app.add_option("--fsbl", options.fsbl,
                 "TF-A's BL2 with its STM32 header, for fsbl1 and fsbl2")
      ->check(NotEmpty());
}

}  // namespace

Action DeclareFwuLayoutCreate(CLI::App& app) {
  const auto options = std::make_shared<Options>();
  const FwuLayoutDeclared declared =
      DeclareFwuLayoutOptions(app, options->layout);
  declared.board->required();
  declared.store->required();
  app.add_option("--size", options->size,
                 "of the flash: bytes, or with K, M, G; default: the power of "
                 "two that fits")
      ->check(NotEmpty());
  DeclareFiles(app, *options);
  app.add_option("--partition", options->partitions,
                 "NAME:SIZE:TYPE[:GUID] behind the others; may be repeated")
      ->allow_extra_args(false)
      ->check(PlainText());
  app.add_option("--disk-guid", options->disk,
                 "of the partition table; default: from board and store")
      ->check(PlainText());
  app.add_option("-o,--output", options->output, "image to make")
      ->required()
      ->check(NotEmpty());
  return [options](Context& context) { return Create(context, *options); };
}

}  // namespace bootseal::cli
