// Where ours does on purpose what imgtool does not, with how often that was
// seen. Any other difference is printed with its command line.
#ifndef BOOTSEAL_TESTS_CLIENT_IMGTOOL_DIFFERENCE_H_
#define BOOTSEAL_TESTS_CLIENT_IMGTOOL_DIFFERENCE_H_

#include <iostream>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_join.h"

namespace bootseal::tests {

class Differences {
 public:
  void Agree() { ++compared_; }
  // `why` is a row of a table.
  void Explain(const std::string& why) {
    ++compared_;
    ++explained_[why];
  }
  void Report(const std::string& what, const std::vector<std::string>& words) {
    ++compared_;
    ++unexplained_;
    std::cout << "difference: " << what << ": " << absl::StrJoin(words, " ")
              << "\n";
  }

  // The exit status of a comparing program.
  int Print(int rounds, const std::string& of_what) const {
    std::cout << compared_ << " comparisons in " << rounds << " " << of_what
              << ", " << unexplained_ << " differences without reason\n";
    for (const auto& [why, times] : explained_) {
      std::cout << "  " << times << "  " << why << "\n";
    }
    return unexplained_ == 0 ? 0 : 1;
  }

 private:
  int compared_ = 0;
  int unexplained_ = 0;
  std::map<std::string, int> explained_;
};

}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_CLIENT_IMGTOOL_DIFFERENCE_H_
