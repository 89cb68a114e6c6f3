// Completions for three shells. What an option takes is completed by its
// choices, by files when it is text, and by nothing when it is a number.
#ifndef BOOTSEAL_DEPLOY_PAGES_COMPLETION_H_
#define BOOTSEAL_DEPLOY_PAGES_COMPLETION_H_

#include <string>

#include "deploy/pages/command.h"

namespace bootseal::pages {

std::string BashCompletion(const Program& program);
std::string ZshCompletion(const Program& program);
std::string FishCompletion(const Program& program);

// For scripts' names of functions: "bootseal_fwu".
std::string Identifier(const Program& program);

// A value that may be the name of a file.
bool TakesFile(const Option& option);

// As one word of a shell: in single quotes.
std::string Quoted(const std::string& text);

}  // namespace bootseal::pages

#endif  // BOOTSEAL_DEPLOY_PAGES_COMPLETION_H_
