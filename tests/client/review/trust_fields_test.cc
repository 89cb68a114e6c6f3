// Which changes of which fields of a policy are told, one by one.
#include "client/review/trust_fields.h"

#include <gmock/gmock.h>

#include <set>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "client/review/policy_changes.h"
#include "google/protobuf/text_format.h"

namespace bootseal::tests {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

struct RuleCase {
  const char* name;
  const char* strict;
  const char* loose;
};

void PrintTo(const RuleCase& each, std::ostream* out) { *out << each.name; }

class LooserRule : public testing::TestWithParam<RuleCase> {
 protected:
  static v1::Policy PolicyWith(const char* target) {
    v1::Policy policy;
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(
        target, policy.add_targets()))
        << target;
    policy.mutable_targets(0)->set_name("t");
    return policy;
  }
};

TEST_P(LooserRule, IsWarnedOfAndAStricterOneIsNot) {
  const v1::Policy strict = PolicyWith(GetParam().strict);
  const v1::Policy loose = PolicyWith(GetParam().loose);
  const auto told = review::TrustChanges(strict, loose);
  ASSERT_THAT(told, SizeIs(1));
  EXPECT_EQ(told.begin()->first, review::TrustKind::kRules);
  EXPECT_THAT(review::TrustChanges(loose, strict), IsEmpty());
}

const RuleCase kRules[] = {
    {"LowerVersion", "lower_version: REFUSE", "lower_version: ASK"},
    {"AskedVersion", "lower_version: ASK", "lower_version: PASS"},
    {"Forbidden", "mcuboot { security_counter: FORBIDDEN }", "mcuboot {}"},
    {"BootRecord", "mcuboot { boot_record: REQUIRED }",
     "mcuboot { boot_record: OPTIONAL }"},
    {"Dependencies",
     "mcuboot { dependencies { image_id: 1 minimum_version: \"2\" } }",
     "mcuboot {}"},
    {"NonBootable", "mcuboot {}", "mcuboot { non_bootable: true }"},
    {"AllowList", "mcuboot { allow_list: true }", "mcuboot {}"},
    {"RequestTlvs", "mcuboot { request_tlvs: 160 }",
     "mcuboot { request_tlvs: [161, 160] }"},
    {"SlotAddress", "mcuboot { slot_address: 4096 }", "mcuboot {}"},
    {"Ram", "mcuboot { ram_address: 1 ram_size: 8 }", "mcuboot {}"},
    {"RomFixed", "mcuboot { rom_fixed_address: 8 }", "mcuboot {}"},
    {"Vendor", "mcuboot { vendor_id: \"v\" }", "mcuboot {}"},
    {"Class", "mcuboot { class_id: \"c\" }", "mcuboot {}"},
    {"Encryption", "mcuboot { encryption { presence: REQUIRED } }",
     "mcuboot { encryption { presence: OPTIONAL } }"},
    {"EncryptionKey", "mcuboot { encryption { key_bits: 256 } }",
     "mcuboot { encryption {} }"},
    {"Receipt", "mcuboot { receipt { presence: REQUIRED } }", "mcuboot {}"},
    {"ReleaseCeiling", "release { security_counter_ceiling: 9 }",
     "release { security_counter_ceiling: 10 }"},
    {"ReleaseStep", "release { security_counter_step: 1 }", "release {}"},
    {"Acceptance", "capsule { must_be_accepted: true }", "capsule {}"},
    {"CapsuleVersion", "capsule { with_version: true }", "capsule {}"},
    {"LowestVersion", "capsule { lowest_supported_version: 7 }",
     "capsule { lowest_supported_version: 6 }"},
    {"FipImage", "fip { images { name: \"tos-fw\" presence: REQUIRED } }",
     "fip { images { name: \"tos-fw\" presence: OPTIONAL } }"},
    {"FipCeiling", "fip { security_counter_ceiling: 3 }", "fip {}"},
    {"FipStep", "fip { security_counter_step: 3 }", "fip {}"},
    {"OpenChips", "stm32_header {}", "stm32_header { open_chips: true }"},
    {"HeaderCeiling", "stm32_header { security_counter_ceiling: 3 }",
     "stm32_header { security_counter_ceiling: 4 }"},
    {"HeaderStep", "stm32_header { security_counter_step: 3 }",
     "stm32_header {}"},
};
INSTANTIATE_TEST_SUITE_P(Every, LooserRule, testing::ValuesIn(kRules),
                         [](const auto& each) {
                           return std::string(each.param.name);
                         });

TEST(TrustChanges, TellOfKeysInEachFormat) {
  for (const char* field :
       {"fip { trusted_world_key: ", "fip { non_trusted_world_key: ",
        "fip { tos_fw_key: ", "fip { nt_fw_key: ",
        "capsule { certificate_pem: ", "stm32_header { public_keys: ",
        "mcuboot { receipt { log_keys: "}) {
    v1::Policy before;
    v1::Policy after;
    const char* end = absl::StartsWith(field, "mcuboot") ? " } }" : " }";
    ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(
        absl::StrCat(field, "\"a\"", end), before.add_targets()));
    ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(
        absl::StrCat(field, "\"b\"", end), after.add_targets()));
    const auto told = review::TrustChanges(before, after);
    ASSERT_THAT(told, SizeIs(1)) << field;
    EXPECT_EQ(told.begin()->first, review::TrustKind::kKeys) << field;
    EXPECT_THAT(told.begin()->second, HasSubstr(" a -> b")) << field;
  }
}

TEST(TrustChanges, SayNothingOfAnotherWayToWriteAPublicKey) {
  v1::Policy before;
  before.add_targets()->mutable_stm32_header()->add_public_keys(
      "-----BEGIN PUBLIC KEY-----\n"
      "MCowBQYDK2VwAyEAn0z4LVl+I0vBaUaA7KBnHG9CQ7BEqbcK8XTEy8NZ1AM=\n"
      "-----END PUBLIC KEY-----\n");
  v1::Policy after = before;
  after.mutable_targets(0)->mutable_stm32_header()->set_public_keys(
      0,
      "-----BEGIN PUBLIC KEY-----\r\n"
      "MCowBQYDK2VwAyEAn0z4LVl+I0vBaUaA7KBnHG9CQ7\r\n"
      "BEqbcK8XTEy8NZ1AM=\r\n"
      "-----END PUBLIC KEY-----\r\n");
  EXPECT_THAT(review::TrustChanges(before, after), IsEmpty());
}

TEST(TrustChanges, TellOfAnotherFormatAndOfWhoMayAskForVerdicts) {
  v1::Policy before;
  v1::Policy after;
  before.add_targets()->mutable_release();
  after.add_targets()->mutable_release()->add_verdict_requesters("ci");
  EXPECT_THAT(review::TrustChanges(before, after),
              ElementsAre(testing::Pair(review::TrustKind::kRequesters,
                                        HasSubstr("nothing -> ci"))));
  before.mutable_targets(0)->mutable_mcuboot();
  after.mutable_targets(0)->mutable_capsule();
  EXPECT_THAT(review::TrustChanges(before, after),
              ElementsAre(testing::Pair(review::TrustKind::kRules,
                                        HasSubstr("mcuboot -> capsule"))));
}

// They shape what is made, or say where something is found.
const std::set<std::string> kForm = {
    "version",
    "trust_domains.name",
    "people.name",
    "roles.name",
    "issuers.name",
    "issuers.jwks_path",
    "keys.name",
    "keys.uri",
    "keys.algorithm",
    "targets.name",
    "targets.lane",
    "targets.mcuboot.header_size",
    "targets.mcuboot.payload_has_header_room",
    "targets.mcuboot.slot_size",
    "targets.mcuboot.align",
    "targets.mcuboot.max_align",
    "targets.mcuboot.sector_size",
    "targets.mcuboot.max_sectors",
    "targets.mcuboot.strategy",
    "targets.mcuboot.padding",
    "targets.mcuboot.erased_zero",
    "targets.mcuboot.key_format",
    "targets.mcuboot.sha512",
    "targets.mcuboot.pure",
    "targets.mcuboot.security_counter_from_version",
    "targets.mcuboot.default_security_counter",
    "targets.mcuboot.software_type",
    "targets.mcuboot.max_boot_record_size",
    "targets.mcuboot.image_count",
    "targets.mcuboot.vendor_tlvs",
    "targets.mcuboot.load_address",
    "targets.mcuboot.ram_address",
    "targets.mcuboot.encryption.key_exchange",
    "targets.mcuboot.encryption.save_tlv",
    "targets.mcuboot.compression",
    "targets.mcuboot.receipt.max_entry_bytes",
    "targets.release.product",
    "targets.release.metadata_version",
    "targets.release.images",
    "targets.release.readers",
    "targets.release.security_counter_from_version",
    "targets.release.default_security_counter",
    "targets.capsule.image_type_guid",
    "targets.capsule.image_index",
    "targets.capsule.hardware_instance",
    "targets.capsule.max_size",
    "targets.fip.chip",
    "targets.fip.max_size",
    "targets.fip.align",
    "targets.fip.valid_from",
    "targets.fip.valid_days",
    "targets.fip.default_security_counter",
    "targets.stm32_header.chip",
    "targets.stm32_header.entry_point",
    "targets.stm32_header.load_address",
    "targets.stm32_header.binary_type",
    "targets.stm32_header.max_size",
    "targets.stm32_header.key_index",
    "targets.stm32_header.default_security_counter",
};

std::set<std::string> JudgedPaths() {
  std::set<std::string> paths;
  for (const review::TrustField& field : review::TrustFields()) {
    paths.insert(
        absl::StrCat(field.of, *field.of == '\0' ? "" : ".", field.path));
  }
  return paths;
}

void AddUnknown(const Descriptor& type, const std::string& prefix,
                std::set<std::string>& judged, std::set<std::string>& unknown) {
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    const std::string path = absl::StrCat(prefix, field.name());
    if (judged.erase(path) != 0 || kForm.count(path) != 0) continue;
    if (field.message_type() == nullptr) {
      unknown.insert(path);
    } else {
      AddUnknown(*field.message_type(), path + ".", judged, unknown);
    }
  }
}

TEST(TrustFields, AreAllOfAPolicyButThoseOfForm) {
  std::set<std::string> judged = JudgedPaths();
  EXPECT_EQ(judged.size(), review::TrustFields().size());
  std::set<std::string> unknown;
  AddUnknown(*v1::Policy::descriptor(), "", judged, unknown);
  EXPECT_THAT(unknown, IsEmpty());
  EXPECT_THAT(judged, ElementsAre("targets.format")) << "no such field";
}

}  // namespace
}  // namespace bootseal::tests
