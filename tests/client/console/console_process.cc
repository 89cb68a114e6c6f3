#include "tests/client/console/console_process.h"

#include <gtest/gtest.h>

#include <fstream>
#include <regex>
#include <sstream>
#include <thread>
#include <utility>

namespace bootseal::tests {

ConsoleProcess::ConsoleProcess(const std::vector<std::string>& arguments,
                               const Environment& environment, std::string log)
    : log_(std::move(log)) {
  std::vector<std::string> command{BOOTSEAL_PROGRAM, "console", "--no-browser"};
  command.insert(command.end(), arguments.begin(), arguments.end());
  process_ = std::make_unique<Background>(command, environment, log_);
  address_ = Matches("(http://127\\.0\\.0\\.1:[0-9]+/#ticket=[0-9a-f]{64})", 1);
  EXPECT_FALSE(address_.empty()) << Output();
}

int ConsoleProcess::port() const {
  return std::stoi(address_.substr(address_.find("1:") + 2));
}

std::string ConsoleProcess::Output() const {
  std::ifstream file(log_);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string ConsoleProcess::Code(int count) const {
  return Matches("the code ([0-9]{6}) into", count);
}

std::string ConsoleProcess::Matches(const std::string& pattern,
                                    int count) const {
  const std::regex wanted(pattern);
  for (int i = 0; i < 400; ++i) {
    const std::string text = Output();
    int found = 0;
    for (std::sregex_iterator it(text.begin(), text.end(), wanted), end;
         it != end; ++it) {
      if (++found == count) return (*it)[1];
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(25));
  }
  return "";
}

}  // namespace bootseal::tests
