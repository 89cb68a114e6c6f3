// Updates of the stand-in as they are played in the field: the real
// bootseal-fwu on the card and the backup registers that the real bootloader
// uses, one after the other.
#include <openssl/bio.h>
#include <openssl/pem.h>

#include "base/file.h"
#include "base/openssl.h"
#include "firmware/image/host/convert.h"
#include "tests/client/fwu/test_release.h"
#include "tests/qemu/second_stage_case.h"
#include "tests/support/process.h"
#include "tests/support/signing_key.h"

namespace bootseal::tests {
namespace {

using boards::BackupRegister;
using image::host::AsBytes;

constexpr std::uint64_t kBankBytes = 4 << 20;

std::string PemOfReleaseKey() {
  const base::BioPtr bio(BIO_new(BIO_s_mem()));
  PEM_write_bio_PUBKEY(bio.get(), SharedKey(image::Algorithm::kP256).get());
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

// A signed release whose one image is this package.
std::string BundleOf(const std::string& package, std::uint32_t counter,
                     std::uint32_t metadata_version) {
  fwu::TestRelease release =
      fwu::MakeRelease({.minor = 2,
                        .counter = counter,
                        .bank_bytes = kBankBytes,
                        .metadata_version = metadata_version});
  release.images[0] = package;
  release.manifest.images[0].size = package.size();
  release.manifest.images[0].sha256 = Sha256(package);
  release.head.envelope =
      fwu::SignedEnvelope(image::host::WriteManifest(release.manifest));
  return fwu::TarOf(release);
}

// Release 1 in bank 0, and nothing in bank 1.
PackageDeviceOrder Factory(std::uint32_t metadata_version) {
  PackageDeviceOrder order;
  order.metadata_version = metadata_version;
  order.states[1] = BankState::kInvalid;
  order.fips[0] = PackageFor(StandIn(), {.text = "release 1, stop"});
  return order;
}

class Update {
 public:
  explicit Update(std::uint32_t metadata_version = 2)
      : version_(metadata_version),
        device_(StandIn(), Factory(metadata_version)) {
    Put("release.pem", PemOfReleaseKey());
    Put("fwu.conf", Configuration());
    EXPECT_THAT(device_.Boot("nt-fw: release"),
                HasSubstr(Hello("release 1, stop")));
  }

  const PackageDevice& device() const { return device_; }

  Outcome Fwu(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), {BOOTSEAL_FWU_PROGRAM, "--config",
                                         device_.File("fwu.conf")});
    return Run(arguments);
  }

  void Succeeds(const std::vector<std::string>& arguments) const {
    const Outcome outcome = Fwu(arguments);
    EXPECT_EQ(outcome.exit_code, 0) << outcome.out << outcome.err;
  }

  // Release 2, with counter 6, which does what `text` says.
  void Install(const std::string& text) const {
    Put("second.tar",
        BundleOf(PackageFor(StandIn(), {.text = text, .counter = 6}), 6,
                 version_));
    Succeeds({"install", device_.File("second.tar")});
  }

  // The same in both copies.
  void ExpectMetadata(const std::string& text) const {
    for (const int copy : {0, 1}) {
      EXPECT_EQ(device_.MetadataText(copy),
                absl::StrCat("version ", version_, ", ", text));
    }
  }

 private:
  void Put(const std::string& name, const std::string& content) const {
    EXPECT_EQ(base::WriteFileAtomically(device_.File(name), content),
              absl::OkStatus());
  }

  std::string Register(std::uint64_t offset) const {
    const std::uint64_t at = StandIn().backup - StandIn().ram + offset;
    return absl::StrCat("binary:", device_.RamPath(), "@", at, "\n");
  }

  std::string Configuration() const {
    return absl::StrCat(
        "device = ", device_.DiskPath(), "\nproduct = ", fwu::kProduct,
        "\nrelease-key = ", device_.File("release.pem"),
        "\nlock = ", device_.File("lock"),
        "\nrecords = ", device_.File("records"),
        "\nboot-register = ", Register(0), "backup-marker = ", Register(0x10),
        "report-register = ", Register(0x08),
        "error-register = ", Register(0x0c),
        "security-counter = ", Register(0x14));
  }

  std::uint32_t version_;
  PackageDevice device_;
};

class PackageUpdate : public testing::TestWithParam<std::uint32_t> {};

TEST_P(PackageUpdate, IsInstalledTriedAndKept) {
  const Update update(GetParam());
  const PackageDevice& device = update.device();
  update.Install("release 2, stop");
  update.ExpectMetadata("active 1, previous 0, accepted, valid");

  const std::string trial = device.Boot("nt-fw: release");
  EXPECT_THAT(trial, HasSubstr("bank 1: on trial, 2 left\n"));
  EXPECT_THAT(trial, HasSubstr(Hello("release 2, stop")));
  EXPECT_EQ(device.Counter(), 5u);

  update.Succeeds({"accept"});
  update.ExpectMetadata("active 1, previous 0, accepted, accepted");
  EXPECT_EQ(device.Counter(), 5u);

  const std::string kept = device.Boot("nt-fw: release");
  EXPECT_THAT(kept, HasSubstr("bank 1: accepted\n"
                              "counter: raised from 5 to 6\n"));
  EXPECT_THAT(kept, HasSubstr(Hello("release 2, stop")));
  EXPECT_EQ(device.Counter(), 6u);
  EXPECT_EQ(device.Register(BackupRegister::kBoot), 0x31u);
  update.Succeeds({"check"});
}

INSTANTIATE_TEST_SUITE_P(MetadataVersion, PackageUpdate,
                         testing::Values(1u, 2u));

TEST(PackageTrial, ThatNobodyAcceptsFallsBackAfterThreeResets) {
  const Update update;
  const PackageDevice& device = update.device();
  update.Install("release 2, reset");

  const std::string log = device.Boot("nt-fw: release 1");
  std::size_t at = 0;
  for (const std::string line :
       {"bank 1: on trial, 2 left\n", "nt-fw: release 2",
        "bank 1: on trial, 1 left\n", "nt-fw: release 2",
        "bank 1: on trial, 0 left\n", "nt-fw: release 2",
        "bank 0: fallback: the active bank's trials are spent\n",
        "nt-fw: release 1"}) {
    at = log.find(line, at);
    ASSERT_NE(at, std::string::npos) << line << log;
    at += line.size();
  }
  // The metadata still says what was wished, the register what is.
  update.ExpectMetadata("active 1, previous 0, accepted, valid");
  EXPECT_EQ(device.Register(BackupRegister::kBoot), 0x00u);
  EXPECT_EQ(device.Register(BackupRegister::kReport),
            ReportOf(BootReason::kTrialsSpent));
  EXPECT_EQ(device.Counter(), 5u);

  const Outcome check = update.Fwu({"check", "--json"});
  EXPECT_EQ(check.exit_code, 1) << check.out << check.err;
  EXPECT_THAT(check.out, HasSubstr("trials-spent"));
  EXPECT_THAT(device.MetadataText(0), HasSubstr("active 0"));
  EXPECT_THAT(device.Boot("nt-fw: release"), HasSubstr("bank 0: accepted\n"));
}

TEST(PackageTrial, IsSpentByPowerCutsToo) {
  const Update update;
  update.Install("release 2, stop");
  for (const char* left : {"2 left", "1 left", "0 left"}) {
    EXPECT_THAT(update.device().Boot("nt-fw: release"), HasSubstr(left));
  }
  EXPECT_THAT(update.device().Boot("nt-fw: release"),
              HasSubstr(Hello("release 1, stop")));
}

// Twenty-four seconds: three times the watchdog's.
TEST(PackageTrial, ThatHangsIsEndedByTheWatchdog) {
  const Update update;
  update.Install("release 2, hang");
  const std::string log =
      update.device().Boot("nt-fw: release 1", std::chrono::seconds(120));
  EXPECT_THAT(log, HasSubstr("bank 1: on trial, 0 left\n"));
  EXPECT_THAT(log, HasSubstr("trials are spent\n"));
  EXPECT_THAT(log, HasSubstr(Hello("release 1, stop")));
}

TEST(PackageTrial, ThatFeedsTheWatchdogGoesOn) {
  const Update update;
  update.Install("release 2, feed");
  const std::string log =
      update.device().Boot("no line has this", std::chrono::seconds(12));
  EXPECT_THAT(log, HasSubstr(Hello("release 2, feed")));
  EXPECT_EQ(log.find("bootseal mcimx7d"), log.rfind("bootseal mcimx7d"));
}

TEST(PackageTrial, ThatIsRejectedEndsWithTheNextReset) {
  const Update update;
  update.Install("release 2, stop");
  EXPECT_THAT(update.device().Boot("nt-fw: release"),
              HasSubstr(Hello("release 2, stop")));
  update.Succeeds({"reject"});
  const std::string log = update.device().Boot("nt-fw: release");
  EXPECT_THAT(log, HasSubstr("bank 0: accepted\n"));
  EXPECT_THAT(log, HasSubstr(Hello("release 1, stop")));
  EXPECT_EQ(update.device().Counter(), 5u);
}

TEST(PackageTrial, IsSkippedWhenTheBackupDomainIsLostBeforeIt) {
  const Update update;
  update.Install("release 2, stop");
  update.device().LoseBackupDomain();
  update.device().SetCounter(5);  // elsewhere than in the domain
  const std::string log = update.device().Boot("nt-fw: release");
  EXPECT_THAT(log, HasSubstr("backup domain lost, no trial was run\n"));
  const Outcome check = update.Fwu({"check", "--json"});
  EXPECT_EQ(check.exit_code, 1) << check.out << check.err;
  EXPECT_THAT(check.out, HasSubstr("trial-skipped"));
}

// The bank is good, and its package is not what the device takes: tried three
// times, one boot each, and told by its error.
TEST(PackageTrial, OfADamagedPackageIsTriedUntilItIsSpent) {
  const Update update;
  const PackageDevice& device = update.device();
  update.Install("release 2, stop");
  device.Damage(device.BankOffset(1) + 0x900);
  for (const std::uint32_t left : {2u, 1u, 0u}) {
    const std::string log = device.Boot("nt-fw: release");
    EXPECT_THAT(log, HasSubstr(absl::StrCat("bank 1: on trial, ", left,
                                            " left\nbank 1: refused: ")));
    EXPECT_THAT(log, HasSubstr(Hello("release 1, stop")));
    EXPECT_EQ(device.Register(BackupRegister::kBoot), left << 4);
    EXPECT_EQ(device.Register(BackupRegister::kReport),
              ReportOf(BootReason::kFailed, 2));
    update.ExpectMetadata("active 1, previous 0, accepted, valid");
    const auto error =
        static_cast<Error>(device.Register(BackupRegister::kError));
    const Outcome check = update.Fwu({"check", "--json"});
    EXPECT_EQ(check.exit_code, 1) << check.out << check.err;
    EXPECT_THAT(check.out, HasSubstr("not-started"));
    EXPECT_THAT(check.out, HasSubstr(ErrorText(error)));
  }
  update.ExpectMetadata("active 0, previous 1, accepted, invalid");
  EXPECT_THAT(device.Boot("nt-fw: release"), HasSubstr("bank 0: accepted\n"));
}

// As a card that could not be read once.
TEST(PackageTrial, ThatFailsOnceIsTriedAgain) {
  const Update update;
  const PackageDevice& device = update.device();
  update.Install("release 2, stop");
  device.Damage(device.BankOffset(1) + 0x900);
  EXPECT_THAT(device.Boot("nt-fw: release"),
              HasSubstr("the active bank did not start, 2 left\n"));
  device.Damage(device.BankOffset(1) + 0x900);  // the same bit: mended
  const std::string log = device.Boot("nt-fw: release");
  EXPECT_THAT(log, HasSubstr("bank 1: on trial, 1 left\n"));
  EXPECT_THAT(log, HasSubstr(Hello("release 2, stop")));
  update.Succeeds({"check"});
  update.Succeeds({"accept"});
  update.ExpectMetadata("active 1, previous 0, accepted, accepted");
}

}  // namespace
}  // namespace bootseal::tests
