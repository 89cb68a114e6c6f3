// imgtool itself, where there is one: the environment's IMGTOOL names its
// imgtool.py, PYTHON a Python with its modules (python3).
#ifndef BOOTSEAL_TESTS_CLIENT_IMGTOOL_REFERENCE_H_
#define BOOTSEAL_TESTS_CLIENT_IMGTOOL_REFERENCE_H_

#include <sys/types.h>

#include <cstdio>
#include <string>
#include <vector>

#include "tests/support/process.h"

namespace bootseal::tests {

// One Python for all command lines, which ends with this object. Ends the
// program when there is no imgtool, or when it does not answer.
class Reference {
 public:
  Reference();
  ~Reference();
  Reference(const Reference&) = delete;
  Reference& operator=(const Reference&) = delete;

  Outcome Run(const std::vector<std::string>& words);

 private:
  pid_t pid_ = -1;
  std::FILE* requests_ = nullptr;
  std::FILE* answers_ = nullptr;
};

// Ours, with the same words.
Outcome RunOurs(const std::vector<std::string>& words);

}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_CLIENT_IMGTOOL_REFERENCE_H_
