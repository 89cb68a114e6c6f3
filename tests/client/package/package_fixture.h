// bootseal in a folder of its own, without a server or an environment.
#ifndef BOOTSEAL_TESTS_CLIENT_PACKAGE_PACKAGE_FIXTURE_H_
#define BOOTSEAL_TESTS_CLIENT_PACKAGE_PACKAGE_FIXTURE_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/pem.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "base/openssl.h"
#include "tests/support/process.h"
#include "tests/support/signing_key.h"
#include "tests/support/temporary_folder.h"

namespace bootseal::tests {

class PackageTest : public testing::Test {
 protected:
  Outcome Bootseal(std::vector<std::string> words) const {
    words.insert(words.begin(), BOOTSEAL_PROGRAM);
    return tests::Run(words, {{"BOOTSEAL_SERVER", "127.0.0.1:1"},
                              {"XDG_CONFIG_HOME", "/nonexistent"}});
  }
  std::string File(const std::string& name) const { return folder_.File(name); }
  std::string Put(const std::string& name, const std::string& content) const {
    std::ofstream(File(name), std::ios::binary) << content;
    return File(name);
  }
  std::string PutKey(const std::string& name, const SigningKey& key) const {
    const base::BioPtr bio(BIO_new_file(File(name).c_str(), "w"));
    EXPECT_EQ(PEM_write_bio_PUBKEY(bio.get(), key.get()), 1);
    return File(name);
  }
  static std::string Read(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  static std::string Vector(const std::string& name) {
    return BOOTSEAL_SOURCE_DIR "/tests/vectors/package/" + name;
  }
  bool There(const std::string& name) const {
    return std::filesystem::exists(File(name));
  }

 private:
  TemporaryFolder folder_;
};

}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_CLIENT_PACKAGE_PACKAGE_FIXTURE_H_
