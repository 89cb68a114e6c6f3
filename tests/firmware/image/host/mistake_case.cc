#include "tests/firmware/image/host/mistake_case.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

#include "absl/strings/str_cat.h"

namespace bootseal::tests {

using image::host::AsBytes;
using image::host::Diagnose;
using image::host::Diagnosis;
using image::host::Evidence;
using image::host::Gather;
using image::host::ToString;
using namespace image::mcuboot;
using testing::HasSubstr;

void MistakeCase::Pad(TrailerKind kind, std::uint32_t slot,
                      std::uint32_t max_align) {
  Rules rules = target.rules;
  rules.max_align = max_align;
  std::array<std::byte, 80> buffer;
  const auto trailer = WriteTrailer(rules, kind, std::byte{0xff}, buffer);
  image.resize(slot - trailer->size(), '\xff');
  image += ToString(*trailer);
}

std::ostream& operator<<(std::ostream& out, const MistakeRow& row) {
  return out << row.name;
}

std::string CodesOf(const std::vector<Diagnosis>& found) {
  std::string codes;
  for (const Diagnosis& one : found) {
    absl::StrAppend(&codes, codes.empty() ? "" : " ", one.code);
  }
  return codes;
}

DiagnosisCheck& EveryDiagnosis() {
  static auto* check = new DiagnosisCheck([](const Diagnosis&) {});
  return *check;
}

void ExpectDiagnosis(const MistakeRow& row) {
  TestTarget target(SharedKey(row.algorithm));
  MistakeCase one{target};
  one.Make();
  row.spoil(one);
  const Evidence evidence = Gather(target.rules, AsBytes(one.image), one.words,
                                   {.hex_address = one.hex_address});
  const std::vector<Diagnosis> found = Diagnose(evidence);
  EXPECT_EQ(CodesOf(found), row.code == nullptr ? "" : row.code);
  for (const Diagnosis& each : found) EveryDiagnosis()(each);
  if (found.empty()) return;
  const Diagnosis& first = found.front();
  if (row.offset) {
    EXPECT_EQ(first.offset, row.offset);
  }
  EXPECT_THAT(absl::StrCat(first.found, "|", first.expected, "|", first.fix,
                           "|", first.command),
              HasSubstr(row.says));
  EXPECT_NE(first.expected, "");
  EXPECT_NE(first.fix, "");
}

ProtectedTlvs CounterOf(std::uint32_t value) {
  return {.has_security_counter = true,
          .security_counter = value,
          .software_type = {},
          .dependencies = {},
          .decompression = {},
          .vendor = {}};
}

ProtectedTlvs Record() {
  ProtectedTlvs tlvs = CounterOf(1);
  tlvs.software_type = AsBytes("SPE");
  return tlvs;
}

}  // namespace bootseal::tests
