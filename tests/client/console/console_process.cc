#include "tests/client/console/console_process.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

#include <fstream>
#include <regex>
#include <sstream>
#include <thread>

#include "absl/strings/str_cat.h"

namespace bootseal::tests {

ConsoleProcess::ConsoleProcess(const std::vector<std::string>& arguments,
                               const Environment& environment,
                               const std::string& folder)
    : log_(folder + "/console.log") {
  const std::string keyboard = OpenTerminal();
  std::vector<std::string> command{"sh",
                                   "-c",
                                   absl::StrCat("exec \"$@\" <", keyboard),
                                   "console",
                                   BOOTSEAL_PROGRAM,
                                   "console"};
  command.insert(command.end(), arguments.begin(), arguments.end());
  process_ = std::make_unique<Background>(command, environment, log_);
  address_ = Matches("(http://127\\.0\\.0\\.1:[0-9]+/#ticket=[0-9a-f]{64})", 1);
  EXPECT_FALSE(address_.empty()) << Output();
}

ConsoleProcess::~ConsoleProcess() { close(keyboard_); }

std::string ConsoleProcess::OpenTerminal() {
  keyboard_ = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
  EXPECT_EQ(grantpt(keyboard_), 0);
  EXPECT_EQ(unlockpt(keyboard_), 0);
  termios settings{};
  EXPECT_EQ(tcgetattr(keyboard_, &settings), 0);
  // Nobody reads what it would show.
  settings.c_lflag &= ~static_cast<tcflag_t>(ECHO);
  EXPECT_EQ(tcsetattr(keyboard_, TCSANOW, &settings), 0);
  return ptsname(keyboard_);
}

void ConsoleProcess::Type(const std::string& line) { TypeKeys(line + "\n"); }

void ConsoleProcess::TypeKeys(const std::string& text) {
  EXPECT_EQ(write(keyboard_, text.data(), text.size()),
            static_cast<ssize_t>(text.size()));
}

bool ConsoleProcess::WaitForOutput(const std::string& text) const {
  for (int i = 0; i < 400; ++i) {
    if (Output().find(text) != std::string::npos) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(25));
  }
  return false;
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
