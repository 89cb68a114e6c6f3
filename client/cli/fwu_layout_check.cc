#include "client/cli/fwu_layout_check.h"

#include <CLI/CLI.hpp>
#include <memory>
#include <string>

#include "base/status.h"
#include "client/cli/arguments.h"
#include "client/cli/fwu_layout_options.h"
#include "client/cli/text.h"
#include "client/fwu/byte_source.h"

namespace bootseal::cli {
namespace {

struct Options {
  FwuLayoutOptions layout;
  std::string flash;
};

absl::StatusOr<ExitStatus> CheckLayout(Context& context,
                                       const Options& options) {
  ASSIGN_OR_RETURN(const layout::CheckOrder order,
                   ParseFwuLayoutOptions(options.layout));
  ASSIGN_OR_RETURN(const auto flash, fwu::FromFile(options.flash));
  if (flash->size() == 0) {
    return LocalFileError("FILE_EMPTY", Printable(options.flash) + " is empty");
  }
  ASSIGN_OR_RETURN(const layout::Report report,
                   layout::CheckFlash(*flash, order, options.flash));
  PrintResult(context.format() == Format::kJson ? FormatJson(report)
                                                : FormatText(report));
  return report.bootable() ? ExitStatus::kDone : ExitStatus::kRefused;
}

}  // namespace

Action DeclareFwuLayoutCheck(CLI::App& app) {
  const auto options = std::make_shared<Options>();
  app.add_option("flash", options->flash, "disk image, flash image or device")
      ->required()
      ->check(NotEmpty());
  DeclareFwuLayoutOptions(app, options->layout);
  return [options](Context& context) { return CheckLayout(context, *options); };
}

}  // namespace bootseal::cli
