// generate_pages FOLDER VERSION DATE: manual pages and completions of all
// programs, below FOLDER/COMPONENT as they go below /usr/share.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>

#include "absl/strings/str_cat.h"
#include "client/cli/commands.h"
#include "client/fwu/program.h"
#include "client/imgtool/commands.h"
#include "client/tfm/wrapper.h"
#include "deploy/pages/completion.h"
#include "deploy/pages/man.h"
#include "hsm/commands/commands.h"
#include "server/options.h"

namespace bootseal::pages {
namespace {

using Definitions = std::function<void(const CLI::App&)>;

struct Source {
  const char* component;
  const char* section;
  void (*read)(const Definitions& read);
  const char* footer;  // where the definitions have none
};

constexpr Source kSources[] = {
    {"client", "1", cli::ReadDefinitions, ""},
    {"fwu", "8", fwu::ReadDefinitions,
     "Every option but --json may stand in the configuration, a line NAME = "
     "VALUE.\n"
     "Exit status: 0 done, 1 refused or fell back, 2 usage, 4 server\n"
     "  unreachable, 5 a file or the storage of this device"},
    {"server", "1", hsm::commands::ReadDefinitions,
     "Exit status: 0 done, 1 refused, 2 usage, 5 local file"},
    {"server", "8", server::ReadDefinitions, server::kFooter},
};

// What stands for another tool has words of its own.
void ReplaceParts(Program& program) {
  imgtool::ReadDefinitions([&program](const CLI::App& app) {
    Replace(program, "bootseal imgtool", app);
  });
  tfm::ReadDefinitions([&program](const CLI::App& app) {
    Replace(program, "bootseal tfm-wrapper", app);
  });
}

void Write(const std::string& path, const std::string& content) {
  std::filesystem::create_directories(
      std::filesystem::path(path).parent_path());
  std::ofstream file(path, std::ios::binary);
  file << content;
  if (file.flush()) return;
  std::fprintf(stderr, "generate_pages: cannot write %s\n", path.c_str());
  std::exit(1);
}

void WriteProgram(const std::string& folder, const Program& program,
                  const Edition& edition) {
  for (const Command& command : program.commands) {
    Write(absl::StrCat(folder, "/man/man", edition.section, "/",
                       PageName(command.path), ".", edition.section),
          ManualPage(program, command, edition));
  }
  Write(absl::StrCat(folder, "/bash-completion/completions/", program.name),
        BashCompletion(program));
  Write(absl::StrCat(folder, "/zsh/vendor-completions/_", program.name),
        ZshCompletion(program));
  Write(absl::StrCat(folder, "/fish/vendor_completions.d/", program.name,
                     ".fish"),
        FishCompletion(program));
}

int Generate(const std::string& folder, const std::string& version,
             const std::string& date) {
  for (const Source& source : kSources) {
    Program program;
    source.read([&program](const CLI::App& app) { program = Read(app); });
    if (program.name == "bootseal") ReplaceParts(program);
    if (program.footer.empty()) program.footer = source.footer;
    WriteProgram(absl::StrCat(folder, "/", source.component), program,
                 {source.section, version, date});
  }
  return 0;
}

}  // namespace
}  // namespace bootseal::pages

int main(int argc, char** argv) {
  if (argc == 4) return bootseal::pages::Generate(argv[1], argv[2], argv[3]);
  std::fputs("usage: generate_pages FOLDER VERSION DATE\n", stderr);
  return 2;
}
