// client/integrations/github and gitlab, and what reads them for tests.
#ifndef BOOTSEAL_TESTS_CLIENT_INTEGRATIONS_CI_FIXTURE_H_
#define BOOTSEAL_TESTS_CLIENT_INTEGRATIONS_CI_FIXTURE_H_

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "tests/support/process.h"
#include "tests/support/temporary_folder.h"

namespace bootseal::tests {

inline constexpr char kGithub[] =
    BOOTSEAL_SOURCE_DIR "/client/integrations/github";
inline constexpr char kGitlab[] =
    BOOTSEAL_SOURCE_DIR "/client/integrations/gitlab";
inline constexpr char kScripts[] =
    BOOTSEAL_SOURCE_DIR "/tests/client/integrations/ci";

inline std::string Script(const std::string& name) {
  return absl::StrCat(kScripts, "/", name);
}

class CiFiles : public testing::Test {
 protected:
  // A copy with `from` replaced, as it was when that is empty.
  std::string Spoilt(const std::string& path, const std::string& from,
                     const std::string& to) {
    std::string text = Read(path);
    EXPECT_NE(text.find(from), std::string::npos) << from;
    const std::string copy =
        folder_.File(std::filesystem::path(path).filename());
    std::ofstream(copy) << absl::StrReplaceAll(text, {{from, to}});
    return copy;
  }

  static std::string Read(const std::string& path) {
    std::ifstream in(path);
    return {std::istreambuf_iterator<char>(in), {}};
  }

  static Outcome CheckGithub(const std::vector<std::string>& files) {
    std::vector<std::string> command{"node", Script("check_github.js")};
    command.insert(command.end(), files.begin(), files.end());
    return tests::Run(command, {{"BOOTSEAL_CI_CHECKS", BOOTSEAL_CI_CHECKS}});
  }

  // The file with its includes and inputs in place.
  static Outcome Preview(const std::string& folder) {
    return tests::Run({"sh", "-c",
                       "cd \"$1\" && exec node \"$2\" --preview --variable "
                       "CI_COMMIT_TAG=v1.2.3",
                       "preview", folder,
                       BOOTSEAL_CI_CHECKS
                       "/node_modules/.bin/gitlab-ci-local"});
  }

  TemporaryFolder folder_;
};

}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_CLIENT_INTEGRATIONS_CI_FIXTURE_H_
