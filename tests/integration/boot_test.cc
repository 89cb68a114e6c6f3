// What the server signed boots in QEMU; what was changed since is refused, by
// the bootloader that holds the same target's rules.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <functional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/integration/boards.h"
#include "tests/integration/installation.h"

namespace bootseal::tests {
namespace {

using testing::HasSubstr;

constexpr std::size_t kHeaderSize = 0x400;

void Sign(const Installation& installation, const std::string& target,
          const std::string& payload, const std::string& image) {
  const Outcome sign =
      installation.Client({"sign", "--target", target, "--version", "1.2.3+4",
                           "-o", installation.File(image), payload});
  ASSERT_EQ(sign.exit_code, 0) << sign.err << installation.ServerLog();
}

class Boots : public testing::TestWithParam<BoardAndAlgorithm> {};

TEST_P(Boots, WhatWasSignedAndRefusesOneFlippedBit) {
  const auto& [board, algorithm] = GetParam();
  Installation installation({BoardTarget(algorithm)});
  ASSERT_EQ(installation.StartServer(), -1) << installation.ServerLog();
  Sign(installation, algorithm, BoardPayload(board), "app.img");
  ProvisionBoard(installation, board, algorithm, algorithm);
  const Outcome boot = BootBoard(installation, board, "app.img");
  EXPECT_EQ(boot.exit_code, 0) << boot.out;
  EXPECT_THAT(boot.out, HasSubstr("1.2.3"));

  std::string image = installation.Read("app.img");
  image[kHeaderSize + 100] ^= 1;
  installation.Write("tampered.img", image);
  const Outcome tampered = BootBoard(installation, board, "tampered.img");
  EXPECT_EQ(tampered.exit_code, 1) << tampered.out;
  EXPECT_THAT(tampered.out, HasSubstr("digest does not match"));
}

INSTANTIATE_TEST_SUITE_P(
    Boards, Boots,
    testing::Values(BoardAndAlgorithm{"mps2-an505", "p256"},
                    BoardAndAlgorithm{"mps2-an521", "p256"},
                    BoardAndAlgorithm{"mps2-an505", "rsa2048"},
                    BoardAndAlgorithm{"mps2-an521", "rsa3072"},
                    BoardAndAlgorithm{"mps2-an505", "p384"},
                    BoardAndAlgorithm{"mps2-an521", "ed25519"}),
    NameOf);

// The case that started this: a board that measures its boot, and an image
// signed without a boot record.
TEST(MeasuredBoot, RefusesAnImageWithoutABootRecordAndSaysSo) {
  const std::string base =
      "header_size: 0x400 slot_size: 0x80000 key_format: FULL ";
  TestTarget measured{"measured", "rsa3072",
                      base + "boot_record: REQUIRED software_type: \"SPE\""};
  Installation installation({measured});
  ASSERT_EQ(installation.StartServer(), -1) << installation.ServerLog();
  const std::string board = "mps2-an505";
  Sign(installation, "measured", BoardPayload(board), "good.img");
  ProvisionBoard(installation, board, "rsa3072", "measured");
  EXPECT_EQ(BootBoard(installation, board, "good.img").exit_code, 0);

  // The same key, and a policy that forgets the record.
  installation.server().Signal(SIGTERM);
  ASSERT_EQ(installation.server().Wait(std::chrono::seconds(20)), 0);
  std::string policy = installation.Read("policy.textproto");
  policy.replace(policy.find("version: 1"), 10, "version: 2");
  const std::string demand = "boot_record: REQUIRED software_type: \"SPE\"";
  policy.erase(policy.find(demand), demand.size());
  installation.Write("policy.textproto", policy);
  ASSERT_EQ(installation.StartServer(), -1) << installation.ServerLog();
  Sign(installation, "measured", BoardPayload(board), "bare.img");
  const Outcome boot = BootBoard(installation, board, "bare.img");
  EXPECT_EQ(boot.exit_code, 1);
  EXPECT_THAT(boot.out, HasSubstr("boot record missing"));
}

}  // namespace
}  // namespace bootseal::tests
