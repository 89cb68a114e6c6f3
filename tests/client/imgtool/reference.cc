#include "tests/client/imgtool/reference.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <iostream>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace bootseal::tests {
namespace {

std::string Variable(const char* name, const char* otherwise) {
  const char* value = std::getenv(name);
  return value == nullptr ? otherwise : value;
}

[[noreturn]] void Fail(absl::string_view what) {
  std::cerr << what << "\n";
  std::exit(2);
}

std::array<int, 2> Pipe() {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) Fail("no pipe");
  return ends;
}

std::string LineFrom(std::FILE* file) {
  char* line = nullptr;
  std::size_t room = 0;
  const ssize_t size = getline(&line, &room, file);
  const std::string text(line, size > 0 ? static_cast<std::size_t>(size) : 0);
  std::free(line);
  return text;
}

std::string FromHex(absl::string_view field) {
  absl::ConsumePrefix(&field, "x");
  return absl::HexStringToBytes(field);
}

}  // namespace

Reference::Reference() {
  const std::string imgtool = Variable("IMGTOOL", "");
  if (imgtool.empty()) Fail("IMGTOOL names no imgtool.py");
  const std::string python = Variable("PYTHON", "python3");
  const std::string script =
      BOOTSEAL_SOURCE_DIR "/tests/client/imgtool/reference.py";
  std::signal(SIGPIPE, SIG_IGN);
  const std::array<int, 2> in = Pipe();
  const std::array<int, 2> out = Pipe();
  pid_ = fork();
  if (pid_ == 0) {
    dup2(in[0], STDIN_FILENO);
    dup2(out[1], STDOUT_FILENO);
    execlp(python.c_str(), python.c_str(), script.c_str(), imgtool.c_str(),
           nullptr);
    _exit(127);
  }
  close(in[0]);
  close(out[1]);
  requests_ = fdopen(in[1], "w");
  answers_ = fdopen(out[0], "r");
}

Reference::~Reference() {
  std::fclose(requests_);
  std::fclose(answers_);
  waitpid(pid_, nullptr, 0);
}

Outcome Reference::Run(const std::vector<std::string>& words) {
  std::string request;
  for (const std::string& word : words) {
    absl::StrAppend(&request, " ", absl::BytesToHexString(word));
  }
  std::fprintf(requests_, "%s\n", request.c_str());
  std::fflush(requests_);
  const std::vector<std::string> fields =
      absl::StrSplit(absl::StripSuffix(LineFrom(answers_), "\n"), ' ');
  Outcome outcome;
  if (fields.size() != 3 || !absl::SimpleAtoi(fields[0], &outcome.exit_code)) {
    Fail("imgtool does not answer: see PYTHON, which needs its modules");
  }
  outcome.out = FromHex(fields[1]);
  outcome.err = FromHex(fields[2]);
  return outcome;
}

Outcome RunOurs(const std::vector<std::string>& words) {
  std::vector<std::string> arguments{BOOTSEAL_PROGRAM, "imgtool"};
  arguments.insert(arguments.end(), words.begin(), words.end());
  return Run(arguments);
}

}  // namespace bootseal::tests
