#include "client/cli/rules_source.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/file.h"
#include "tests/support/status_matchers.h"

namespace bootseal::cli {
namespace {

using tests::StatusIs;

// The example's key and values.
v1::Profile Example() {
  v1::Profile profile;
  profile.set_algorithm(v1::P256);
  profile.set_public_key(absl::HexStringToBytes(
      "3059301306072a8648ce3d020106082a8648ce3d03010703420004fc4a8c677fe7dbde03"
      "91fd13f7b3c2ecc1a92800c4e57ada45f11fe36a17b6759b82171dd519c61e299abc23b1"
      "8c787dce0b2d98247f8327c3ee8fff020a8558"));
  v1::Target& target = *profile.mutable_target();
  target.set_name("example");
  target.set_key("example");
  target.add_requesters("ci");
  v1::McubootFormat& format = *target.mutable_mcuboot();
  format.set_header_size(0x400);
  format.set_slot_size(0x80000);
  format.set_security_counter(v1::REQUIRED);
  format.set_default_security_counter(1);
  format.set_boot_record(v1::REQUIRED);
  format.set_software_type("SPE");
  format.set_slot_address(0x10100000);
  format.set_ram_address(0x38000000);
  format.set_ram_size(0x400000);
  return profile;
}

// Comments of a line of their own and empty lines are the writer's own.
std::string CodeOf(const std::string& source) {
  std::string code;
  for (const auto& line : absl::StrSplit(source, '\n')) {
    if (line.empty() || absl::StartsWith(line, "//")) continue;
    absl::StrAppend(&code, line, "\n");
  }
  return code;
}

TEST(RulesSource, HasTheShapeOfTheFirmwaresExample) {
  const auto example = base::ReadFile(
      BOOTSEAL_SOURCE_DIR "/firmware/boot/rules.example.cc", 1 << 20);
  ASSERT_OK(example);
  const auto source = FormatRulesSource(Example());
  ASSERT_OK(source);
  EXPECT_EQ(CodeOf(*source), CodeOf(*example));
}

TEST(RulesSource, LeavesTheKeyOutWhereTheImageCarriesIt) {
  v1::Profile profile = Example();
  profile.mutable_target()->mutable_mcuboot()->set_key_format(v1::FULL);
  const auto source = FormatRulesSource(profile);
  ASSERT_OK(source);
  EXPECT_TRUE(absl::StrContains(*source, ".public_key = {},"));
  EXPECT_FALSE(absl::StrContains(*source, "kPublicKey"));
}

TEST(RulesSource, DoesNotLetATargetsNameEndTheComment) {
  v1::Profile profile = Example();
  profile.mutable_target()->set_name("a\n#error\\");
  const auto source = FormatRulesSource(profile);
  if (!source.ok()) return;  // the profile was refused: as good
  EXPECT_FALSE(absl::StrContains(*source, "\n#error"));
  EXPECT_FALSE(absl::StrContains(*source, "\\"));
}

TEST(RulesSource, RefusesATargetWhoseImagesAreNeverStarted) {
  v1::Profile profile = Example();
  v1::McubootFormat& format = *profile.mutable_target()->mutable_mcuboot();
  format.set_non_bootable(true);
  format.clear_slot_address();
  format.clear_ram_address();
  format.clear_ram_size();
  const auto source = FormatRulesSource(profile);
  EXPECT_THAT(source, StatusIs(absl::StatusCode::kFailedPrecondition,
                               "TARGET_NOT_PROVISIONABLE"));
  EXPECT_THAT(source.status(), tests::MessageHas("non_bootable"));
}

TEST(RulesSource, RefusesATargetWhoseImagesAreAlwaysEncrypted) {
  v1::Profile profile = Example();
  v1::McubootFormat& format = *profile.mutable_target()->mutable_mcuboot();
  format.set_strategy(v1::OVERWRITE_ONLY);
  format.mutable_encryption()->set_presence(v1::REQUIRED);
  EXPECT_THAT(FormatRulesSource(profile),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       "TARGET_NOT_PROVISIONABLE"));
}

TEST(RulesSource, ForbidsEncryptionThatIsOptionalAndSaysSo) {
  v1::Profile profile = Example();
  v1::McubootFormat& format = *profile.mutable_target()->mutable_mcuboot();
  format.set_strategy(v1::OVERWRITE_ONLY);
  format.mutable_encryption()->set_presence(v1::OPTIONAL);
  format.mutable_encryption()->set_key_bits(256);
  const auto source = FormatRulesSource(profile);
  ASSERT_OK(source);
  EXPECT_TRUE(absl::StrContains(
      *source, ".encryption = image::mcuboot::Presence::kForbidden,"));
  EXPECT_TRUE(absl::StrContains(*source, "decrypts nothing and refuses them"));
}

TEST(RulesSource, NamesVendorClassAndSlot) {
  v1::Profile profile = Example();
  v1::McubootFormat& format = *profile.mutable_target()->mutable_mcuboot();
  format.set_vendor_id("acme.example");
  format.set_class_id("board-1");
  format.set_strategy(v1::DIRECT_XIP);
  format.set_rom_fixed_address(0x20000);
  const auto source = FormatRulesSource(profile);
  ASSERT_OK(source);
  for (const char* part :
       {"constexpr auto kVendorUuid = "
        "Hex(\"0637e301e05d505b8267486f5677de9b\")",
        "constexpr auto kClassUuid = Hex(\"e398ebfb49d65a0aabb8deb5668107d1\")",
        ".vendor_uuid = kVendorUuid,", ".class_uuid = kClassUuid,",
        ".rom_fixed = 0x20000,"}) {
    EXPECT_TRUE(absl::StrContains(*source, part)) << part << *source;
  }
}

TEST(RulesSource, NamesTheLogWhoseReceiptsImagesCarry) {
  v1::Profile profile = Example();
  v1::ReceiptFormat& receipt =
      *profile.mutable_target()->mutable_mcuboot()->mutable_receipt();
  receipt.set_presence(v1::REQUIRED);
  receipt.add_log_keys(
      "fwsign.example/audit+fd33bb95+"
      "AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4");
  const auto source = FormatRulesSource(profile);
  ASSERT_OK(source);
  for (const char* line :
       {"LogKey(\n    \"302a300506032b657003210003a107bff3ce10be1d70dd18e74bc0"
        "9967e4d6309ba50d5f\"",
        ".presence = image::mcuboot::Presence::kRequired",
        ".log_keys = {kLogKey, {}}", ".receipt = &kReceipt,"}) {
    EXPECT_TRUE(absl::StrContains(*source, line)) << line << *source;
  }
}

TEST(RulesSource, RefusesAProfileWithoutAKey) {
  v1::Profile profile = Example();
  profile.clear_public_key();
  EXPECT_THAT(FormatRulesSource(profile),
              StatusIs(absl::StatusCode::kInvalidArgument, "PROFILE_INVALID"));
}

}  // namespace
}  // namespace bootseal::cli
