// Which target -k bootseal:SIGNER means, and the public key of a key file
// against it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "client/cli/imgtool_server.h"
#include "client/cli/imgtool_target.h"
#include "tests/support/status_matchers.h"

namespace bootseal::cli {
namespace {

using imgtool::Padding;
using imgtool::ServerOrder;
using testing::HasSubstr;

v1::Profile Target(const std::string& name, const std::string& key) {
  v1::Profile profile;
  profile.set_algorithm(v1::P256);
  profile.set_public_key("der of " + key);
  profile.mutable_target()->set_name(name);
  profile.mutable_target()->set_key(key);
  profile.mutable_target()->mutable_mcuboot()->set_header_size(0x400);
  profile.mutable_target()->mutable_mcuboot()->set_slot_size(0x80000);
  return profile;
}

v1::Profile App() { return Target("an521-app", "app"); }
v1::Profile Other() { return Target("nucleo-l552ze-q/tfm-s", "tfm-s"); }

v1::Profile Confirmed() {
  v1::Profile profile = Target("an521-app-confirmed", "app");
  profile.mutable_target()->mutable_mcuboot()->set_padding(v1::CONFIRM);
  return profile;
}

v1::Profile Small() {
  v1::Profile profile = Target("an521-app-small", "app");
  profile.mutable_target()->mutable_mcuboot()->set_slot_size(0x40000);
  return profile;
}

ServerOrder SignedBy(const std::string& signer) {
  ServerOrder order;
  order.signer = signer;
  order.given = {"--key"};
  return order;
}

ServerOrder WithSlot(std::uint32_t size) {
  ServerOrder order = SignedBy("key/app");
  order.options.slot_size = size;
  order.given.insert("--slot-size");
  return order;
}

ServerOrder WithPadding(Padding padding, const std::string& option) {
  ServerOrder order = SignedBy("key/app");
  order.options.padding = padding;
  order.given.insert(option);
  return order;
}

std::string NameOf(const absl::StatusOr<v1::Profile>& found) {
  return found.ok() ? found->target().name() : found.status().ToString();
}

TEST(Signer, OfATargetIsThatTarget) {
  EXPECT_EQ(NameOf(FindSigner({Other(), App()}, SignedBy("an521-app"))),
            "an521-app");
}

TEST(Signer, OfAKeyIsTheOnlyTargetThatUsesIt) {
  EXPECT_EQ(NameOf(FindSigner({Other(), App()}, SignedBy("key/tfm-s"))),
            "nucleo-l552ze-q/tfm-s");
}

TEST(Signer, OfAKeyWithTwoTargetsIsAskedFor) {
  const auto found = FindSigner({App(), Other(), Target("an521-net", "app")},
                                SignedBy("key/app"));
  EXPECT_EQ(base::ReasonOf(found.status()), "KEY_AMBIGUOUS");
  EXPECT_THAT(std::string(found.status().message()),
              HasSubstr("one of: an521-app, an521-net"));
}

TEST(Signer, ThatIsUnknownIsRefusedWithThoseThatExist) {
  for (const char* signer : {"nothing", "key/nothing", "key/", ""}) {
    const auto found = FindSigner({App()}, SignedBy(signer));
    EXPECT_TRUE(absl::IsNotFound(found.status())) << signer;
    EXPECT_THAT(std::string(found.status().message()), HasSubstr("an521-app"));
  }
}

TEST(Signer, OfAKeyIsTheTargetThatPadsAsTheCommandLineDoes) {
  const std::vector<v1::Profile> profiles{Confirmed(), App(), Other()};
  EXPECT_EQ(NameOf(FindSigner(profiles, SignedBy("key/app"))), "an521-app");
  EXPECT_EQ(
      NameOf(FindSigner(profiles, WithPadding(Padding::kConfirm, "--confirm"))),
      "an521-app-confirmed");
}

TEST(Signer, OfAKeyWithSeveralTargetsOfOnePaddingIsTheOneNotContradicted) {
  const std::vector<v1::Profile> profiles{App(), Confirmed(), Small()};
  EXPECT_EQ(NameOf(FindSigner(profiles, WithSlot(0x40000))), "an521-app-small");
  EXPECT_EQ(NameOf(FindSigner(profiles, WithSlot(0x80000))), "an521-app");
}

// Its contradictions are named when it is judged.
TEST(Signer, OfAKeyWithOneTargetOfItsPaddingIsThatOneEvenIfContradicted) {
  EXPECT_EQ(NameOf(FindSigner({App(), Confirmed()}, WithSlot(0x40000))),
            "an521-app");
}

TEST(Signer, OfAKeyWhoseTargetsAllContradictTheCommandLineIsRefused) {
  for (const ServerOrder& order :
       {WithSlot(0x20000), WithPadding(Padding::kConfirm, "--confirm")}) {
    const auto found = FindSigner({App(), Small()}, order);
    EXPECT_EQ(base::ReasonOf(found.status()), "KEY_AMBIGUOUS");
    EXPECT_THAT(std::string(found.status().message()),
                HasSubstr("2 targets, of which 0 fit"));
  }
}

TEST(Signer, OfAKeyWhoseTargetsAllContradictTheCommandLineHearsWhyOfEach) {
  const auto found =
      FindSigner({App(), Confirmed(), Small()}, WithSlot(0x20000));
  EXPECT_EQ(base::ReasonOf(found.status()), "KEY_AMBIGUOUS");
  for (const char* why :
       {"target an521-app has --slot-size 0x80000, the command line says "
        "0x20000",
        "target an521-app-small has --slot-size 0x40000, the command line says "
        "0x20000",
        "target an521-app-confirmed has --slot-size 0x80000"}) {
    EXPECT_THAT(std::string(found.status().message()), HasSubstr(why));
  }
}

TEST(Signer, OfAKeyWithTargetsThatAllPadHearsThatTheyDo) {
  v1::Profile second = Confirmed();
  second.mutable_target()->set_name("an521-app-second");
  const auto found = FindSigner({Confirmed(), second}, SignedBy("key/app"));
  EXPECT_EQ(base::ReasonOf(found.status()), "KEY_AMBIGUOUS");
  for (const char* name : {"an521-app-confirmed", "an521-app-second"}) {
    EXPECT_THAT(std::string(found.status().message()),
                HasSubstr(absl::StrCat("target ", name, " pads, and")));
  }
}

TEST(KeyFile, ThatHoldsTheTargetsKeyContradictsNothing) {
  ServerOrder order = SignedBy("an521-app");
  order.public_key = "der of app";
  EXPECT_OK(CheckAgainstTarget(order, App()));
}

TEST(KeyFile, ThatHoldsAnotherKeyIsRefusedWithBothHashes) {
  ServerOrder order = SignedBy("an521-app");
  order.public_key = "der of another";
  const absl::Status status = CheckAgainstTarget(order, App());
  EXPECT_EQ(base::ReasonOf(status), "TARGET_CONTRADICTED");
  EXPECT_THAT(std::string(status.message()),
              testing::ContainsRegex(
                  "target an521-app signs with key app of hash [0-9a-f]+, the "
                  "key file holds the one of hash [0-9a-f]+"));
}

}  // namespace
}  // namespace bootseal::cli
