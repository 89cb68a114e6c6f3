// bootseal fwu create, show and check of metadata, and what they refuse.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "firmware/image/crc32.h"
#include "firmware/image/host/convert.h"
#include "tests/client/cli/offline_fixture.h"

namespace bootseal::tests {
namespace {

constexpr char kBanks[] = "fip:fip-a,fip-b";
constexpr char kGuids[] =
    "19d5df83-11b0-457b-be2c-7559c13142a5:"
    "4fd84c93-54ef-463f-a7ef-ae25ff887087,"
    "09c54952-d5bf-45af-acee-335303766fb3";

class FwuCreate : public OfflineTest {
 protected:
  Outcome Create(std::vector<std::string> arguments,
                 const std::string& output = "md") {
    arguments.insert(arguments.begin(), {"fwu", "create"});
    arguments.insert(arguments.end(), {"-o", folder_.File(output)});
    return Bootseal(arguments);
  }
  Outcome CreateOf(const std::string& version, const std::string& active,
                   const std::string& previous, const std::string& states,
                   const std::string& output = "md") {
    return Create(
        {"--metadata-version", version, "--active", active, "--previous",
         previous, "--image", kBanks, "--state", states},
        output);
  }
  std::string Made(const std::string& name = "md") {
    return Read(folder_.File(name));
  }
  void ExpectUsage(const std::vector<std::string>& arguments,
                   const std::string& reason) {
    const Outcome outcome = Create(arguments, "none");
    EXPECT_EQ(outcome.exit_code, 2) << outcome.err;
    EXPECT_THAT(outcome.err, HasSubstr(reason));
    EXPECT_THAT(Files(), Not(testing::Contains("none")));
  }
  Outcome Check(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"fwu", "check"});
    return Bootseal(arguments);
  }
};

struct Vector {
  const char* version;
  const char* active;
  const char* previous;
  const char* states;
  std::size_t size;
  const char* crc;
};

// Output of mkfwumdata, or of a serializer that reproduces it.
TEST_F(FwuCreate, MakesTheBytesOfTheVectors) {
  for (const Vector& each : std::vector<Vector>{
           {"1", "0", "1", "accepted,accepted", 96, "d8bf8880"},
           {"1", "0", "0", "accepted,invalid", 96, "891f2116"},
           {"1", "1", "0", "accepted,valid", 96, "9057e441"},
           {"1", "1", "0", "accepted,accepted", 96, "0e574e8d"},
           {"2", "0", "1", "accepted,accepted", 120, "0ce40cc0"},
           {"2", "0", "1", "accepted,invalid", 120, "66e600a6"},
           {"2", "0", "0", "accepted,invalid", 120, "de264a60"},
           {"2", "1", "0", "accepted,valid", 120, "4d17d037"},
           {"2", "1", "0", "accepted,accepted", 120, "8b14be37"},
           {"2", "0", "1", "accepted,valid", 120, "cae762c0"}}) {
    const Outcome outcome =
        CreateOf(each.version, each.active, each.previous, each.states);
    ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
    EXPECT_EQ(Made().size(), each.size);
    EXPECT_EQ(absl::BytesToHexString(Made().substr(0, 4)), each.crc)
        << each.version << each.active << each.previous << each.states;
  }
}

TEST_F(FwuCreate, MakesTheWholeSampleOfMkfwumdata) {
  ASSERT_EQ(CreateOf("2", "0", "1", "accepted,accepted").exit_code, 0);
  EXPECT_EQ(absl::BytesToHexString(Made()),
            "0ce40cc002000000000000000100000078000000200000"
            "00fcfcffff000000000200010050001800"
            "83dfd519b0117b45be2c7559c13142a500000000000000000000000000000000"
            "934cd84fef543f46a7efae25ff8870870100000000000000"
            "5249c509bfd5af45acee335303766fb30100000000000000");
}

TEST_F(FwuCreate, TakesGuidsAndTheirNamesAlike) {
  ASSERT_EQ(CreateOf("2", "0", "1", "accepted,invalid", "names").exit_code, 0);
  ASSERT_EQ(Create({"--metadata-version", "2", "--active", "0", "--previous",
                    "1", "--image", kGuids, "--state", "accepted,invalid"},
                   "guids")
                .exit_code,
            0);
  EXPECT_EQ(Made("names"), Made("guids"));
}

TEST_F(FwuCreate, PutsVendorDataBehindVersion2) {
  const std::string vendor = WriteFile("vendor", "VEND!");
  const std::vector<std::string> arguments{"--metadata-version",
                                           "2",
                                           "--image",
                                           kBanks,
                                           "--state",
                                           "accepted,accepted",
                                           "--vendor-data",
                                           vendor};
  ASSERT_EQ(Create(arguments).exit_code, 0);
  EXPECT_EQ(Made().size(), 125u);
  EXPECT_EQ(absl::BytesToHexString(Made().substr(0, 4)), "acf2a147");
}

TEST_F(FwuCreate, ReadsTheDefaultOfFwumdToolUnchanged) {
  ASSERT_EQ(Create({"--json", BOOTSEAL_SOURCE_DIR
                    "/tests/vectors/fwu/default_metadata.json"})
                .exit_code,
            0);
  EXPECT_EQ(Made().size(), 96u);
  EXPECT_EQ(absl::BytesToHexString(Made().substr(0, 4)), "779c385c");
}

TEST_F(FwuCreate, RefusesWhatIsNoMetadataAndWritesNothing) {
  const auto with = [](const std::string& image, const std::string& state,
                       std::vector<std::string> more = {}) {
    std::vector<std::string> all{
        "--metadata-version", "2", "--image", image, "--state", state};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  };
  const std::string good = "accepted,invalid";
  const std::vector<std::pair<std::vector<std::string>, const char*>> cases{
      {with("fip", good), "IMAGE_INVALID"},
      {with("fip:fip-a,fip-b:x", good), "IMAGE_INVALID"},
      {with("nonsense:fip-a,fip-b", good), "GUID_INVALID"},
      {with("fip:fip-a,", good), "GUID_INVALID"},
      {with("fip:fip-a,fip-a", good), "BANK_GUID_TWICE"},
      {with("fip:fip-a,00000000-0000-0000-0000-000000000000", good),
       "BANK_GUID_ZERO"},
      {with("fip:fip-a,fip-b,fsbl,linux,bootfs", good), "BANK_COUNT"},
      {with(kBanks, good, {"--image", "bootfs:linux"}), "BANK_COUNT"},
      {with(kBanks, good, {"--image", "fip:linux,fsbl"}), "IMAGE_TWICE"},
      {with(kBanks, "accepted"), "STATE_COUNT"},
      {with(kBanks, "accepted,valid,valid"), "STATE_COUNT"},
      {with(kBanks, "accepted,good"), "STATE_INVALID"},
      {with(kBanks, "accepted,"), "STATE_INVALID"},
      {with(kBanks, "invalid,accepted"), "ACTIVE_BANK_INVALID"},
      {with(kBanks, good, {"--active", "2"}), "BANK_UNKNOWN"},
      {with(kBanks, good, {"--previous", "4294967295"}), "BANK_UNKNOWN"},
      {with(kBanks, good, {"--active", "-1"}), "--active"},
      {with(kBanks, good, {"--location", "here"}), "GUID_INVALID"},
      {with(kBanks, good, {"--reader", "grub"}), "READER_UNKNOWN"},
      {with(kBanks, good, {"--json", "x.json"}), "--json"},
      {with(kBanks, good, {"--target", "board"}), "--target"},
      {with(kBanks, good, {"--receipt", "r"}), "TARGET_MISSING"},
      {{"--metadata-version", "3", "--image", kBanks, "--state", good},
       "--metadata-version"},
      {{"--metadata-version", "2", "--state", good}, "IMAGE_MISSING"},
      {{"--metadata-version", "2", "--image", kBanks}, "--state"},
      {{"--image", kBanks, "--state", good}, "--metadata-version"},
  };
  for (const auto& [arguments, reason] : cases) ExpectUsage(arguments, reason);
}

TEST_F(FwuCreate, RefusesVendorDataInVersion1) {
  ExpectUsage({"--metadata-version", "1", "--image", kBanks, "--state",
               "accepted,accepted", "--vendor-data", WriteFile("v", "VEND!")},
              "VENDOR_DATA");
}

TEST_F(FwuCreate, RefusesWhatTheNamedReaderWouldNotTake) {
  for (const std::string reader : {"tf-a-2.10", "u-boot-v1"}) {
    const Outcome outcome =
        Create({"--metadata-version", "2", "--image", kBanks, "--state",
                "accepted,invalid", "--reader", reader});
    EXPECT_EQ(outcome.exit_code, 1) << outcome.err;
    EXPECT_THAT(outcome.err, HasSubstr("METADATA_UNREADABLE"));
    EXPECT_THAT(outcome.err, HasSubstr(reader));
    EXPECT_THAT(Files(), testing::IsEmpty());
  }
}

TEST_F(FwuCreate, RefusesJsonThatIsNone) {
  const std::string json = WriteFile("bad.json", "{\"metadata\":{}}");
  const Outcome outcome = Create({"--json", json});
  EXPECT_EQ(outcome.exit_code, 5) << outcome.err;
  EXPECT_THAT(outcome.err, HasSubstr("METADATA_JSON"));
  EXPECT_EQ(Create({"--json", folder_.File("absent")}).exit_code, 5);
}

TEST_F(FwuCreate, ShowsWhatItMadeInWords) {
  for (const std::string version : {"1", "2"}) {
    ASSERT_EQ(CreateOf(version, "1", "0", "accepted,valid").exit_code, 0);
    for (const std::string command : {"fwu show", "inspect"}) {
      std::vector<std::string> arguments{"inspect", folder_.File("md")};
      if (command == "fwu show") {
        arguments = {"fwu", "show", folder_.File("md")};
      }
      const Outcome text = Bootseal(arguments);
      EXPECT_EQ(text.exit_code, 0) << text.err;
      EXPECT_THAT(text.out, HasSubstr("firmware update metadata"));
      EXPECT_THAT(text.out, testing::ContainsRegex("bank 1 +valid, active"));
      EXPECT_THAT(text.out, HasSubstr("fip-b (09c54952"));
      arguments.push_back("--json");
      EXPECT_THAT(Bootseal(arguments).out,
                  HasSubstr("\"bank_states\":[\"accepted\",\"valid\"]"));
    }
  }
}

TEST_F(FwuCreate, ShowsWhichReplicaCounts) {
  ASSERT_EQ(CreateOf("2", "0", "1", "accepted,valid", "a").exit_code, 0);
  ASSERT_EQ(CreateOf("2", "1", "0", "accepted,valid", "b").exit_code, 0);
  std::string bad = Made("a");
  bad[60] = static_cast<char>(bad[60] ^ 1);
  WriteFile("bad", bad);
  const auto show = [&](const char* first, const char* second) {
    return Bootseal({"fwu", "show", folder_.File(first), folder_.File(second)});
  };
  EXPECT_THAT(show("a", "a").out, HasSubstr("both are alike"));
  EXPECT_THAT(show("a", "b").out, HasSubstr("the primary counts"));
  EXPECT_THAT(show("bad", "b").out, HasSubstr("the secondary counts"));
  EXPECT_THAT(show("b", "bad").out, HasSubstr("METADATA_CRC"));
  const Outcome both = show("bad", "bad");
  EXPECT_EQ(both.exit_code, 1) << both.out;
  EXPECT_THAT(both.err, HasSubstr("METADATA_CRC"));
}

TEST_F(FwuCreate, IgnoresWhatFollowsAReplicaInItsPartition) {
  ASSERT_EQ(CreateOf("1", "0", "1", "accepted,valid", "a").exit_code, 0);
  WriteFile("partition", Made("a") + std::string(4000, '\xa5'));
  const Outcome outcome = Check({folder_.File("a"), folder_.File("partition")});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("both are alike"));
}

TEST_F(FwuCreate, ChecksReplicasAndSaysWhatRepairsThem) {
  ASSERT_EQ(CreateOf("2", "0", "1", "accepted,valid", "a").exit_code, 0);
  ASSERT_EQ(CreateOf("2", "1", "0", "accepted,valid", "b").exit_code, 0);
  const Outcome outcome = Check({folder_.File("a"), folder_.File("b")});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.err, HasSubstr("REPLICA_DIFFERS"));
  EXPECT_THAT(outcome.err, HasSubstr("bootseal-fwu repair"));
}

TEST_F(FwuCreate, ChecksWhichReadersTakeIt) {
  ASSERT_EQ(CreateOf("2", "0", "1", "accepted,valid").exit_code, 0);
  const Outcome all = Check({folder_.File("md")});
  EXPECT_EQ(all.exit_code, 0) << all.err;
  EXPECT_THAT(all.out, testing::ContainsRegex("u-boot-v2 +yes"));
  EXPECT_THAT(all.out, testing::ContainsRegex("tf-a-2.10 +no"));
  EXPECT_EQ(Check({folder_.File("md"), "--reader", "u-boot-v2"}).exit_code, 0);
  const Outcome one = Check(
      {folder_.File("md"), "--reader", "u-boot-v2", "--reader", "u-boot-v1"});
  EXPECT_EQ(one.exit_code, 1);
  EXPECT_THAT(one.err, HasSubstr("METADATA_UNREADABLE"));
  EXPECT_EQ(Check({folder_.File("md"), "--reader", "grub"}).exit_code, 2);
}

// With a CRC that fits.
std::string Sealed(std::string metadata) {
  const auto bytes = image::host::AsBytes(metadata).subspan(4);
  const std::uint32_t crc = image::Crc32Of(bytes);
  for (int i = 0; i < 4; ++i) metadata[i] = static_cast<char>(crc >> 8 * i);
  return metadata;
}

TEST_F(FwuCreate, ChecksThatStatesAndFlagsAgree) {
  ASSERT_EQ(CreateOf("2", "0", "1", "accepted,valid").exit_code, 0);
  std::string unaccepted = Made();
  unaccepted[0x58] = 0;
  const Outcome first = Check({WriteFile("bad", Sealed(unaccepted))});
  EXPECT_EQ(first.exit_code, 1);
  EXPECT_THAT(first.err, HasSubstr("METADATA_CONTRADICTION: bank 0 has state "
                                   "accepted (0xfc)"));
  std::string accepted = Made();
  accepted[0x70] = 1;
  const Outcome second = Check({WriteFile("bad", Sealed(accepted))});
  EXPECT_EQ(second.exit_code, 1);
  EXPECT_THAT(second.err, HasSubstr("bank 1 has state valid (0xfe)"));
  EXPECT_EQ(Check({WriteFile("good", Sealed(Made()))}).exit_code, 0);
}

TEST_F(FwuCreate, ChecksNothingOfMetadataThatDoesNotSayItsCounts) {
  ASSERT_EQ(CreateOf("2", "0", "1", "accepted,valid").exit_code, 0);
  std::string without = Made();
  without.erase(0x20, 8);
  without[0x10] = 0x70;
  without[0x14] = 0;
  const Outcome outcome = Check({WriteFile("bad", Sealed(without))});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_EQ(outcome.out, "");
  EXPECT_THAT(outcome.err, HasSubstr("METADATA_NO_DESCRIPTOR"));
}

TEST_F(FwuCreate, SaysHowMuchOfMetadataIsMissing) {
  ASSERT_EQ(CreateOf("2", "0", "1", "accepted,valid").exit_code, 0);
  const Outcome cut = Check({WriteFile("cut", Made().substr(0, 100))});
  EXPECT_THAT(cut.err, HasSubstr("metadata has 100 bytes, expected at least "
                                 "120"));
}

// Every bit of it is under the CRC, or is the CRC.
TEST_F(FwuCreate, FailsTheCheckOfEachDamagedByte) {
  ASSERT_EQ(CreateOf("2", "0", "1", "accepted,valid").exit_code, 0);
  const std::string good = Made();
  for (std::size_t at = 0; at < good.size(); at += 7) {
    std::string bad = good;
    bad[at] = static_cast<char>(bad[at] ^ 0x10);
    const Outcome outcome = Check({WriteFile("bad", bad)});
    EXPECT_EQ(outcome.exit_code, 1) << at << outcome.out;
    EXPECT_EQ(outcome.out, "") << at;
  }
  for (const std::size_t size : {1, 4, 8, 40, 119}) {
    EXPECT_EQ(Check({WriteFile("cut", good.substr(0, size))}).exit_code, 1);
  }
  EXPECT_EQ(Check({WriteFile("empty", "")}).exit_code, 5);
  EXPECT_EQ(Check({folder_.File("absent")}).exit_code, 5);
}

TEST_F(FwuCreate, InspectsNoMetadataWhoseCrcIsWrong) {
  ASSERT_EQ(CreateOf("2", "0", "1", "accepted,valid").exit_code, 0);
  std::string bad = Made();
  bad[60] = static_cast<char>(bad[60] ^ 1);
  const Outcome outcome = Bootseal({"inspect", WriteFile("bad", bad)});
  EXPECT_EQ(outcome.exit_code, 5);
  EXPECT_THAT(outcome.err, HasSubstr("METADATA_CRC"));
}

}  // namespace
}  // namespace bootseal::tests
