#include "tests/client/cli/online_fixture.h"

#include <algorithm>
#include <filesystem>

#include "base/file.h"
#include "tests/support/status_matchers.h"

namespace bootseal::tests {

OnlineTest::OnlineTest() { Write("app.bin", Payload(5000)); }

Outcome OnlineTest::Bootseal(const std::string& caller,
                             std::vector<std::string> arguments,
                             const Environment& changes) {
  Environment environment = server_.ClientEnvironment(caller);
  environment["BOOTSEAL_STATE"] = state_.path();
  environment["XDG_CONFIG_HOME"] = state_.path();
  if (caller.empty()) {
    environment["BOOTSEAL_CERT"] = "";
    environment["BOOTSEAL_KEY"] = "";
  }
  for (const auto& [name, value] : changes) environment[name] = value;
  arguments.insert(arguments.begin(), BOOTSEAL_PROGRAM);
  return tests::Run(arguments, environment);
}

Outcome OnlineTest::Sign(const std::string& caller,
                         std::vector<std::string> arguments,
                         const Environment& changes) {
  std::vector<std::string> all{"sign",      "--target", "app",
                               "--version", "1.2.3",    File("app.bin")};
  all.insert(all.end(), arguments.begin(), arguments.end());
  return Bootseal(caller, all, changes);
}

void OnlineTest::Write(const std::string& name, const std::string& content) {
  ASSERT_OK(base::WriteFileAtomically(File(name), content));
}

std::string OnlineTest::Read(const std::string& name) {
  const auto text = base::ReadFile(File(name), 64 << 20);
  EXPECT_OK(text);
  return text.value_or("");
}

std::vector<std::string> OnlineTest::Files() {
  std::vector<std::string> names;
  for (const auto& entry :
       std::filesystem::directory_iterator(folder_.path())) {
    names.push_back(entry.path().filename());
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::string OnlineTest::Payload(std::size_t size) {
  std::string payload("\x00\x80\x00\x20\x01\x01\x00\x00", 8);
  while (payload.size() < size) {
    payload.push_back(static_cast<char>(payload.size() * 7 % 251));
  }
  return payload;
}

void OnlineTest::Export(const std::string& target, const std::string& name) {
  const Outcome outcome =
      Bootseal("ci", {"targets", "export", target, "-o", File(name)});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
}

}  // namespace bootseal::tests
