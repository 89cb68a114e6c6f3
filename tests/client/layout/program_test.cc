// bootseal fwu layout as a shell runs it, and bootseal-fwu on what it made.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <jansson.h>
#include <openssl/pem.h>
#include <sys/stat.h>

#include <fstream>

#include "base/openssl.h"
#include "tests/client/cli/offline_fixture.h"
#include "tests/client/layout/sample_flash.h"
#include "tests/support/signing_key.h"

namespace bootseal::tests {
namespace {

using layout::SampleFip;
using layout::SampleFsbl;
using layout::SampleMetadata;

class FwuLayout : public OfflineTest {
 protected:
  Outcome Create(std::vector<std::string> arguments,
                 const std::string& output = "disk.img") {
    arguments.insert(arguments.begin(), {"fwu", "layout", "create"});
    arguments.insert(arguments.end(), {"-o", folder_.File(output)});
    return Bootseal(arguments);
  }
  Outcome Check(std::vector<std::string> arguments,
                const std::string& flash = "disk.img") {
    arguments.insert(arguments.begin(), {"fwu", "layout", "check"});
    arguments.push_back(folder_.File(flash));
    return Bootseal(arguments);
  }
  std::vector<std::string> Whole(const std::string& store) {
    std::vector<std::string> all{"--board", "stm32mp157",
                                 "--store", store,
                                 "--fip",   WriteFile("a.fip", SampleFip()),
                                 "--fip-b", WriteFile("b.fip", SampleFip())};
    if (store != "emmc") {
      all.insert(all.end(), {"--fsbl", WriteFile("tf-a", SampleFsbl())});
    }
    return all;
  }
  void ExpectRefusal(const std::vector<std::string>& arguments, int exit_code,
                     const std::string& reason) {
    const Outcome outcome = Create(arguments, "none");
    EXPECT_EQ(outcome.exit_code, exit_code) << outcome.err;
    EXPECT_THAT(outcome.err, HasSubstr(reason));
    EXPECT_EQ(outcome.out, "");
    EXPECT_THAT(Files(), Not(testing::Contains(testing::StartsWith("none"))));
  }
};

TEST_F(FwuLayout, MakesWhatItThenFindsGood) {
  for (const std::string store : {"sd", "emmc", "nor", "nand"}) {
    const Outcome made = Create(Whole(store));
    ASSERT_EQ(made.exit_code, 0) << made.err;
    EXPECT_THAT(made.out, HasSubstr(", boots\n"));
    const Outcome checked = Check({"--board", "stm32mp157", "--store", store});
    EXPECT_EQ(checked.exit_code, 0) << checked.out << checked.err;
    EXPECT_THAT(checked.out,
                HasSubstr("boots with TF-A 2.11 to 2.15 on stm32mp157"));
  }
}

TEST_F(FwuLayout, SaysWhatIsStillToBeFilled) {
  const Outcome made = Create({"--board", "stm32mp135", "--store", "sd"});
  ASSERT_EQ(made.exit_code, 0) << made.err;
  EXPECT_THAT(made.out,
              HasSubstr("before it boots, fill fsbl1, fsbl2, fip-a\n"));
  const Outcome checked = Check({});
  EXPECT_EQ(checked.exit_code, 1);
  EXPECT_THAT(checked.out, HasSubstr("FIP_BLANK (boots-not) at 0x104400"));
  EXPECT_THAT(checked.out, HasSubstr("does not boot with"));
}

TEST_F(FwuLayout, MakesADiskThatTakesItsContentOnly) {
  auto arguments = Whole("sd");
  arguments.insert(arguments.end(),
                   {"--size", "1G", "--partition", "rootfs:900M:linux"});
  ASSERT_EQ(Create(arguments).exit_code, 0);
  struct stat info {};
  ASSERT_EQ(stat(folder_.File("disk.img").c_str(), &info), 0);
  EXPECT_EQ(info.st_size, 1 << 30);
  EXPECT_LT(info.st_blocks * 512, 4 << 20);
  EXPECT_EQ(Check({}).exit_code, 0);
}

TEST_F(FwuLayout, TakesMetadataOfFwuCreate) {
  ASSERT_EQ(Bootseal({"fwu", "create", "--metadata-version", "1", "--image",
                      "fip:fip-a,fip-b", "--state", "accepted,invalid", "-o",
                      folder_.File("md")})
                .exit_code,
            0);
  auto arguments = Whole("sd");
  arguments.insert(arguments.end(), {"--metadata", folder_.File("md")});
  ExpectRefusal(arguments, 1, "METADATA_VERSION");
  arguments.insert(arguments.end(), {"--metadata-version", "1"});
  ASSERT_EQ(Create(arguments).exit_code, 0);
  EXPECT_EQ(Check({}).exit_code, 0);
  EXPECT_EQ(Check({"--metadata-version", "1"}).exit_code, 0);
  EXPECT_EQ(Check({"--metadata-version", "2"}).exit_code, 1);
  EXPECT_EQ(Check({"--reader", "tf-a-2.10"}).exit_code, 0);
  EXPECT_EQ(Check({"--reader", "tf-a-2.16"}).exit_code, 1);
}

TEST_F(FwuLayout, SpeaksJson) {
  ASSERT_EQ(Create(Whole("sd")).exit_code, 0);
  const Outcome checked = Check({"--json", "--board", "stm32mp157"});
  EXPECT_EQ(checked.exit_code, 0) << checked.err;
  json_t* const json = json_loads(checked.out.c_str(), 0, nullptr);
  ASSERT_NE(json, nullptr) << checked.out;
  EXPECT_TRUE(json_is_true(json_object_get(json, "bootable")));
  EXPECT_EQ(json_integer_value(json_object_get(json, "entry_limit")), 6);
  EXPECT_EQ(json_integer_value(json_object_get(json, "trials")), 3);
  EXPECT_EQ(json_array_size(json_object_get(json, "partitions")), 7u);
  EXPECT_EQ(json_array_size(json_object_get(json, "findings")), 0u);
  EXPECT_EQ(json_integer_value(
                json_object_get(json_object_get(json, "first_boot"), "bank")),
            0);
  json_decref(json);
}

TEST_F(FwuLayout, RefusesAndWritesNothing) {
  const auto with = [&](std::vector<std::string> more) {
    auto all = Whole("sd");
    all.insert(all.end(), more.begin(), more.end());
    return all;
  };
  const auto on = [](const char* board, const char* store) {
    return std::vector<std::string>{"--board", board, "--store", store};
  };
  ExpectRefusal(on("stm32mp999", "sd"), 2, "BOARD_UNKNOWN");
  ExpectRefusal(on("stm32mp157", "tape"), 2, "STORE_UNKNOWN");
  ExpectRefusal(on("stm32mp257", "sd"), 2, "LAYOUT_UNKNOWN");
  ExpectRefusal({"--store", "sd"}, 2, "--board");
  ExpectRefusal({"--board", "stm32mp157"}, 2, "--store");
  ExpectRefusal(with({"--reader", "u-boot-v2"}), 2, "READER_UNKNOWN");
  ExpectRefusal(with({"--reader", "grub"}), 2, "READER_UNKNOWN");
  ExpectRefusal(with({"--reader", "tf-a-2.10", "--metadata-version", "2"}), 2,
                "reads metadata of version 1");
  ExpectRefusal(with({"--reader", "tf-a-2.11", "--ab"}), 2, "--ab");
  ExpectRefusal(with({"--metadata-version", "3"}), 2, "--metadata-version");
  ExpectRefusal(with({"--size", "1X"}), 2, "SIZE_INVALID");
  ExpectRefusal(with({"--size", "1M"}), 2, "SIZE_INVALID");
  ExpectRefusal(with({"--partition", "a:1M"}), 2, "PARTITION_INVALID");
  ExpectRefusal(with({"--disk-guid", "x"}), 2, "GUID_INVALID");
  ExpectRefusal(with({"--partition", "fsbl1:1M:linux"}), 2, "NAME_TWICE");
  ExpectRefusal(with({"--metadata", folder_.File("absent")}), 5,
                "FILE_NOT_FOUND");
  ExpectRefusal(with({"--metadata", WriteFile("empty", "")}), 5, "FILE_EMPTY");
  ExpectRefusal(with({"--metadata", WriteFile("md", "nonsense")}), 1,
                "cannot be used");
  auto fip = on("stm32mp157", "sd");
  fip.insert(fip.end(), {"--fip", WriteFile("x.fip", "nonsense")});
  ExpectRefusal(fip, 1, "FIP_MAGIC");
}

TEST_F(FwuLayout, KeepsWhatWasThereWhenItRefuses) {
  WriteFile("disk.img", "precious");
  EXPECT_EQ(Create({"--board", "stm32mp157", "--store", "sd", "--size", "1M"})
                .exit_code,
            2);
  EXPECT_EQ(Read(folder_.File("disk.img")), "precious");
}

TEST_F(FwuLayout, WritesToNoDeviceAndNoPipe) {
  for (const char* output : {"-", "/dev/null", "/dev/stdout"}) {
    const Outcome outcome =
        Bootseal({"fwu", "layout", "create", "--board", "stm32mp157", "--store",
                  "sd", "-o", output});
    EXPECT_EQ(outcome.exit_code, 5) << output << outcome.err;
    EXPECT_THAT(outcome.err, HasSubstr("FILE_NOT_REGULAR"));
    EXPECT_EQ(outcome.out, "");
  }
}

TEST_F(FwuLayout, ChecksNoFileThatIsNoFlash) {
  EXPECT_EQ(Check({}, "absent").exit_code, 5);
  WriteFile("empty", "");
  EXPECT_EQ(Check({}, "empty").exit_code, 5);
  WriteFile("text", "hello");
  const Outcome text = Check({}, "text");
  EXPECT_EQ(text.exit_code, 2);
  EXPECT_THAT(text.err, HasSubstr("STORE_UNKNOWN"));
  EXPECT_EQ(Check({"--store", "sd"}, "text").exit_code, 1);
  EXPECT_EQ(Bootseal({"fwu", "layout"}).exit_code, 2);
  EXPECT_THAT(Bootseal({"fwu", "layout", "mend"}).err,
              HasSubstr("no command \"layout mend\"; known: create, check"));
}

TEST_F(FwuLayout, ReadsNothingOfADiskThatMovesTheCursor) {
  layout::EditedDisk disk(layout::GoodFlash("sd"));
  disk.Named("u-boot-env").name[0] = 0x1b;
  WriteFile("disk.img", disk.Sealed());
  const Outcome checked = Check({});
  EXPECT_EQ(checked.exit_code, 0) << checked.out;
  EXPECT_THAT(checked.out, Not(HasSubstr("\x1b")));
}

std::string PublicKeyPem() {
  const base::BioPtr bio(BIO_new(BIO_s_mem()));
  PEM_write_bio_PUBKEY(bio.get(), SharedKey(image::Algorithm::kP256).get());
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

TEST_F(FwuLayout, IsADeviceForTheUpdateClient) {
  for (const std::string version : {"1", "2"}) {
    auto arguments = Whole("sd");
    arguments.insert(arguments.end(), {"--metadata-version", version});
    ASSERT_EQ(Create(arguments).exit_code, 0);
    const std::string configuration =
        absl::StrCat("device = ", folder_.File("disk.img"),
                     "\nproduct = gateway\nrelease-key = ",
                     WriteFile("key.pem", PublicKeyPem()),
                     "\nboot-register = file:", WriteFile("boot", "0x30\n"),
                     "\nsecurity-counter = file:", WriteFile("counter", "1\n"),
                     "\nlock = ", folder_.File("lock"),
                     "\nrecords = ", folder_.File("records"), "\n");
    const Outcome status =
        tests::Run({BOOTSEAL_FWU_PROGRAM, "--config",
                    WriteFile("fwu.conf", configuration), "status", "--json"});
    EXPECT_EQ(status.exit_code, 0) << status.out << status.err;
    EXPECT_THAT(status.out, HasSubstr("regular")) << status.out;
  }
}

}  // namespace
}  // namespace bootseal::tests
