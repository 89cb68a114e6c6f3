// bootseal sign for an STM32MP: targets for packages and first stages, their
// files, and somebody who approves.
#ifndef BOOTSEAL_TESTS_CLIENT_CLI_PACKAGE_FIXTURE_H_
#define BOOTSEAL_TESTS_CLIENT_CLI_PACKAGE_FIXTURE_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "tests/client/cli/online_fixture.h"
#include "tests/support/test_package.h"

namespace bootseal::tests {

class PackageCommand : public OnlineTest {
 protected:
  explicit PackageCommand(hsm::Algorithm algorithm = hsm::Algorithm::kP256) {
    for (const char* name : {"root", "tee"}) server_.AddKey(name, algorithm);
    AddPackage("board");
    AddPackage("plain").mutable_fip()->clear_tos_fw_key();
    v1::Target& guarded = AddPackage("guarded");
    guarded.set_approvals(1);
    guarded.add_approvers("release-manager");
    AddStage("stage");
    v1::Target& guarded_stage = AddStage("guarded-stage");
    guarded_stage.set_approvals(1);
    guarded_stage.add_approvers("release-manager");
    Make({"openssl", "genpkey", "-algorithm", "ed25519", "-out",
          File("alice.pem")});
    Make({"openssl", "pkey", "-in", File("alice.pem"), "-pubout", "-out",
          File("alice-public.pem")});
    server_.AddPerson("alice", "release-manager")
        .add_approver_keys()
        ->set_public_key(Read("alice-public.pem"));
    for (const auto& [name, content] : files_) Write(name, content);
    Write("bl2.bin", stage_);
    server_.Start();
  }

  static void Make(const std::vector<std::string>& command) {
    const Outcome outcome = tests::Run(command);
    ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  }

  v1::Target& Add(const std::string& name) {
    v1::Target& target = *server_.policy().add_targets();
    target.set_name(name);
    target.set_key("root");
    target.add_requesters("ci");
    return target;
  }
  v1::Target& AddPackage(const std::string& name) {
    v1::Target& target = Add(name);
    *target.mutable_fip() = TestPackageFormat();
    target.mutable_fip()->set_tos_fw_key("tee");
    target.mutable_fip()->set_align(512);
    return target;
  }
  v1::Target& AddStage(const std::string& name) {
    v1::Target& target = Add(name);
    *target.mutable_stm32_header() = TestFirstStageFormat();
    return target;
  }

  // In another order than that of the upload, under the names of builds.
  Outcome SignPackage(const std::string& target,
                      const std::vector<std::string>& more = {},
                      const std::string& counter = "1") {
    std::vector<std::string> arguments{
        "sign",      "--target", target,
        "--version", "1.2.3",    "--security-counter",
        counter,     "-o",       File("board.fip")};
    for (const char* name :
         {"bl33=nt-fw", "bl32=tos-fw", "bl32-extra1=tos-fw-extra1"}) {
      const std::vector<std::string> parts = absl::StrSplit(name, '=');
      AddComponent(parts[0], parts[1], arguments);
    }
    AddComponent("hw-config", "hw-config", arguments);
    AddComponent("fw-config", "fw-config", arguments);
    arguments.insert(arguments.end(), more.begin(), more.end());
    return Bootseal("ci", arguments);
  }
  void AddComponent(const std::string& name, const std::string& file,
                    std::vector<std::string>& arguments) {
    arguments.push_back("--component");
    arguments.push_back(absl::StrCat(name, "=", File(file)));
  }

  Outcome SignStage(const std::string& target,
                    const std::vector<std::string>& more = {},
                    const std::string& version = "1") {
    std::vector<std::string> arguments{
        "sign",         "--target", target,
        "--version",    "1.2.3",    "--security-counter",
        version,        "-o",       File("bl2.stm32"),
        File("bl2.bin")};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return Bootseal("ci", arguments);
  }

  Outcome Verify(const std::string& profile, const std::string& file,
                 const std::vector<std::string>& more = {},
                 const std::string& command = "verify") {
    std::vector<std::string> arguments{command, "--profile", File(profile),
                                       File(file)};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return Bootseal("ci", arguments, {{"BOOTSEAL_SERVER", "127.0.0.1:1"}});
  }

  void PublicKey(const std::string& name) {
    const Outcome shown =
        Bootseal("auditor", {"keys", "show", name, "--format", "pem"});
    ASSERT_EQ(shown.exit_code, 0) << shown.err;
    Write(name + ".pem", shown.out);
  }

  const PackageFiles files_ = TestPackageFiles();
  const std::string stage_ = absl::StrCat("bl2", std::string(30'000, 'b'));
};

}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_CLIENT_CLI_PACKAGE_FIXTURE_H_
