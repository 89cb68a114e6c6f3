// bootseal explain and bootseal verify of images whose payload is encrypted.
#include "tests/client/cli/explain_fixture.h"

namespace bootseal::tests {
namespace {

// Signed in plaintext, and then not there in plaintext any more.
class ExplainEncryptedTest : public ExplainTest {
 protected:
  ExplainEncryptedTest() {
    format().mutable_encryption()->set_key_bits(128);
    format().mutable_encryption()->set_key_exchange(v1::ECIES_P256);
    parts_ = MakeParts(target_, TestPayload(304), {});
    parts_.header.flags = image::mcuboot::flags::kEncryptedAes128;
    SignAgain(target_, parts_);
    parts_.unprotected.push_back({0x32, std::string(113, 'k')});
    for (char& byte : parts_.payload) byte = static_cast<char>(byte ^ 0x5a);
  }

  Outcome Verify() {
    return Bootseal({"verify", "--json", "--profile", Profile(),
                     WriteFile("image.bin", Join(parts_))});
  }
};

TEST_F(ExplainEncryptedTest, SaysThatTheDeviceAloneCanJudge) {
  const Outcome text = Explain();
  EXPECT_EQ(text.exit_code, 1);
  EXPECT_THAT(text.out, Not(HasSubstr("FAIL")));
  EXPECT_THAT(text.out, Not(HasSubstr("damaged")));
  EXPECT_THAT(text.out, HasSubstr("MCUboot itself needs the device's key in "
                                  "boot_enc_load (KEY_UNWRAP)"));
  EXPECT_THAT(text.out, HasSubstr("undecided for target board/app: digest and "
                                  "signature cover the plaintext"));
  EXPECT_THAT(text.out,
              HasSubstr("makes one like it:\n  bootseal sign --target "
                        "board/app --version 1.2.3+4 --encrypt "
                        "DEVICE.pem"));
  const Outcome json = Explain({"--json"});
  EXPECT_EQ(json.exit_code, 1);
  EXPECT_THAT(json.out, HasSubstr("\"bootable\":false"));
  EXPECT_THAT(json.out, HasSubstr("\"verdict\":\"PAYLOAD_ENCRYPTED\""));
  EXPECT_THAT(json.out, HasSubstr("\"boots\":null"));
  EXPECT_THAT(json.out, HasSubstr("-E DEVICE.pem --encrypt-keylen 128"));
}

TEST_F(ExplainEncryptedTest, AgreesWithVerifyWhateverIsWrong) {
  EXPECT_THAT(Verify().out, HasSubstr("\"rule\":\"PAYLOAD_ENCRYPTED\""));
  EXPECT_EQ(Verify().exit_code, 1);
  struct Spoilt {
    std::size_t tlv;
    const char* verdict;
  };
  for (const Spoilt& each :
       {Spoilt{0, "SIGNATURE_MISMATCH"}, Spoilt{1, "KEY_UNKNOWN"}}) {
    const ImageParts good = parts_;
    parts_.unprotected[each.tlv].value[5] ^= 1;
    EXPECT_THAT(Verify().out,
                HasSubstr(absl::StrCat("\"rule\":\"", each.verdict, "\"")));
    EXPECT_THAT(Explain({"--json"}).out,
                HasSubstr(absl::StrCat("\"verdict\":\"", each.verdict, "\"")));
    parts_ = good;
  }
}

TEST_F(ExplainEncryptedTest, RefusesAContentKeyOfAnotherLength) {
  parts_.unprotected[3].value.resize(129, 'k');
  const Outcome text = Explain();
  EXPECT_EQ(text.exit_code, 1);
  EXPECT_THAT(text.out, HasSubstr("ENC_EC256 TLV (0x32) of 129 bytes in the "
                                  "unprotected area at 0x"));
  EXPECT_THAT(text.out, HasSubstr("(TLV_LENGTH)"));
  EXPECT_THAT(text.out,
              HasSubstr("MCUboot itself refuses it in boot_enc_load"));
}

}  // namespace
}  // namespace bootseal::tests
