#include "client/cli/assembly.h"

#include <gtest/gtest.h>

#include <string>

#include "client/cli/intel_hex.h"
#include "tests/support/status_matchers.h"

namespace bootseal::cli {
namespace {

using absl::StatusCode;
using tests::StatusIs;

v1::SignReply Reply() {
  v1::SignReply reply;
  v1::McubootFormat& format =
      *reply.mutable_profile()->mutable_target()->mutable_mcuboot();
  format.set_header_size(32);
  format.set_slot_size(128);
  reply.set_header(std::string(32, 'H'));
  reply.set_tlvs("TLVS");
  return reply;
}

TEST(Assembly, PutsTheHeaderInFront) {
  const auto image = Assemble(Reply(), "payload");
  ASSERT_OK(image);
  EXPECT_EQ(image->bytes, std::string(32, 'H') + "payloadTLVS");
  EXPECT_EQ(image->put_in_front, 32U);
  EXPECT_EQ(image->image_end, image->bytes.size());
}

TEST(Assembly, ReplacesTheHeaderRoomOfThePayload) {
  v1::SignReply reply = Reply();
  reply.mutable_profile()
      ->mutable_target()
      ->mutable_mcuboot()
      ->set_payload_has_header_room(true);
  const auto image = Assemble(reply, std::string(32, '\0') + "payload");
  ASSERT_OK(image);
  EXPECT_EQ(image->bytes, std::string(32, 'H') + "payloadTLVS");
  EXPECT_EQ(image->put_in_front, 0U);
}

TEST(Assembly, FillsTheSlotUpToTheTrailer) {
  v1::SignReply reply = Reply();
  reply.mutable_fill()->set_file_size(128);
  reply.mutable_fill()->set_erased_byte(0xff);
  reply.mutable_fill()->set_trailer("MAGIC");
  const auto image = Assemble(reply, "payload");
  ASSERT_OK(image);
  EXPECT_EQ(image->bytes.size(), 128U);
  EXPECT_EQ(image->image_end, 43U);
  EXPECT_EQ(image->bytes.substr(43, 80), std::string(80, '\xff'));
  EXPECT_EQ(image->bytes.substr(123), "MAGIC");
}

TEST(Assembly, RefusesAHeaderOfAnotherSize) {
  v1::SignReply reply = Reply();
  reply.set_header("short");
  EXPECT_THAT(Assemble(reply, "payload"),
              StatusIs(StatusCode::kFailedPrecondition, "REPLY_MALFORMED"));
}

TEST(Assembly, RefusesAReplyWithoutAFormat) {
  EXPECT_THAT(Assemble(v1::SignReply(), "payload"),
              StatusIs(StatusCode::kFailedPrecondition, "REPLY_MALFORMED"));
}

TEST(Assembly, RefusesAFileLargerThanTheSlot) {
  v1::SignReply reply = Reply();
  reply.mutable_fill()->set_file_size(129);
  EXPECT_THAT(Assemble(reply, "payload"),
              StatusIs(StatusCode::kFailedPrecondition, "REPLY_MALFORMED"));
}

TEST(Assembly, RefusesAFileSmallerThanItsImage) {
  v1::SignReply reply = Reply();
  reply.mutable_fill()->set_file_size(42);
  EXPECT_THAT(Assemble(reply, "payload"),
              StatusIs(StatusCode::kFailedPrecondition, "REPLY_MALFORMED"));
}

TEST(Assembly, RefusesAPayloadThatIsAllHeaderRoom) {
  v1::SignReply reply = Reply();
  reply.mutable_profile()
      ->mutable_target()
      ->mutable_mcuboot()
      ->set_payload_has_header_room(true);
  EXPECT_THAT(Assemble(reply, std::string(32, '\0')),
              StatusIs(StatusCode::kFailedPrecondition, "REPLY_MALFORMED"));
}

TEST(Assembly, LowersTheHexAddressByTheHeader) {
  const auto image = Assemble(Reply(), "payload");
  ASSERT_OK(image);
  const auto text = ToIntelHex(*image, 0x1000);
  ASSERT_OK(text);
  const auto content = ReadIntelHex(*text);
  ASSERT_OK(content);
  EXPECT_EQ(content->address, 0x1000U - 32);
  EXPECT_EQ(content->bytes, image->bytes);
}

TEST(Assembly, LeavesTheFillOutOfHex) {
  v1::SignReply reply = Reply();
  reply.mutable_fill()->set_file_size(128);
  reply.mutable_fill()->set_erased_byte(0);
  reply.mutable_fill()->set_trailer("MAGIC");
  const auto image = Assemble(reply, "payload");
  ASSERT_OK(image);
  const auto text = ToIntelHex(*image, 0);
  ASSERT_OK(text);
  const auto content = ReadIntelHex(*text);
  ASSERT_OK(content);
  EXPECT_EQ(content->address, 0U);
  EXPECT_EQ(content->bytes.size(), 128U);
  // The reader's filling, not ours.
  EXPECT_EQ(content->bytes.substr(43, 80), std::string(80, '\xff'));
}

TEST(Assembly, RefusesAnAddressWithoutRoomForTheHeader) {
  const auto image = Assemble(Reply(), "payload");
  ASSERT_OK(image);
  EXPECT_THAT(ToIntelHex(*image, 16),
              StatusIs(StatusCode::kInvalidArgument, "HEX_ADDRESS"));
}

TEST(Assembly, RefusesATrailerBeyondTheAddressSpace) {
  v1::SignReply reply = Reply();
  reply.mutable_fill()->set_file_size(128);
  reply.mutable_fill()->set_trailer("MAGIC");
  const auto image = Assemble(reply, "payload");
  ASSERT_OK(image);
  // The image ends below 4 GiB, its trailer would wrap to 0.
  EXPECT_THAT(ToIntelHex(*image, 0xffffffff - 31),
              StatusIs(StatusCode::kInvalidArgument, "HEX_ADDRESS"));
  EXPECT_OK(ToIntelHex(*image, 0xffffffff - 95));
}

// Told before anything is signed.
TEST(HexAddress, NeedsRoomForTheHeaderBelow) {
  v1::McubootFormat format = Reply().profile().target().mcuboot();
  EXPECT_THAT(CheckHexAddress(format, 7, 31),
              StatusIs(StatusCode::kInvalidArgument, "HEX_ADDRESS"));
  EXPECT_OK(CheckHexAddress(format, 7, 32));
  EXPECT_OK(CheckHexAddress(format, 7, 0));
  format.set_payload_has_header_room(true);
  EXPECT_OK(CheckHexAddress(format, 7, 31));
}

TEST(HexAddress, NeedsRoomForThePayloadAbove) {
  const v1::McubootFormat format = Reply().profile().target().mcuboot();
  EXPECT_OK(CheckHexAddress(format, 7, 0xfffffff9));
  EXPECT_THAT(CheckHexAddress(format, 7, 0xfffffffa),
              StatusIs(StatusCode::kInvalidArgument, "HEX_ADDRESS"));
  EXPECT_THAT(CheckHexAddress(format, std::uint64_t{1} << 32, 0),
              StatusIs(StatusCode::kInvalidArgument, "HEX_ADDRESS"));
}

TEST(HexAddress, NeedsRoomForAPaddedSlotAbove) {
  v1::McubootFormat format = Reply().profile().target().mcuboot();
  format.set_padding(v1::CONFIRM);
  EXPECT_OK(CheckHexAddress(format, 7, 0xffffffff - 95));
  EXPECT_THAT(CheckHexAddress(format, 7, 0xffffffff - 94),
              StatusIs(StatusCode::kInvalidArgument, "HEX_ADDRESS"));
}

}  // namespace
}  // namespace bootseal::cli
