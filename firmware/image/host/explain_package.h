// Whether a second stage starts a package, rule by rule: the verifier's own
// tables, walked to their end. Thread-safe: free functions.
#ifndef BOOTSEAL_FIRMWARE_IMAGE_HOST_EXPLAIN_PACKAGE_H_
#define BOOTSEAL_FIRMWARE_IMAGE_HOST_EXPLAIN_PACKAGE_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "firmware/image/certificate/judge.h"
#include "firmware/image/certificate/rules.h"
#include "firmware/image/result.h"

namespace bootseal::image::host {

struct PackageFinding {
  Error rule = Error::kOk;
  certificate::Place place;
  bool holds = false;
  std::string words;  // what is wrong: the value, and what was expected
  std::string fix;    // empty when it holds
};

struct PackageReport {
  // kOk: it starts. Else the verifier's error, about `place`.
  Error verdict = Error::kFault;
  certificate::Place place;
  // Every rule, in the verifier's order; of a package that cannot be read, the
  // error alone. Of a certificate whose parent is missing, no signature holds.
  std::vector<PackageFinding> findings;
};

PackageReport ExplainPackage(const certificate::Rules& rules,
                             absl::string_view fip);

}  // namespace bootseal::image::host

#endif  // BOOTSEAL_FIRMWARE_IMAGE_HOST_EXPLAIN_PACKAGE_H_
