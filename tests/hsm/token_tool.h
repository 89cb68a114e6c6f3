// bootseal-token as a user runs it, on a token of the test's own.
#ifndef BOOTSEAL_TESTS_HSM_TOKEN_TOOL_H_
#define BOOTSEAL_TESTS_HSM_TOKEN_TOOL_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/support/process.h"
#include "tests/support/softhsm_token.h"
#include "tests/support/temporary_folder.h"

namespace bootseal::hsm {

class TokenToolTest : public testing::Test {
 protected:
  tests::Outcome Tool(const std::vector<std::string>& arguments) const {
    return softhsm_.Tool(arguments);
  }

  // A file of mode 0600.
  std::string Private(const std::string& name, const std::string& content) {
    namespace fs = std::filesystem;
    const std::string path = folder_.File(name);
    std::ofstream(path, std::ios::binary) << content;
    fs::permissions(path, fs::perms::owner_read | fs::perms::owner_write);
    return path;
  }

  tests::Outcome Init(const std::string& label, const std::string& pin) {
    return tests::Run(
        {BOOTSEAL_TOKEN_PROGRAM, "init", "--label", label, "--pin-file",
         Private("new-pin", pin), "--so-pin-file", softhsm_.so_pin_path()},
        softhsm_.environment());
  }

  // A private key of OpenSSL's, from genpkey's options.
  std::string MakePem(const std::vector<std::string>& options) {
    const std::string path = Private("key.pem", "");
    std::vector<std::string> command{"openssl", "genpkey", "-out", path};
    command.insert(command.end(), options.begin(), options.end());
    EXPECT_EQ(tests::Run(command).exit_code, 0);
    return path;
  }

  tests::TemporaryFolder folder_;
  tests::SoftHsmToken softhsm_{folder_.path()};
};

inline void ExpectRefusal(const tests::Outcome& outcome, int exit_code,
                          const std::string& reason) {
  EXPECT_EQ(outcome.exit_code, exit_code) << outcome.err;
  EXPECT_THAT(outcome.err, testing::HasSubstr(
                               absl::StrCat("bootseal-token: ", reason, ": ")));
  EXPECT_EQ(outcome.out, "");
}

}  // namespace bootseal::hsm

#endif  // BOOTSEAL_TESTS_HSM_TOKEN_TOOL_H_
