// The chain of trust: what a second stage starts, and the first thing that is
// wrong with what it does not.
#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "firmware/image/certificate/verifier.h"
#include "firmware/image/host/convert.h"
#include "tests/firmware/image/certificate/package_case.h"

namespace bootseal::tests {
namespace {

using image::Bytes;
using image::host::AsBytes;
using image::host::ToString;
using namespace image::certificate;

using Images = std::array<std::string, kImageRoles>;

const Certificates& SmallCertificates() {
  static const auto* certificates = new Certificates(SignedAll(SmallRequest()));
  return *certificates;
}

// The verdict of a package that was made as it should be, and then changed.
struct Package {
  Certificates certificates = SmallCertificates();
  Images images = SmallImages();
  Rules rules = SmallRules();

  std::string& at(Role role) { return certificates[IndexOf(role)]; }
  std::string& at(ImageRole role) { return images[IndexOf(role)]; }
  void Resign(Role role, const SigningKey& key,
              const std::function<void(Certificate&)>& change) {
    at(role) = Resigned(at(role), key, change);
  }
};

std::string VerdictOf(const Package& package) {
  return Verdict(package.rules, FipOf(package.certificates, package.images));
}

TEST(Chain, OfCertCreateAndFiptoolIsTaken) {
  const std::string key = PackageVector("root.pub.der");
  const std::string fip = PackageVector("stm32mp1.fip");
  const auto hash =
      KeyHashOf(KeyHashForm::kPoint, *ReadPublicKey(AsBytes(key)));
  Rules rules;
  rules.root_key_hash = hash.bytes();
  rules.trusted_counter = rules.non_trusted_counter = 5;
  EXPECT_EQ(Verdict(rules, fip), "OK");
  const auto verified = Verify(rules, AsBytes(fip));
  ASSERT_TRUE(verified.ok());
  EXPECT_EQ(ToString(verified->image(ImageRole::kNtFw)),
            "nt-fw of a package, for tests\n");
  EXPECT_EQ(verified->trusted_counter(), 5u);
  EXPECT_EQ(verified->non_trusted_counter(), 5u);
  EXPECT_TRUE(verified->image(ImageRole::kTosFwConfig).empty());
}

// No byte of an image or a certificate may be another one; what else there is
// in a package, is padding, or the header's serial and flags.
TEST(Chain, OfAPackageWithAnyByteChangedIsTakenOnlyIfNothingOfItChanged) {
  const std::string fip = FipOf(SmallCertificates(), SmallImages());
  const auto good = Verify(SmallRules(), AsBytes(fip));
  ASSERT_TRUE(good.ok());
  std::size_t taken = 0;
  for (std::size_t at = 0; at < fip.size(); ++at) {
    std::string changed = fip;
    changed[at] = static_cast<char>(changed[at] ^ 0x41);
    const auto verified = Verify(SmallRules(), AsBytes(changed));
    if (!verified.ok()) continue;
    ++taken;
    EXPECT_LT(at, image::fip::TocBytes(kRoles + kImageRoles)) << at;
    for (std::size_t i = 0; i < kImageRoles; ++i) {
      const auto role = static_cast<ImageRole>(i);
      EXPECT_EQ(ToString(verified->image(role)), ToString(good->image(role)));
    }
  }
  // Four of the serial, two of the flags.
  EXPECT_EQ(taken, 6u);
}

TEST(Chain, OfAPackageThatIsCutIsRefused) {
  const std::string fip = FipOf(SmallCertificates(), SmallImages());
  for (std::size_t size = 0; size < fip.size(); ++size) {
    ASSERT_FALSE(Verify(SmallRules(), AsBytes(fip).first(size)).ok()) << size;
  }
  EXPECT_TRUE(Verify(SmallRules(), AsBytes(fip + "what a partition had")).ok());
}

TEST(Chain, MayHaveOneKeyInEveryPlace) {
  auto request = SmallRequest();
  const std::string root = request.keys.root;
  request.keys = {root, root, root, root, root};
  Package package;
  package.certificates = SignedAll(request);
  EXPECT_EQ(VerdictOf(package), "OK");
}

TEST(Chain, MayHaveTheRootKeysHashWithItsCurve) {
  Package package;
  const auto hash =
      KeyHashOf(KeyHashForm::kNumberedPoint,
                *ReadPublicKey(AsBytes(SharedChainKeys().root.public_key())));
  package.rules.key_hash_form = KeyHashForm::kNumberedPoint;
  EXPECT_EQ(VerdictOf(package), "ROOT_KEY_UNKNOWN stm32mp-cfg-cert");
  package.rules.root_key_hash = hash.bytes();
  EXPECT_EQ(VerdictOf(package), "OK");
}

TEST(Chain, MayBeOfAHigherCounter) {
  Package package;
  package.rules.trusted_counter = package.rules.non_trusted_counter = 0;
  package.rules.counter_ceiling = 5;
  EXPECT_EQ(VerdictOf(package), "OK");
}

struct BadPackage {
  const char* what;
  const char* verdict;
  std::function<void(Package&)> change;
};

void PrintTo(const BadPackage& bad, std::ostream* out) { *out << bad.what; }

class ChainRefuses : public testing::TestWithParam<BadPackage> {};

TEST_P(ChainRefuses, AndSaysWhatIsWrong) {
  Package package;
  GetParam().change(package);
  EXPECT_EQ(VerdictOf(package), GetParam().verdict);
}

const ChainKeys& Keys() { return SharedChainKeys(); }

INSTANTIATE_TEST_SUITE_P(
    Rules, ChainRefuses,
    testing::Values(
        BadPackage{"hash of another length", "RULES package",
                   [](Package& bad) { bad.rules.root_key_hash = {}; }},
        BadPackage{"ceiling below the device's counter", "RULES package",
                   [](Package& bad) { bad.rules.counter_ceiling = 4; }},
        BadPackage{
            "ceiling that no certificate reaches", "RULES package",
            [](Package& bad) { bad.rules.counter_ceiling = 0x80000000; }},
        BadPackage{"one counter with two values", "RULES package",
                   [](Package& bad) { bad.rules.trusted_counter = 4; }},
        BadPackage{"another root key", "ROOT_KEY_UNKNOWN stm32mp-cfg-cert",
                   [](Package& bad) {
                     static const std::string other(32, 'h');
                     bad.rules.root_key_hash = AsBytes(other);
                   }},
        BadPackage{"a curve that is not the target's",
                   "CERTIFICATE_KEY stm32mp-cfg-cert", [](Package& bad) {
                     bad.rules.curve = Curve::kBrainpoolP256t1;
                   }}));

INSTANTIATE_TEST_SUITE_P(
    Certificates, ChainRefuses,
    testing::Values(
        BadPackage{"no config certificate",
                   "CERTIFICATE_MISSING stm32mp-cfg-cert",
                   [](Package& bad) { bad.at(Role::kConfig).clear(); }},
        BadPackage{"no trusted key certificate",
                   "CERTIFICATE_MISSING trusted-key-cert",
                   [](Package& bad) { bad.at(Role::kTrustedKey).clear(); }},
        BadPackage{"no tos-fw key certificate",
                   "CERTIFICATE_MISSING tos-fw-key-cert",
                   [](Package& bad) { bad.at(Role::kTosFwKey).clear(); }},
        BadPackage{"no tos-fw certificate", "CERTIFICATE_MISSING tos-fw-cert",
                   [](Package& bad) { bad.at(Role::kTosFw).clear(); }},
        BadPackage{"no nt-fw key certificate",
                   "CERTIFICATE_MISSING nt-fw-key-cert",
                   [](Package& bad) { bad.at(Role::kNtFwKey).clear(); }},
        BadPackage{"no nt-fw certificate", "CERTIFICATE_MISSING nt-fw-cert",
                   [](Package& bad) { bad.at(Role::kNtFw).clear(); }},
        BadPackage{"not a certificate", "DER nt-fw-cert",
                   [](Package& bad) { bad.at(Role::kNtFw) = "certificate"; }},
        BadPackage{"worlds swapped: key certificates",
                   "CERTIFICATE_ROLE tos-fw-key-cert",
                   [](Package& bad) {
                     std::swap(bad.at(Role::kTosFwKey), bad.at(Role::kNtFwKey));
                   }},
        BadPackage{"worlds swapped: content certificates",
                   "CERTIFICATE_ROLE tos-fw-cert",
                   [](Package& bad) {
                     std::swap(bad.at(Role::kTosFw), bad.at(Role::kNtFw));
                   }},
        BadPackage{"roots swapped", "CERTIFICATE_ROLE stm32mp-cfg-cert",
                   [](Package& bad) {
                     std::swap(bad.at(Role::kConfig),
                               bad.at(Role::kTrustedKey));
                   }},
        BadPackage{"an extension less", "CERTIFICATE_ROLE tos-fw-cert",
                   [](Package& bad) {
                     bad.Resign(Role::kTosFw, Keys().tos_fw,
                                [](Certificate& c) { --c.count; });
                   }},
        BadPackage{"an extension more", "CERTIFICATE_ROLE nt-fw-cert",
                   [](Package& bad) {
                     bad.Resign(Role::kNtFw, Keys().nt_fw, [](Certificate& c) {
                       c.storage[c.count] = c.storage[0];
                       c.storage[c.count++].id = extension::kTrustedCounter;
                     });
                   }},
        BadPackage{"extensions in another order", "CERTIFICATE_ROLE nt-fw-cert",
                   [](Package& bad) {
                     bad.Resign(Role::kNtFw, Keys().nt_fw, [](Certificate& c) {
                       std::swap(c.storage[1], c.storage[2]);
                     });
                   }},
        BadPackage{"the other world's counter", "CERTIFICATE_ROLE nt-fw-cert",
                   [](Package& bad) {
                     bad.Resign(Role::kNtFw, Keys().nt_fw, [](Certificate& c) {
                       c.storage[0].id = extension::kTrustedCounter;
                     });
                   }},
        BadPackage{
            "a root of one's own", "ROOT_KEY_UNKNOWN trusted-key-cert",
            [](Package& bad) {
              bad.Resign(Role::kTrustedKey, Keys().nt_fw, [](Certificate& c) {
                c.key = *ReadPublicKey(AsBytes(Keys().nt_fw.public_key()));
              });
            }},
        BadPackage{"a key of one's own", "CERTIFICATE_KEY_UNKNOWN nt-fw-cert",
                   [](Package& bad) {
                     bad.Resign(Role::kNtFw, Keys().tos_fw, [](Certificate& c) {
                       c.key =
                           *ReadPublicKey(AsBytes(Keys().tos_fw.public_key()));
                     });
                   }},
        BadPackage{"signed by another than it says",
                   "CERTIFICATE_SIGNATURE nt-fw-cert",
                   [](Package& bad) {
                     bad.Resign(Role::kNtFw, Keys().tos_fw,
                                [](Certificate&) {});
                   }},
        BadPackage{"root signed by another than it says",
                   "CERTIFICATE_SIGNATURE stm32mp-cfg-cert",
                   [](Package& bad) {
                     bad.Resign(Role::kConfig, Keys().tos_fw,
                                [](Certificate&) {});
                   }},
        BadPackage{"signature of another certificate",
                   "CERTIFICATE_SIGNATURE nt-fw-key-cert",
                   [](Package& bad) {
                     auto request = SmallRequest();
                     request.keys.nt_fw = request.keys.root;
                     const auto other = SignedAll(request);
                     // The same but for the key that it names.
                     std::string& der = bad.at(Role::kNtFwKey);
                     const auto ours = *ReadCertificate(AsBytes(der));
                     const auto theirs = *ReadCertificate(
                         AsBytes(other[IndexOf(Role::kNtFwKey)]));
                     std::array<std::byte, kMaxCertificateBytes> buffer;
                     der = ToString(*WriteCertificate(
                         ours.to_be_signed, theirs.signature, buffer));
                   }},
        BadPackage{"a chain of the other world's key",
                   "CERTIFICATE_KEY_UNKNOWN tos-fw-key-cert", [](Package& bad) {
                     auto request = SmallRequest();
                     std::swap(request.keys.trusted_world,
                               request.keys.non_trusted_world);
                     bad.at(Role::kTosFwKey) =
                         SignedAll(request)[IndexOf(Role::kTosFwKey)];
                   }}));

void SetCounter(Package& package, Role role, const SigningKey& key,
                std::uint32_t counter) {
  package.Resign(role, key, [counter](Certificate& certificate) {
    certificate.storage[0].counter = counter;
  });
}

INSTANTIATE_TEST_SUITE_P(
    Counters, ChainRefuses,
    testing::Values(
        BadPackage{"below the device's", "COUNTER_LOW stm32mp-cfg-cert",
                   [](Package& bad) {
                     bad.rules.trusted_counter = 6;
                     bad.rules.non_trusted_counter = 6;
                   }},
        BadPackage{"one below the device's", "COUNTER_LOW nt-fw-cert",
                   [](Package& bad) {
                     SetCounter(bad, Role::kNtFw, Keys().nt_fw, 4);
                   }},
        BadPackage{"below the non-trusted world's own",
                   "COUNTER_LOW nt-fw-key-cert",
                   [](Package& bad) {
                     bad.rules.one_counter = false;
                     bad.rules.non_trusted_counter = 6;
                   }},
        BadPackage{"above the ceiling", "COUNTER_HIGH tos-fw-cert",
                   [](Package& bad) {
                     bad.rules.counter_ceiling = 9;
                     SetCounter(bad, Role::kTosFw, Keys().tos_fw, 10);
                   }},
        BadPackage{"one higher than the others", "COUNTERS_DIFFER package",
                   [](Package& bad) {
                     SetCounter(bad, Role::kNtFw, Keys().nt_fw, 6);
                   }},
        BadPackage{"worlds that differ", "COUNTERS_DIFFER package",
                   [](Package& bad) {
                     SetCounter(bad, Role::kNtFw, Keys().nt_fw, 7);
                     SetCounter(bad, Role::kNtFwKey, Keys().non_trusted_world,
                                7);
                   }},
        BadPackage{"one world within itself", "COUNTERS_DIFFER package",
                   [](Package& bad) {
                     bad.rules.one_counter = false;
                     SetCounter(bad, Role::kNtFw, Keys().nt_fw, 7);
                   }}));

TEST(Chain, WithTwoCountersMayHaveTwoValues) {
  Package package;
  package.rules.one_counter = false;
  SetCounter(package, Role::kNtFw, Keys().nt_fw, 7);
  SetCounter(package, Role::kNtFwKey, Keys().non_trusted_world, 7);
  EXPECT_EQ(VerdictOf(package), "OK");
}

INSTANTIATE_TEST_SUITE_P(
    Images, ChainRefuses,
    testing::Values(
        BadPackage{"no nt-fw", "PACKAGE_IMAGE_MISSING nt-fw",
                   [](Package& bad) { bad.at(ImageRole::kNtFw).clear(); }},
        BadPackage{"no fw-config", "PACKAGE_IMAGE_MISSING fw-config",
                   [](Package& bad) { bad.at(ImageRole::kFwConfig).clear(); }},
        BadPackage{
            "an extra taken out", "PACKAGE_IMAGE_MISSING tos-fw-extra1",
            [](Package& bad) { bad.at(ImageRole::kTosFwExtra1).clear(); }},
        BadPackage{
            "an extra put in", "PACKAGE_IMAGE_UNEXPECTED tos-fw-extra2",
            [](Package& bad) { bad.at(ImageRole::kTosFwExtra2) = "extra"; }},
        BadPackage{"an image that the target forbids",
                   "PACKAGE_IMAGE_UNEXPECTED tos-fw-extra1",
                   [](Package& bad) {
                     bad.rules.images[IndexOf(ImageRole::kTosFwExtra1)] =
                         Presence::kForbidden;
                   }},
        BadPackage{"an image that the target requires",
                   "PACKAGE_IMAGE_MISSING nt-fw-config",
                   [](Package& bad) {
                     bad.rules.images[IndexOf(ImageRole::kNtFwConfig)] =
                         Presence::kRequired;
                   }},
        BadPackage{"another nt-fw", "PACKAGE_IMAGE_DIGEST nt-fw",
                   [](Package& bad) { bad.at(ImageRole::kNtFw) += '\0'; }},
        BadPackage{"another hw-config", "PACKAGE_IMAGE_DIGEST hw-config",
                   [](Package& bad) { bad.at(ImageRole::kHwConfig)[0] ^= 1; }},
        BadPackage{"images swapped", "PACKAGE_IMAGE_DIGEST tos-fw",
                   [](Package& bad) {
                     std::swap(bad.at(ImageRole::kTosFw),
                               bad.at(ImageRole::kTosFwExtra1));
                   }},
        BadPackage{
            "worlds swapped", "PACKAGE_IMAGE_DIGEST tos-fw", [](Package& bad) {
              std::swap(bad.at(ImageRole::kTosFw), bad.at(ImageRole::kNtFw));
            }}));

}  // namespace
}  // namespace bootseal::tests
