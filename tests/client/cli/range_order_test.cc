#include "client/cli/range_order.h"

#include <gtest/gtest.h>

#include <string>

#include "client/cli/assembly.h"
#include "client/cli/exit_status.h"
#include "firmware/image/host/convert.h"
#include "server/trust/profile.h"
#include "tests/support/signing_key.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_image.h"

namespace bootseal::cli {
namespace {

using absl::StatusCode;
using image::host::AsBytes;
using tests::Area;
using tests::StatusIs;

constexpr std::uint32_t kHeaderBytes = 0x40;

// With a vendor TLV of its own, and one that a request may add.
v1::Profile AppProfile() {
  v1::Profile profile;
  profile.set_algorithm(v1::P256);
  profile.set_public_key(
      tests::SharedKey(image::Algorithm::kP256).public_key());
  v1::Target& target = *profile.mutable_target();
  target.set_name("app");
  v1::McubootFormat& format = *target.mutable_mcuboot();
  format.set_header_size(kHeaderBytes);
  format.set_slot_size(0x4000);
  v1::VendorTlv& own = *format.add_vendor_tlvs();
  own.set_type(0xa0);
  own.set_value("own");
  format.add_request_tlvs(0xa5);
  return profile;
}

// A signed image of that target, version 1.2.3+4, counter 7, with its padding.
tests::ImageParts AppParts(std::byte padding = std::byte{0xff}) {
  tests::TestTarget target(tests::SharedKey(image::Algorithm::kP256));
  const auto made = trust::McubootProfile::Make(AppProfile());
  EXPECT_OK(made);
  target.rules = (*made)->rules();
  tests::ImageParts parts =
      tests::MakeParts(target, tests::TestPayload(3000), {});
  parts.header.version = {1, 2, 3, 4};
  parts.padding = padding;
  parts.protected_area = Area(
      0x6908,
      {{0x50, std::string("\7\0\0\0", 4)}, {0xa0, "own"}, {0xa5, "asked"}});
  tests::SignAgain(target, parts);
  return parts;
}

v1::SignHeader AppHeader() {
  v1::SignHeader header;
  header.set_target("app");
  header.set_request_id("range-1");
  return header;
}

absl::StatusOr<Order> OrderOf(const std::string& range) {
  return MakeRangeOrder(AppHeader(), range, AppProfile());
}

TEST(RangeOrder, AsksForWhatTheRangeSaysOfItself) {
  const tests::ImageParts parts = AppParts();
  const auto order = OrderOf(tests::SignedPart(parts));
  ASSERT_OK(order);
  EXPECT_EQ(order->header.version(), "1.2.3+4");
  EXPECT_EQ(order->header.security_counter(), 7u);
  EXPECT_EQ(order->header.payload_size(), 3000u);
  EXPECT_EQ(order->header.signed_range().header_padding(), 0xffu);
  EXPECT_FALSE(order->header.encrypted());
  ASSERT_EQ(order->header.vendor_tlvs_size(), 1);
  EXPECT_EQ(order->header.vendor_tlvs(0).type(), 0xa5u);
  EXPECT_EQ(order->header.vendor_tlvs(0).value(), "asked");
  EXPECT_EQ(order->payload, parts.payload);
  EXPECT_EQ(order->range, tests::SignedPart(parts));
}

TEST(RangeOrder, CountsHeaderRoomWhereTheTargetHasIt) {
  v1::Profile profile = AppProfile();
  profile.mutable_target()->mutable_mcuboot()->set_payload_has_header_room(
      true);
  const tests::ImageParts parts = AppParts(std::byte{0});
  const auto order =
      MakeRangeOrder(AppHeader(), tests::SignedPart(parts), profile);
  ASSERT_OK(order);
  EXPECT_EQ(order->payload, std::string(kHeaderBytes, '\0') + parts.payload);
  EXPECT_EQ(order->header.payload_size(), 3000 + kHeaderBytes);
  EXPECT_EQ(order->header.signed_range().header_padding(), 0u);
}

TEST(RangeOrder, WithoutATargetAsksForAllThatTheRangeHas) {
  const auto order =
      MakeRangeOrder(AppHeader(), tests::SignedPart(AppParts()), std::nullopt);
  ASSERT_OK(order);
  EXPECT_EQ(order->header.vendor_tlvs_size(), 2);
}

TEST(RangeOrder, NamesNoCounterThatTheRangeHasNot) {
  tests::ImageParts parts = AppParts();
  for (const std::string& area :
       {std::string(), Area(0x6908, {{0x50, "\7"}})}) {
    parts.protected_area = area;
    const auto order = OrderOf(tests::SignedPart(parts));
    ASSERT_OK(order);
    EXPECT_FALSE(order->header.has_security_counter());
  }
}

TEST(RangeOrder, IsNoneOfWhatIsNoRange) {
  const std::string range = tests::SignedPart(AppParts());
  struct Bad {
    std::string range;
    const char* reason;
  };
  for (const Bad& bad :
       {Bad{std::string(32, 'd'), "RANGE_IS_DIGEST"},
        Bad{tests::TestPayload(3000), "RANGE_MAGIC"},
        Bad{tests::Join(AppParts()), "RANGE_IS_IMAGE"},
        Bad{range + std::string(64, '\xff'), "RANGE_IS_PADDED"},
        Bad{range + "x", "RANGE_TRAILING_BYTES"},
        Bad{range.substr(0, range.size() - 1), "RANGE_TRUNCATED"},
        Bad{"", "RANGE_TRUNCATED"}}) {
    for (const absl::Status& status :
         {CheckRange(bad.range), OrderOf(bad.range).status()}) {
      EXPECT_THAT(status, StatusIs(StatusCode::kInvalidArgument, bad.reason));
      EXPECT_EQ(ExitStatusOf(status), ExitStatus::kLocalFile);
    }
  }
}

// What a server could send that is good, and not what was asked for.
TEST(RangeOrder, IsNotMetByAnImageOfAnotherRange) {
  const auto order = OrderOf(tests::SignedPart(AppParts()));
  ASSERT_OK(order);
  v1::SignReply reply;
  *reply.mutable_profile() = AppProfile();
  for (const std::byte padding : {std::byte{0xff}, std::byte{0}}) {
    const std::string image = tests::Join(AppParts(padding));
    reply.set_header(image.substr(0, kHeaderBytes));
    ASSERT_OK(Judge(AppProfile(), image));
    const absl::Status status = CheckImage(*order, reply, image);
    if (padding == std::byte{0xff}) {
      EXPECT_OK(status);
    } else {
      EXPECT_THAT(status,
                  StatusIs(StatusCode::kFailedPrecondition, "REPLY_MISMATCH"));
    }
  }
}

}  // namespace
}  // namespace bootseal::cli
