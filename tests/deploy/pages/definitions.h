// What the programs parse their command lines with, and what the build made of
// it.
#ifndef BOOTSEAL_TESTS_DEPLOY_PAGES_DEFINITIONS_H_
#define BOOTSEAL_TESTS_DEPLOY_PAGES_DEFINITIONS_H_

#include <string>
#include <vector>

namespace bootseal::tests {

// One command as CLI11 has it.
struct Defined {
  std::string program;
  std::string path;                  // "bootseal audit list"
  std::vector<std::string> options;  // "--limit"
};

std::vector<Defined> AllDefined();

// Below the folder of the program's package: "man/man1/x.1.gz".
std::string PathOf(const std::string& program, const std::string& file);

// Unpacked. Empty when there is none.
std::string ManualOf(const std::string& program, const std::string& path);

// Of the build's three scripts: "bash", "zsh" or "fish".
std::string CompletionPath(const std::string& program,
                           const std::string& shell);

}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_DEPLOY_PAGES_DEFINITIONS_H_
