// What sign refuses, and that nothing is written then.
#include <gmock/gmock.h>

#include "base/status.h"
#include "tests/client/imgtool/sign_fixture.h"

namespace bootseal::tests {
namespace {

using testing::HasSubstr;

struct Refusal {
  const char* name;
  Words options;  // besides the usual ones; "@name" is a file of the folder
  const char* reason;
  const char* text;
  int exit = 2;  // 1 where imgtool ends with a traceback
};

class UsageTest : public SignTest,
                  public testing::WithParamInterface<Refusal> {};

TEST_P(UsageTest, IsRefusedByNameWithoutAFile) {
  MakeKey("ed25519", "ed.pem");
  MakeKey("ecdsa-p256", "p256.pem");
  MakeKey("ecdsa-p384", "p384.pem");
  MakeKey("x25519", "x.pem");
  ASSERT_OK(imgtool::Run(
      {"getpub", "-k", File("ed.pem"), "-e", "pem", "-o", File("ed.pub")}));
  Write("image", std::string("\x3d\xb8\xf3\x96", 4) + std::string(60, 1));
  Write("noise", "no base64!");
  Write("empty", "");
  Write("large", std::string(0xfff8, 'x'));
  Write("kek16", absl::Base64Escape(std::string(16, 'k')) + "\n");
  Write("kek32", absl::Base64Escape(std::string(32, 'k')) + "\n");
  Words options = GetParam().options;
  for (std::string& option : options) {
    if (option[0] == '@') option = File(option.substr(1));
  }
  const absl::Status status = Sign(options);
  EXPECT_EQ(base::ReasonOf(status), GetParam().reason) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr(GetParam().text));
  EXPECT_EQ(imgtool::ExitStatusOf(status), GetParam().exit);
  EXPECT_FALSE(HasImage());
}

const std::vector<Refusal>& Refusals() {
  static const auto* refusals = new std::vector<Refusal>{
      {"NoKey", {}, "UNSIGNED", "--unsigned"},
      {"UnsignedWithKey",
       {"--unsigned", "-k", "@ed.pem"},
       "USAGE",
       "--unsigned"},
      {"UnsignedPure", {"--unsigned", "--pure"}, "USAGE", "--pure"},
      {"PublicKey", {"-k", "@ed.pub"}, "KEY_NOT_PRIVATE", "public"},
      {"AgreementKey", {"-k", "@x.pem"}, "KEY_CANNOT_SIGN", "x25519", 1},
      {"Server",
       {"-k", "bootseal:an521-app"},
       "SERVER_SIGNING",
       "bootseal sign --target an521-app"},
      {"ServerForAReadySignature",
       {"--fix-sig", "@signature", "--fix-sig-pubkey", "bootseal:an521-app"},
       "SERVER_SIGNING",
       "-k/--key alone"},
      {"HeaderTooSmall", {"--unsigned", "-H", "31"}, "USAGE", "31"},
      {"HeaderTooLarge",
       {"--unsigned", "-H", "0x10000"},
       "HEADER_SIZE",
       "65536",
       1},
      {"HeaderNoNumber", {"--unsigned", "-H", "32k"}, "USAGE", "32k"},
      {"SlotNegative", {"--unsigned", "-S", "-1"}, "USAGE", "slot-size"},
      {"SlotTooSmall",
       {"--unsigned", "-S", "0x300"},
       "IMAGE_TOO_LARGE",
       "image of 0x175 bytes and trailer of 0x1b0 exceed the slot of 0x300"},
      {"PadWithoutSlot", {"--unsigned", "--pad", "-S", "0"}, "USAGE", "--pad"},
      {"AlignAboveMax",
       {"--unsigned", "--align", "32", "--max-align", "8"},
       "USAGE",
       "--max-align"},
      {"AlignUnknown", {"--unsigned", "--align", "3"}, "USAGE", "align"},
      {"SpareSectorUnknown",
       {"--unsigned", "--strategy", "swap-move"},
       "USAGE",
       "--sector-size"},
      {"SpareSectorMissing",
       {"--unsigned", "--strategy", "swap-move", "--sector-size", "0x800", "-S",
        "0x1000", "-M", "2"},
       "IMAGE_TOO_LARGE",
       "--strategy"},
      {"StrategyContradicts",
       {"--unsigned", "--strategy", "swap-move", "--sector-size", "0x100",
        "--overwrite-only"},
       "USAGE",
       "--overwrite-only"},
      {"TwoAddresses",
       {"--unsigned", "-L", "0x20000000", "-F", "0x8000000"},
       "USAGE",
       "--rom-fixed"},
      {"Version", {"--unsigned", "-v", "1.02"}, "VERSION_FORMAT", "1.02"},
      {"VersionTooLarge",
       {"--unsigned", "-v", "256"},
       "VERSION_RANGE",
       "256",
       1},
      {"VersionWithoutRevision",
       {"--unsigned", "-v", "1.2+5"},
       "VERSION_FORMAT",
       "1.2+5"},
      {"Counter",
       {"--unsigned", "-s", "later"},
       "SECURITY_COUNTER_INVALID",
       "later"},
      {"CounterTooLarge",
       {"--unsigned", "-s", "0x100000000"},
       "SECURITY_COUNTER_INVALID",
       "0x100000000",
       1},
      {"CounterNegative",
       {"--unsigned", "-s", "-1"},
       "SECURITY_COUNTER_INVALID",
       "-1",
       1},
      {"DependencyWithoutParentheses",
       {"--unsigned", "-d", "1,1.2.3"},
       "DEPENDENCIES_INVALID",
       "1,1.2.3"},
      {"DependencyWithRest",
       {"--unsigned", "-d", "(1,1.2.3) and more"},
       "DEPENDENCIES_INVALID",
       "and more"},
      {"DependencyImage",
       {"--unsigned", "-d", "(256,1.2.3)"},
       "DEPENDENCIES_INVALID",
       "0 to 255",
       1},
      {"DependencyVersionTooLarge",
       {"--unsigned", "-d", "(1,256.2.3)"},
       "DEPENDENCIES_INVALID",
       "expected at most 255",
       1},
      {"DependencyVersion",
       {"--unsigned", "-d", "(1,1.2.3+4+5)"},
       "DEPENDENCIES_INVALID",
       "1.2.3+4+5"},
      {"SoftwareType",
       {"--unsigned", "--boot-record", "thirteen-byte"},
       "USAGE",
       "13"},
      {"EmptySoftwareType",
       {"--unsigned", "--boot-record", ""},
       "USAGE",
       "boot-record"},
      {"TlvType",
       {"--unsigned", "--custom-tlv", "0x9f", "x"},
       "CUSTOM_TLV_TYPE",
       "0x9f"},
      {"TlvTypeNoNumber",
       {"--unsigned", "--custom-tlv", "abc", "x"},
       "CUSTOM_TLV_TYPE",
       "abc",
       1},
      {"TlvTypeTooLarge",
       {"--unsigned", "--custom-tlv", "0xffff", "x"},
       "CUSTOM_TLV_TYPE",
       "0xffff"},
      {"TlvOddDigits",
       {"--unsigned", "--custom-tlv", "0xa0", "0x123"},
       "CUSTOM_TLV_VALUE",
       "0x123"},
      {"TlvNoDigits",
       {"--unsigned", "--custom-tlv", "0xa0", "0xgg"},
       "CUSTOM_TLV_VALUE",
       "0xgg",
       1},
      {"TlvTwice",
       {"--unsigned", "--custom-tlv", "0xa0", "x", "--custom-tlv-file", "160",
        "@tlv.bin"},
       "CUSTOM_TLV_TWICE",
       "0xa0"},
      {"ClassNameAlone",
       {"--unsigned", "--cid", "board"},
       "CID_INVALID",
       "--vid",
       1},
      {"VendorName",
       {"--unsigned", "--vid", "a\nb"},
       "VID_INVALID",
       "a\\x0ab",
       1},
      {"BigEndian", {"--unsigned", "-e", "big"}, "USAGE", "-e big"},
      {"PureWithHash",
       {"-k", "@ed.pem", "--pure", "--sha", "512"},
       "USAGE",
       "--sha"},
      {"PureP256",
       {"-k", "@p256.pem", "--pure"},
       "PURE_NOT_ALLOWED",
       "ecdsa-p256"},
      {"HashOfP256",
       {"-k", "@p256.pem", "--sha", "512"},
       "HASH_NOT_ALLOWED",
       "expected 256"},
      {"HashOfP384",
       {"-k", "@p384.pem", "--sha", "256"},
       "HASH_NOT_ALLOWED",
       "expected 384"},
      {"HashOfEd25519",
       {"-k", "@ed.pem", "--sha", "384"},
       "HASH_NOT_ALLOWED",
       "256 or 512"},
      {"SignatureWithoutKey",
       {"--fix-sig", "@noise"},
       "USAGE",
       "--fix-sig-pubkey"},
      {"KeyOfNoSignature",
       {"--fix-sig-pubkey", "@ed.pub"},
       "USAGE",
       "--fix-sig"},
      {"SignatureAndKey",
       {"--fix-sig", "@noise", "--fix-sig-pubkey", "@ed.pub", "-k", "@ed.pem"},
       "USAGE",
       "exclude"},
      {"SignatureNoBase64",
       {"--fix-sig", "@noise", "--fix-sig-pubkey", "@ed.pub"},
       "SIGNATURE_FORMAT",
       "base64"},
      {"SignatureEmpty",
       {"--fix-sig", "@empty", "--fix-sig-pubkey", "@ed.pub",
        "--imgtool-compatible"},
       "SIGNATURE_FORMAT",
       "base64"},
      {"SignatureOutputUnsigned",
       {"--unsigned", "--sig-out", "@signature"},
       "SIGNATURE_MISSING",
       "--sig-out",
       1},
      {"AreaTooLarge",
       {"--unsigned", "--custom-tlv-file", "0xa0", "@large"},
       "AREA_TOO_LARGE",
       "protected",
       1},
      {"KekOfAnotherLength",
       {"-k", "@ed.pem", "-E", "@kek16", "--encrypt-keylen", "256"},
       "KEK_LENGTH",
       "give --encrypt-keylen 128"},
      {"LongKekByDefault",
       {"-k", "@ed.pem", "-E", "@kek32"},
       "KEK_LENGTH",
       "give --encrypt-keylen 256"},
      {"FlagWithValue",
       {"--unsigned", "--overwrite-only=false"},
       "USAGE",
       "--overwrite-only takes no value"},
      {"FlagWithEmptyValue",
       {"--unsigned", "--pad="},
       "USAGE",
       "--pad takes no value"},
      {"EmptyValueBeforeAWord",
       {"--unsigned", "--sha=", "256"},
       "USAGE",
       "--sha is empty"},
      {"Abbreviation", {"--unsigned", "--max-sec", "4"}, "USAGE", "max-sec"},
      {"LongNameWithOneDash", {"--unsigned", "-pad"}, "USAGE", "pad"},
      {"OtherCase", {"--unsigned", "--PAD"}, "USAGE", "PAD"},
      {"EqualSignBehindAShortName",
       {"--unsigned", "-v=1.2.3"},
       "VERSION_FORMAT",
       "=1.2.3"},
      {"VectorOfUnknownSigner",
       {"--vector-to-sign", "digest", "--boot-record", "SPE"},
       "USAGE",
       "--fix-sig-pubkey"},
      {"CompressedVector",
       {"--vector-to-sign", "payload", "--compression", "lzma2"},
       "USAGE",
       "two signatures"},
      {"EncryptedForP384",
       {"-k", "@ed.pem", "-E", "@p384.pem"},
       "ENCRYPTION_KEY_TYPE",
       "ecdsa-p384"},
      {"EncryptedForEd25519",
       {"-k", "@ed.pem", "-E", "@ed.pub"},
       "ENCRYPTION_KEY_TYPE",
       "ed25519"},
      {"EncryptedForAnotherFamily",
       {"-k", "@p256.pem", "-E", "@x.pem"},
       "ENCRYPTION_KEY_TYPE",
       "x25519"},
      {"HmacOfP256",
       {"-k", "@p256.pem", "-E", "@p256.pem", "--hmac-sha", "512"},
       "HMAC_HASH",
       ""},
      {"UnknownOption", {"--unsigned", "--pkcs11", "x"}, "USAGE", "pkcs11"},
      {"ValueMissing",
       {"--unsigned", "--boot-record", "--pad"},
       "USAGE",
       "boot-record: takes a value; it swallowed --pad"},
      {"ValueMissingBeforeAShortName",
       {"--unsigned", "--vid", "-s", "1"},
       "USAGE",
       "--vid: takes a value; it swallowed -s"},
      {"TlvValueMissing",
       {"--unsigned", "--custom-tlv", "0xa0", "--confirm"},
       "USAGE",
       "--custom-tlv: takes a value; it swallowed --confirm"},
  };
  return *refusals;
}

INSTANTIATE_TEST_SUITE_P(Sign, UsageTest, testing::ValuesIn(Refusals()),
                         [](const auto& refusal) {
                           return std::string(refusal.param.name);
                         });

class SwallowTest : public SignTest {};

TEST_F(SwallowTest, NamesTheOptionThatTookTheInputFile) {
  const absl::Status status = imgtool::Run(
      {"sign", "-k", "root-RSA-3072.pem", "--public-key-format", "full",
       "--align", "8", "-v", "1.3.0", "-H", "0x400", "--pad-header", "-S",
       "0x2D000", "--pad", "--boot-record", "tfm_s.bin", "tfm_s_signed.bin"});
  EXPECT_EQ(status.message(),
            "--boot-record takes a value; it swallowed tfm_s.bin");
  EXPECT_EQ(imgtool::ExitStatusOf(status), 2);
}

TEST_F(SwallowTest, NamesTheOneFileThatIsThere) {
  const absl::Status status = imgtool::Run(
      {"sign", "-v", "1", "-H", "32", "-S", "0", "--boot-record", "SPE", "a"});
  EXPECT_THAT(std::string(status.message()), HasSubstr("one file alone, a,"));
}

TEST_F(SwallowTest, NamesBothFilesWhenNoneIsThere) {
  const absl::Status status =
      imgtool::Run({"sign", "-v", "1", "-H", "32", "-S", "0"});
  EXPECT_THAT(std::string(status.message()), HasSubstr("INFILE and OUTFILE"));
}

}  // namespace
}  // namespace bootseal::tests
