#include "client/cli/vector_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace bootseal::cli {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

v1::Target Target() {
  v1::Target target;
  target.set_name("app");
  target.mutable_mcuboot()->set_header_size(32);
  return target;
}

std::string Word(std::uint32_t word) {
  std::string bytes;
  for (int shift = 0; shift < 32; shift += 8) {
    bytes.push_back(static_cast<char>(word >> shift));
  }
  return bytes;
}

std::string Payload(std::uint32_t stack, std::uint32_t reset) {
  return Word(stack) + Word(reset) + std::string(100, 'x');
}

TEST(VectorTable, OfAProgramIsFine) {
  EXPECT_THAT(VectorTableWarnings(Target(), Payload(0x20008000, 0x101)),
              IsEmpty());
}

TEST(VectorTable, WithoutAStackIsStrange) {
  for (const std::uint32_t stack : {0U, 0xffffffffU}) {
    EXPECT_THAT(VectorTableWarnings(Target(), Payload(stack, 0x101)),
                ElementsAre(AllOf(HasSubstr("initial stack pointer"),
                                  HasSubstr("expected an address in RAM"))));
  }
}

TEST(VectorTable, WithoutTheThumbBitIsStrange) {
  EXPECT_THAT(VectorTableWarnings(Target(), Payload(0x20008000, 0x100)),
              ElementsAre(AllOf(HasSubstr("reset vector, is 0x00000100"),
                                HasSubstr("expected an odd number"))));
}

TEST(VectorTable, OfZerosIsStrangeTwice) {
  v1::Target target = Target();
  target.mutable_mcuboot()->set_header_size(1024);
  EXPECT_EQ(VectorTableWarnings(target, std::string(8, '\0')).size(), 2U);
}

TEST(VectorTable, BehindRoomThatTheTargetFillsItselfIsStrange) {
  EXPECT_THAT(
      VectorTableWarnings(Target(),
                          std::string(32, '\0') + Payload(0x20008000, 0x101)),
      ElementsAre(AllOf(HasSubstr("starts with 32 zero bytes"),
                        HasSubstr("target app puts a header of 32 bytes"),
                        HasSubstr("payload_has_header_room"))));
}

TEST(VectorTable, BehindItsOwnRoomIsFine) {
  v1::Target target = Target();
  target.mutable_mcuboot()->set_payload_has_header_room(true);
  const std::string room(32, '\0');
  EXPECT_THAT(VectorTableWarnings(target, room + Payload(0x20008000, 0x101)),
              IsEmpty());
  EXPECT_THAT(VectorTableWarnings(target, room + Payload(0, 0x101)),
              ElementsAre(HasSubstr("initial stack pointer")));
}

TEST(VectorTable, OfAnImageWithAnAddressIsTheVerifiersAffair) {
  v1::Target in_place = Target();
  in_place.mutable_mcuboot()->set_slot_address(0x8000000);
  EXPECT_THAT(VectorTableWarnings(in_place, Payload(0, 0)), IsEmpty());
  v1::Target in_ram = Target();
  in_ram.mutable_mcuboot()->set_load_address(0x20000000);
  EXPECT_THAT(VectorTableWarnings(in_ram, Payload(0, 0)), IsEmpty());
}

TEST(VectorTable, IsNotLookedForInSevenBytesNorInOtherFormats) {
  EXPECT_THAT(VectorTableWarnings(Target(), std::string(7, '\0')), IsEmpty());
  EXPECT_THAT(VectorTableWarnings(v1::Target(), Payload(0, 0)), IsEmpty());
}

}  // namespace
}  // namespace bootseal::cli
