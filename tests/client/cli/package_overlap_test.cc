// While one key of an STM32MP13's table takes another's place.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "tests/client/cli/package_fixture.h"

namespace bootseal::tests {
namespace {

using ::testing::HasSubstr;

class PackageOverlap : public PackageCommand {
 protected:
  // Keys "root" and "next" are 2 and 5 of the table; "root" signs.
  PackageOverlap() {
    PublicKey("root");
    server_.Stop();
    server_.AddKey("next", hsm::Algorithm::kP256);
    NextPolicy();
    server_.Start();
    PublicKey("next");
    for (v1::Target& target : *server_.policy().mutable_targets()) {
      if (target.has_fip()) target.mutable_fip()->set_chip(v1::STM32MP13);
      if (target.has_stm32_header()) PutTable(*target.mutable_stm32_header());
      if (target.key() == "root") target.add_overlap_keys("next");
    }
    Restart();
  }

  void PutTable(v1::Stm32HeaderFormat& format) {
    format.set_chip(v1::STM32MP13);
    format.set_key_index(2);
    for (int i = 0; i < 8; ++i) {
      const std::string pem = absl::StrCat("of-table-", i, ".pem");
      Make({"bash", "-c",
            absl::StrCat("openssl ecparam -name prime256v1 -genkey -noout | "
                         "openssl ec -pubout > ",
                         File(pem))});
      format.add_public_keys(Read(i == 2   ? "root.pem"
                                  : i == 5 ? "next.pem"
                                           : pem));
    }
  }

  void NextPolicy() {
    server_.policy().set_version(server_.policy().version() + 1);
  }
  void Restart() {
    server_.Stop();
    NextPolicy();
    server_.Start();
  }
  // "next" signs from now on.
  void Switch() {
    for (v1::Target& target : *server_.policy().mutable_targets()) {
      if (target.overlap_keys().empty()) continue;
      target.set_key("next");
      target.set_overlap_keys(0, "root");
      if (target.has_stm32_header()) {
        target.mutable_stm32_header()->set_key_index(5);
      }
    }
    Restart();
  }
};

TEST_F(PackageOverlap, FirstStagesOfBothKeysStartWithoutFusingAnew) {
  Export("stage", "profile");
  ASSERT_EQ(SignStage("stage", {"--receipt", File("receipt")}).exit_code, 0);
  const std::string fused =
      Bootseal("ci", {"targets", "export", "stage", "--format", "hashes"}).out;
  EXPECT_THAT(fused, HasSubstr("root  current, key 2 of the table"));
  EXPECT_THAT(fused, HasSubstr("next  overlap, key 5 of the table"));
  EXPECT_THAT(fused, HasSubstr("\nword 24  0x"));
  Switch();
  const std::string after =
      Bootseal("ci", {"targets", "export", "stage", "--format", "hashes"}).out;
  EXPECT_EQ(fused.substr(fused.find("word")), after.substr(after.find("word")));
  Export("stage", "profile");
  const Outcome old =
      Verify("profile", "bl2.stm32", {"--receipt", File("receipt")});
  EXPECT_EQ(old.exit_code, 0) << old.err;
  EXPECT_THAT(old.out, HasSubstr(", in the log, key root, beside next, the "
                                 "current one"));
  EXPECT_EQ(Verify("profile", "bl2.stm32", {}, "explain").exit_code, 0);
  ASSERT_EQ(SignStage("stage", {"--profile", File("profile")}).exit_code, 0);
  EXPECT_THAT(Verify("profile", "bl2.stm32").out,
              HasSubstr(", key next, the current one"));
}

TEST_F(PackageOverlap, PackagesOfBothRootsAreGood) {
  ASSERT_EQ(SignPackage("board", {"--receipt", File("receipt")}).exit_code, 0);
  Switch();
  Export("board", "profile");
  const Outcome old =
      Verify("profile", "board.fip", {"--receipt", File("receipt")});
  EXPECT_EQ(old.exit_code, 0) << old.out << old.err;
  EXPECT_THAT(old.out, HasSubstr(", key root, beside next, the current one"));
  EXPECT_EQ(Verify("profile", "board.fip", {}, "explain").exit_code, 0);
  ASSERT_EQ(SignPackage("board").exit_code, 0);
  EXPECT_THAT(Verify("profile", "board.fip").out,
              HasSubstr(", key next, the current one"));
}

TEST_F(PackageOverlap, PackagesOfADroppedRootAreRefused) {
  ASSERT_EQ(SignPackage("board").exit_code, 0);
  Switch();
  for (v1::Target& target : *server_.policy().mutable_targets()) {
    target.clear_overlap_keys();
  }
  Restart();
  Export("board", "profile");
  const Outcome old = Verify("profile", "board.fip");
  EXPECT_EQ(old.exit_code, 1);
  EXPECT_THAT(old.out, HasSubstr("ROOT_KEY_UNKNOWN"));
}

}  // namespace
}  // namespace bootseal::tests
