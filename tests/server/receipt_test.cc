// Images that carry their receipt: sign, verify, append, receipt, embed, verify
// again, reply; and the board that starts them. With the client:
// tests/integration.
#include <string>

#include "absl/strings/str_cat.h"
#include "base/file.h"
#include "firmware/image/mcuboot/reader.h"
#include "firmware/image/mcuboot/tlv.h"
#include "firmware/image/transparency/embedded_receipt.h"
#include "tests/server/content_fixture.h"
#include "tests/support/device.h"
#include "tests/support/qemu.h"
#include "tests/support/temporary_folder.h"

namespace bootseal::tests {
namespace {

using image::host::ToString;
using testing::HasSubstr;

class CarriedReceipt : public Content {
 protected:
  CarriedReceipt() {
    server_.AddTarget("logged", "app");
    for (const char* target : {"logged", "pure", "compressed", "both"}) {
      Demand(target);
    }
  }

  v1::McubootFormat& FormatOf(const std::string& name) {
    for (v1::Target& target : *server_.policy().mutable_targets()) {
      if (target.name() == name) return *target.mutable_mcuboot();
    }
    std::abort();
  }
  v1::ReceiptFormat& Demand(const std::string& target) {
    v1::ReceiptFormat& receipt = *FormatOf(target).mutable_receipt();
    receipt.set_presence(v1::REQUIRED);
    receipt.add_log_keys(server_.log_key());
    return receipt;
  }
};

// The value of the TLV; empty: there is none.
std::string CarriedBy(const v1::SignReply& reply, absl::string_view payload) {
  const std::string file = FileOf(reply, payload);
  const auto reading =
      image::mcuboot::ReadImage(AsBytes(file), image::HashAlgorithm::kSha256);
  return ToString(image::mcuboot::FindTlv(reading.facts.unprotected_area,
                                          image::mcuboot::tlv::kReceipt)
                      .value);
}

std::string U16(std::size_t value) {
  return {static_cast<char>(value), static_cast<char>(value >> 8)};
}

std::string Without(const std::string& tlvs, const std::string& receipt) {
  return tlvs.substr(0, tlvs.size() - receipt.size());
}

TEST_F(CarriedReceipt, IsJudgedAndIsThatOfTheReply) {
  server_.Start();
  const std::string payload = TestPayload(5000);
  const auto reply = Ask(For("logged", payload), payload);
  ASSERT_OK(reply);
  EXPECT_OK(Verdict(*reply, payload));
  const std::string carried = CarriedBy(*reply, payload);
  const auto receipt =
      image::transparency::ReadEmbeddedReceipt(AsBytes(carried));
  ASSERT_TRUE(receipt.ok());
  EXPECT_THAT(reply->receipt(),
              HasSubstr(absl::StrCat("index ", receipt->index, "\n")));
  EXPECT_EQ(EventOf(*reply).target(), "logged");
}

TEST_F(CarriedReceipt, OfPureCompressedAndEncryptedImagesIsTakenByTheRules) {
  server_.Start();
  const std::string plain = TestPayload(9000);
  const auto pure = Ask(For("pure", plain), plain);
  ASSERT_OK(pure);
  EXPECT_OK(Verdict(*pure, plain));
  EXPECT_NE(CarriedBy(*pure, plain), "");
  const std::string sent = Sent(plain);
  for (const char* target : {"compressed", "both"}) {
    const auto reply = Ask(Compressed(target, sent), sent);
    ASSERT_OK(reply) << target;
    EXPECT_OK(Verdict(*reply, sent)) << target;
    EXPECT_NE(CarriedBy(*reply, sent), "") << target;
  }
}

TEST_F(CarriedReceipt, OfARetryIsNewerAndTheSignatureTheSame) {
  server_.Start();
  const std::string payload = TestPayload(5000);
  const v1::SignHeader header = For("logged", payload);
  const auto first = Ask(header, payload);
  ASSERT_OK(first);
  ASSERT_OK(Ask(For("logged", payload), payload));
  const auto second = Ask(header, payload);
  ASSERT_OK(second);
  EXPECT_TRUE(second->replayed());
  EXPECT_OK(Verdict(*second, payload));
  const std::string before = CarriedBy(*first, payload);
  const std::string after = CarriedBy(*second, payload);
  EXPECT_NE(before, after);
  // Info header and TLV header aside, which say the size.
  EXPECT_EQ(Without(first->tlvs(), before).substr(4, 100),
            Without(second->tlvs(), after).substr(4, 100));
  EXPECT_EQ(Releases(), 2u);
}

TEST_F(CarriedReceipt, IsRoomInTheSlotAndAPayloadThatNeedsItIsNotSigned) {
  server_.Start();
  // Fits without a receipt.
  const std::string payload = TestPayload(256 * 1024 - 2000);
  ASSERT_OK(Ask(HeaderFor(payload), payload));
  const auto reply = Ask(For("logged", payload), payload);
  EXPECT_THAT(reply, StatusIs(Code::kInvalidArgument, "PAYLOAD_TOO_LARGE"));
  EXPECT_THAT(std::string(reply.status().message()),
              HasSubstr("3452 are kept for the receipt"));
  EXPECT_EQ(Releases(), 1u);
}

TEST_F(CarriedReceipt, OfAnEntryThatIsTooLargeIsRefusedBeforeTheSignature) {
  FormatOf("logged").mutable_receipt()->set_max_entry_bytes(200);
  server_.Start();
  const std::string payload = TestPayload(5000);
  EXPECT_THAT(Ask(For("logged", payload), payload),
              StatusIs(Code::kFailedPrecondition, "ENTRY_TOO_LARGE_FOR_IMAGE"));
  EXPECT_EQ(Releases(), 0u);
}

TEST_F(CarriedReceipt, IsRefusedToRequestsThatCannotHaveIt) {
  FormatOf("room").set_allow_list(true);
  server_.Start();
  const std::string payload = TestPayload(5000);
  v1::SignHeader header = HeaderFor(payload);
  header.set_embed_receipt(true);
  EXPECT_THAT(Ask(header, payload),
              StatusIs(Code::kInvalidArgument, "RECEIPT_NOT_ALLOWED"));
  header.set_target("room");
  header.set_payload_size(70'000);
  EXPECT_THAT(Ask(header, payload),
              StatusIs(Code::kInvalidArgument, "RECEIPT_NOT_EMBEDDABLE"));
  EXPECT_EQ(Releases(), 0u);
}

TEST_F(CarriedReceipt, IsThereOnceAskedForWhereItIsOptional) {
  FormatOf("logged").mutable_receipt()->set_presence(v1::OPTIONAL);
  server_.Start();
  const std::string payload = TestPayload(5000);
  v1::SignHeader header = For("logged", payload);
  const auto plain = Ask(header, payload);
  ASSERT_OK(plain);
  EXPECT_EQ(CarriedBy(*plain, payload), "");
  header.set_embed_receipt(true);
  EXPECT_THAT(Ask(header, payload),
              StatusIs(Code::kAlreadyExists, "REQUEST_ID_REUSED"));
  header.set_request_id("another");
  const auto carrying = Ask(header, payload);
  ASSERT_OK(carrying);
  EXPECT_NE(CarriedBy(*carrying, payload), "");
}

TEST_F(CarriedReceipt, OfAPolicyThatPinsAnotherLogIsRefusedWithTheTarget) {
  FormatOf("logged").mutable_receipt()->set_log_keys(
      0,
      "fwsign.example/audit+fd33bb95+"
      "AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4");
  EXPECT_NE(server_.StartAndFail(), 0);
  EXPECT_THAT(server_.ServerLog(), HasSubstr("LOG_KEY_NOT_OURS"));
  EXPECT_THAT(server_.ServerLog(), HasSubstr(server_.log_key()));
}

// The bootloader that a profile provisions starts what this server signed, and
// not the same image without its receipt or with another image's.
TEST_F(CarriedReceipt, IsWhatTheBoardStartsAnImageFor) {
  v1::McubootFormat& format = FormatOf("logged");
  format.set_header_size(0x400);
  format.set_slot_size(0x80000);
  server_.Start();
  const std::string board = "mps2-an505";
  const std::string payload =
      base::ReadFile(
          absl::StrCat(BOOTSEAL_BUILD_DIR, "/firmware/", board, "/payload.bin"),
          1 << 20)
          .value();
  const std::string longer = payload + "longer";
  const auto reply = Ask(For("logged", payload), payload);
  const auto other = Ask(For("logged", longer), longer);
  ASSERT_OK(reply);
  ASSERT_OK(other);
  const auto profile = trust::McubootProfile::Make(reply->profile());
  ASSERT_OK(profile);
  Device device(image::Algorithm::kP256);
  device.rules() = (*profile)->rules();
  const TemporaryFolder folder;
  const std::string elf = folder.File("boot.elf");
  ASSERT_EQ(device.Provision(board, elf), "");
  const auto uart = [&](const std::string& image, const std::string& expected) {
    EXPECT_OK(base::WriteFileAtomically(folder.File("image"), image));
    return UartOf({board, elf, folder.File("image")}, expected);
  };
  const std::string file = FileOf(*reply, payload);
  EXPECT_THAT(uart(file, "payload"), HasSubstr("verified; starting at"));
  const std::string carried = CarriedBy(*reply, payload);
  const std::string foreign = CarriedBy(*other, longer);
  const std::size_t area = file.size() - reply->tlvs().size();
  // The receipt is the image's last TLV, and the area says its size in front.
  const auto with = [&](const std::string& receipt) {
    std::string image = file.substr(0, file.size() - carried.size() - 4);
    if (!receipt.empty()) {
      absl::StrAppend(&image, U16(image::mcuboot::tlv::kReceipt),
                      U16(receipt.size()), receipt);
    }
    return image.replace(area + 2, 2, U16(image.size() - area));
  };
  ASSERT_EQ(with(carried), file);
  std::string flipped = carried;
  flipped[120] ^= 1;
  EXPECT_THAT(uart(with(""), "refused"), HasSubstr("receipt missing"));
  EXPECT_THAT(uart(with(foreign), "refused"),
              HasSubstr("receipt is of another image"));
  EXPECT_THAT(uart(with(flipped), "refused"), HasSubstr("does not lead to"));
}

}  // namespace
}  // namespace bootseal::tests
