// Releases as a server's key makes them, and devices that believe it: bootseald
// with its token and log, `bootseal fwu create` and `bundle`.
#ifndef BOOTSEAL_TESTS_INTEGRATION_FWU_FIXTURE_H_
#define BOOTSEAL_TESTS_INTEGRATION_FWU_FIXTURE_H_

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "client/fwu/bundle.h"
#include "tests/integration/fwu_device.h"
#include "tests/integration/installation.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_release.h"

namespace bootseal::tests {

// What fiptool's files begin with; `seed` makes another one of it.
inline std::string Fip(char seed) { return TestFip(100'000, seed); }

inline constexpr char kReleaseFormat[] = R"(release {
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

inline const std::vector<Product>& Products() {
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
              kReleaseFormat,
              {{"$product", each.product},
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
    const Outcome exported = installation_.Client(
        {"targets", "export", product.target, "--format", "fwu"});
    EXPECT_EQ(exported.exit_code, 0) << exported.out << exported.err;
    return {kind,     exported.out, key.out, installation_.Read("metadata"),
            Fip('a'), kBankBytes};
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
inline void ExpectRefused(FwuDevice& device, const std::string& bundle,
                          const std::string& reason) {
  const std::string before = device.Flash();
  const Outcome refused = device.Run({"install", bundle});
  EXPECT_EQ(refused.exit_code, 1) << refused.out << refused.err;
  EXPECT_EQ(FwuDevice::Reason(refused), reason) << refused.out;
  EXPECT_TRUE(device.Flash() == before) << reason;
  EXPECT_EQ(device.Reset().bank, 0);
}

}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_INTEGRATION_FWU_FIXTURE_H_
