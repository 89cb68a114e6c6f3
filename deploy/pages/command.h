// What manual pages and completions are made of: a program's commands as one
// list, read from the definitions that also parse its command line.
//
// Not for programs: the build runs what is here once, as generate_pages.
#ifndef BOOTSEAL_DEPLOY_PAGES_COMMAND_H_
#define BOOTSEAL_DEPLOY_PAGES_COMMAND_H_

#include <string>
#include <vector>

namespace CLI {
class App;
}  // namespace CLI

namespace bootseal::pages {

struct Option {
  std::vector<std::string> names;  // with dashes: "-o", "--output"
  std::string description;
  std::string value;  // "TEXT"; empty for a flag
  std::vector<std::string> choices;
  std::string by_default;
  std::string environment;
  bool required = false;
  bool repeatable = false;
};

struct Argument {
  std::string name;
  std::string description;
  bool required = false;
  bool repeatable = false;
};

struct Command {
  std::string path;  // "bootseal audit list"
  std::string description;
  std::vector<std::string> children;  // last words
  std::vector<Option> options;
  std::vector<Argument> arguments;
  bool takes_globals = false;  // options of the program too
};

struct Program {
  std::string name;
  std::string footer;
  std::vector<Command> commands;  // the program first, then depth first
};

// `app` and all below it. Hidden options are left out.
Program Read(const CLI::App& app);

// `part` in the place of the command `path`, whose words and options are its
// own: "bootseal imgtool".
void Replace(Program& program, const std::string& path, const CLI::App& part);

}  // namespace bootseal::pages

#endif  // BOOTSEAL_DEPLOY_PAGES_COMMAND_H_
