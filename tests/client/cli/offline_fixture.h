// What the CLI says without a server: the program in a folder of its own, with
// no environment that points anywhere.
#ifndef BOOTSEAL_TESTS_CLIENT_CLI_OFFLINE_FIXTURE_H_
#define BOOTSEAL_TESTS_CLIENT_CLI_OFFLINE_FIXTURE_H_

#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>
#include <filesystem>
#include <string>
#include <vector>
#include "absl/strings/str_cat.h"
#include "base/file.h"
#include "bootseal/v1/policy.pb.h"
#include "tests/support/process.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_folder.h"

namespace bootseal::tests {

using testing::HasSubstr;
using testing::Not;

inline constexpr char kVectors[] =
    BOOTSEAL_SOURCE_DIR "/tests/vectors/mcuboot/";

inline std::string Read(const std::string& path) {
  const auto text = base::ReadFile(path, 16 << 20);
  EXPECT_OK(text);
  return text.value_or("");
}

inline v1::Target TfmSecure() {
  v1::Target target;
  target.set_name("nucleo-l552ze-q/tfm-s");
  target.set_key("tfm-s");
  target.add_requesters("ci");
  v1::McubootFormat& format = *target.mutable_mcuboot();
  format.set_header_size(0x400);
  format.set_slot_size(0x2d000);
  format.set_align(8);
  format.set_strategy(v1::OVERWRITE_ONLY);
  format.set_padding(v1::PAD);
  format.set_key_format(v1::FULL);
  format.set_security_counter(v1::REQUIRED);
  format.set_default_security_counter(1);
  format.set_security_counter_ceiling(512);
  format.set_boot_record(v1::REQUIRED);
  format.set_software_type("SPE");
  format.set_dependency(v1::OPTIONAL);
  format.set_image_count(2);
  return target;
}

class OfflineTest : public testing::Test {
 protected:
  Outcome Bootseal(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), BOOTSEAL_PROGRAM);
    return tests::Run(arguments, environment_);
  }

  // A profile file of `target` with the public key of a golden image.
  std::string WriteProfile(const v1::Target& target, v1::Algorithm algorithm,
                           const std::string& key) {
    v1::Profile profile;
    *profile.mutable_target() = target;
    profile.set_algorithm(algorithm);
    profile.set_public_key(Read(absl::StrCat(kVectors, key, ".pub.der")));
    std::string text;
    google::protobuf::TextFormat::PrintToString(profile, &text);
    const std::string path = folder_.File("profile");
    EXPECT_OK(base::WriteFileAtomically(path, text));
    return path;
  }

  std::string WriteFile(const std::string& name, const std::string& content) {
    EXPECT_OK(base::WriteFileAtomically(folder_.File(name), content));
    return folder_.File(name);
  }

  // Nothing but these is in the folder: no output, nor a part of one.
  std::vector<std::string> Files() {
    std::vector<std::string> names;
    for (const auto& entry :
         std::filesystem::directory_iterator(folder_.path())) {
      names.push_back(entry.path().filename());
    }
    return names;
  }

  // Signs with whatever else is given; the server does not exist.
  Outcome Sign(const std::string& payload,
               std::vector<std::string> arguments = {}) {
    std::vector<std::string> all{"sign", "--target", "app", "--version",
                                 "1.2.3"};
    all.insert(all.end(), arguments.begin(), arguments.end());
    all.push_back(payload);
    return Bootseal(all);
  }

  TemporaryFolder folder_;
  Environment environment_{{"BOOTSEAL_SERVER", "127.0.0.1:1"},
                           {"BOOTSEAL_CA", ""},
                           {"BOOTSEAL_CERT", ""},
                           {"BOOTSEAL_KEY", ""},
                           {"BOOTSEAL_LOG_KEY", ""},
                           {"XDG_CONFIG_HOME", "/nonexistent"},
                           {"BOOTSEAL_STATE", "/nonexistent"}};
};

// The case that started this.
}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_CLIENT_CLI_OFFLINE_FIXTURE_H_
