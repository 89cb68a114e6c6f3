// When each alert fires, and when it comes close and does not.
#ifndef BOOTSEAL_TESTS_DEPLOY_MONITORING_ALERT_CASES_H_
#define BOOTSEAL_TESTS_DEPLOY_MONITORING_ALERT_CASES_H_

#include <string>
#include <vector>

namespace bootseal::tests {

// As promtool writes them: one value each interval ("0+1x4" is 0 to 4).
struct Series {
  std::string name;
  std::string values;
};

struct AlertCase {
  std::string alert;
  // Of the alert, beside those of the rule.
  std::string labels;
  std::string fires_at;
  std::vector<Series> fires;
  std::string quiet_at;
  std::vector<Series> quiet;
  // Of values and evaluations: long ones for what takes days.
  std::string interval = "1m";
};

std::vector<AlertCase> AlertCases();

}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_DEPLOY_MONITORING_ALERT_CASES_H_
