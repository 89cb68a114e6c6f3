// What `bootseal sign` and `sign-range` say of a release that they wrote.
#ifndef BOOTSEAL_CLIENT_CLI_SIGN_REPORT_H_
#define BOOTSEAL_CLIENT_CLI_SIGN_REPORT_H_

#include <string>
#include <vector>

#include "client/cli/acceptance.h"
#include "client/cli/release.h"
#include "client/cli/report.h"

namespace bootseal::cli {

struct WrittenRelease {
  const Order& order;
  const Release& release;
  std::string image;    // path; empty: not written
  std::string receipt;  // path; empty: not written
  std::vector<std::string> warnings;
  std::string signature = {};  // path; empty: not written
};

// A table, or one JSON object with the warnings in it; with a newline at the
// end. Thread-safe.
std::string FormatRelease(const WrittenRelease& written, Format format);

}  // namespace bootseal::cli

#endif  // BOOTSEAL_CLIENT_CLI_SIGN_REPORT_H_
