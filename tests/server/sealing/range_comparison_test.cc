// Every range but the one that the target demands is refused by the name of
// what differs.
#include "server/sealing/range_comparison.h"

#include "tests/server/sealing/golden_range.h"

namespace bootseal::sealing {
namespace {

struct BadHeader {
  std::size_t at;
  char value;
  const char* reason;
};

TEST(RangeComparison, RefusesAHeaderThatDiffersByTheFieldsName) {
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

TEST(RangeComparison, SaysWhatAHeaderSaysAndWhatTheTargetDemands) {
  std::string range = Golden("range");
  range[0x14] = 9;
  ExpectRefused(range, "RANGE_VERSION",
                "target gateway demands: its version is 9.2.3+4, expected "
                "1.2.3+4");
}

// No bit of header or protected area may be other than the target's: there is
// no digest that somebody else chose.
TEST(RangeComparison, RefusesEveryOtherHeaderAndArea) {
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

TEST(RangeComparison, RefusesEachTlvThatIsMissingByItsName) {
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

TEST(RangeComparison, RefusesEachTlvThatNobodyAskedFor) {
  for (const std::uint16_t type :
       std::vector<std::uint16_t>{0x10, 0x22, 0x50, 0x60, 0x74, 0xa0, 0xa7}) {
    std::vector<RawTlv> tlvs = GoldenTlvs();
    tlvs.push_back({type, "more"});
    ExpectRefused(WithTlvs(tlvs), "RANGE_TLV_UNEXPECTED",
                  type == 0x50 ? "SEC_CNT" : "of 6d6f7265");
  }
}

TEST(RangeComparison, RefusesTlvsInAnotherOrder) {
  std::vector<RawTlv> tlvs = GoldenTlvs();
  std::swap(tlvs[5], tlvs[6]);
  ExpectRefused(WithTlvs(tlvs), "RANGE_TLV_ORDER",
                "VENDOR TLV (0xa5), VENDOR TLV (0xa0), expected the order");
}

TEST(RangeComparison, RefusesEachTlvOfAnotherValue) {
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

TEST(RangeComparison, RefusesABootRecordByThePartThatDiffers) {
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

}  // namespace
}  // namespace bootseal::sealing
