// The documents of the source tree, and what they have their reader type.
#ifndef BOOTSEAL_TESTS_DEPLOY_README_H_
#define BOOTSEAL_TESTS_DEPLOY_README_H_

#include <string>
#include <vector>

namespace bootseal::tests {

// `file` is relative to the top.
std::string ReadDocument(const std::string& file);

// From `begin`, with it, up to `end`; "no <begin>" when it is not there.
std::string Part(const std::string& text, const std::string& begin,
                 const std::string& end);

// The fenced blocks that name no language, whole lines without the fences.
std::vector<std::string> CodeBlocks(const std::string& text);

// Code spans of a table's rows, a line each, in their order. Of one that begins
// with "! " a line that fails unless the command does: the shell itself lets
// that pass whatever comes of it.
std::vector<std::string> TableCommands(const std::string& text);

}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_DEPLOY_README_H_
