// The contract with every other build system: it makes the range, `bootseal
// sign-range` has it signed, it puts the signature in its place.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "firmware/image/crypto.h"
#include "firmware/image/host/convert.h"
#include "tests/integration/imgtool_lines.h"

namespace bootseal::tests {
namespace {

using testing::HasSubstr;
using testing::Not;

const Arguments kBoard{"-v",      "1.2.3+4", "-H", "0x400",       "-S",
                       "0x80000", "-s",      "7",  "--pad-header"};

const Arguments kTfmLine = kSecure + Arguments{"-d", "(1,0.0.0)"};

const Arguments kGateway{"-v",           "1.2.3",   "-H",
                         "0x400",        "-S",      "0x80000",
                         "-s",           "1",       "--pad-header",
                         "-F",           "0x20000", "--vid",
                         "acme.example", "--cid",   "board-1",
                         "--custom-tlv", "0xa0",    "own",
                         "--custom-tlv", "0xa5",    "asked"};

// Without an option and its value.
Arguments Without(Arguments line, const std::string& option,
                  std::size_t words = 2) {
  const auto at = std::find(line.begin(), line.end(), option);
  EXPECT_NE(at, line.end()) << option;
  line.erase(at, at + static_cast<std::ptrdiff_t>(words));
  return line;
}

Arguments With(Arguments line, const std::string& option,
               const std::string& value) {
  const auto at = std::find(line.begin(), line.end(), option);
  EXPECT_NE(at, line.end()) << option;
  *(at + 1) = value;
  return line;
}

std::string Sha256Hex(const std::string& bytes) {
  return absl::BytesToHexString(image::host::ToString(
      image::HashOf(image::HashAlgorithm::kSha256, image::host::AsBytes(bytes))
          .bytes()));
}

class SignRange : public Imgtool {
 protected:
  void TearDown() override {
    for (const char* name : {"a.range", "a.receipt", "signature"}) {
      std::remove(On().File(name).c_str());
    }
    Imgtool::TearDown();
  }

  // The key's public half, as a build keeps it; each target has its own key.
  std::string PublicKey(const std::string& key) {
    const std::string name =
        absl::StrCat(absl::StrReplaceAll(key, {{"/", "-"}}), ".public.pem");
    if (!On().Exists(name)) {
      const Outcome show =
          On().Client({"keys", "show", key, "--format", "pem"});
      EXPECT_EQ(show.exit_code, 0) << show.err;
      On().Write(name, show.out);
    }
    return On().File(name);
  }

  // Phase one: what is to be signed.
  Outcome Export(const std::string& key, const Arguments& line,
                 const std::string& payload) {
    return Sign(Arguments{"--vector-to-sign", "payload", "--fix-sig-pubkey",
                          PublicKey(key)} +
                    line,
                payload, "a.range");
  }
  std::string Exported(const std::string& key, const Arguments& line,
                       std::size_t size = 5000) {
    const Outcome outcome =
        Export(key, line, On().Write("app.bin", Payload(size)));
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    return On().Read("a.range");
  }

  Outcome SignIt(const std::string& target, const Arguments& more = {},
                 const std::string& person = "ci") {
    return On().Client(Arguments{"sign-range", "--target", target,
                                 "--signature", On().File("signature")} +
                           more + Arguments{On().File("a.range")},
                       person);
  }

  // Phase two.
  Outcome Complete(const std::string& key, const Arguments& line) {
    return Sign(Arguments{"--fix-sig", On().File("signature"),
                          "--fix-sig-pubkey", PublicKey(key)} +
                    line,
                On().File("app.bin"), "b.bin");
  }

  void ExpectRefused(const std::string& target, const std::string& reason,
                     int exit_code = 1, const std::string& says = "") {
    const Outcome sign = SignIt(target, {"-o", On().File("a.bin"), "--receipt",
                                         On().File("a.receipt")});
    EXPECT_EQ(sign.exit_code, exit_code) << sign.err;
    EXPECT_THAT(sign.err, HasSubstr(absl::StrCat(reason, ": ")));
    EXPECT_THAT(sign.err, HasSubstr(says));
    for (const char* name : {"signature", "a.bin", "a.receipt"}) {
      EXPECT_FALSE(On().Exists(name)) << name;
    }
  }
};

struct Line {
  std::string target;
  Arguments line;
};

TEST_F(SignRange, ThreeLinesMakeTheImageThatTheServerAssembles) {
  for (const Line& each : {Line{"ed25519", kBoard}, Line{kTfm, kTfmLine},
                           Line{"gateway", kGateway},
                           Line{"pure", kBoard + Arguments{"--pure"}}}) {
    // imgtool pads what it exports; --pad belongs to the last line alone.
    const bool pads = each.target == kTfm;
    const Arguments exported =
        pads ? Without(each.line, "--pad", 1) : each.line;
    const std::string range = Exported(each.target, exported);
    const Outcome sign =
        SignIt(each.target,
               {"-o", On().File("a.bin"), "--receipt", On().File("a.receipt")});
    ASSERT_EQ(sign.exit_code, 0) << each.target << sign.err;
    const Outcome complete = Complete(each.target, each.line);
    ASSERT_EQ(complete.exit_code, 0) << each.target << complete.err;
    EXPECT_EQ(On().Read("b.bin"), On().Read("a.bin")) << each.target;
    EXPECT_EQ(On().Read("a.bin").substr(0, range.size()), range);
    EXPECT_EQ(Verify(each.target, "b.bin").exit_code, 0) << each.target;
    EXPECT_EQ(On().Client({"verify", "--target", each.target, "--receipt",
                           On().File("a.receipt"), On().File("b.bin")})
                  .exit_code,
              0);
    TearDown();
  }
}

TEST_F(SignRange, ARangeWithHeaderRoomIsSignedToo) {
  On().Write("app.bin", std::string(0x400, '\0') + Payload(5000));
  const Arguments line = Without(With(kBoard, "-s", "1"), "--pad-header", 1);
  const Outcome exported = Export("room", line, On().File("app.bin"));
  ASSERT_EQ(exported.exit_code, 0) << exported.err;
  const Outcome sign = SignIt("room", {"-o", On().File("a.bin")});
  ASSERT_EQ(sign.exit_code, 0) << sign.err;
  ASSERT_EQ(Complete("room", line).exit_code, 0);
  EXPECT_EQ(On().Read("b.bin"), On().Read("a.bin"));
  EXPECT_EQ(Verify("room", "b.bin").exit_code, 0);
}

TEST_F(SignRange, AnImageThatWillBeEncryptedIsSignedAndNeverWrittenPlain) {
  On().Write("app.bin", Payload(4096));
  const std::string device = LocalKey("ecdsa-p256");
  const Arguments line{"-v", "1.0",     "-H",           "0x400",
                       "-S", "0x80000", "--pad-header", "--overwrite-only",
                       "-E", device};
  const Outcome exported = Export("maybe", line, On().File("app.bin"));
  ASSERT_EQ(exported.exit_code, 0) << exported.err;
  ExpectRefused("maybe", "RANGE_ENCRYPTED", 2, "plaintext");
  ASSERT_EQ(SignIt("maybe").exit_code, 0);
  const Outcome complete = Complete("maybe", line);
  EXPECT_EQ(complete.exit_code, 0) << complete.err;
  EXPECT_THAT(On().Read("b.bin"), Not(HasSubstr(Payload(4096).substr(64, 64))));
}

TEST_F(SignRange, TheEntryIsThatOfTheRange) {
  const std::string range = Exported("ed25519", kBoard);
  const Outcome sign =
      SignIt("ed25519", {"--json", "--receipt", On().File("a.receipt")});
  ASSERT_EQ(sign.exit_code, 0) << sign.err;
  EXPECT_THAT(sign.out, HasSubstr("\"target\":\"ed25519\""));
  EXPECT_THAT(sign.out, HasSubstr("\"version\":\"1.2.3+4\""));
  EXPECT_THAT(sign.out, HasSubstr("\"signature\":"));
  EXPECT_THAT(sign.out, Not(HasSubstr("\"image\"")));
  const std::string mark = "\"log_index\":";
  const std::size_t at = sign.out.find(mark);
  ASSERT_NE(at, std::string::npos);
  const std::string index =
      std::to_string(std::stoul(sign.out.substr(at + mark.size())));
  const Outcome show = On().Client({"audit", "show", index}, "auditor");
  ASSERT_EQ(show.exit_code, 0) << show.err;
  EXPECT_THAT(show.out, HasSubstr(Sha256Hex(range)));
  EXPECT_THAT(show.out, HasSubstr(Sha256Hex(Payload(5000))));
}

TEST_F(SignRange, TheSameIdGetsTheSameSignature) {
  Exported("ed25519", kBoard);
  const Arguments id{"--request-id", "range-1"};
  ASSERT_EQ(SignIt("ed25519", id).exit_code, 0);
  const std::string signature = On().Read("signature");
  const Outcome again = SignIt("ed25519", id);
  ASSERT_EQ(again.exit_code, 0) << again.err;
  EXPECT_THAT(again.out, HasSubstr("recorded by an earlier call"));
  EXPECT_EQ(On().Read("signature"), signature);
  Exported("ed25519", With(kBoard, "-v", "1.2.4"));
  const Outcome other = SignIt("ed25519", id);
  EXPECT_EQ(other.exit_code, 1);
  EXPECT_THAT(other.err, HasSubstr("REQUEST_ID_REUSED"));
}

TEST_F(SignRange, TheSignatureComesInBase64OrAsItsBytesOrOnStandardOutput) {
  Exported("ed25519", kBoard);
  ASSERT_EQ(SignIt("ed25519").exit_code, 0);
  std::string bytes;
  const std::string base64 = On().Read("signature");
  ASSERT_TRUE(absl::Base64Unescape(base64, &bytes));
  EXPECT_EQ(base64, absl::Base64Escape(bytes));
  // Ed25519 signs the same thing the same way.
  ASSERT_EQ(SignIt("ed25519", {"--signature-format", "binary"}).exit_code, 0);
  EXPECT_EQ(On().Read("signature"), bytes);
  const Outcome out = On().Client({"sign-range", "--target", "ed25519",
                                   "--signature", "-", On().File("a.range")});
  EXPECT_EQ(out.exit_code, 0) << out.err;
  EXPECT_EQ(out.out, base64);
}

TEST_F(SignRange, APinnedProfileIsDemandedToo) {
  Exported("ed25519", kBoard);
  for (const char* target : {"ed25519", "gateway"}) {
    const Outcome exported = On().Client(
        {"targets", "export", target, "-o", On().File("pinned.profile")});
    ASSERT_EQ(exported.exit_code, 0) << exported.err;
    const Outcome sign =
        SignIt("ed25519", {"--profile", On().File("pinned.profile")});
    const bool same = std::string(target) == "ed25519";
    EXPECT_EQ(sign.exit_code, same ? 0 : 1) << sign.err;
    EXPECT_THAT(sign.err, HasSubstr(same ? "" : "PROFILE_MISMATCH"));
  }
}

TEST_F(SignRange, EveryDifferenceIsRefusedByName) {
  struct Bad {
    std::string target;
    Arguments line;
    const char* reason;
    const char* says;
  };
  for (const Bad& bad : {
           Bad{"ed25519", With(kBoard, "-H", "0x200"), "RANGE_HEADER_SIZE",
               "has 0x200 bytes, expected 0x400"},
           Bad{"ed25519", kBoard + Arguments{"--non-bootable"}, "RANGE_FLAGS",
               "--non-bootable"},
           Bad{"ed25519", kBoard + Arguments{"-L", "0x30000000"}, "RANGE_FLAGS",
               "its flags are 0x20, expected 0x0"},
           Bad{"gateway", With(kGateway, "-F", "0x30000"), "RANGE_LOAD_ADDRESS",
               "0x30000, expected 0x20000"},
           Bad{"ed25519", Without(kBoard, "-s"), "RANGE_TLV_MISSING",
               "SEC_CNT"},
           Bad{"ed25519", kBoard + Arguments{"--boot-record", "SPE"},
               "RANGE_TLV_UNEXPECTED", "BOOT_RECORD"},
           Bad{"ed25519", kBoard + Arguments{"-d", "(1,1.0.0)"},
               "RANGE_TLV_UNEXPECTED", "DEPENDENCY"},
           Bad{"gateway", Without(kGateway, "--cid"), "RANGE_TLV_MISSING",
               "UUID_CID"},
           Bad{"gateway", With(kGateway, "--vid", "evil.example"),
               "RANGE_TLV_VALUE", "UUID_VID"},
           Bad{"gateway", With(kGateway, "--custom-tlv", "0xa6"),
               "RANGE_TLV_MISSING", "VENDOR TLV (0xa0)"},
           Bad{"gateway", kGateway + Arguments{"--custom-tlv", "0xa7", "mine"},
               "VENDOR_TLV_NOT_ALLOWED", "0x00a7"},
       }) {
    Exported(bad.target, bad.line);
    ExpectRefused(bad.target, bad.reason, 1, bad.says);
  }
}

TEST_F(SignRange, WhatThePolicyForbidsIsRefusedAsInAnyRequest) {
  const Arguments tfm = Without(kTfmLine, "--pad", 1);
  Exported(kTfm, With(tfm, "-s", "513"));
  ExpectRefused(kTfm, "SECURITY_COUNTER_TOO_HIGH", 1, "512");
  Exported(kTfm, With(tfm, "--boot-record", "NSPE"));
  ExpectRefused(kTfm, "RANGE_TLV_VALUE", 1,
                "software type in its boot record is \"NSPE\", expected "
                "\"SPE\"");
  Exported("ed25519", tfm);
  ExpectRefused(kTfm, "RANGE_TLV_VALUE", 1, "the signer in its boot record");
  Exported("ed25519", kBoard);
  ExpectRefused("nothing", "UNKNOWN_TARGET");
  ExpectRefused("always", "ENCRYPTION_REQUIRED");
}

TEST_F(SignRange, ABootRecordWithoutSignerIsRefusedWithWhatToDo) {
  const Arguments tfm = Without(kTfmLine, "--pad", 1);
  // As imgtool itself makes it.
  const Outcome exported = Sign(
      Arguments{"--imgtool-compatible", "--vector-to-sign", "payload"} + tfm,
      On().Write("app.bin", Payload(5000)), "a.range");
  ASSERT_EQ(exported.exit_code, 0) << exported.err;
  ExpectRefused(kTfm, "RANGE_SIGNER_ZERO", 1, "--fix-sig-pubkey");
}

TEST_F(SignRange, WhatIsNoRangeIsRefusedBeforeAServerIsAsked) {
  const std::string range = Exported("ed25519", kBoard);
  const Arguments line = kBoard + Arguments{"--vector-to-sign", "digest"};
  ASSERT_EQ(Sign(line, On().File("app.bin"), "a.range").exit_code, 0);
  ExpectRefused("ed25519", "RANGE_IS_DIGEST", 5, "--vector-to-sign payload");
  ASSERT_EQ(Sign(Arguments{"-k", LocalKey("ed25519")} + kBoard,
                 On().File("app.bin"), "a.range")
                .exit_code,
            0);
  ExpectRefused("ed25519", "RANGE_IS_IMAGE", 5, "a whole image");
  ASSERT_EQ(Sign(Arguments{"--imgtool-compatible", "--pad", "--vector-to-sign",
                           "payload"} +
                     kBoard,
                 On().File("app.bin"), "a.range")
                .exit_code,
            0);
  ExpectRefused("ed25519", "RANGE_IS_PADDED", 5, "--pad");
  On().Write("a.range", Payload(5000));
  ExpectRefused("ed25519", "RANGE_MAGIC", 5);
  On().Write("a.range", range.substr(0, range.size() - 1));
  ExpectRefused("ed25519", "RANGE_TRUNCATED", 5);
  On().Write("a.range", range + "x");
  ExpectRefused("ed25519", "RANGE_TRAILING_BYTES", 5);
  On().Write("a.range", "");
  ExpectRefused("ed25519", "RANGE_TRUNCATED", 5);
  std::string compressed = range;
  compressed[0x11] = 0x04;
  On().Write("a.range", compressed);
  ExpectRefused("ed25519", "RANGE_COMPRESSED", 5, "bootseal sign --compress");
  std::string padding = range;
  padding[0x3ff] = 'x';
  On().Write("a.range", padding);
  ExpectRefused("ed25519", "RANGE_HEADER_PADDING", 1);
  std::remove(On().File("a.range").c_str());
  ExpectRefused("ed25519", "FILE_NOT_FOUND", 5);
}

TEST_F(SignRange, WhoMayNotAskGetsNoFile) {
  Exported("ed25519", kBoard);
  const Outcome sign = SignIt("ed25519", {}, "developer");
  EXPECT_EQ(sign.exit_code, 1);
  EXPECT_THAT(sign.err, HasSubstr("WRONG_ROLE"));
  EXPECT_FALSE(On().Exists("signature"));
}

TEST_F(SignRange, PlacesToWriteToAreJudgedBeforeSigning) {
  Exported("ed25519", kBoard);
  const std::string range = On().File("a.range");
  struct Bad {
    Arguments arguments;
    int exit_code;
    const char* reason;
  };
  for (const Bad& bad :
       {Bad{{}, 2, "OUTPUT_MISSING"},
        Bad{{"--signature", range}, 2, "OUTPUT_IS_INPUT"},
        Bad{{"-o", range}, 2, "OUTPUT_IS_INPUT"},
        Bad{{"-o", On().File("x"), "--signature", On().File("x")},
            2,
            "OUTPUT_TWICE"},
        Bad{{"-o", "-", "--signature", "-"}, 2, "OUTPUT_TWICE"},
        Bad{{"-o", On().File("x.hex")}, 2, "ADDRESS_MISSING"},
        Bad{{"--signature", On().File("no/such")}, 5, "FILE_UNWRITABLE"},
        Bad{{"--signature", On().File("x"), "--signature-format", "der"},
            2,
            "USAGE"},
        Bad{{"--signature", ""}, 2, "USAGE"}}) {
    const Outcome sign =
        On().Client(Arguments{"sign-range", "--target", "ed25519"} +
                    bad.arguments + Arguments{range});
    EXPECT_EQ(sign.exit_code, bad.exit_code) << sign.err;
    EXPECT_THAT(sign.err, HasSubstr(bad.reason));
    EXPECT_EQ(sign.out, "");
  }
}

}  // namespace
}  // namespace bootseal::tests
