#include "client/cli/fwu_layout_options.h"

#include <CLI/CLI.hpp>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/status.h"
#include "client/cli/arguments.h"
#include "client/cli/exit_status.h"
#include "client/layout/board.h"

namespace bootseal::cli {
namespace {

using image::host::MetadataReader;
using layout::Generation;

template <typename Rows>
std::string NamesOf(const Rows& rows) {
  return absl::StrJoin(rows, ", ", [](std::string* out, const auto& row) {
    absl::StrAppend(out, row.name);
  });
}

std::string ReaderNames() {
  return absl::StrJoin(layout::Generations(), ", ",
                       [](std::string* out, const Generation& each) {
                         absl::StrAppend(out, NameOf(each.reader));
                       });
}

absl::Status Unknown(absl::string_view reason, absl::string_view what,
                     absl::string_view given, absl::string_view known) {
  return UsageError(reason, absl::StrCat("no ", what, " named \"",
                                         absl::Utf8SafeCEscape(given),
                                         "\"; there are: ", known));
}

absl::StatusOr<const Generation*> GenerationOf(
    const FwuLayoutOptions& options) {
  if (!options.reader.empty()) {
    const auto reader = image::host::ParseReader(options.reader);
    const Generation* found =
        reader ? layout::FindGeneration(*reader) : nullptr;
    if (found != nullptr) return found;
    return Unknown("READER_UNKNOWN", "first-stage bootloader", options.reader,
                   ReaderNames());
  }
  if (options.ab) return layout::FindGeneration(MetadataReader::kTfA216);
  if (options.metadata_version) {
    return &layout::GenerationOf(*options.metadata_version);
  }
  return nullptr;
}

absl::Status CheckAgree(const FwuLayoutOptions& options,
                        const Generation* generation) {
  if (generation == nullptr) return absl::OkStatus();
  const bool any = generation->reader == MetadataReader::kBootseal;
  if (options.metadata_version && !any &&
      generation->metadata_version != *options.metadata_version) {
    return UsageError(
        "USAGE",
        absl::StrCat(NameOf(generation->reader), " reads metadata of version ",
                     generation->metadata_version, ", not ",
                     *options.metadata_version));
  }
  if (options.ab && generation->reader != MetadataReader::kTfA216) {
    return UsageError("USAGE", absl::StrCat("--ab is a build of TF-A after "
                                            "2.15, not of ",
                                            NameOf(generation->reader)));
  }
  return absl::OkStatus();
}

}  // namespace

FwuLayoutDeclared DeclareFwuLayoutOptions(CLI::App& app,
                                          FwuLayoutOptions& options) {
  FwuLayoutDeclared declared{};
  declared.board =
      app.add_option("--board", options.board,
                     absl::StrCat("one of ", NamesOf(layout::Boards())))
          ->check(PlainText());
  declared.store =
      app.add_option("--store", options.store,
                     absl::StrCat("one of ", NamesOf(layout::Stores())))
          ->check(PlainText());
  app.add_option("--metadata-version", options.metadata_version,
                 "what the bootloader reads: 1 (TF-A up to 2.10) or 2")
      ->transform(WholeNumber(1, 2));
  app.add_option("--reader", options.reader,
                 absl::StrCat("the bootloader: one of ", ReaderNames()))
      ->check(PlainText());
  app.add_flag("--ab", options.ab,
               "the bootloader is built with STM32MP_PSA_FWU_AB_SUPPORT");
  return declared;
}

absl::StatusOr<layout::CheckOrder> ParseFwuLayoutOptions(
    const FwuLayoutOptions& options) {
  layout::CheckOrder order;
  if (!options.board.empty()) {
    order.board = layout::FindBoard(options.board);
    if (order.board == nullptr) {
      return Unknown("BOARD_UNKNOWN", "board", options.board,
                     NamesOf(layout::Boards()));
    }
  }
  if (!options.store.empty()) {
    order.store = layout::FindStore(options.store);
    if (order.store == nullptr) {
      return Unknown("STORE_UNKNOWN", "store", options.store,
                     NamesOf(layout::Stores()));
    }
  }
  ASSIGN_OR_RETURN(order.generation, GenerationOf(options));
  RETURN_IF_ERROR(CheckAgree(options, order.generation));
  order.images =
      options.ab ? layout::Images::kFipAndRoot : layout::Images::kFip;
  return order;
}

}  // namespace bootseal::cli
