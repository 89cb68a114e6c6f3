#include "tests/firmware/stm32mp/chip_case.h"

namespace bootseal::tests {
namespace {

using testing::IsEmpty;

using Usart = ChipCase;

void Print(const std::string& text) {
  for (const char character : text) boards::Write(character);
}

TEST_F(Usart, SendsAt115200FromTheInternalOscillator) {
  Print("bootseal\n");
  EXPECT_EQ(chip_.usart.sent, "bootseal\n");
  EXPECT_EQ(chip_.usart.registers[0x0c], 556U);
}

TEST_F(Usart, KeepsItsRateWhenTheOscillatorIsDivided) {
  chip_.Rcc(chip_.is_15 ? 0x018 : 0x440) = 1;
  boards::Init();
  EXPECT_EQ(chip_.usart.registers[0x0c], 278U);
}

TEST_F(Usart, HasSentTheWholeLineWhenItReturns) {
  chip_.usart.slow = 5000;
  Print("a\n");
  EXPECT_TRUE(chip_.usart.complete());
}

TEST_F(Usart, WaitsForRoomBeforeEachCharacter) {
  chip_.usart.slow = 700;
  Print("abc");
  EXPECT_EQ(chip_.usart.sent, "abc");
}

TEST_F(Usart, LosesCharactersRatherThanTheBootWhenItIsDead) {
  chip_.usart.dead = true;
  Print("a\n");
  EXPECT_THAT(chip_.usart.sent, IsEmpty());
}

// A fault may come at any moment, and whatever ran before may have used it.
TEST_F(Usart, IsSetAnewWhateverItWasSetTo) {
  Print("a");
  chip_.usart.registers[0x04] = 0x3000;
  chip_.usart.registers[0x2c] = 7;
  boards::Init();
  EXPECT_EQ(chip_.usart.registers[0x04], 0U);
  EXPECT_EQ(chip_.usart.registers[0x2c], 0U);
  Print("b");
  EXPECT_EQ(chip_.usart.sent, "ab");
}

TEST_F(Usart, DoesNotWaitForeverForTheOscillator) {
  chip_.hsi_dead = true;
  boards::Init();
}

TEST_F(Usart, HasItsPinAndTheCardHasThree) {
  EXPECT_EQ(chip_.is_15 ? chip_.PinOf('G', 11) : chip_.PinOf('D', 6),
            chip_.is_15 ? "AF6 at speed 0" : "AF8 at speed 0");
  EXPECT_EQ(chip_.PinOf('C', 8), "AF12 at speed 1");
  EXPECT_EQ(chip_.PinOf('D', 2), "AF12 at speed 1");
  EXPECT_EQ(chip_.PinOf('C', 12),
            chip_.is_15 ? "AF12 at speed 2" : "AF12 at speed 1");
  EXPECT_EQ(chip_.PinOf('C', 9), "no function");
}

}  // namespace
}  // namespace bootseal::tests
