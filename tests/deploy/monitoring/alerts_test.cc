// Every alert of deploy/monitoring/alerts.yaml fires when it should and stays
// quiet when it should, as promtool computes it.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <regex>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/file.h"
#include "tests/deploy/monitoring/alert_cases.h"
#include "tests/support/process.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_folder.h"

namespace bootseal::tests {
namespace {

// One rule of the file, with its annotations as they are written there.
struct Alert {
  std::string name;
  std::string severity;
  std::string annotations;
};

std::vector<Alert> AlertsOf(const std::string& text) {
  static const std::regex kAlert(
      "- alert: (\\w+)\\n(?:(?!- alert)[^])*?severity: (\\w+)\\}\\n"
      " +annotations:\\n( +summary: .+)\\n( +runbook: .+)\\n");
  std::vector<Alert> alerts;
  for (std::sregex_iterator each(text.begin(), text.end(), kAlert), end;
       each != end; ++each) {
    alerts.push_back({(*each)[1], (*each)[2],
                      absl::StrCat((*each)[3].str(), "\n", (*each)[4].str())});
  }
  return alerts;
}

std::string TestOf(const std::vector<Series>& series, const std::string& at,
                   const std::string& interval, const Alert& alert,
                   const std::string& expected) {
  std::string text =
      absl::StrCat("  - interval: ", interval, "\n    input_series:\n");
  for (const Series& each : series) {
    absl::StrAppend(&text, "      - series: '", each.name,
                    "'\n        values: '", each.values, "'\n");
  }
  return absl::StrCat(text, "    alert_rule_test:\n      - eval_time: ", at,
                      "\n        alertname: ", alert.name, "\n", expected);
}

std::string Expected(const AlertCase& fires, const Alert& alert) {
  return absl::StrCat(
      "        exp_alerts:\n          - exp_labels: {severity: ",
      alert.severity, ", ", fires.labels, "}\n            exp_annotations:\n",
      "    ", std::regex_replace(alert.annotations, std::regex("\n"), "\n    "),
      "\n");
}

class Alerts : public testing::Test {
 protected:
  Alerts() {
    const auto text = base::ReadFile(path_, 1 << 20);
    EXPECT_OK(text);
    alerts_ = AlertsOf(*text);
  }

  // By the interval that they are evaluated at.
  using Tests = std::map<std::string, std::string>;

  bool Hold(const Tests& all) {
    bool hold = true;
    for (const auto& [interval, tests] : all) {
      const std::string path = folder_.File("tests.yaml");
      std::ofstream(path) << "rule_files: ['" << path_
                          << "']\nevaluation_interval: " << interval
                          << "\ntests:\n"
                          << tests;
      const Outcome judged = tests::Run({PROMTOOL, "test", "rules", path}, {},
                                        std::chrono::seconds(120));
      if (judged.exit_code == 0) continue;
      findings_ += judged.out + judged.err;
      hold = false;
    }
    return hold;
  }
  const Alert& Find(const std::string& name) const {
    return *std::find_if(
        alerts_.begin(), alerts_.end(),
        [&name](const Alert& each) { return each.name == name; });
  }

  const std::string path_ =
      BOOTSEAL_SOURCE_DIR "/deploy/monitoring/alerts.yaml";
  TemporaryFolder folder_;
  std::vector<Alert> alerts_;
  std::string findings_;
};

TEST_F(Alerts, AreRulesThatPrometheusTakes) {
  const Outcome checked = tests::Run({PROMTOOL, "check", "rules", path_});
  EXPECT_EQ(checked.exit_code, 0) << checked.err;
  EXPECT_NE(checked.out.find(absl::StrCat(alerts_.size(), " rules found")),
            std::string::npos)
      << checked.out << "every rule needs severity, summary and runbook";
}

TEST_F(Alerts, EachHaveACase) {
  const std::vector<AlertCase> cases = AlertCases();
  for (const Alert& alert : alerts_) {
    EXPECT_TRUE(std::any_of(
        cases.begin(), cases.end(),
        [&](const AlertCase& each) { return each.alert == alert.name; }))
        << alert.name;
  }
}

TEST_F(Alerts, FireWhenTheyShould) {
  Tests tests;
  for (const AlertCase& each : AlertCases()) {
    const Alert& alert = Find(each.alert);
    tests[each.interval] += TestOf(each.fires, each.fires_at, each.interval,
                                   alert, Expected(each, alert));
  }
  EXPECT_TRUE(Hold(tests)) << findings_;
}

TEST_F(Alerts, StayQuietWhenTheyShould) {
  Tests tests;
  for (const AlertCase& each : AlertCases()) {
    tests[each.interval] +=
        TestOf(each.quiet, each.quiet_at, each.interval, Find(each.alert), "");
  }
  EXPECT_TRUE(Hold(tests)) << findings_;
}

// That the two above can fail.
TEST_F(Alerts, AreMissedByPromtoolWhenTheyDoNotFire) {
  const AlertCase each = AlertCases().front();
  const Alert& alert = Find(each.alert);
  EXPECT_FALSE(
      Hold({{each.interval, TestOf(each.quiet, each.quiet_at, each.interval,
                                   alert, Expected(each, alert))}}));
  EXPECT_FALSE(Hold({{each.interval, TestOf(each.fires, each.fires_at,
                                            each.interval, alert, "")}}));
}

}  // namespace
}  // namespace bootseal::tests
