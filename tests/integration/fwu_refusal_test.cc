// What a device refuses of what a real server released, and of what was made of
// it on the way; and a table that sgdisk judges.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "tests/integration/fwu_fixture.h"

namespace bootseal::tests {
namespace {

using ::testing::HasSubstr;

TEST_F(Update, MendsATableAsSgdiskWantsIt) {
  FwuDevice device(Factory(Products()[1], DeviceKind::kGpt));
  const auto verify = [&] {
    const Outcome said =
        tests::Run({"/usr/sbin/sgdisk", "-v", device.DiskPath()});
    return said.out + said.err;
  };
  const std::string good = device.Flash();
  const std::string healthy = verify();
  ASSERT_THAT(healthy, HasSubstr("No problems found"));
  // Either header, either array; of the backup's array sgdisk reads nothing
  // while it has the other one.
  const std::uint64_t end = good.size();
  const std::uint64_t unread = end - 33 * 512 + 40;
  for (const std::uint64_t offset :
       {std::uint64_t{512 + 24}, std::uint64_t{1024 + 40}, end - 512 + 24,
        unread}) {
    device.Damage(offset);
    EXPECT_TRUE(offset == unread || verify() != healthy) << offset;
    EXPECT_EQ(device.Run({"repair"}).exit_code, 0) << offset;
    EXPECT_EQ(verify(), healthy) << offset;
    EXPECT_TRUE(device.Flash() == good) << offset;
  }
}

TEST_F(Update, IsRefusedWhenItIsNotWhatTheServerReleasedForThisDevice) {
  const std::string old = Bundle("gateway-2", "0.9.0", 4, Fip('o'));
  const std::string bundle = Bundle("gateway-2", "1.1.0", 5, Fip('b'));
  const std::string other = Bundle("gateway-2", "1.2.0", 5, Fip('c'));
  const std::string toaster = Bundle("toaster", "1.1.0", 5, Fip('b'));
  const std::string version1 = Bundle("gateway-1", "1.1.0", 5, Fip('b'));
  const std::string moved = Bundle("gateway-moved", "1.1.0", 5, Fip('b'));
  for (const DeviceKind kind : {DeviceKind::kGpt, DeviceKind::kRaw}) {
    FwuDevice device(Factory(Products()[1], kind));
    ExpectRefused(device, toaster, "PRODUCT_MISMATCH");
    ExpectRefused(device, old, "DOWNGRADE");
    ExpectRefused(device, version1, "RELEASE_GEOMETRY");
    ExpectRefused(device, moved, "RELEASE_GEOMETRY");
    const auto changed = [&](auto change) {
      return Changed(bundle, Fip('b'), change);
    };
    using Head = fwu::BundleHead;
    const auto same = [](Head&, std::string&, std::string&) {};
    EXPECT_TRUE(installation_.Read("gateway-2-1.1.0.tar") ==
                (changed(same), installation_.Read("changed.tar")));
    ExpectRefused(device, changed([](Head& head, std::string&, std::string&) {
                    head.receipt.clear();
                  }),
                  "RECEIPT_MISSING");
    ExpectRefused(device, changed([&](Head& head, std::string&, std::string&) {
                    head.receipt =
                        fwu::ReadBundleHead(**fwu::FromFile(other))->receipt;
                  }),
                  "RECEIPT_OF_ANOTHER");
    ExpectRefused(device, changed([](Head& head, std::string&, std::string&) {
                    head.receipt[head.receipt.size() / 2] ^= 1;
                  }),
                  "RECEIPT_INVALID");
    ExpectRefused(device, changed([](Head& head, std::string&, std::string&) {
                    const std::size_t at = head.envelope.find("\"payload\":\"");
                    char& c = head.envelope[at + 100];
                    c = c == 'A' ? 'B' : 'A';
                  }),
                  "SIGNATURE_INVALID");
    ExpectRefused(device,
                  changed([](Head&, std::string& metadata, std::string&) {
                    metadata[60] ^= 1;
                  }),
                  "BUNDLE_METADATA");
    ExpectRefused(device, changed([](Head&, std::string&, std::string& fip) {
                    fip[77'777] ^= 1;
                  }),
                  "IMAGE_DIGEST");
    const std::string whole = installation_.Read("gateway-2-1.1.0.tar");
    for (std::size_t size = 100; size < whole.size(); size += 9'973) {
      ExpectRefused(device,
                    installation_.Write("cut.tar", whole.substr(0, size)),
                    "BUNDLE_TRUNCATED");
    }
    // After all that, the good one.
    EXPECT_EQ(device.Run({"install", bundle}).exit_code, 0);
    EXPECT_EQ(device.Reset().bank, 1);
  }
}

TEST_F(Update, IsRefusedWhenTheBanksAreTooSmall) {
  FactoryDevice factory = Factory(Products()[1], DeviceKind::kGpt);
  factory.bank_bytes = kBankBytes / 2;
  FwuDevice device(factory);
  ExpectRefused(device, Bundle("gateway-2", "1.1.0", 5, Fip('b')),
                "BANK_TOO_SMALL");
}

// The same key and the same release, logged where nobody of ours looks.
TEST_F(Update, IsRefusedWithTheReceiptOfAnotherLog) {
  FwuDevice device(Factory(Products()[1], DeviceKind::kGpt));
  const std::string ours =
      installation_.ClientEnvironment("ci").at("BOOTSEAL_LOG_KEY");
  for (const std::vector<std::string>& command :
       {std::vector<std::string>{"generate", "--label", "log-2", "--algorithm",
                                 "ed25519"},
        {"export-public", "--label", "log-2", "--format", "vkey", "--origin",
         ours.substr(0, ours.find('+')), "--output",
         installation_.File("vkey")},
        {"export-public", "--label", "log-2", "--format", "der", "--output",
         installation_.File("log-2.der")}}) {
    std::vector<std::string> whole = command;
    whole.insert(whole.end(), {"--token", "bootseal", "--pin-file",
                               installation_.File("pin")});
    const Outcome done = installation_.TokenTool(whole);
    ASSERT_EQ(done.exit_code, 0) << done.err;
  }
  const Outcome pin =
      tests::Run({"sha256sum", installation_.File("log-2.der")});
  installation_.Write(
      "policy.textproto",
      absl::StrCat(installation_.Read("policy.textproto"),
                   "keys { name: \"log-2\" uri: \"pkcs11:token=bootseal;"
                   "object=log-2\" algorithm: ED25519 purpose: CHECKPOINT "
                   "public_key_sha256: \"",
                   pin.out.substr(0, 64), "\" }\n"));
  installation_.Write(
      "server.textproto",
      absl::StrReplaceAll(
          installation_.Read("server.textproto"),
          {{"checkpoint_key: \"log\"", "checkpoint_key: \"log-2\""},
           {"audit.sqlite", "audit-2.sqlite"}}));
  ASSERT_EQ(installation_.StartServer(), -1) << installation_.ServerLog();
  const Outcome made = installation_.ClientWith(
      {{"BOOTSEAL_LOG_KEY",
        std::string(absl::StripAsciiWhitespace(installation_.Read("vkey")))},
       {"BOOTSEAL_STATE", installation_.File("state-2")}},
      {"fwu", "bundle", "--target", "gateway-2", "--version", "1.1.0",
       "--security-counter", "5", "--component",
       absl::StrCat("fip=", installation_.Write("fip", Fip('b'))), "-o",
       installation_.File("other-log.tar")});
  ASSERT_EQ(made.exit_code, 0) << made.err;
  ExpectRefused(device, installation_.File("other-log.tar"), "RECEIPT_INVALID");
}

}  // namespace
}  // namespace bootseal::tests
