// The links of Markdown documents that lead to files and headings beside them,
// and the files that they name.
#ifndef BOOTSEAL_TESTS_HYGIENE_LINKS_H_
#define BOOTSEAL_TESTS_HYGIENE_LINKS_H_

#include <filesystem>
#include <string>
#include <vector>

#include "tests/hygiene/source_tree.h"

namespace bootseal::tests {

// "document:line: why" for each link that leads nowhere: to no file or folder
// below `top`, to a folder without README.md, or to no heading of a document.
// Web addresses are not followed.
std::vector<std::string> LinkFaults(const std::filesystem::path& top,
                                    const std::vector<SourceFile>& documents);

// "document:line: no path" for each path in a code span that begins with a
// folder of `top` (build/ aside) and that neither `top` nor the document's
// folder has. `folder/name` names the files of that name with any extension.
std::vector<std::string> PathFaults(const std::filesystem::path& top,
                                    const std::vector<SourceFile>& documents);

}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_HYGIENE_LINKS_H_
