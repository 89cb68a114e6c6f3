#include "server/trust/request_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server/trust/decision.h"
#include "tests/server/trust/example_policy.h"

namespace bootseal::trust {
namespace {

using ::testing::HasSubstr;

// Takes 0xa5 and 0xa6, has a 0xa0 of its own; header of 0x400 in front.
v1::Target App() {
  v1::Target target = tests::ExamplePolicy().targets(0);
  v1::McubootFormat& format = *target.mutable_mcuboot();
  format.add_vendor_tlvs()->set_type(0xa0);
  format.add_request_tlvs(0xa5);
  format.add_request_tlvs(0xa6);
  return target;
}

v1::Target Encrypting(v1::Presence presence) {
  v1::Target target = App();
  target.mutable_mcuboot()->set_strategy(v1::OVERWRITE_ONLY);
  target.mutable_mcuboot()->mutable_encryption()->set_presence(presence);
  return target;
}

v1::SignHeader HeaderWith(const std::vector<std::uint32_t>& types,
                          const std::string& value = "value") {
  v1::SignHeader header;
  for (const std::uint32_t type : types) {
    v1::VendorTlv& tlv = *header.add_vendor_tlvs();
    tlv.set_type(type);
    tlv.set_value(value);
  }
  return header;
}

std::string CodeOf(const Answer& answer) { return answer ? answer->code : ""; }

TEST(RequestTlvs, AreTakenOfListedTypesInAnyOrder) {
  EXPECT_EQ(CodeOf(CheckVendorTlvs(App(), HeaderWith({}))), "");
  EXPECT_EQ(CodeOf(CheckVendorTlvs(App(), HeaderWith({0xa6, 0xa5}))), "");
  EXPECT_EQ(CodeOf(CheckVendorTlvs(App(), HeaderWith({0xa6}, ""))), "");
}

TEST(RequestTlvs, OfATypeThatIsNotListedAreRefusedWithThoseThatAre) {
  for (const std::uint32_t type : {0u, 0x50u, 0xa7u, 0x100a5u, 0xffffu}) {
    const Answer answer = CheckVendorTlvs(App(), HeaderWith({0xa5, type}));
    EXPECT_EQ(CodeOf(answer), "VENDOR_TLV_NOT_ALLOWED") << type;
    EXPECT_THAT(answer->reason, HasSubstr("those are: 0x00a5, 0x00a6"));
  }
}

TEST(RequestTlvs, DoNotReplaceTheTargetsOwn) {
  const Answer answer = CheckVendorTlvs(App(), HeaderWith({0xa0}));
  EXPECT_EQ(CodeOf(answer), "VENDOR_TLV_NOT_ALLOWED");
  EXPECT_THAT(answer->reason, HasSubstr("0x00a0 is target app's own"));
}

TEST(RequestTlvs, OfATargetThatListsNoneAreRefused) {
  const Answer answer =
      CheckVendorTlvs(tests::ExamplePolicy().targets(0), HeaderWith({0xa5}));
  EXPECT_EQ(CodeOf(answer), "VENDOR_TLV_NOT_ALLOWED");
  EXPECT_THAT(answer->reason, HasSubstr("those are: none"));
}

TEST(RequestTlvs, GivenTwiceAreRefused) {
  EXPECT_EQ(CodeOf(CheckVendorTlvs(App(), HeaderWith({0xa5, 0xa5}))),
            "VENDOR_TLV_TWICE");
}

TEST(RequestTlvs, ThatFillTheAreaAreTakenAndOneByteMoreIsNot) {
  // Info header, the target's empty TLV, the request's header.
  const std::size_t most = 65535 - 4 - 4 - 4;
  EXPECT_EQ(CodeOf(CheckVendorTlvs(App(),
                                   HeaderWith({0xa5}, std::string(most, 'x')))),
            "");
  EXPECT_EQ(CodeOf(CheckVendorTlvs(
                App(), HeaderWith({0xa5}, std::string(most + 1, 'x')))),
            "VENDOR_TLVS_TOO_LARGE");
}

v1::SignHeader Encrypted(std::uint64_t payload_size) {
  v1::SignHeader header;
  header.set_encrypted(true);
  header.set_payload_size(payload_size);
  return header;
}

TEST(Encryption, IsTakenWhereTheTargetDecrypts) {
  for (const v1::Presence presence :
       {v1::PRESENCE_UNSPECIFIED, v1::OPTIONAL, v1::REQUIRED}) {
    EXPECT_EQ(CodeOf(CheckEncryption(Encrypting(presence), Encrypted(1600))),
              "");
  }
}

TEST(Encryption, IsRefusedWhereTheTargetDecryptsNothing) {
  EXPECT_EQ(CodeOf(CheckEncryption(App(), Encrypted(1600))),
            "ENCRYPTION_NOT_ALLOWED");
  EXPECT_EQ(CodeOf(CheckEncryption(Encrypting(v1::FORBIDDEN), Encrypted(16))),
            "ENCRYPTION_NOT_ALLOWED");
}

TEST(Encryption, MayBeLeftOutUnlessItIsRequired) {
  EXPECT_EQ(CodeOf(CheckEncryption(App(), v1::SignHeader())), "");
  EXPECT_EQ(CodeOf(CheckEncryption(Encrypting(v1::OPTIONAL), {})), "");
  EXPECT_EQ(CodeOf(CheckEncryption(Encrypting(v1::REQUIRED), {})),
            "ENCRYPTION_REQUIRED");
}

TEST(Encryption, NeedsWholeBlocksOfHeaderAndPayload) {
  const Answer answer =
      CheckEncryption(Encrypting(v1::REQUIRED), Encrypted(1601));
  EXPECT_EQ(CodeOf(answer), "PAYLOAD_NOT_PADDED");
  EXPECT_THAT(answer->reason, HasSubstr("append 15 zero bytes"));
  v1::Target odd = Encrypting(v1::REQUIRED);
  odd.mutable_mcuboot()->set_header_size(0x404);
  EXPECT_EQ(CodeOf(CheckEncryption(odd, Encrypted(1600))),
            "PAYLOAD_NOT_PADDED");
  EXPECT_EQ(CodeOf(CheckEncryption(odd, Encrypted(1612))), "");
  odd.mutable_mcuboot()->set_payload_has_header_room(true);
  EXPECT_EQ(CodeOf(CheckEncryption(odd, Encrypted(1600))), "");
  v1::SignHeader compressed = Encrypted(1600);
  compressed.set_compression(v1::LZMA2);
  EXPECT_EQ(CodeOf(CheckEncryption(odd, compressed)), "PAYLOAD_NOT_PADDED");
  compressed.set_payload_size(1612);
  EXPECT_EQ(CodeOf(CheckEncryption(odd, compressed)), "");
}

TEST(Admission, NamesTheRuleThatRefusesContent) {
  v1::Policy proto = tests::ExamplePolicy();
  *proto.mutable_targets(0) = Encrypting(v1::REQUIRED);
  const auto policy = tests::Parsed(proto);
  v1::SignHeader header = HeaderWith({0xa0});
  header.set_target("app");
  header.set_version("1.0");
  header.set_request_id("build-1");
  header.set_payload_size(1600);
  const Judge judge(*policy);
  const v1::Caller caller = tests::CallerNamed("ci");
  EXPECT_EQ(judge.Admit(caller, header).rule, "target.request_tlvs");
  header.clear_vendor_tlvs();
  EXPECT_EQ(judge.Admit(caller, header).rule, "target.encryption");
  header.set_encrypted(true);
  EXPECT_EQ(judge.Admit(caller, header).decision, v1::ALLOWED);
}

TEST(RequestRange, IsTakenWithThePaddingOfErasedFlashAlone) {
  EXPECT_EQ(CodeOf(CheckSignedRange(App(), v1::SignHeader())), "");
  v1::SignHeader header;
  header.mutable_signed_range();
  EXPECT_EQ(CodeOf(CheckSignedRange(App(), header)), "");
  header.mutable_signed_range()->set_header_padding(0xff);
  EXPECT_EQ(CodeOf(CheckSignedRange(App(), header)), "");
  for (const std::uint32_t padding : {1u, 0xfeu, 0x100u, 0x1ffu, 0xffffffffu}) {
    header.mutable_signed_range()->set_header_padding(padding);
    EXPECT_EQ(CodeOf(CheckSignedRange(App(), header)), "RANGE_HEADER_PADDING");
  }
}

TEST(RequestRange, IsNotCompressed) {
  v1::SignHeader header;
  header.mutable_signed_range();
  for (const int compression : {1, 2, 3, -1}) {
    header.set_compression(static_cast<v1::Compression>(compression));
    EXPECT_EQ(CodeOf(CheckSignedRange(App(), header)), "RANGE_COMPRESSED");
  }
}

}  // namespace
}  // namespace bootseal::trust
