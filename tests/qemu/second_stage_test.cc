// One boot of the stand-in: what starts, what is said of it, and what the
// registers hold afterwards.
#include "tests/qemu/second_stage_case.h"

namespace bootseal::tests {
namespace {

using boards::BackupRegister;
using image::certificate::ImageRole;
using image::certificate::IndexOf;
using image::certificate::Role;

// A second stage writes no metadata: both copies are what they were, and the
// registers say what was done.
void ExpectLeft(const PackageDevice& device, const std::string& metadata,
                std::uint32_t boot, std::uint32_t report, Error error) {
  for (const int copy : {0, 1}) {
    EXPECT_EQ(device.MetadataText(copy), "version 2, " + metadata);
  }
  EXPECT_EQ(device.Disk(device.MetadataOffset(0), 512),
            device.Disk(device.MetadataOffset(1), 512));
  EXPECT_EQ(device.Register(BackupRegister::kBoot), boot);
  EXPECT_EQ(device.Register(BackupRegister::kDomain),
            second_stage::kDomainWord);
  EXPECT_EQ(device.Register(BackupRegister::kReport), report);
  EXPECT_EQ(device.Register(BackupRegister::kError),
            static_cast<std::uint32_t>(error));
}

constexpr char kBothAccepted[] = "active 0, previous 1, accepted, accepted";
constexpr char kTrialOf1[] = "active 1, previous 0, accepted, valid";

TEST(SecondStage, StartsTheAcceptedBankAndTellsTheNextStageSo) {
  const PackageDevice device(StandIn(), TwoReleases(StandIn()));
  device.SetRegister(BackupRegister::kBoot, 0xabcdef21);
  EXPECT_EQ(device.Boot("nt-fw: release"),
            "bootseal mcimx7d-sabre p256\n"
            "watchdog: 8 s\n"
            "metadata: primary, version 2, active 0, previous 1\n"
            "bank 0: accepted\n"
            "verified, counter 5; starting tos-fw at 0x8e000000, nt-fw at "
            "0x80100000\n"
            "tos-fw: hello from mcimx7d-sabre\n"
            "nt-fw: release 1, stop, boot 0xabcdef30, report 0xb0a70001, "
            "error " +
                absl::StrFormat("0x%08x\n", static_cast<unsigned>(Error::kOk)));
  EXPECT_EQ(device.Register(BackupRegister::kBoot), 0xabcdef30);
  EXPECT_EQ(device.Register(BackupRegister::kDomain),
            second_stage::kDomainWord);
  EXPECT_EQ(device.Counter(), 5u);
}

class MetadataVersion : public testing::TestWithParam<std::uint32_t> {};

TEST_P(MetadataVersion, IsReadAndItsTrialIsCounted) {
  PackageDeviceOrder order = OnTrial(StandIn());
  order.metadata_version = GetParam();
  const PackageDevice device(StandIn(), order);
  const std::string log = device.Boot("nt-fw: release");
  EXPECT_THAT(log, HasSubstr(absl::StrCat("metadata: primary, version ",
                                          GetParam(), ", active 1")));
  EXPECT_THAT(log, HasSubstr("bank 1: on trial, 2 left\n"));
  EXPECT_THAT(log, HasSubstr(Hello("release 2, stop")));
  EXPECT_EQ(device.Register(BackupRegister::kBoot), 0x21u);
  EXPECT_EQ(device.Register(BackupRegister::kReport),
            ReportOf(BootReason::kTrial));
}

INSTANTIATE_TEST_SUITE_P(OneAndTwo, MetadataVersion, testing::Values(1u, 2u));

TEST(SecondStage, RaisesTheCounterOfAnAcceptedBank) {
  PackageDeviceOrder order = TwoReleases(StandIn());
  order.active = 1;
  order.previous = 0;
  const PackageDevice device(StandIn(), order);
  EXPECT_THAT(device.Boot("nt-fw: release"),
              HasSubstr("counter: raised from 5 to 6\n"));
  EXPECT_EQ(device.Counter(), 6u);
}

TEST(SecondStage, LeavesTheCounterAloneDuringATrial) {
  const PackageDevice device(StandIn(), OnTrial(StandIn()));
  EXPECT_THAT(device.Boot("nt-fw: release"),
              HasSubstr(Hello("release 2, stop")));
  EXPECT_EQ(device.Counter(), 5u);
}

TEST(SecondStage, LeavesTheCounterAloneWhenItFallsBack) {
  const PackageDevice device(StandIn(), TwoReleases(StandIn()));
  device.Damage(device.BankOffset(0));
  EXPECT_THAT(device.Boot("nt-fw: release"),
              HasSubstr(Hello("release 2, stop")));
  EXPECT_EQ(device.Counter(), 5u);
}

class DamagedReplica : public testing::TestWithParam<int> {};

TEST_P(DamagedReplica, IsDoneWithoutAndReported) {
  const int copy = GetParam();
  const PackageDevice device(StandIn(), TwoReleases(StandIn()));
  device.Damage(device.MetadataOffset(copy) + 9);
  const std::string log = device.Boot("nt-fw: release");
  const std::string damaged = copy == 0 ? "primary" : "secondary";
  EXPECT_THAT(log, HasSubstr(absl::StrCat(
                       "metadata: ", copy == 0 ? "secondary" : "primary",
                       ", version 2, active 0, previous 1\nmetadata: ", damaged,
                       ": ", ErrorText(Error::kMetadataCrc))));
  EXPECT_THAT(log, HasSubstr(Hello("release 1, stop")));
  EXPECT_EQ(
      device.Register(BackupRegister::kReport),
      ReportOf(BootReason::kAccepted) | 1u << 9 | (copy == 0 ? 1u << 8 : 0u));
  // It is the update agent's to repair.
  EXPECT_EQ(device.MetadataText(copy), "METADATA_CRC");
  EXPECT_EQ(device.MetadataText(1 - copy),
            absl::StrCat("version 2, ", kBothAccepted));
  EXPECT_EQ(device.Register(BackupRegister::kBoot), 0x30u);
  EXPECT_EQ(device.Register(BackupRegister::kDomain),
            second_stage::kDomainWord);
  EXPECT_EQ(device.Register(BackupRegister::kError),
            static_cast<std::uint32_t>(Error::kOk));
}

INSTANTIATE_TEST_SUITE_P(Each, DamagedReplica, testing::Values(0, 1));

TEST(SecondStage, StartsNothingWhenBothReplicasAreDamaged) {
  const PackageDevice device(StandIn(), TwoReleases(StandIn()));
  for (const int copy : {0, 1}) device.Damage(device.MetadataOffset(copy));
  const std::string log = device.Boot("refused");
  EXPECT_THAT(log, HasSubstr(RefusalLine(Error::kMetadataCrc)));
  EXPECT_THAT(log, Not(HasSubstr("starting")));
  EXPECT_EQ(device.Register(BackupRegister::kReport), second_stage::kReportTag);
  EXPECT_EQ(device.Register(BackupRegister::kError),
            static_cast<std::uint32_t>(Error::kMetadataCrc));
}

TEST(SecondStage, TakesTheBackupOfADamagedPartitionTable) {
  const PackageDevice device(StandIn(), TwoReleases(StandIn()));
  device.Damage(512 + 40);
  const std::string log = device.Boot("nt-fw: release");
  EXPECT_THAT(
      log, HasSubstr("partition table: primary: " + ErrorText(Error::kGptCrc) +
                     "; its backup serves\n"));
  EXPECT_THAT(log, HasSubstr(Hello("release 1, stop")));
  EXPECT_EQ(device.Register(BackupRegister::kReport),
            ReportOf(BootReason::kAccepted) | 1u << 10);
}

TEST(SecondStage, StartsNothingWithoutAPartitionTable) {
  const PackageDevice device(StandIn(), TwoReleases(StandIn()));
  device.Damage(512 + 40);
  device.Damage(device.DiskBytes() - 512 + 40);
  const std::string log = device.Boot("refused");
  EXPECT_THAT(log, HasSubstr(RefusalLine(Error::kGptCrc)));
  EXPECT_THAT(log, Not(HasSubstr("starting")));
}

// One byte of each: certificate, image, table.
struct Place {
  std::string name;
  image::fip::Uuid uuid;
  std::string about;
  Error error;
};

class DamagedPackage : public testing::TestWithParam<Place> {};

TEST_P(DamagedPackage, InAnAcceptedBankFallsBackToTheOther) {
  const PackageDeviceOrder order = TwoReleases(StandIn());
  const PackageDevice device(StandIn(), order);
  const Place& place = GetParam();
  const std::uint64_t offset =
      place.uuid.zero() ? 0 : OffsetOf(order.fips[0], place.uuid) + 100;
  device.Damage(device.BankOffset(0) + offset);
  const std::string log = device.Boot("nt-fw: release");
  EXPECT_THAT(log, HasSubstr(BankRefusal(0, place.about, place.error)));
  EXPECT_THAT(log,
              HasSubstr("bank 1: fallback: the active bank did not start\n"));
  EXPECT_THAT(log, HasSubstr(Hello("release 2, stop")));
  ExpectLeft(device, kBothAccepted, 0x01, ReportOf(BootReason::kFailed, 1),
             place.error);
}

INSTANTIATE_TEST_SUITE_P(
    At, DamagedPackage,
    testing::Values(Place{"table", {}, "package", Error::kFipName},
                    Place{"certificate", image::fip::uuids::kNtFwCertificate,
                          "nt-fw-cert", Error::kCertificateForm},
                    Place{"image", image::fip::uuids::kNtFw, "nt-fw",
                          Error::kPackageImageDigest},
                    Place{"trusted", image::fip::uuids::kTosFw, "tos-fw",
                          Error::kPackageImageDigest}),
    [](const auto& each) { return each.param.name; });

TEST(SecondStage, StartsNothingWhenBothBanksAreDamaged) {
  const PackageDeviceOrder order = TwoReleases(StandIn());
  const PackageDevice device(StandIn(), order);
  for (const int bank : {0, 1}) {
    const std::uint64_t offset =
        OffsetOf(order.fips[bank], image::fip::uuids::kNtFw);
    device.Damage(device.BankOffset(bank) + offset);
  }
  const std::string log = device.Boot("bootseal: refused");
  for (const int bank : {0, 1}) {
    EXPECT_THAT(
        log, HasSubstr(BankRefusal(bank, "nt-fw", Error::kPackageImageDigest)));
  }
  EXPECT_THAT(log, HasSubstr(RefusalLine(Error::kNoBank)));
  EXPECT_THAT(log, Not(HasSubstr("starting")));
  EXPECT_EQ(device.Register(BackupRegister::kReport),
            second_stage::kReportTag | 3u << 4);
  EXPECT_EQ(device.Register(BackupRegister::kError),
            static_cast<std::uint32_t>(Error::kPackageImageDigest));
}

TEST(SecondStage, StartsNothingOfAnotherRootKey) {
  const PackageDevice device(StandIn(), TwoReleases(StandIn()));
  device.FuseRootKey(SharedChainKeys().nt_fw.public_key());
  const std::string log = device.Boot("bootseal: refused");
  for (const int bank : {0, 1}) {
    EXPECT_THAT(log, HasSubstr(BankRefusal(bank, "stm32mp-cfg-cert",
                                           Error::kRootKeyUnknown)));
  }
  EXPECT_THAT(log, HasSubstr(RefusalLine(Error::kNoBank)));
  EXPECT_THAT(log, Not(HasSubstr("starting")));
  // The last one that was tried.
  ExpectLeft(device, kBothAccepted, 0x01, second_stage::kReportTag | 3u << 4,
             Error::kRootKeyUnknown);
}

TEST(SecondStage, OfAnotherRootKeyATrialIsLostAndNothingMore) {
  const PackageDevice device(StandIn(), OnTrial(StandIn()));
  device.FuseRootKey(SharedChainKeys().nt_fw.public_key());
  const std::string log = device.Boot("bootseal: refused");
  EXPECT_THAT(log, HasSubstr("bank 1: on trial, 2 left\n"));
  EXPECT_THAT(log, HasSubstr(RefusalLine(Error::kNoBank)));
  ExpectLeft(device, kTrialOf1, 0x20, second_stage::kReportTag | 3u << 4,
             Error::kRootKeyUnknown);
}

// TF-A takes any key then.
TEST(SecondStage, StartsNothingWhileNoKeyIsFused) {
  const PackageDevice device(StandIn(), TwoReleases(StandIn()));
  for (int word = 0; word < 8; ++word) {
    device.SetWord(StandIn().backup + 0x1000 + 4 * word, 0);
  }
  const std::string log = device.Boot("bootseal: refused");
  EXPECT_THAT(log,
              HasSubstr("no root key fused\n" + RefusalLine(Error::kRules)));
  EXPECT_THAT(log, Not(HasSubstr("starting")));
}

struct Swap {
  std::string name;
  Role one;
  Role other;
  std::string about;
  Error error;
};

class SwappedCertificates : public testing::TestWithParam<Swap> {};

TEST_P(SwappedCertificates, AreRefused) {
  const PackageImages images = ImagesFor(StandIn(), {});
  Certificates certificates = CertificatesFor(images, 5);
  std::swap(certificates[IndexOf(GetParam().one)],
            certificates[IndexOf(GetParam().other)]);
  PackageDeviceOrder order = TwoReleases(StandIn());
  order.fips[0] = FipOf(certificates, images);
  const PackageDevice device(StandIn(), order);
  const std::string log = device.Boot("nt-fw: release");
  EXPECT_THAT(log,
              HasSubstr(BankRefusal(0, GetParam().about, GetParam().error)));
  EXPECT_THAT(log, HasSubstr(Hello("release 2, stop")));
  ExpectLeft(device, kBothAccepted, 0x01, ReportOf(BootReason::kFailed, 1),
             GetParam().error);
}

INSTANTIATE_TEST_SUITE_P(
    Of, SwappedCertificates,
    testing::Values(Swap{"both_worlds", Role::kTosFw, Role::kNtFw,
                         "tos-fw-cert", Error::kCertificateRole},
                    Swap{"both_keys", Role::kTosFwKey, Role::kNtFwKey,
                         "tos-fw-key-cert", Error::kCertificateRole},
                    Swap{"both_roots", Role::kConfig, Role::kTrustedKey,
                         "stm32mp-cfg-cert", Error::kCertificateRole}),
    [](const auto& each) { return each.param.name; });

// Of another package by the same keys: a chain says who, not together with
// what.
TEST(SecondStage, RefusesACertificateOfAnotherRelease) {
  const PackageImages images = ImagesFor(StandIn(), {});
  Certificates certificates = CertificatesFor(images, 5);
  PackageOrder other{.nt_fw = "another nt-fw"};
  certificates[IndexOf(Role::kNtFw)] =
      CertificatesFor(ImagesFor(StandIn(), other), 5)[IndexOf(Role::kNtFw)];
  PackageDeviceOrder order = TwoReleases(StandIn());
  order.fips[0] = FipOf(certificates, images);
  const PackageDevice device(StandIn(), order);
  EXPECT_THAT(device.Boot("nt-fw: release"),
              HasSubstr(BankRefusal(0, "nt-fw", Error::kPackageImageDigest)));
}

TEST(SecondStage, RefusesAnImageThatWasTakenOut) {
  PackageImages images = ImagesFor(StandIn(), {});
  const Certificates certificates = CertificatesFor(images, 5);
  images[IndexOf(ImageRole::kHwConfig)].clear();
  PackageDeviceOrder order = TwoReleases(StandIn());
  order.fips[0] = FipOf(certificates, images);
  const PackageDevice device(StandIn(), order);
  EXPECT_THAT(
      device.Boot("nt-fw: release"),
      HasSubstr(BankRefusal(0, "hw-config", Error::kPackageImageMissing)));
}

TEST(SecondStage, RefusesAnImageLargerThanItsPlace) {
  PackageImages images = ImagesFor(StandIn(), {});
  images[IndexOf(ImageRole::kFwConfig)] = std::string(0x10001, 'x');
  PackageDeviceOrder order = TwoReleases(StandIn());
  order.fips[0] = FipOf(CertificatesFor(images, 5), images);
  const PackageDevice device(StandIn(), order);
  const std::string log = device.Boot("nt-fw: release");
  EXPECT_THAT(log,
              HasSubstr(BankRefusal(0, "fw-config", Error::kImageTooLarge)));
  EXPECT_THAT(log, HasSubstr(Hello("release 2, stop")));
}

TEST(SecondStage, RefusesALowerCounter) {
  const PackageDevice device(StandIn(), TwoReleases(StandIn()));
  device.SetCounter(6);
  const std::string log = device.Boot("nt-fw: release");
  EXPECT_THAT(
      log, HasSubstr(BankRefusal(0, "stm32mp-cfg-cert", Error::kCounterLow)));
  EXPECT_THAT(log, HasSubstr(Hello("release 2, stop")));
  EXPECT_EQ(device.Counter(), 6u);
  ExpectLeft(device, kBothAccepted, 0x01, ReportOf(BootReason::kFailed, 1),
             Error::kCounterLow);
}

TEST(SecondStage, RefusesALowerCounterInATrialToo) {
  PackageDeviceOrder order = OnTrial(StandIn());
  order.fips[0] =
      PackageFor(StandIn(), {.text = "release 1, stop", .counter = 7});
  const PackageDevice device(StandIn(), order);
  device.SetCounter(7);
  const std::string log = device.Boot("nt-fw: release");
  EXPECT_THAT(
      log, HasSubstr("bank 1: on trial, 2 left\n" +
                     BankRefusal(1, "stm32mp-cfg-cert", Error::kCounterLow)));
  EXPECT_THAT(log, HasSubstr(Hello("release 1, stop")));
  EXPECT_EQ(device.Counter(), 7u);
  // It may be tried twice more.
  ExpectLeft(device, kTrialOf1, 0x20, ReportOf(BootReason::kFailed, 2),
             Error::kCounterLow);
}

TEST(SecondStage, RunsNoTrialOnceTheBackupDomainIsLost) {
  const PackageDevice device(StandIn(), OnTrial(StandIn()));
  device.LoseBackupDomain();
  const std::string log = device.Boot("nt-fw: release");
  EXPECT_THAT(log, HasSubstr("bank 0: fallback: backup domain lost, no trial "
                             "was run\n"));
  EXPECT_THAT(log, HasSubstr(Hello("release 1, stop")));
  EXPECT_EQ(device.Register(BackupRegister::kReport),
            ReportOf(BootReason::kTrialLost));
  // The next boot can still tell.
  EXPECT_EQ(device.Register(BackupRegister::kDomain), 0u);
  EXPECT_THAT(device.Boot("nt-fw: release"), HasSubstr("backup domain lost"));
}

TEST(SecondStage, TellsSpentTrialsFromALostBackupDomain) {
  const PackageDevice device(StandIn(), OnTrial(StandIn()));
  device.SetBootRegister(1, 0);
  const std::string log = device.Boot("nt-fw: release");
  EXPECT_THAT(log, HasSubstr("bank 0: fallback: the active bank's trials are "
                             "spent\n"));
  EXPECT_THAT(log, HasSubstr(Hello("release 1, stop")));
  EXPECT_EQ(device.Register(BackupRegister::kReport),
            ReportOf(BootReason::kTrialsSpent));
}

TEST(SecondStage, HasABackupDomainAgainOnceAnAcceptedBankStarts) {
  const PackageDevice device(StandIn(), TwoReleases(StandIn()));
  device.LoseBackupDomain();
  EXPECT_THAT(device.Boot("nt-fw: release"), HasSubstr("bank 0: accepted\n"));
  EXPECT_EQ(device.Register(BackupRegister::kBoot), 0x30u);
  EXPECT_EQ(device.Register(BackupRegister::kDomain),
            second_stage::kDomainWord);
}

}  // namespace
}  // namespace bootseal::tests
