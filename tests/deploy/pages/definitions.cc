#include "tests/deploy/pages/definitions.h"

#include <CLI/CLI.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "client/cli/commands.h"
#include "client/fwu/program.h"
#include "client/imgtool/commands.h"
#include "client/tfm/wrapper.h"
#include "hsm/commands/commands.h"
#include "server/options.h"
#include "tests/support/process.h"

namespace bootseal::tests {
namespace {

void Walk(const CLI::App& app, const std::string& program,
          const std::string& path, std::vector<Defined>& all) {
  Defined defined{program, path, {}};
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) {
      defined.options.push_back(absl::StrCat("--", name));
    }
    for (const std::string& name : option->get_snames()) {
      defined.options.push_back(absl::StrCat("-", name));
    }
  }
  all.push_back(defined);
  for (const CLI::App* child :
       app.get_subcommands([](const CLI::App*) { return true; })) {
    Walk(*child, program, absl::StrCat(path, " ", child->get_name()), all);
  }
}

std::string ComponentOf(const std::string& program) {
  if (program == "bootseal") return "client";
  return program == "bootseal-fwu" ? "fwu" : "server";
}

std::string SectionOf(const std::string& program) {
  return program == "bootseal-fwu" || program == "bootseald" ? "8" : "1";
}

}  // namespace

std::vector<Defined> AllDefined() {
  std::vector<Defined> all;
  const auto add = [&all](const std::string& program, const std::string& path) {
    return [&all, program, path](const CLI::App& app) {
      Walk(app, program, path, all);
    };
  };
  cli::ReadDefinitions(add("bootseal", "bootseal"));
  imgtool::ReadDefinitions(add("bootseal", "bootseal imgtool"));
  tfm::ReadDefinitions(add("bootseal", "bootseal tfm-wrapper"));
  fwu::ReadDefinitions(add("bootseal-fwu", "bootseal-fwu"));
  hsm::commands::ReadDefinitions(add("bootseal-token", "bootseal-token"));
  server::ReadDefinitions(add("bootseald", "bootseald"));
  return all;
}

std::string PathOf(const std::string& program, const std::string& file) {
  return absl::StrCat(BOOTSEAL_PAGES "/", ComponentOf(program), "/", file);
}

std::string ManualOf(const std::string& program, const std::string& path) {
  const std::string section = SectionOf(program);
  const std::string page = absl::StrReplaceAll(path, {{" ", "-"}});
  return Run({"gzip", "-dc",
              PathOf(program, absl::StrCat("man/man", section, "/", page, ".",
                                           section, ".gz"))})
      .out;
}

std::string CompletionPath(const std::string& program,
                           const std::string& shell) {
  if (shell == "bash") {
    return PathOf(program, "bash-completion/completions/" + program);
  }
  if (shell == "zsh")
    return PathOf(program, "zsh/vendor-completions/_" + program);
  return PathOf(program,
                absl::StrCat("fish/vendor_completions.d/", program, ".fish"));
}

}  // namespace bootseal::tests
