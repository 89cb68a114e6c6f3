// A policy that is wrong in one thing is refused with one line about it.
#include "tests/server/trust/spoilt_policy.h"

#include <cstdint>
#include <string>

namespace bootseal::trust {
namespace {

using tests::Format;
using tests::kApp;
using tests::kEdwards;
using tests::kSecure;
using tests::Spoilt;

class PolicyRefuses : public ::testing::TestWithParam<Spoilt> {};

TEST_P(PolicyRefuses, ByName) { tests::ExpectRefusedByName(GetParam()); }

const Spoilt kPeople[] = {
    {"DomainWithoutCa",
     [](auto& p) { p.mutable_trust_domains(0)->clear_ca_pem(); },
     "trust_domains[0].ca_pem: required"},
    {"TwoCasInOneDomain",
     [](auto& p) {
       p.mutable_trust_domains(0)->set_ca_pem(std::string(tests::kCaPem) +
                                              tests::kOtherCaPem);
     },
     "trust_domains[0].ca_pem: has more than one PEM block"},
    {"CaThatDoesNotParse",
     [](auto& p) {
       p.mutable_trust_domains(0)->set_ca_pem(
           "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
     },
     "trust_domains[0].ca_pem: is no certificate"},
    {"LeafAsCa",
     [](auto& p) { p.mutable_trust_domains(0)->set_ca_pem(tests::kLeafPem); },
     "trust_domains[0].ca_pem: is no CA certificate"},
    {"OneCaForTwoDomains",
     [](auto& p) { p.mutable_trust_domains(1)->set_ca_pem(tests::kCaPem); },
     "trust_domains[1].ca_pem: has the key of dev.example's CA"},
    {"DomainInCapitals",
     [](auto& p) {
       v1::TrustDomain& domain = *p.mutable_trust_domains(1);
       domain.set_name("Other.example");
       p.mutable_people(1)->mutable_subjects()->RemoveLast();
       p.mutable_people(2)->set_subjects(0, "spiffe://dev.example/audrey");
     },
     "trust_domains[1].name: \"Other.example\" is no SPIFFE trust domain"},
    {"PersonGivenTwice",
     [](auto& p) {
       p.mutable_people(2)->set_name("ci");
       p.mutable_roles(2)->set_members(0, "ci");
     },
     "people[2].name: \"ci\" is given twice"},
    {"PersonWithoutName",
     [](auto& p) { p.add_people()->add_subjects("spiffe://dev.example/x"); },
     "people[3].name: required"},
    {"PersonWithASpaceInTheName",
     [](auto& p) {
       v1::Person& person = *p.add_people();
       person.set_name("a b");
       person.add_subjects("spiffe://dev.example/x");
     },
     "people[3].name: \"a b\" has other characters"},
    {"PersonOfNothing", [](auto& p) { p.mutable_people(0)->clear_subjects(); },
     "people[0].subjects: required: at least one, or a workload, an account or "
     "an approver key"},
    {"SubjectOfTwoPeople",
     [](auto& p) {
       p.mutable_people(2)->set_subjects(0, "spiffe://dev.example/ci");
     },
     "people[2].subjects[0]: \"spiffe://dev.example/ci\" belongs to ci"},
    {"SpiffeIdWithoutPath",
     [](auto& p) {
       p.mutable_people(0)->set_subjects(0, "spiffe://dev.example");
     },
     "people[0].subjects[0]: \"spiffe://dev.example\" is no SPIFFE id"},
    {"SpiffeIdWithEmptySegment",
     [](auto& p) {
       p.mutable_people(0)->set_subjects(0, "spiffe://dev.example/ci/");
     },
     "people[0].subjects[0]: \"spiffe://dev.example/ci/\" is no SPIFFE id"},
    {"SpiffeIdThatClimbs",
     [](auto& p) {
       p.mutable_people(0)->set_subjects(0, "spiffe://dev.example/../ci");
     },
     "people[0].subjects[0]: \"spiffe://dev.example/../ci\" is no SPIFFE id"},
    {"SpiffeIdWithPort",
     [](auto& p) {
       p.mutable_people(0)->set_subjects(0, "spiffe://dev.example:1/ci");
     },
     "people[0].subjects[0]: \"spiffe://dev.example:1/ci\" is no SPIFFE id"},
    {"SpiffeIdWithQuery",
     [](auto& p) {
       p.mutable_people(0)->set_subjects(0, "spiffe://dev.example/ci?a=b");
     },
     "people[0].subjects[0]: \"spiffe://dev.example/ci?a=b\" is no SPIFFE id"},
    {"DnWithoutDomain",
     [](auto& p) { p.mutable_people(1)->set_subjects(1, "CN=alice,O=E"); },
     "people[1].subjects[1]: \"CN=alice,O=E\" is no subject"},
    {"DnThatIsNone",
     [](auto& p) { p.mutable_people(1)->set_subjects(1, "dev.example alice"); },
     "people[1].subjects[1]: \"dev.example alice\" is no subject"},
    {"DnOfUnknownDomain",
     [](auto& p) { p.mutable_people(1)->set_subjects(1, "no.example CN=a"); },
     "people[1].subjects[1]: no trust domain named \"no.example\""},
    {"RoleGivenTwice", [](auto& p) { p.add_roles()->set_name("ci"); },
     "roles[3].name: \"ci\" is given twice"},
    {"RoleOfAStranger",
     [](auto& p) { p.mutable_roles(0)->add_members("mallory"); },
     "roles[0].members[1]: no person named \"mallory\"; known: alice, "
     "audrey, ci"},
    {"MemberGivenTwice", [](auto& p) { p.mutable_roles(0)->add_members("ci"); },
     "roles[0].members[1]: \"ci\" is given twice"},
    {"PermissionToDoNothing",
     [](auto& p) {
       p.mutable_roles(0)->add_permissions(v1::PERMISSION_UNSPECIFIED);
     },
     "roles[0].permissions[1]: expected READ_LOG, READ_KEYS or MANAGE_KEYS"},
    {"PermissionOfNoName",
     [](auto& p) {
       p.mutable_roles(0)->add_permissions(static_cast<v1::Permission>(99));
     },
     "roles[0].permissions[1]: no value has the number 99; known: READ_LOG, "
     "READ_KEYS"},
    {"DeniedCertificateInBadHex",
     [](auto& p) { p.set_denied_certificates(0, std::string(64, 'g')); },
     "denied_certificates[0]: \"gggg"},
    {"DeniedCertificateWithColons",
     [](auto& p) { p.add_denied_certificates("ee:ee"); },
     "denied_certificates[1]: \"ee:ee\" is no SHA-256"},
};

const Spoilt kKeys[] = {
    {"KeyGivenTwice",
     [](auto& p) {
       p.mutable_keys(3)->set_name("app");
       p.mutable_keys(3)->set_purpose(v1::FIRMWARE);
     },
     "keys[3].name: \"app\" is given twice"},
    {"KeyWithoutUri", [](auto& p) { p.mutable_keys(0)->clear_uri(); },
     "keys[0].uri: required"},
    {"KeyOfAnotherScheme",
     [](auto& p) { p.mutable_keys(0)->set_uri("file:key.pem"); },
     "keys[0].uri: is no PKCS#11 URI"},
    {"KeyWithPinSource",
     [](auto& p) {
       p.mutable_keys(0)->set_uri("pkcs11:object=a?pin-source=/pin");
     },
     "keys[0].uri: has pin-source"},
    {"UriThatNamesNoKey",
     [](auto& p) { p.mutable_keys(0)->set_uri("pkcs11:token=bootseal"); },
     "keys[0].uri: names no key"},
    {"UriWithHalfAnAttribute",
     [](auto& p) { p.mutable_keys(0)->set_uri("pkcs11:object=a;token"); },
     "keys[0].uri: \"token\" is no name=value"},
    {"KeyWithoutAlgorithm",
     [](auto& p) { p.mutable_keys(0)->clear_algorithm(); },
     "keys[0].algorithm: required"},
    {"KeyWithoutPurpose", [](auto& p) { p.mutable_keys(3)->clear_purpose(); },
     "keys[3].purpose: required"},
    {"CheckpointKeyThatIsNotEd25519",
     [](auto& p) { p.mutable_keys(3)->set_algorithm(v1::P256); },
     "keys[3].algorithm: P256 cannot sign checkpoints, expected ED25519"},
    {"KeyHashTooShort",
     [](auto& p) { p.mutable_keys(0)->set_public_key_sha256("abcd"); },
     "keys[0].public_key_sha256: \"abcd\" is no SHA-256"},
    {"OnePublicKeyForTwoPurposes",
     [](auto& p) {
       p.mutable_keys(3)->set_public_key_sha256(
           "0" + std::string(63, 'C'));  // edwards has it in small letters
     },
     "keys[3].public_key_sha256: is the public key of \"edwards\" already"},
};

const Spoilt kVersions[] = {
    {"VersionThatIsNone", [](auto& p) { p.clear_version(); },
     "version: required: 1 or more"},
    // The log stores it as a signed number: it would wrap, and count for less
    // than any other.
    {"VersionAboveWhatTheLogHolds",
     [](auto& p) { p.set_version(std::uint64_t{1} << 63); },
     "version: 9223372036854775808, expected at most 9223372036854775807"},
    {"LargestNumberAsVersion",
     [](auto& p) { p.set_version(~std::uint64_t{0}); },
     "version: 18446744073709551615, expected at most 9223372036854775807"},
};

const Spoilt kTargets[] = {
    {"TargetGivenTwice", [](auto& p) { p.mutable_targets(1)->set_name("app"); },
     "targets[1].name: \"app\" is given twice"},
    {"TargetWithoutKey", [](auto& p) { p.mutable_targets(0)->clear_key(); },
     "targets[0].key: required"},
    {"TargetThatSignsWithTheLogKey",
     [](auto& p) { p.mutable_targets(0)->set_key("log"); },
     "targets[0].key: key \"log\" has purpose CHECKPOINT, expected FIRMWARE"},
    {"LaneThatThereIsNot",
     [](auto& p) { p.mutable_targets(0)->set_lane(static_cast<v1::Lane>(3)); },
     "targets[0].lane: no value has the number 3; known: BUILDS, RELEASES"},
    {"TargetThatNobodyMayAskFor",
     [](auto& p) { p.mutable_targets(0)->clear_requesters(); },
     "targets[0].requesters: required"},
    {"RequesterThatIsNoRole",
     [](auto& p) { p.mutable_targets(0)->set_requesters(0, "alice"); },
     "targets[0].requesters[0]: no role named \"alice\"; known: auditor, ci, "
     "developer"},
    {"RequesterGivenTwice",
     [](auto& p) { p.mutable_targets(0)->add_requesters("ci"); },
     "targets[0].requesters[2]: \"ci\" is given twice"},
    {"TargetWithoutFormat",
     [](auto& p) { p.mutable_targets(0)->clear_format(); },
     "targets[0].mcuboot: required"},
    {"HeaderBelow32Bytes", [](auto& p) { Format(p, kApp).set_header_size(31); },
     "targets[0].mcuboot.header_size: 31, expected 32 to 65535"},
    {"HeaderAboveItsField",
     [](auto& p) { Format(p, kApp).set_header_size(65536); },
     "targets[0].mcuboot.header_size: 65536"},
    {"FormatWithoutSlot", [](auto& p) { Format(p, kApp).clear_slot_size(); },
     "targets[0].mcuboot.slot_size: required"},
    {"SlotWithoutRoom",
     [](auto& p) { Format(p, kApp).set_slot_size(0x400 + 16); },
     "targets[0].mcuboot.slot_size: a slot of 1040 bytes has no room"},
    {"AlignThatIsNoPowerOfTwo", [](auto& p) { Format(p, kApp).set_align(3); },
     "targets[0].mcuboot.align: 3 is no alignment"},
    {"MaxAlignBelowEight", [](auto& p) { Format(p, kApp).set_max_align(4); },
     "targets[0].mcuboot.max_align: 4, expected 8, 16 or 32"},
    {"MaxAlignBelowAlign",
     [](auto& p) {
       Format(p, kApp).set_align(32);
       Format(p, kApp).set_max_align(16);
     },
     "targets[0].mcuboot.max_align: 16 is below align 32"},
    {"SwapWithoutSectorSize",
     [](auto& p) { Format(p, kEdwards).clear_sector_size(); },
     "targets[2].mcuboot.sector_size: required by strategy SWAP_MOVE"},
    {"SlotThatIsNoWholeNumberOfSectors",
     [](auto& p) { Format(p, kEdwards).set_sector_size(0x1001); },
     "targets[2].mcuboot.sector_size: a slot of 65536 bytes"},
    {"MoreSectorsThanTheBootloaderKnows",
     [](auto& p) { Format(p, kEdwards).set_max_sectors(15); },
     "targets[2].mcuboot.max_sectors: the slot has 16 sectors"},
    {"Sha512WithoutEd25519", [](auto& p) { Format(p, kApp).set_sha512(true); },
     "targets[0].mcuboot.sha512: expected only with ED25519, the key is P256"},
    {"PureWithoutEd25519", [](auto& p) { Format(p, kApp).set_pure(true); },
     "targets[0].mcuboot.pure: expected only with ED25519, the key is P256"},
    {"CompressionWhereImagesRunInPlace",
     [](auto& p) { Format(p, kApp).set_compression(v1::LZMA2); },
     "targets[0].mcuboot.compression: expected only with strategy "
     "OVERWRITE_ONLY"},
    {"DefaultCounterAboveTheCeiling",
     [](auto& p) { Format(p, kSecure).set_default_security_counter(513); },
     "targets[1].mcuboot.default_security_counter: 513 is above the ceiling"},
    {"VersionAsCounterOfAUnaryField",
     [](auto& p) {
       Format(p, kSecure).set_security_counter_from_version(true);
       Format(p, kSecure).clear_default_security_counter();
     },
     "targets[1].mcuboot.security_counter_from_version: cannot be stored "
     "under a ceiling of 512"},
    {"DefaultCounterThatIsNeverUsed",
     [](auto& p) { Format(p, kEdwards).set_default_security_counter(1); },
     "targets[2].mcuboot.default_security_counter: never used"},
    {"ForbiddenCounterWithDefault",
     [](auto& p) {
       Format(p, kApp).set_security_counter(v1::FORBIDDEN);
       Format(p, kApp).set_default_security_counter(1);
     },
     "targets[0].mcuboot.security_counter: FORBIDDEN, yet"},
    {"BootRecordWithoutSoftwareType",
     [](auto& p) { Format(p, kSecure).clear_software_type(); },
     "targets[1].mcuboot.software_type: required"},
    {"SoftwareTypeThatIsNeverUsed",
     [](auto& p) { Format(p, kSecure).set_boot_record(v1::FORBIDDEN); },
     "targets[1].mcuboot.software_type: never used"},
    {"SoftwareTypeOf13Bytes",
     [](auto& p) { Format(p, kSecure).set_software_type("ABCDEFGHIJKLM"); },
     "targets[1].mcuboot.software_type: \"ABCDEFGHIJKLM\" has 13 bytes"},
    {"SoftwareTypeThatIsNotAscii",
     [](auto& p) { Format(p, kSecure).set_software_type("\xc3\xa4"); },
     "targets[1].mcuboot.software_type: expected printable ASCII"},
    {"BootRecordThatTheDeviceCannotStore",
     [](auto& p) { Format(p, kSecure).set_max_boot_record_size(90); },
     "targets[1].mcuboot.max_boot_record_size: no record fits into 90 bytes: "
     "one with this software type has at least 91"},
    {"DependencyThatIsMissing",
     [](auto& p) { Format(p, kSecure).clear_dependencies(); },
     "targets[1].mcuboot.dependencies: required"},
    {"DependencyThatIsForbidden",
     [](auto& p) { Format(p, kSecure).set_dependency(v1::FORBIDDEN); },
     "targets[1].mcuboot.dependencies: never used"},
    {"DependencyOnAnImageThatIsNot",
     [](auto& p) {
       Format(p, kSecure).mutable_dependencies(0)->set_image_id(2);
     },
     "targets[1].mcuboot.dependencies[0].image_id: 2, expected below "
     "image_count, which is 2"},
    {"DependencyOnNoVersion",
     [](auto& p) {
       Format(p, kSecure).mutable_dependencies(0)->set_minimum_version("1.x");
     },
     "targets[1].mcuboot.dependencies[0].minimum_version: "},
    {"DependencyGivenTwice",
     [](auto& p) {
       *Format(p, kSecure).add_dependencies() =
           Format(p, kSecure).dependencies(0);
     },
     "targets[1].mcuboot.dependencies[1].image_id: 1 is given twice"},
    {"VendorTlvBelowItsRange",
     [](auto& p) {
       Format(p, kEdwards).mutable_vendor_tlvs(0)->set_type(0x9f);
     },
     "targets[2].mcuboot.vendor_tlvs[0].type: 0x009f, expected 0x00a0 to "
     "0xfffe"},
    {"VendorTlvAboveItsRange",
     [](auto& p) {
       Format(p, kEdwards).mutable_vendor_tlvs(0)->set_type(0xffff);
     },
     "targets[2].mcuboot.vendor_tlvs[0].type: 0xffff"},
    {"VendorTlvGivenTwice",
     [](auto& p) { Format(p, kEdwards).add_vendor_tlvs()->set_type(0xa0); },
     "targets[2].mcuboot.vendor_tlvs[1].type: 0x00a0 is given twice"},
    {"RamLoadWithoutAddress",
     [](auto& p) { Format(p, kApp).set_strategy(v1::RAM_LOAD); },
     "targets[0].mcuboot.load_address: required"},
    {"AddressWithoutRamLoad",
     [](auto& p) { Format(p, kApp).set_load_address(0x20000000); },
     "targets[0].mcuboot.load_address: expected only with"},
    {"SlotAddressOfAnImageThatIsLoaded",
     [](auto& p) {
       Format(p, kApp).set_strategy(v1::RAM_LOAD);
       Format(p, kApp).set_load_address(0x20000000);
       Format(p, kApp).set_slot_address(0x10000000);
     },
     "targets[0].mcuboot.slot_address: expected only"},
    {"SlotBeyondTheLastAddress",
     [](auto& p) { Format(p, kApp).set_slot_address(0xfffffff0); },
     "targets[0].mcuboot.slot_address: leaves no room"},
    {"MemoryWithoutItsSize",
     [](auto& p) { Format(p, kApp).set_ram_address(0x20000000); },
     "targets[0].mcuboot.ram_size: expected together"},
    {"StrategyOfNoName",
     [](auto& p) {
       Format(p, kApp).set_strategy(static_cast<v1::UpgradeStrategy>(42));
     },
     "targets[0].mcuboot.strategy: no value has the number 42; known: "
     "SINGLE_SLOT, OVERWRITE_ONLY"},
};

std::string NameOf(const ::testing::TestParamInfo<Spoilt>& info) {
  return info.param.name;
}
INSTANTIATE_TEST_SUITE_P(Versions, PolicyRefuses,
                         ::testing::ValuesIn(kVersions), NameOf);
INSTANTIATE_TEST_SUITE_P(People, PolicyRefuses, ::testing::ValuesIn(kPeople),
                         NameOf);
INSTANTIATE_TEST_SUITE_P(Keys, PolicyRefuses, ::testing::ValuesIn(kKeys),
                         NameOf);
INSTANTIATE_TEST_SUITE_P(Targets, PolicyRefuses, ::testing::ValuesIn(kTargets),
                         NameOf);

}  // namespace
}  // namespace bootseal::trust
