// Words of a command that an error or a report tells somebody to type.
// Thread-safe: free functions.
#ifndef BOOTSEAL_BASE_SHELL_WORD_H_
#define BOOTSEAL_BASE_SHELL_WORD_H_

#include <string>

#include "absl/strings/string_view.h"

namespace bootseal::base {

// One argument as a POSIX shell takes it: quoted when it must be.
std::string ShellWord(absl::string_view word);

}  // namespace bootseal::base

#endif  // BOOTSEAL_BASE_SHELL_WORD_H_
