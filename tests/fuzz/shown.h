// What holds of everything that is shown, whoever wrote it.
#ifndef BOOTSEAL_TESTS_FUZZ_SHOWN_H_
#define BOOTSEAL_TESTS_FUZZ_SHOWN_H_

#include <string>

#include "absl/strings/string_view.h"
#include "client/cli/json.h"

namespace bootseal::tests {

// Ends the program, as a fuzz target says that it found something.
void Require(bool holds);

// UTF-8 in lines, without any other control character.
void RequirePrintable(absl::string_view text);

// One line that a parser reads.
void RequireJson(const std::string& text);
inline void RequireJson(const cli::Json& json) { RequireJson(json.text()); }

}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_FUZZ_SHOWN_H_
