#include "firmware/image/host/fwumd_json.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_replace.h"
#include "base/status.h"
#include "tests/firmware/image/fwu/metadata_case.h"
#include "tests/support/status_matchers.h"

namespace bootseal::tests {
namespace {

using image::fwu::BankState;
using image::fwu::Metadata;
using image::host::ReadMetadataJson;
using image::host::WriteMetadataJson;

// The members and values of ST's default_metadata.json.
std::string Default() {
  std::ifstream file(BOOTSEAL_SOURCE_DIR
                     "/tests/vectors/fwu/default_metadata.json");
  return {std::istreambuf_iterator<char>(file), {}};
}

// Of the default with one text for another, which has to be there.
std::string FieldOf(const std::string& from, const std::string& to) {
  const std::string json = Default();
  EXPECT_TRUE(absl::StrContains(json, from)) << from;
  const auto read = ReadMetadataJson(absl::StrReplaceAll(json, {{from, to}}));
  if (read.ok()) return "taken";
  EXPECT_EQ(base::ReasonOf(read.status()), "METADATA_JSON");
  return base::FieldOf(read.status());
}

TEST(MetadataJson, OfStIsTheVectorOfFwumdTool) {
  const auto metadata = ReadMetadataJson(Default());
  ASSERT_OK(metadata);
  EXPECT_EQ(metadata->version, 0u);
  EXPECT_EQ(absl::BytesToHexString(Written(*metadata).substr(0, 4)),
            "779c385c");
}

TEST(MetadataJson, IsReadAsItWasWritten) {
  for (const MetadataVector& vector : MetadataVectors()) {
    const auto read = ReadMetadataJson(WriteMetadataJson(MetadataOf(vector)));
    ASSERT_OK(read);
    EXPECT_EQ(*read, MetadataOf(vector)) << vector.what;
  }
  for (std::uint8_t banks = 1; banks <= 4; ++banks) {
    for (std::uint16_t images = 1; images <= 8; ++images) {
      const Metadata metadata = MetadataWith(2, {banks, images});
      const auto read = ReadMetadataJson(WriteMetadataJson(metadata));
      ASSERT_OK(read);
      EXPECT_EQ(*read, metadata);
    }
  }
}

TEST(MetadataJson, IsWrittenInStsShape) {
  const Metadata metadata = *ReadMetadataJson(Default());
  std::string expected = Default();
  expected =
      absl::StrReplaceAll(expected, {{"    \"copyright\": \"ignored\",\n", ""},
                                     {"    \"license\": \"ignored\",\n\n", ""},
                                     {"\"img_0\":        ", "\"img_0\": "}});
  // Of uuids.entries ST has the image last, and tools go by name.
  const auto entries = expected.find("            \"img_0_bank_0\": \"4fd8");
  const auto type = expected.find("            \"img_0\": \"19d5");
  const std::string image =
      expected.substr(type, expected.find('\n', type) - type);
  expected.replace(type - 2, image.size() + 2, "");
  expected.insert(entries, image + ",\n");
  EXPECT_EQ(WriteMetadataJson(metadata), expected);
}

TEST(MetadataJson, OrdersImagesAndBanksAsItsMembers) {
  const std::string swapped = absl::StrReplaceAll(
      Default(),
      {{"img_0_bank_0", "img_0_bank_1"}, {"img_0_bank_1", "img_0_bank_0"}});
  const auto metadata = ReadMetadataJson(swapped);
  ASSERT_OK(metadata);
  EXPECT_EQ(*metadata, *ReadMetadataJson(Default()));
}

TEST(MetadataJson, OfVersion2SaysStatesOrHasEmptyBanks) {
  const std::string two =
      absl::StrReplaceAll(Default(), {{"\"version\": 0", "\"version\": 2"}});
  EXPECT_EQ(ReadMetadataJson(two)->states[1], BankState::kInvalid);
  const std::string valid =
      absl::StrReplaceAll(two, {{"\"img_entry\"",
                                 "\"bank_state\": [\"accepted\", \"valid\"],"
                                 "\"img_entry\""}});
  EXPECT_EQ(ReadMetadataJson(valid)->states[1], BankState::kValid);
}

TEST(MetadataJson, MayHaveReservedFieldsOfZeroAndACrc) {
  EXPECT_EQ(
      FieldOf("\"accepted\": true", "\"accepted\": true, \"reserved\": 0"),
      "taken");
  EXPECT_EQ(FieldOf("\"version\": 0", "\"crc_32\": 7, \"version\": 0"),
            "taken");
  EXPECT_EQ(FieldOf("\"configs\"", "\"other\""), "taken");
}

TEST(MetadataJson, NamesTheMemberThatIsWrong) {
  EXPECT_EQ(FieldOf("\"metadata\"", "\"data\""), "metadata");
  EXPECT_EQ(FieldOf("\"version\": 0", "\"version\": 3"), "metadata.version");
  EXPECT_EQ(FieldOf("\"version\": 0", "\"version\": -1"), "metadata.version");
  EXPECT_EQ(FieldOf("\"version\": 0", "\"version\": \"1\""),
            "metadata.version");
  EXPECT_EQ(FieldOf("\"version\"", "\"versio\""), "metadata.version");
  EXPECT_EQ(FieldOf("\"active_index\": 0", "\"active_index\": 2"),
            "metadata.active_index");
  EXPECT_EQ(FieldOf("\"active_index\": 0", "\"active_index\": 4294967296"),
            "metadata.active_index");
  EXPECT_EQ(FieldOf("_active_index\": 1", "_active_index\": 2"),
            "metadata.previous_active_index");
  EXPECT_EQ(FieldOf("\"img_entry\"", "\"img_entries\""), "metadata.img_entry");
  EXPECT_EQ(FieldOf("\"location\"", "\"place\""),
            "metadata.img_entry.img_0.location");
  EXPECT_EQ(FieldOf("\"location\": \"device0\"", "\"location\": \"device1\""),
            "uuids.locations.device1");
  EXPECT_EQ(FieldOf("\"img_bank_info\"", "\"banks\""),
            "metadata.img_entry.img_0.img_bank_info");
  EXPECT_EQ(FieldOf("\"accepted\": true", "\"accepted\": 1"),
            "metadata.img_entry.img_0.img_bank_info.img_0_bank_0.accepted");
  EXPECT_EQ(FieldOf("\"accepted\": false", "\"acceptd\": false"),
            "metadata.img_entry.img_0.img_bank_info.img_0_bank_1.accepted");
  EXPECT_EQ(
      FieldOf("\"accepted\": true", "\"accepted\": true, \"reserved\": 1"),
      "metadata.img_entry.img_0.img_bank_info.img_0_bank_0.reserved");
  EXPECT_EQ(FieldOf("\"img_0_bank_1\": \"", "\"img_0_bank_2\": \""),
            "uuids.entries.img_0_bank_1");
  EXPECT_EQ(FieldOf("19d5df83-", "19d5df8-"), "uuids.entries.img_0");
  EXPECT_EQ(FieldOf("\"uuids\"", "\"uuid\""), "uuids.entries.img_0");
  EXPECT_EQ(FieldOf("\"nb_fw_img\": 1", "\"nb_fw_img\": 2"),
            "configs.nb_fw_img");
  EXPECT_EQ(FieldOf("\"nb_fw_banks\": 2", "\"nb_fw_banks\": 1"),
            "configs.nb_fw_banks");
  EXPECT_EQ(FieldOf("\"img_entry\"", "\"bank_state\": [], \"img_entry\""),
            "metadata.bank_state");
  const std::string two = "\"version\": 2, \"bank_state\": ";
  EXPECT_EQ(FieldOf("\"version\": 0", two + "[\"valid\"]"),
            "metadata.bank_state");
  EXPECT_EQ(FieldOf("\"version\": 0", two + "[\"valid\", \"good\"]"),
            "metadata.bank_state.1");
  EXPECT_EQ(FieldOf("\"version\": 0", two + "[7, \"valid\"]"),
            "metadata.bank_state.0");
}

TEST(MetadataJson, WithTooManyBanksOrImagesOrUnevenOnesIsRefused) {
  const std::string bank = "\"img_0_bank_0\": {\"accepted\": true}";
  std::string banks;
  for (int i = 3; i < 7; ++i) {
    banks +=
        absl::StrReplaceAll(bank, {{"bank_0", "bank_" + std::to_string(i)}});
    banks += ",";
  }
  EXPECT_EQ(FieldOf("\"img_bank_info\": {", "\"img_bank_info\": {" + banks),
            "metadata.img_entry.img_0.img_bank_info");
  const std::string second =
      R"("img_entry": {"img_0_bank_0": {"location": "device0",
         "img_bank_info": {"img_0": {"accepted": true}}},)";
  EXPECT_EQ(FieldOf("\"img_entry\": {", second),
            "metadata.img_entry.img_0.img_bank_info");
}

TEST(MetadataJson, ThatIsNoneIsRefused) {
  for (const std::string& json :
       {std::string(), std::string("[]"), std::string("{"), Default() + "x",
        std::string("{\"metadata\":{},\"metadata\":{}}"),
        std::string((1 << 20) + 1, ' ')}) {
    EXPECT_EQ(base::ReasonOf(ReadMetadataJson(json).status()), "METADATA_JSON");
  }
}

TEST(MetadataJson, CutAtAnyByteIsRefused) {
  const std::string json = Default();
  for (std::size_t size = 0; size + 2 < json.size(); ++size) {
    ASSERT_FALSE(ReadMetadataJson(json.substr(0, size)).ok()) << size;
  }
}

}  // namespace
}  // namespace bootseal::tests
