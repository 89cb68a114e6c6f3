// The command lines of zephyr_lines.txt.
#ifndef BOOTSEAL_TESTS_CLIENT_INTEGRATIONS_ZEPHYR_LINES_H_
#define BOOTSEAL_TESTS_CLIENT_INTEGRATIONS_ZEPHYR_LINES_H_

#include <map>
#include <string>
#include <vector>

namespace bootseal::tests {

enum class ZephyrOutcome { kMakes, kEncrypts, kRefuses };

struct ZephyrLine {
  ZephyrOutcome outcome;
  std::string expected;  // the image's target, or what the error says
  std::string command;

  // What it writes: the last word.
  std::string Output() const;
};

struct ZephyrConfiguration {
  std::string name;                  // and that of its key file
  std::vector<std::string> options;  // -D... of the build
  std::vector<ZephyrLine> lines;
};

// With each @NAME@ of `values` replaced. Aborts at a line of another form.
std::vector<ZephyrConfiguration> ReadZephyrLines(
    const std::map<std::string, std::string>& values);

}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_CLIENT_INTEGRATIONS_ZEPHYR_LINES_H_
