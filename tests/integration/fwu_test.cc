// From the server's key to the device's next boot, with nothing in between but
// the real programs: bootseald with its token and log, `bootseal fwu create`
// and `bundle`, `bootseal-fwu` on a disk that sgdisk made and on raw flash.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <tuple>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "client/fwu/bundle.h"
#include "tests/integration/fwu_device.h"
#include "tests/integration/installation.h"
#include "tests/support/status_matchers.h"

namespace bootseal::tests {
namespace {

using image::fwu::BootReason;
using ::testing::HasSubstr;
using Start = FwuDevice::Start;

// What fiptool's files begin with; `seed` makes another one of it.
std::string Fip(char seed) {
  std::string fip("\x01\x00\x64\xaa", 4);
  for (std::size_t i = fip.size(); i < 100'000; ++i) {
    fip.push_back(static_cast<char>(seed + i * 7));
  }
  return fip;
}

constexpr char kFormat[] = R"(release {
  product: "$product" metadata_version: $version
  images {
    name: "fip" type_guid: "19d5df83-11b0-457b-be2c-7559c13142a5"
    bank_guids: "4fd84c93-54ef-463f-a7ef-ae25ff887087"
    bank_guids: "$bank-b" bank_size: 0x40000
  }
  readers: BOOTSEAL_BOOT
})";

struct Product {
  std::string target;
  std::string product;
  int metadata_version = 2;
  std::string bank_b = kFipBGuid;
};

const std::vector<Product>& Products() {
  static const auto* products = new std::vector<Product>{
      {"gateway-1", "gateway", 1},
      {"gateway-2", "gateway", 2},
      {"toaster", "toaster", 2},
      {"gateway-moved", "gateway", 2, "11111111-2222-4333-8444-555555555551"},
  };
  return *products;
}

class Update : public testing::Test {
 protected:
  Update()
      : installation_(
            {{"update", "p256", "header_size: 0x400 slot_size: 0x80000"}}) {
    std::string policy = installation_.Read("policy.textproto");
    for (const Product& each : Products()) {
      absl::StrAppend(
          &policy, "targets { name: \"", each.target,
          "\" key: \"update\" requesters: \"ci\" lower_version: PASS ",
          absl::StrReplaceAll(
              kFormat, {{"$product", each.product},
                        {"$version", absl::StrCat(each.metadata_version)},
                        {"$bank-b", each.bank_b}}),
          "}\n");
    }
    installation_.Write("policy.textproto", policy);
    EXPECT_EQ(installation_.StartServer(), -1) << installation_.ServerLog();
  }

  // Signed by the HSM, with a receipt of the log.
  std::string Bundle(const std::string& target, const std::string& version,
                     int counter, const std::string& fip) {
    const std::string name = absl::StrCat(target, "-", version, ".tar");
    const Outcome made = installation_.Client(
        {"fwu", "bundle", "--target", target, "--version", version,
         "--security-counter", absl::StrCat(counter), "--component",
         absl::StrCat("fip=", installation_.Write("fip", fip)), "-o",
         installation_.File(name)});
    EXPECT_EQ(made.exit_code, 0) << made.out << made.err;
    return installation_.File(name);
  }

  // As the factory leaves it: bank 0 with a release, bank 1 empty.
  FactoryDevice Factory(const Product& product, DeviceKind kind) {
    const Outcome issued = installation_.Client(
        {"fwu", "create", "--target", product.target, "--state",
         "accepted,invalid", "-o", installation_.File("metadata")});
    EXPECT_EQ(issued.exit_code, 0) << issued.out << issued.err;
    const Outcome key = installation_.Client(
        {"keys", "show", "update", "--format", "pem"}, "release-manager");
    EXPECT_EQ(key.exit_code, 0) << key.err;
    return {kind,
            product.product,
            key.out,
            installation_.ClientEnvironment("ci").at("BOOTSEAL_LOG_KEY"),
            installation_.Read("metadata"),
            Fip('a'),
            kBankBytes};
  }

  // The bundle's parts with something in them changed, as a tar again.
  template <typename Change>
  std::string Changed(const std::string& bundle, std::string fip,
                      Change change) {
    auto source = fwu::FromFile(bundle);
    EXPECT_OK(source);
    auto head = fwu::ReadBundleHead(**source);
    EXPECT_OK(head);
    std::string metadata = installation_.Read("metadata");
    change(*head, metadata, fip);
    const std::string path = installation_.File("changed.tar");
    EXPECT_OK(fwu::WriteBundleFile(
        {*head, metadata, {{"fip", fwu::FromMemory(fip)}}}, path));
    return path;
  }

  Installation installation_;
};

// Nothing on the device changed, and it starts what it started.
void ExpectRefused(FwuDevice& device, const std::string& bundle,
                   const std::string& reason) {
  const std::string before = device.Flash();
  const Outcome refused = device.Run({"install", bundle});
  EXPECT_EQ(refused.exit_code, 1) << refused.out << refused.err;
  EXPECT_EQ(FwuDevice::Reason(refused), reason) << refused.out;
  EXPECT_TRUE(device.Flash() == before) << reason;
  EXPECT_EQ(device.Reset().bank, 0);
}

class UpdateOf
    : public Update,
      public testing::WithParamInterface<std::tuple<DeviceKind, int>> {
 protected:
  UpdateOf()
      : product_(
            Products()[static_cast<std::size_t>(std::get<1>(GetParam()) - 1)]),
        device_(Factory(product_, std::get<0>(GetParam()))) {}

  void ExpectDone(const std::vector<std::string>& command,
                  const std::string& state) {
    const Outcome outcome = device_.Run(command);
    EXPECT_EQ(outcome.exit_code, 0) << outcome.out << outcome.err;
    EXPECT_EQ(FwuDevice::Member(outcome, "state"), state) << outcome.out;
  }
  void ExpectRefusal(const std::vector<std::string>& command,
                     const std::string& reason) {
    const Outcome outcome = device_.Run(command);
    EXPECT_EQ(outcome.exit_code, 1) << outcome.out << outcome.err;
    EXPECT_EQ(FwuDevice::Reason(outcome), reason) << outcome.out;
  }

  Product product_;
  FwuDevice device_;
};

TEST_P(UpdateOf, ComesFromTheServersKeyToTheNextBootAndBack) {
  const std::string& target = product_.target;
  const std::string first = Bundle(target, "1.0.0", 5, Fip('a'));
  const std::string second = Bundle(target, "1.1.0", 5, Fip('b'));
  const std::string third = Bundle(target, "1.2.0", 5, Fip('c'));
  const std::string fourth = Bundle(target, "1.3.0", 6, Fip('d'));

  ExpectDone({"record", first}, "regular");
  ExpectDone({"status"}, "regular");
  ExpectDone({"install", second}, "trial-pending");
  EXPECT_TRUE(device_.BankHolds(1, Fip('b')));
  EXPECT_TRUE(device_.BankHolds(0, Fip('a')));
  ExpectRefusal({"accept"}, "RESET_PENDING");
  EXPECT_EQ(device_.Reset().reason, BootReason::kTrial);
  ExpectDone({"check"}, "trial");
  ExpectDone({"accept"}, "regular");
  EXPECT_EQ(device_.Reset().bank, 1);
  ExpectDone({"check"}, "regular");

  // Back to the release before, and forward again: their counters are equal.
  ExpectDone({"rollback"}, "return-pending");
  EXPECT_EQ(device_.Reset().bank, 0);
  ExpectDone({"check"}, "regular");
  ExpectDone({"rollback", "--bank", "1"}, "return-pending");
  EXPECT_EQ(device_.Reset().bank, 1);

  // A second update is rejected on trial; a third raises the counter.
  ExpectDone({"install", third}, "trial-pending");
  EXPECT_EQ(device_.Reset().bank, 0);
  ExpectDone({"reject"}, "return-pending");
  EXPECT_EQ(device_.Reset().bank, 1);
  ExpectRefusal({"rollback"}, "NO_BANK");
  ExpectDone({"install", fourth}, "trial-pending");
  EXPECT_EQ(device_.Reset().bank, 0);
  ExpectDone({"accept"}, "regular");
  device_.SetCounter(6);  // as the bootloader raises it
  EXPECT_EQ(device_.Reset().bank, 0);
  ExpectRefusal({"rollback"}, "BANK_DOWNGRADE");
  ExpectRefusal({"install", second}, "DOWNGRADE");

  const Outcome status = device_.Run({"status"});
  EXPECT_EQ(FwuDevice::Member(status, "running"), "0");
  EXPECT_EQ(FwuDevice::Member(status, "metadataVersion"),
            absl::StrCat(product_.metadata_version));
  EXPECT_THAT(status.out, HasSubstr("\"version\":\"1.3.0\""));
}

TEST_P(UpdateOf, FallsBackWhenNobodyAccepts) {
  ExpectDone({"install", Bundle(product_.target, "1.1.0", 5, Fip('b'))},
             "trial-pending");
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(device_.Reset().bank, 1);
    ExpectDone({"check"}, "trial");
  }
  EXPECT_EQ(device_.Reset().reason, BootReason::kTrialsSpent);
  ExpectDone({"status"}, "fallen-back");
  const Outcome fell = device_.Run({"check"});
  EXPECT_EQ(fell.exit_code, 1);
  EXPECT_EQ(FwuDevice::Member(fell, "fellBack"), "true") << fell.out;
  ExpectDone({"check"}, "regular");
  EXPECT_EQ(device_.Reset().bank, 0);
}

TEST_P(UpdateOf, TriesAgainWhenTheBackupDomainWasLost) {
  const std::string bundle = Bundle(product_.target, "1.1.0", 5, Fip('b'));
  ExpectDone({"install", bundle}, "trial-pending");
  EXPECT_EQ(device_.Reset(Start::kBackupDomainLost).reason,
            BootReason::kTrialLost);
  ExpectRefusal({"install", bundle}, "FELL_BACK");
  EXPECT_EQ(device_.Run({"check"}).exit_code, 1);
  ExpectRefusal({"install", bundle}, "RESET_PENDING");
  EXPECT_EQ(device_.Reset().bank, 0);
  ExpectDone({"install", bundle}, "trial-pending");
  EXPECT_EQ(device_.Reset().bank, 1);
  ExpectDone({"accept"}, "regular");
}

TEST_P(UpdateOf, IsRepairedFromEitherCopy) {
  ExpectDone({"record", Bundle(product_.target, "1.0.0", 5, Fip('a'))},
             "regular");
  const std::string good = device_.Flash();
  for (int copy = 0; copy < 2; ++copy) {
    device_.Damage(device_.MetadataOffset(copy) + 8);
    const Outcome status = device_.Run({"status"});
    EXPECT_EQ(FwuDevice::Member(status, absl::StrCat("metadata", copy + 1)),
              "METADATA_CRC")
        << status.out;
    ExpectDone({"repair"}, "regular");
    EXPECT_TRUE(device_.Flash() == good) << copy;
  }
  for (int copy = 0; copy < 2; ++copy) {
    device_.Damage(device_.MetadataOffset(copy) + 8);
  }
  ExpectRefusal({"status"}, "REPLICAS_DAMAGED");
  ExpectRefusal({"repair"}, "REPLICAS_DAMAGED");
}

std::string NameOfDevice(
    const testing::TestParamInfo<UpdateOf::ParamType>& info) {
  return absl::StrCat(
      std::get<0>(info.param) == DeviceKind::kGpt ? "Gpt" : "Raw", "Metadata",
      std::get<1>(info.param));
}

INSTANTIATE_TEST_SUITE_P(Devices, UpdateOf,
                         testing::Combine(testing::Values(DeviceKind::kGpt,
                                                          DeviceKind::kRaw),
                                          testing::Values(1, 2)),
                         NameOfDevice);

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
