// A mistyped option, told before what is missing for want of it. Its own
// library, as base knows no command lines. Thread-safe: a free function.
#ifndef BOOTSEAL_BASE_UNKNOWN_OPTION_H_
#define BOOTSEAL_BASE_UNKNOWN_OPTION_H_

#include <string>
#include <vector>

namespace CLI {
class App;
}  // namespace CLI

namespace bootseal::base {

// Of the first argument that is an option of no command that was given:
// no option "--confg", the nearest is --config
// Empty when each is known. "-" and whatever follows "--" are names of files.
// `arguments` are those that `app` failed to parse: the library forgets where
// "--" was. For the handler of CLI::ParseError.
std::string UnknownOption(const CLI::App& app,
                          const std::vector<std::string>& arguments);

}  // namespace bootseal::base

#endif  // BOOTSEAL_BASE_UNKNOWN_OPTION_H_
