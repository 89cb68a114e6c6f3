// What the target's device demands of the protected TLVs.
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/mcuboot/boot_record.h"
#include "firmware/image/mcuboot/verifier.h"
#include "tests/support/test_image.h"

namespace bootseal::tests {
namespace {

using image::Algorithm;
using image::Error;
using image::host::AsBytes;
using image::host::NameOf;
using image::host::ToString;
using namespace image::mcuboot;

std::string Counter(std::uint32_t value) {
  std::string text(4, '\0');
  for (std::size_t i = 0; i < 4; ++i) {
    text[i] = static_cast<char>(value >> (8 * i) & 0xff);
  }
  return text;
}

std::string DependencyOn(char image_id) {
  return image_id + std::string(11, '\0');
}

// The record that the target's images carry; a test changes one field.
struct RecordFields {
  std::string software_type = "SPE";
  std::string version = "1.2.3";
  std::string signer;
  std::string hash_name = "SHA256";
  std::string measurement = std::string(32, '\0');
};

std::string RecordOf(const RecordFields& fields) {
  std::array<std::byte, 512> buffer;
  image::Writer writer(buffer);
  WriteBootRecord({AsBytes(fields.software_type), AsBytes(fields.version),
                   AsBytes(fields.signer), AsBytes(fields.hash_name),
                   AsBytes(fields.measurement)},
                  writer);
  return ToString(writer.written());
}

struct DeviceCase {
  const char* name;
  Error verdict;
  std::vector<RawTlv> protected_tlvs;
  std::function<void(Rules&)> rules;
};

std::ostream& operator<<(std::ostream& out, const DeviceCase& one) {
  return out << one.name;
}

Error VerdictOn(const TestTarget& target, const std::vector<RawTlv>& tlvs) {
  ImageParts parts = MakeParts(target, TestPayload(64), {});
  if (!tlvs.empty()) parts.protected_area = Area(kProtectedMagic, tlvs);
  SignAgain(target, parts);
  return Verify(target.rules, AsBytes(Join(parts))).error();
}

class Device : public testing::TestWithParam<DeviceCase> {};

TEST_P(Device, SaysOf) {
  TestTarget target(SharedKey(Algorithm::kEd25519));
  GetParam().rules(target.rules);
  EXPECT_EQ(NameOf(VerdictOn(target, GetParam().protected_tlvs)),
            NameOf(GetParam().verdict));
}

void WantsCounter(Rules& rules) {
  rules.security_counter = Presence::kRequired;
  rules.minimum_security_counter = 5;
  rules.security_counter_ceiling = 512;
}

INSTANTIATE_TEST_SUITE_P(
    Rollback, Device,
    testing::Values(
        DeviceCase{
            "no counter", Error::kSecurityCounterMissing, {}, WantsCounter},
        DeviceCase{"a lower counter",
                   Error::kSecurityCounterLow,
                   {{tlv::kSecurityCounter, Counter(4)}},
                   WantsCounter},
        DeviceCase{"the same counter",
                   Error::kOk,
                   {{tlv::kSecurityCounter, Counter(5)}},
                   WantsCounter},
        DeviceCase{"the highest counter",
                   Error::kOk,
                   {{tlv::kSecurityCounter, Counter(512)}},
                   WantsCounter},
        DeviceCase{"a counter above the ceiling",
                   Error::kSecurityCounterHigh,
                   {{tlv::kSecurityCounter, Counter(513)}},
                   WantsCounter},
        DeviceCase{"the counter that bricks",
                   Error::kSecurityCounterHigh,
                   {{tlv::kSecurityCounter, Counter(0xffffffff)}},
                   WantsCounter},
        DeviceCase{"any counter without a ceiling",
                   Error::kOk,
                   {{tlv::kSecurityCounter, Counter(0xffffffff)}},
                   [](Rules&) {}},
        DeviceCase{"no counter below a minimum",
                   Error::kSecurityCounterLow,
                   {},
                   [](Rules& rules) { rules.minimum_security_counter = 1; }},
        DeviceCase{"a forbidden counter",
                   Error::kUnexpectedTlv,
                   {{tlv::kSecurityCounter, Counter(5)}},
                   [](Rules& rules) {
                     rules.security_counter = Presence::kForbidden;
                   }}));

void WantsDependency(Rules& rules) {
  rules.dependency = Presence::kRequired;
  rules.image_count = 2;
}

INSTANTIATE_TEST_SUITE_P(
    Dependencies, Device,
    testing::Values(
        DeviceCase{
            "no dependency", Error::kDependencyMissing, {}, WantsDependency},
        DeviceCase{"a dependency",
                   Error::kOk,
                   {{tlv::kDependency, DependencyOn(1)}},
                   WantsDependency},
        DeviceCase{"two dependencies",
                   Error::kOk,
                   {{tlv::kDependency, DependencyOn(1)},
                    {tlv::kDependency, DependencyOn(0)}},
                   WantsDependency},
        DeviceCase{"a dependency on image 2 of 2",
                   Error::kDependencyImage,
                   {{tlv::kDependency, DependencyOn(1)},
                    {tlv::kDependency, DependencyOn(2)}},
                   WantsDependency},
        DeviceCase{
            "a forbidden dependency",
            Error::kUnexpectedTlv,
            {{tlv::kDependency, DependencyOn(0)}},
            [](Rules& rules) { rules.dependency = Presence::kForbidden; }},
        DeviceCase{"vendor TLVs, even twice",
                   Error::kOk,
                   {{0xa0, "one"}, {0xa0, "two"}, {0xfffe, ""}},
                   [](Rules&) {}}));

TEST(Device, WantsABootRecordWhereItMeasures) {
  TestTarget target(SharedKey(Algorithm::kEd25519));
  target.rules.boot_record = Presence::kRequired;
  EXPECT_EQ(NameOf(VerdictOn(target, {})), "BOOT_RECORD_MISSING");
}

TEST(Device, TakesNoBootRecordWhereItIsForbidden) {
  TestTarget target(SharedKey(Algorithm::kEd25519));
  target.rules.boot_record = Presence::kForbidden;
  RecordFields fields;
  fields.signer = ToString(target.rules.key_hash);
  EXPECT_EQ(NameOf(VerdictOn(target, {{tlv::kBootRecord, RecordOf(fields)}})),
            "UNEXPECTED_TLV");
}

struct RecordCase {
  const char* name;
  Error verdict;
  std::function<void(RecordFields&)> change;
};

std::ostream& operator<<(std::ostream& out, const RecordCase& one) {
  return out << one.name;
}

class BootRecordWith : public testing::TestWithParam<RecordCase> {};

TEST_P(BootRecordWith, HasItsVerdict) {
  TestTarget target(SharedKey(Algorithm::kEd25519));
  target.rules.boot_record = Presence::kRequired;
  target.rules.software_type = AsBytes("SPE");
  RecordFields fields;
  fields.signer = ToString(target.rules.key_hash);
  GetParam().change(fields);
  EXPECT_EQ(NameOf(VerdictOn(target, {{tlv::kBootRecord, RecordOf(fields)}})),
            NameOf(GetParam().verdict));
}

INSTANTIATE_TEST_SUITE_P(
    Fields, BootRecordWith,
    testing::Values(
        RecordCase{"nothing changed", Error::kOk, [](RecordFields&) {}},
        RecordCase{"another software type", Error::kSoftwareType,
                   [](RecordFields& f) { f.software_type = "NSPE"; }},
        RecordCase{"no software type", Error::kBootRecordFormat,
                   [](RecordFields& f) { f.software_type = ""; }},
        RecordCase{"a software type of 13 bytes", Error::kBootRecordFormat,
                   [](RecordFields& f) { f.software_type = "ABCDEFGHIJKLM"; }},
        RecordCase{"another version", Error::kBootRecordVersion,
                   [](RecordFields& f) { f.version = "1.2.4"; }},
        RecordCase{"a version with build number", Error::kBootRecordVersion,
                   [](RecordFields& f) { f.version = "1.2.3+4"; }},
        RecordCase{"a signer of zeros", Error::kBootRecordSigner,
                   [](RecordFields& f) { f.signer = std::string(32, '\0'); }},
        RecordCase{"a prefix of the signer", Error::kBootRecordSigner,
                   [](RecordFields& f) { f.signer.resize(31); }},
        RecordCase{"another hash name", Error::kBootRecordFormat,
                   [](RecordFields& f) { f.hash_name = "SHA512"; }},
        RecordCase{"a measurement", Error::kBootRecordFormat,
                   [](RecordFields& f) { f.measurement[31] = 1; }},
        RecordCase{"a short measurement", Error::kBootRecordFormat,
                   [](RecordFields& f) { f.measurement.resize(31); }},
        RecordCase{"more than the device stores", Error::kBootRecordSize,
                   [](RecordFields& f) { f.signer = std::string(90, 's'); }}));

TEST(BootRecord, IsNotReadWithAnyByteMoreOrLess) {
  RecordFields fields;
  fields.signer = std::string(32, 's');
  const std::string record = RecordOf(fields);
  ASSERT_TRUE(ReadBootRecord(AsBytes(record)).ok());
  EXPECT_FALSE(ReadBootRecord(AsBytes(record + '\0')).ok());
  for (std::size_t size = 0; size < record.size(); ++size) {
    EXPECT_FALSE(ReadBootRecord(AsBytes(record).first(size)).ok()) << size;
  }
}

TEST(BootRecord, IsNotReadWithALongFormOfAShortLength) {
  RecordFields fields;
  fields.signer = std::string(32, 's');
  std::string record = RecordOf(fields);
  ASSERT_EQ(record.substr(0, 6), "\xa5\x01\x63SPE");
  record.replace(2, 1, "\x78\x03");
  EXPECT_FALSE(ReadBootRecord(AsBytes(record)).ok());
}

TEST(BootRecord, IsWrittenAsItWasRead) {
  RecordFields fields;
  fields.signer = std::string(48, 's');
  const std::string record = RecordOf(fields);
  const auto read = ReadBootRecord(AsBytes(record));
  ASSERT_TRUE(read.ok());
  std::array<std::byte, 512> buffer;
  image::Writer writer(buffer);
  WriteBootRecord(*read, writer);
  EXPECT_EQ(ToString(writer.written()), record);
}

TEST(VersionText, HasNoBuildNumberAndNoLeadingZeros) {
  EXPECT_EQ(ToString(VersionText({0, 0, 0, 9}).bytes()), "0.0.0");
  EXPECT_EQ(ToString(VersionText({10, 100, 1000, 0}).bytes()), "10.100.1000");
  EXPECT_EQ(ToString(VersionText({255, 255, 65535, 0}).bytes()),
            "255.255.65535");
}

}  // namespace
}  // namespace bootseal::tests
