// Ranges that other tools made: the one that the target demands is signed, and
// every other one is refused by name.
#include "server/sealing/range_sealer.h"

#include <gtest/gtest.h>

#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "firmware/image/crypto.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/mcuboot/tlv.h"
#include "firmware/image/mcuboot/verifier.h"
#include "tests/support/signing_key.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_image.h"

namespace bootseal::sealing {
namespace {

using image::host::AsBytes;
using image::host::ToString;
using tests::Area;
using tests::MessageHas;
using tests::RawTlv;
using tests::StatusIs;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
constexpr std::size_t kHeader = 0x40;
constexpr std::size_t kPayload = 301;

std::string ReadVector(const std::string& path) {
  std::ifstream in(absl::StrCat(BOOTSEAL_SOURCE_DIR, "/tests/vectors/", path),
                   std::ios::binary);
  std::ostringstream bytes;
  bytes << in.rdbuf();
  EXPECT_FALSE(bytes.str().empty()) << path;
  return bytes.str();
}

std::string Golden(const std::string& name) {
  return ReadVector(absl::StrCat("imgtool/range/", name, ".bin"));
}

// What the command lines of the golden files say.
v1::Profile GoldenProfile() {
  v1::Profile profile;
  profile.mutable_target()->set_name("gateway");
  profile.set_algorithm(v1::ED25519);
  profile.set_public_key(ReadVector("mcuboot/ed25519.pub.der"));
  v1::McubootFormat& format = *profile.mutable_target()->mutable_mcuboot();
  format.set_header_size(kHeader);
  format.set_slot_size(0x1000);
  format.set_security_counter(v1::REQUIRED);
  format.set_boot_record(v1::REQUIRED);
  format.set_software_type("SPE");
  format.set_dependency(v1::REQUIRED);
  format.add_dependencies()->set_image_id(1);
  format.mutable_dependencies(0)->set_minimum_version("2.0.0");
  format.set_image_count(2);
  format.set_vendor_id("acme.example");
  format.set_class_id("board-1");
  v1::VendorTlv& own = *format.add_vendor_tlvs();
  own.set_type(0xa0);
  own.set_value("own");
  format.add_request_tlvs(0xa5);
  return profile;
}

Request GoldenRequest() {
  Request request;
  request.version = {1, 2, 3, 4};
  request.security_counter = 5;
  request.payload_size = kPayload;
  v1::VendorTlv asked;
  asked.set_type(0xa5);
  asked.set_value("asked");
  request.vendor_tlvs = {asked};
  request.header_padding = std::byte{0xff};
  return request;
}

absl::StatusOr<std::unique_ptr<Sealer>> Fed(const v1::Profile& profile,
                                            const Request& request,
                                            absl::string_view range,
                                            std::size_t chunk = 4096) {
  ASSIGN_OR_RETURN(auto made, trust::McubootProfile::Make(profile));
  ASSIGN_OR_RETURN(auto sealer, StartSealer(std::move(made), request));
  for (std::size_t at = 0; at < range.size(); at += chunk) {
    RETURN_IF_ERROR(sealer->Payload(range.substr(at, chunk)));
  }
  RETURN_IF_ERROR(sealer->EndOfPayload());
  return sealer;
}

absl::Status Judged(absl::string_view range, std::size_t chunk = 4096) {
  return Fed(GoldenProfile(), GoldenRequest(), range, chunk).status();
}

// What a key would be asked to sign.
std::string DigestOf(const Sealer& sealer) {
  std::string digest;
  const auto status = sealer
                          .Seal([&](const Signable& what,
                                    Check) -> absl::StatusOr<std::string> {
                            digest = what.digest;
                            return absl::CancelledError("seen");
                          })
                          .status();
  EXPECT_EQ(status.code(), absl::StatusCode::kCancelled);
  return digest;
}

std::string Sha256(absl::string_view bytes) {
  return ToString(
      image::HashOf(image::HashAlgorithm::kSha256, AsBytes(bytes)).bytes());
}

// The golden range with a protected area of other TLVs, its size in the header.
std::string WithTlvs(const std::vector<RawTlv>& tlvs) {
  const std::string area = tlvs.empty() ? "" : Area(0x6908, tlvs);
  std::string range = Golden("range").substr(0, kHeader + kPayload) + area;
  range[0x0a] = static_cast<char>(area.size() & 0xff);
  range[0x0b] = static_cast<char>(area.size() >> 8);
  return range;
}

std::vector<RawTlv> GoldenTlvs() {
  std::vector<RawTlv> tlvs;
  const std::string range = Golden("range");
  for (const image::mcuboot::Tlv& tlv :
       image::mcuboot::Tlvs(AsBytes(range).subspan(kHeader + kPayload))) {
    tlvs.push_back({tlv.type, ToString(tlv.value)});
  }
  return tlvs;
}

TEST(RangeSealer, SignsWhatImgtoolExportsForTheTarget) {
  const std::string range = Golden("range");
  for (const std::size_t chunk : {1, 3, 31, 65, 4096}) {
    const auto sealer = Fed(GoldenProfile(), GoldenRequest(), range, chunk);
    ASSERT_OK(sealer);
    EXPECT_EQ(DigestOf(**sealer), Sha256(range)) << chunk;
    EXPECT_EQ(DigestOf(**sealer), Golden("digest"));
    EXPECT_EQ((*sealer)->payload_sha256(),
              Sha256(absl::string_view(range).substr(kHeader, kPayload)));
  }
}

TEST(RangeSealer, MakesTheSameRangeAgainOfItsTlvs) {
  EXPECT_EQ(WithTlvs(GoldenTlvs()), Golden("range"));
}

TEST(RangeSealer, TakesEitherPaddingThatTheRequestNames) {
  std::string range = Golden("range");
  range.replace(32, kHeader - 32, std::string(kHeader - 32, '\0'));
  Request request = GoldenRequest();
  request.header_padding = std::byte{0};
  const auto sealer = Fed(GoldenProfile(), request, range);
  ASSERT_OK(sealer);
  EXPECT_EQ(DigestOf(**sealer), Sha256(range));
  EXPECT_THAT(Judged(range), StatusIs(kInvalid, "RANGE_HEADER_PADDING"));
  EXPECT_THAT(Fed(GoldenProfile(), request, Golden("range")),
              StatusIs(kInvalid, "RANGE_HEADER_PADDING"));
}

TEST(RangeSealer, RefusesPaddingOfAnythingElse) {
  for (const std::size_t at : {std::size_t{32}, kHeader - 1}) {
    std::string range = Golden("range");
    range[at] = 'x';
    EXPECT_THAT(Judged(range), StatusIs(kInvalid, "RANGE_HEADER_PADDING"));
    EXPECT_THAT(Judged(range),
                MessageHas(absl::StrCat("byte ", at,
                                        " of its header is 0x78, "
                                        "expected 0xff")));
  }
}

TEST(RangeSealer, CountsHeaderRoomWhereTheTargetHasIt) {
  v1::Profile profile = GoldenProfile();
  profile.mutable_target()->mutable_mcuboot()->set_payload_has_header_room(
      true);
  Request request = GoldenRequest();
  request.payload_size = kHeader + kPayload;
  const std::string range = Golden("range");
  const auto sealer = Fed(profile, request, range, 7);
  ASSERT_OK(sealer);
  EXPECT_EQ(DigestOf(**sealer), Sha256(range));
  EXPECT_EQ(
      (*sealer)->payload_sha256(),
      Sha256(std::string(kHeader, '\0') + range.substr(kHeader, kPayload)));
}

TEST(RangeSealer, BuffersThePayloadForAKeyThatSignsTheImageItself) {
  v1::Profile profile = GoldenProfile();
  v1::McubootFormat& format = *profile.mutable_target()->mutable_mcuboot();
  format.Clear();
  format.set_header_size(kHeader);
  format.set_slot_size(0x1000);
  format.set_pure(true);
  Request request;
  request.version = {1, 2, 3, 4};
  request.payload_size = kPayload;
  request.header_padding = std::byte{0xff};
  const std::string range = WithTlvs({});
  const auto sealer = Fed(profile, request, range, 7);
  ASSERT_OK(sealer);
  std::string message;
  (void)(*sealer)->Seal(
      [&](const Signable& what, Check) -> absl::StatusOr<std::string> {
        message = std::string(what.message);
        return absl::CancelledError("seen");
      });
  EXPECT_EQ(message, range);
}

TEST(RangeSealer, ItsImageBootsAndStartsWithTheRange) {
  v1::Profile profile = GoldenProfile();
  const tests::SigningKey& key = tests::SharedKey(image::Algorithm::kEd25519);
  profile.set_public_key(key.public_key());
  // Of the same line, with the signer that this key is.
  std::vector<RawTlv> tlvs = GoldenTlvs();
  const std::string golden = Sha256(ReadVector("mcuboot/ed25519.pub.der"));
  const std::size_t at = tlvs[1].value.find(golden);
  ASSERT_NE(at, std::string::npos);
  tlvs[1].value.replace(at, golden.size(), Sha256(key.public_key()));
  const std::string range = WithTlvs(tlvs);
  const auto sealer = Fed(profile, GoldenRequest(), range);
  ASSERT_OK(sealer);
  const auto sealed = (*sealer)->Seal(
      [&](const Signable& what, Check check) -> absl::StatusOr<std::string> {
        const std::string signature = key.Sign(AsBytes(what.digest));
        RETURN_IF_ERROR(check(signature));
        return signature;
      });
  ASSERT_OK(sealed);
  const std::string image = absl::StrCat(
      sealed->header, range.substr(kHeader, kPayload), sealed->tlvs);
  EXPECT_EQ(image.substr(0, range.size()), range);
  const auto made = trust::McubootProfile::Make(profile);
  ASSERT_OK(made);
  EXPECT_EQ(image::mcuboot::Verify((*made)->rules(), AsBytes(image)).error(),
            image::Error::kOk);
}

// Whatever the chunks are.
void ExpectRefused(const std::string& range, const char* reason,
                   const std::string& says = "") {
  for (const std::size_t chunk : {1, 33, 4096}) {
    EXPECT_THAT(Judged(range, chunk), StatusIs(kInvalid, reason)) << chunk;
    EXPECT_THAT(Judged(range, chunk), MessageHas(says)) << chunk;
  }
}

TEST(RangeSealer, RefusesADigestAndSaysWhatToExport) {
  ExpectRefused(Golden("digest"), "RANGE_IS_DIGEST",
                "--vector-to-sign payload");
  for (const std::size_t size : {32, 48, 64}) {
    ExpectRefused(std::string(size, 'd'), "RANGE_IS_DIGEST");
  }
}

TEST(RangeSealer, RefusesWhatHasNoHeader) {
  for (const std::size_t size : {0, 1, 4, 31}) {
    EXPECT_THAT(Judged(std::string(size, 'd')),
                StatusIs(kInvalid, "RANGE_TRUNCATED"));
  }
  for (const std::size_t size : {33, 47, 65, 4096}) {
    ExpectRefused(std::string(size, 'd'), "RANGE_MAGIC", "64646464");
  }
  ExpectRefused(tests::TestPayload(500), "RANGE_MAGIC", "3db8f396");
  ExpectRefused(Golden("big-endian"), "RANGE_MAGIC", "--endian big");
}

TEST(RangeSealer, RefusesAWholeImage) {
  ExpectRefused(Golden("range") + Golden("image").substr(544), "RANGE_IS_IMAGE",
                "a whole image");
}

TEST(RangeSealer, RefusesWhatWasPaddedBeforeItWasExported) {
  ExpectRefused(Golden("padded"), "RANGE_IS_PADDED", "--pad");
  ExpectRefused(Golden("range") + std::string(1, '\xff'), "RANGE_IS_PADDED");
  ExpectRefused(Golden("range") + std::string(20, '\0'), "RANGE_IS_PADDED");
}

TEST(RangeSealer, RefusesBytesBehindTheRange) {
  ExpectRefused(Golden("range") + "x", "RANGE_TRAILING_BYTES", "78");
  ExpectRefused(Golden("range") + "xy", "RANGE_TRAILING_BYTES", "7879");
  ExpectRefused(Golden("range") + Golden("range"), "RANGE_TRAILING_BYTES");
}

TEST(RangeSealer, RefusesARangeThatIsCutAnywhere) {
  const std::string range = Golden("range");
  for (std::size_t size = kHeader; size < range.size(); ++size) {
    EXPECT_THAT(Judged(range.substr(0, size)),
                StatusIs(kInvalid, "RANGE_TRUNCATED"))
        << size;
  }
}

TEST(RangeSealer, RefusesABootRecordThatNamesNoSigner) {
  ExpectRefused(Golden("signer-unknown"), "RANGE_SIGNER_ZERO",
                "--fix-sig-pubkey");
}

struct BadHeader {
  std::size_t at;
  char value;
  const char* reason;
};

TEST(RangeSealer, RefusesAHeaderThatDiffersByTheFieldsName) {
  for (const BadHeader& bad : {BadHeader{0x04, 0x10, "RANGE_LOAD_ADDRESS"},
                               BadHeader{0x08, 0x41, "RANGE_HEADER_SIZE"},
                               BadHeader{0x08, 0x1f, "RANGE_HEADER_SIZE"},
                               BadHeader{0x0c, 0x2c, "RANGE_PAYLOAD_SIZE"},
                               BadHeader{0x10, 0x10, "RANGE_FLAGS"},
                               BadHeader{0x10, 0x04, "RANGE_FLAGS"},
                               BadHeader{0x11, 0x04, "RANGE_COMPRESSED"},
                               BadHeader{0x14, 0x02, "RANGE_VERSION"},
                               BadHeader{0x15, 0x03, "RANGE_VERSION"},
                               BadHeader{0x16, 0x04, "RANGE_VERSION"},
                               BadHeader{0x18, 0x05, "RANGE_VERSION"},
                               BadHeader{0x1c, 0x01, "RANGE_HEADER_RESERVED"},
                               BadHeader{0x00, 0x3c, "RANGE_MAGIC"}}) {
    std::string range = Golden("range");
    range[bad.at] = bad.value;
    ExpectRefused(range, bad.reason);
  }
}

TEST(RangeSealer, SaysWhatAHeaderSaysAndWhatTheTargetDemands) {
  std::string range = Golden("range");
  range[0x14] = 9;
  ExpectRefused(range, "RANGE_VERSION",
                "target gateway demands: its version is 9.2.3+4, expected "
                "1.2.3+4");
}

// No bit of header or protected area may be other than the target's: there is
// no digest that somebody else chose.
TEST(RangeSealer, RefusesEveryOtherHeaderAndArea) {
  const std::string range = Golden("range");
  for (std::size_t at = 0; at < range.size(); ++at) {
    if (at >= kHeader && at < kHeader + kPayload) continue;
    for (int bit = 0; bit < 8; ++bit) {
      std::string turned = range;
      turned[at] = static_cast<char>(turned[at] ^ 1 << bit);
      EXPECT_EQ(Judged(turned).code(), kInvalid) << at << " bit " << bit;
    }
  }
}

TEST(RangeSealer, RefusesEachTlvThatIsMissingByItsName) {
  const std::vector<RawTlv> all = GoldenTlvs();
  const char* const kNames[] = {"SEC_CNT TLV (0x50) of 5",
                                "BOOT_RECORD",
                                "DEPENDENCY",
                                "UUID_VID",
                                "UUID_CID",
                                "VENDOR TLV (0xa0)",
                                "VENDOR TLV (0xa5)"};
  ASSERT_EQ(all.size(), std::size(kNames));
  for (std::size_t i = 0; i < all.size(); ++i) {
    std::vector<RawTlv> tlvs = all;
    tlvs.erase(tlvs.begin() + static_cast<std::ptrdiff_t>(i));
    ExpectRefused(WithTlvs(tlvs), "RANGE_TLV_MISSING", kNames[i]);
  }
  ExpectRefused(WithTlvs({}), "RANGE_TLV_MISSING", "--boot-record");
}

TEST(RangeSealer, RefusesEachTlvThatNobodyAskedFor) {
  for (const std::uint16_t type :
       std::vector<std::uint16_t>{0x10, 0x22, 0x50, 0x60, 0x74, 0xa0, 0xa7}) {
    std::vector<RawTlv> tlvs = GoldenTlvs();
    tlvs.push_back({type, "more"});
    ExpectRefused(WithTlvs(tlvs), "RANGE_TLV_UNEXPECTED",
                  type == 0x50 ? "SEC_CNT" : "of 6d6f7265");
  }
}

TEST(RangeSealer, RefusesTlvsInAnotherOrder) {
  std::vector<RawTlv> tlvs = GoldenTlvs();
  std::swap(tlvs[5], tlvs[6]);
  ExpectRefused(WithTlvs(tlvs), "RANGE_TLV_ORDER",
                "VENDOR TLV (0xa5), VENDOR TLV (0xa0), expected the order");
}

TEST(RangeSealer, RefusesEachTlvOfAnotherValue) {
  for (std::size_t i = 0; i < GoldenTlvs().size(); ++i) {
    std::vector<RawTlv> tlvs = GoldenTlvs();
    tlvs[i].value.front() = static_cast<char>(tlvs[i].value.front() ^ 1);
    ExpectRefused(WithTlvs(tlvs), "RANGE_TLV_VALUE");
    tlvs[i].value += "more";
    ExpectRefused(WithTlvs(tlvs), "RANGE_TLV_VALUE");
    tlvs[i].value.clear();
    ExpectRefused(WithTlvs(tlvs), "RANGE_TLV_VALUE", "is nothing, expected");
  }
  std::vector<RawTlv> tlvs = GoldenTlvs();
  tlvs[0].value = std::string("\x07\0\0\0", 4);
  ExpectRefused(WithTlvs(tlvs), "RANGE_TLV_VALUE",
                "its SEC_CNT TLV (0x50) is 7, expected 5");
}

TEST(RangeSealer, RefusesABootRecordByThePartThatDiffers) {
  struct Part {
    const char* from;
    const char* to;
    const char* says;
  };
  for (const Part& part :
       {Part{"SPE", "NSP", "software type in its boot record is \"NSP\""},
        Part{"1.2.3", "1.2.4", "version in its boot record is \"1.2.4\""},
        Part{"SHA256", "SHA512", "boot record"}}) {
    std::vector<RawTlv> tlvs = GoldenTlvs();
    const std::string from = part.from;
    tlvs[1].value.replace(tlvs[1].value.find(from), from.size(), part.to);
    ExpectRefused(WithTlvs(tlvs), "RANGE_TLV_VALUE", part.says);
  }
  std::vector<RawTlv> tlvs = GoldenTlvs();
  const std::string signer = Sha256(ReadVector("mcuboot/ed25519.pub.der"));
  tlvs[1].value.replace(tlvs[1].value.find(signer), signer.size(),
                        std::string(32, 'k'));
  ExpectRefused(WithTlvs(tlvs), "RANGE_TLV_VALUE", "the signer in its boot");
}

TEST(RangeSealer, RefusesAProtectedAreaThatIsNone) {
  std::string range = Golden("range");
  range[kHeader + kPayload] = 0x07;
  ExpectRefused(range, "RANGE_TLV_MALFORMED");
  range = Golden("range");
  range[kHeader + kPayload + 6] = '\x7f';
  ExpectRefused(range, "RANGE_TLV_MALFORMED");
}

TEST(RangeSealer, RefusesAPayloadThatIsAnImageItself) {
  std::string range = Golden("range");
  range.replace(kHeader, 4, "\x3d\xb8\xf3\x96");
  ExpectRefused(range, "ALREADY_AN_IMAGE");
}

}  // namespace
}  // namespace bootseal::sealing
