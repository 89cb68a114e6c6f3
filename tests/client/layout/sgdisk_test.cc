// Against sgdisk: what it makes is read, and what is made it has no problem
// with; the fixes that are told mend the disk.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "client/fwu/byte_source.h"
#include "tests/client/layout/sample_flash.h"
#include "tests/support/process.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_folder.h"

namespace bootseal::layout {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class LayoutSgdisk : public testing::Test {
 protected:
  tests::Outcome Shell(const std::string& command) {
    return tests::Run(
        {"bash", "-euc",
         absl::StrCat("export PATH=$PATH:/usr/sbin\ncd \"$1\"\n", command), "-",
         folder_.path()});
  }
  void Put(const std::string& bytes) {
    std::ofstream(folder_.File("disk.img"), std::ios::binary) << bytes;
  }
  Report Check(const Build& build = BuildOf("sd")) {
    const auto source = fwu::FromFile(folder_.File("disk.img"));
    EXPECT_OK(source);
    return CheckFlash(**source, build, "disk.img");
  }
  // The recipe of facts fwu 8, with types and GUIDs.
  void MakeWithSgdisk(const std::string& more = "") {
    const auto made = Shell(absl::StrCat(
        "truncate -s 64M disk.img\n"
        "M=8a7a84a0-8387-40f6-ab41-a8b9a5a60d23\n"
        "F=19d5df83-11b0-457b-be2c-7559c13142a5\n"
        "sgdisk -a 1 -n 1:34:+256K -c 1:fsbl1 -n 2:546:+256K -c 2:fsbl2"
        " -n 3:1058:+256K -c 3:metadata1 -t 3:$M"
        " -n 4:1570:+256K -c 4:metadata2 -t 4:$M"
        " -n 5:2082:+4M -c 5:fip-a -t 5:$F"
        " -u 5:4fd84c93-54ef-463f-a7ef-ae25ff887087"
        " -n 6:10274:+4M -c 6:fip-b -t 6:$F"
        " -u 6:09c54952-d5bf-45af-acee-335303766fb3 ",
        more, " disk.img"));
    ASSERT_EQ(made.exit_code, 0) << made.out << made.err;
    std::fstream disk(folder_.File("disk.img"),
                      std::ios::in | std::ios::out | std::ios::binary);
    const std::string metadata = SampleMetadata(2, "accepted,invalid");
    for (const auto& [at, bytes] :
         {std::pair<int, std::string>{0x4400, SampleFsbl()},
          {0x44400, SampleFsbl()},
          {0x84400, metadata},
          {0xc4400, metadata},
          {0x104400, SampleFip()}}) {
      disk.seekp(at) << bytes;
    }
  }

  tests::TemporaryFolder folder_;
};

TEST_F(LayoutSgdisk, HasNoProblemWithWhatIsMade) {
  for (const char* store : {"sd", "emmc"}) {
    Put(GoodFlash(store));
    const auto verified = Shell("sgdisk -v disk.img");
    EXPECT_EQ(verified.exit_code, 0) << verified.out << verified.err;
    EXPECT_THAT(verified.out, HasSubstr("No problems found"));
    EXPECT_THAT(verified.out, Not(HasSubstr("Warning")));
  }
}

TEST_F(LayoutSgdisk, ReadsEveryPartitionThatIsMade) {
  Put(GoodFlash("sd"));
  const auto fip = Shell("sgdisk -i 5 disk.img");
  EXPECT_THAT(fip.out, HasSubstr("19D5DF83-11B0-457B-BE2C-7559C13142A5"));
  EXPECT_THAT(fip.out, HasSubstr("Partition unique GUID: "
                                 "4FD84C93-54EF-463F-A7EF-AE25FF887087"));
  EXPECT_THAT(fip.out, HasSubstr("First sector: 2082"));
  EXPECT_THAT(fip.out, HasSubstr("Partition size: 8192 sectors"));
  EXPECT_THAT(fip.out, HasSubstr("Partition name: 'fip-a'"));
  const auto metadata = Shell("sgdisk -i 4 disk.img");
  EXPECT_THAT(metadata.out, HasSubstr("8A7A84A0-8387-40F6-AB41-A8B9A5A60D23"));
  EXPECT_THAT(metadata.out, HasSubstr("First sector: 1570"));
}

TEST_F(LayoutSgdisk, MakesADiskThatBoots) {
  MakeWithSgdisk();
  const Report report = Check();
  EXPECT_THAT(report.findings, IsEmpty()) << FormatText(report);
  EXPECT_EQ(report.evidence.first_boot.bank, 0);
}

TEST_F(LayoutSgdisk, MakesATableForAnotherRomThatBootsToo) {
  MakeWithSgdisk();
  ASSERT_EQ(Shell("sgdisk -S 56 disk.img").exit_code, 0);
  EXPECT_THAT(Check().findings, IsEmpty());
}

TEST_F(LayoutSgdisk, MendsWhatIsBeyondTheLimit) {
  MakeWithSgdisk("-n 7:0:+1M -c 7:bootfs");
  ASSERT_EQ(Shell("sgdisk --transpose=3:7 disk.img").exit_code, 0);
  const Report report = Check();
  EXPECT_THAT(ReasonsOf(report), ElementsAre("ENTRY_LIMIT", "METADATA_ORDER"));
  for (const Finding& finding : report.findings) {
    if (finding.reason != "ENTRY_LIMIT") continue;
    const std::string fix = finding.fix.substr(finding.fix.find("sgdisk"));
    EXPECT_EQ(Shell(fix).exit_code, 0) << fix;
  }
  EXPECT_THAT(Check().findings, IsEmpty()) << FormatText(Check());
}

// The fix of each of these is a command, up to a semicolon.
struct Mistake {
  const char* name;
  const char* command;
  const char* reason;
};

class LayoutFix : public LayoutSgdisk,
                  public testing::WithParamInterface<Mistake> {};

TEST_P(LayoutFix, MendsTheDisk) {
  MakeWithSgdisk();
  const auto spoiled = Shell(GetParam().command);
  ASSERT_EQ(spoiled.exit_code, 0) << spoiled.out << spoiled.err;
  const Report report = Check();
  ASSERT_NE(report.Find(GetParam().reason), nullptr) << FormatText(report);
  for (const Finding& finding : report.findings) {
    std::string fix = finding.fix.substr(0, finding.fix.find(';'));
    if (fix.find(": ") != std::string::npos) {
      fix = fix.substr(fix.find(": ") + 2);
    }
    const auto mended = Shell(fix);
    EXPECT_EQ(mended.exit_code, 0) << fix << mended.out << mended.err;
  }
  EXPECT_THAT(Check().findings, IsEmpty()) << FormatText(Check());
}

INSTANTIATE_TEST_SUITE_P(
    Mistakes, LayoutFix,
    testing::Values(
        Mistake{"Signature",
                "printf '\\0\\0' | dd of=disk.img bs=1 seek=510 conv=notrunc",
                "MBR_SIGNATURE"},
        Mistake{"Primary",
                "dd if=/dev/zero of=disk.img bs=512 seek=1 count=1 "
                "conv=notrunc",
                "GPT_PRIMARY"},
        Mistake{"Backup",
                "dd if=/dev/zero of=disk.img bs=512 seek=131071 count=1 "
                "conv=notrunc",
                "GPT_BACKUP"},
        Mistake{"LargerCard", "truncate -s 80M disk.img", "GPT_BACKUP_PLACE"},
        Mistake{"Type", "sgdisk -t 3:8300 -t 4:8300 disk.img", "METADATA_TYPE"},
        Mistake{"Name", "sgdisk -c 3:metadata disk.img",
                "METADATA_PARTITION_MISSING"},
        Mistake{"Order", "sgdisk -r 3:4 disk.img", "METADATA_ORDER"},
        Mistake{"Gap", "sgdisk -r 6:9 disk.img", "ENTRY_GAP"}),
    [](const auto& each) { return std::string(each.param.name); });

}  // namespace
}  // namespace bootseal::layout
