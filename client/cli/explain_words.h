// What text and JSON of `bootseal explain` have in common: the words of its
// enumerations, and what follows from the parts of a report.
#ifndef BOOTSEAL_CLIENT_CLI_EXPLAIN_WORDS_H_
#define BOOTSEAL_CLIENT_CLI_EXPLAIN_WORDS_H_

#include <string>

#include "client/cli/explain_report.h"

namespace bootseal::cli {

struct OutcomeWords {
  image::host::Outcome outcome;
  const char* text;
  const char* json;
};
const OutcomeWords& WordsOf(image::host::Outcome outcome);

// "good", "other max-align", "bad", "unset", "absent"
const char* NameOf(image::host::TrailerMagic magic);
// "set", "unset", "bad", "absent"
const char* NameOf(image::host::TrailerFlag flag);

// With an erased primary slot where none was given.
image::host::SwapType SwapTypeOf(const ExplainReport& report);
// Empty where no primary slot was given, or no image is in it.
std::string DowngradeOf(const ExplainReport& report);
std::string UpgradeOf(const ExplainReport& report);
std::string ComparisonOf(const ExplainReport& report);

std::string SignCommandOf(const ExplainReport& report);
std::string ImgtoolCommandOf(const ExplainReport& report);

}  // namespace bootseal::cli

#endif  // BOOTSEAL_CLIENT_CLI_EXPLAIN_WORDS_H_
