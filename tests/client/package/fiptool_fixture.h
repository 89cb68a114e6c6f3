// bootseal fip and Debian's fiptool, with the same words, each in a folder of
// its own that begins as the other's does.
#ifndef BOOTSEAL_TESTS_CLIENT_PACKAGE_FIPTOOL_FIXTURE_H_
#define BOOTSEAL_TESTS_CLIENT_PACKAGE_FIPTOOL_FIXTURE_H_

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "firmware/image/host/fip_package.h"
#include "tests/client/package/package_fixture.h"

namespace bootseal::tests {

class BesideFiptool : public PackageTest {
 protected:
  using Words = std::vector<std::string>;
  struct Both {
    Outcome ours;
    Outcome theirs;
  };

  BesideFiptool() {
    for (const char* folder : {"ours", "theirs"}) {
      std::filesystem::create_directories(File(folder) + "/out");
    }
    PutBoth("tee.bin", std::string(1000, 't'));
    PutBoth("u-boot.bin", std::string(301, 'u'));
    PutBoth("blob.bin", "blob");
    PutBoth("empty.bin", "");
  }
  void PutBoth(const std::string& name, const std::string& content) const {
    Put("ours/" + name, content);
    Put("theirs/" + name, content);
  }
  Both RunBoth(const Words& words) const {
    return {RunIn("ours", {BOOTSEAL_PROGRAM, "fip"}, words),
            RunIn("theirs", {"fiptool"}, words)};
  }
  // All files below, by name.
  std::map<std::string, std::string> Tree(const std::string& folder) const {
    std::map<std::string, std::string> files;
    const std::filesystem::path root = File(folder);
    for (const auto& entry :
         std::filesystem::recursive_directory_iterator(root)) {
      if (!entry.is_regular_file()) continue;
      files[entry.path().lexically_relative(root)] = Read(entry.path());
    }
    return files;
  }
  // Done by both, with the same words and the same files.
  void ExpectSame(const Words& words) const {
    SCOPED_TRACE(testing::PrintToString(words));
    const Both both = RunBoth(words);
    EXPECT_EQ(both.ours.exit_code, 0) << both.ours.err;
    EXPECT_EQ(both.theirs.exit_code, 0) << both.theirs.err;
    EXPECT_EQ(both.ours.out, both.theirs.out);
    EXPECT_EQ(both.ours.err, both.theirs.err);
    EXPECT_TRUE(Tree("ours") == Tree("theirs"));
  }

 private:
  Outcome RunIn(const std::string& folder, Words command,
                const Words& words) const {
    command.insert(command.begin(),
                   {"sh", "-c", R"(cd "$0" && exec "$@")", File(folder)});
    command.insert(command.end(), words.begin(), words.end());
    return tests::Run(command, {{"BOOTSEAL_SERVER", "127.0.0.1:1"},
                                {"XDG_CONFIG_HOME", "/nonexistent"}});
  }
};

}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_CLIENT_PACKAGE_FIPTOOL_FIXTURE_H_
