// What a review found, for people and for machines. Thread-safe: free
// functions.
#ifndef BOOTSEAL_CLIENT_REVIEW_REPORT_H_
#define BOOTSEAL_CLIENT_REVIEW_REPORT_H_

#include <string>

#include "client/cli/json.h"
#include "client/review/review.h"

namespace bootseal::review {

// What was read, a table of classes, and the findings, oldest first.
std::string FormatReport(const Review& review);
cli::Json ReportToJson(const Review& review);

// "1 tree, 2 consistency, ...": the bits of "finding_classes".
std::string ClassBits();

}  // namespace bootseal::review

#endif  // BOOTSEAL_CLIENT_REVIEW_REPORT_H_
