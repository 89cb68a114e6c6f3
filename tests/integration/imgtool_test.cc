// imgtool's command lines with a key in the HSM: the server signs, and nothing
// else changes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "client/cli/intel_hex.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/mcuboot/boot_record.h"
#include "firmware/image/mcuboot/reader.h"
#include "firmware/image/mcuboot/tlv.h"
#include "firmware/image/mcuboot/tlv_types.h"
#include "tests/integration/installation.h"

namespace bootseal::tests {
namespace {

namespace mcuboot = image::mcuboot;
using testing::HasSubstr;
using testing::StartsWith;
using Arguments = std::vector<std::string>;

constexpr char kTfm[] = "nucleo-l552ze-q/tfm-s";

// The corrected command, its files and its record aside.
const Arguments kReported{"-k",
                          "bootseal:nucleo-l552ze-q/tfm-s",
                          "--public-key-format",
                          "full",
                          "--align",
                          "8",
                          "-v",
                          "1.3.0",
                          "-H",
                          "0x400",
                          "--pad-header",
                          "-S",
                          "0x2D000",
                          "--pad"};

// All that the target says, said again.
const Arguments kSecure{"-v",
                        "1.3.0",
                        "-H",
                        "0x400",
                        "-S",
                        "0x2d000",
                        "--align",
                        "8",
                        "-s",
                        "1",
                        "--pad",
                        "--pad-header",
                        "--overwrite-only",
                        "--public-key-format",
                        "full",
                        "--boot-record",
                        "SPE"};

Arguments operator+(Arguments left, const Arguments& right) {
  left.insert(left.end(), right.begin(), right.end());
  return left;
}

// Of builds that leave room for the header, as Zephyr's do.
TestTarget RoomTarget() {
  TestTarget target = BoardTarget("ed25519");
  target.name = "room";
  target.format += " payload_has_header_room: true";
  return target;
}

// A token and a server for all cases of a suite.
class Imgtool : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    installation_ = new Installation(
        {TfmSecureTarget(), BoardTarget("ed25519"), RoomTarget()});
    ASSERT_EQ(installation_->StartServer(), -1) << installation_->ServerLog();
  }
  static void TearDownTestSuite() {
    delete installation_;
    installation_ = nullptr;
  }

  static const Installation& On() { return *installation_; }

  Outcome Sign(const Arguments& arguments, const std::string& in,
               const std::string& out) {
    return On().Client(Arguments{"imgtool", "sign"} + arguments +
                       Arguments{in, On().File(out)});
  }

  void TearDown() override {
    for (const char* name : {"a.bin", "b.bin", "a.hex", "b.hex", "a.sig"}) {
      std::remove(On().File(name).c_str());
    }
  }

  Outcome Verify(const std::string& target, const std::string& name) {
    return On().Client({"verify", "--target", target, On().File(name)});
  }

  std::string LocalKey(const std::string& type) {
    const std::string path = On().File(absl::StrCat(type, ".pem"));
    if (!On().Exists(absl::StrCat(type, ".pem"))) {
      EXPECT_EQ(
          On().Client({"imgtool", "keygen", "-t", type, "-k", path}).exit_code,
          0);
    }
    return path;
  }

 private:
  static Installation* installation_;
};

Installation* Imgtool::installation_ = nullptr;

TEST_F(Imgtool, TheReportedCommandWithItsRecordMakesABootableImage) {
  const std::string payload = On().Write("tfm_s.bin", Payload(9001));
  const Outcome sign =
      Sign(kReported + Arguments{"--boot-record", "SPE"}, payload, "a.bin");
  ASSERT_EQ(sign.exit_code, 0) << sign.err;
  EXPECT_EQ(On().Read("a.bin").size(), 0x2d000U);
  EXPECT_EQ(Verify(kTfm, "a.bin").exit_code, 0);
}

TEST_F(Imgtool, TheRecordIsTheTargetsWhenTheCommandLineNamesNone) {
  const std::string payload = On().Write("tfm_s.bin", Payload(9001));
  ASSERT_EQ(Sign(kReported, payload, "a.bin").exit_code, 0);
  EXPECT_EQ(Verify(kTfm, "a.bin").exit_code, 0);
  EXPECT_THAT(On().Client({"inspect", On().File("a.bin")}).out,
              HasSubstr("BOOT_RECORD"));
}

TEST_F(Imgtool, EverythingButKeyVersionAndFilesMayBeLeftOut) {
  const std::string payload = On().Write("tfm_s.bin", Payload(9001));
  const Outcome sign = Sign(
      {"-k", absl::StrCat("bootseal:", kTfm), "-v", "1.3.0"}, payload, "a.bin");
  ASSERT_EQ(sign.exit_code, 0) << sign.err;
  EXPECT_EQ(Verify(kTfm, "a.bin").exit_code, 0);
}

TEST_F(Imgtool, AnotherRecordIsRefusedByNameAndNoFileAppears) {
  const std::string payload = On().Write("tfm_s.bin", Payload(9001));
  const Outcome sign =
      Sign(kReported + Arguments{"--boot-record", "NSPE"}, payload, "a.bin");
  EXPECT_EQ(sign.exit_code, 2);
  EXPECT_THAT(sign.err,
              HasSubstr("target nucleo-l552ze-q/tfm-s requires --boot-record "
                        "SPE, the command line says NSPE"));
  EXPECT_FALSE(On().Exists("a.bin"));
}

TEST_F(Imgtool, TheKeysNameStandsForItsOnlyTarget) {
  const std::string payload = On().Write("app.bin", Payload(3000));
  const Outcome sign =
      Sign({"-k", "bootseal:key/ed25519", "-v", "1.0"}, payload, "a.bin");
  ASSERT_EQ(sign.exit_code, 0) << sign.err;
  EXPECT_EQ(Verify("ed25519", "a.bin").exit_code, 0);
}

TEST_F(Imgtool, AnUnknownTargetIsAFailureThatNamesTheOthers) {
  const std::string payload = On().Write("app.bin", Payload(3000));
  const Outcome sign =
      Sign({"-k", "bootseal:nothing", "-v", "1.0"}, payload, "a.bin");
  EXPECT_EQ(sign.exit_code, 1);
  EXPECT_THAT(sign.err, HasSubstr("ed25519"));
  EXPECT_FALSE(On().Exists("a.bin"));
}

TEST_F(Imgtool, SizesAreRequiredWithAKeyInAFile) {
  const std::string payload = On().Write("app.bin", Payload(3000));
  const Outcome sign =
      Sign({"-k", LocalKey("ed25519"), "-v", "1.0"}, payload, "a.bin");
  EXPECT_EQ(sign.exit_code, 2);
  EXPECT_THAT(sign.err, HasSubstr("-H,--header-size is required"));
}

TEST_F(Imgtool, AMissingInputIsAUsageError) {
  const Outcome sign = Sign({"-k", "bootseal:ed25519", "-v", "1.0"},
                            On().File("nothing.bin"), "a.bin");
  EXPECT_EQ(sign.exit_code, 2);
  EXPECT_THAT(sign.err, HasSubstr("INPUT_NOT_FOUND"));
}

TEST_F(Imgtool, WithoutALogKeyNothingIsSigned) {
  const std::string payload = On().Write("app.bin", Payload(3000));
  const Outcome sign = On().ClientWith(
      {{"BOOTSEAL_LOG_KEY", ""}}, {"imgtool", "sign", "-k", "bootseal:ed25519",
                                   "-v", "1.0", payload, On().File("a.bin")});
  EXPECT_EQ(sign.exit_code, 2);
  EXPECT_THAT(sign.err, HasSubstr("LOG_KEY_MISSING"));
  EXPECT_FALSE(On().Exists("a.bin"));
}

TEST_F(Imgtool, AReceiptOfAnotherLogIsRefusedAndNoFileAppears) {
  const std::string payload = On().Write("app.bin", Payload(3000));
  const Outcome key =
      On().TokenTool({"export-public", "--token", "bootseal", "--pin-file",
                      On().File("pin"), "--label", "ed25519", "--format",
                      "vkey", "--origin", "bootseal.example/integration"});
  ASSERT_EQ(key.exit_code, 0) << key.err;
  const Outcome sign =
      On().ClientWith({{"BOOTSEAL_LOG_KEY", On().Write("other.vkey", key.out)}},
                      {"imgtool", "sign", "-k", "bootseal:ed25519", "-v", "1.0",
                       payload, On().File("a.bin")});
  EXPECT_EQ(sign.exit_code, 1);
  EXPECT_THAT(sign.err, HasSubstr("LOG_KEY_MISMATCH"));
  EXPECT_FALSE(On().Exists("a.bin"));
}

TEST_F(Imgtool, TheSignatureOfSigOutIsTheImages) {
  const std::string payload = On().Write("app.bin", Payload(3000));
  const Outcome sign = Sign(
      {"-k", "bootseal:ed25519", "-v", "1.0", "--sig-out", On().File("a.sig")},
      payload, "a.bin");
  ASSERT_EQ(sign.exit_code, 0) << sign.err;
  std::string signature;
  ASSERT_TRUE(absl::Base64Unescape(On().Read("a.sig"), &signature));
  ASSERT_EQ(signature.size(), 64U);
  EXPECT_THAT(On().Read("a.bin"), HasSubstr(signature));
}

// An image without what names the signer or comes of it: keys, signatures,
// digest, and the signer's hash in a boot record.
struct Rest {
  std::string header_and_payload;
  std::string tlvs;
  std::string behind;
};

bool ComesOfTheKey(std::uint16_t type) {
  return mcuboot::IsKey(type) || mcuboot::IsSignature(type) ||
         type == mcuboot::tlv::kSha256;
}

// The value without what comes of the key.
std::string ValueOf(const mcuboot::Tlv& tlv) {
  if (ComesOfTheKey(tlv.type)) return {};
  std::string value = image::host::ToString(tlv.value);
  if (tlv.type != mcuboot::tlv::kBootRecord) return value;
  const auto record = mcuboot::ReadBootRecord(tlv.value);
  EXPECT_TRUE(record.ok());
  const std::size_t at = value.find(image::host::ToString(record->signer));
  return value.replace(at, record->signer.size(), "signer");
}

std::string TextOf(image::Bytes area) {
  std::string text;
  for (const mcuboot::Tlv& tlv : mcuboot::Tlvs(area)) {
    absl::StrAppend(&text, tlv.type, ":", tlv.value.size(), ":",
                    absl::BytesToHexString(ValueOf(tlv)), " ");
  }
  return text;
}

Rest RestOf(const std::string& bytes) {
  const mcuboot::Reading reading = mcuboot::ReadImage(
      image::host::AsBytes(bytes), image::HashAlgorithm::kSha256);
  EXPECT_EQ(reading.error, image::Error::kOk);
  Rest rest;
  const auto end = reinterpret_cast<const char*>(reading.payload.data()) +
                   reading.payload.size() - bytes.data();
  rest.header_and_payload = bytes.substr(0, end);
  rest.tlvs = absl::StrCat(TextOf(reading.facts.protected_area), "| ",
                           TextOf(reading.facts.unprotected_area));
  rest.behind = bytes.substr(bytes.size() - reading.rest.size());
  return rest;
}

void ExpectSame(const std::string& server, const std::string& local) {
  ASSERT_EQ(server.size(), local.size());
  const Rest a = RestOf(server);
  const Rest b = RestOf(local);
  EXPECT_TRUE(a.header_and_payload == b.header_and_payload);
  EXPECT_EQ(a.tlvs, b.tlvs);
  EXPECT_TRUE(a.behind == b.behind);
}

TEST_F(Imgtool, TheSameLineWithAKeyInAFileDiffersInKeyAndSignatureAlone) {
  const std::string payload = On().Write("app.bin", Payload(5000));
  const Arguments line{"-v",      "1.2.3+4", "-H", "0x400",       "-S",
                       "0x80000", "-s",      "7",  "--pad-header"};
  ASSERT_EQ(Sign(Arguments{"-k", "bootseal:ed25519"} + line, payload, "a.bin")
                .exit_code,
            0);
  ASSERT_EQ(Sign(Arguments{"-k", LocalKey("ed25519")} + line, payload, "b.bin")
                .exit_code,
            0);
  ExpectSame(On().Read("a.bin"), On().Read("b.bin"));
}

TEST_F(Imgtool, TheSameLineWithRoomForTheHeaderDiffersInKeyAndSignatureAlone) {
  const std::string payload =
      On().Write("app.bin", std::string(0x400, '\0') + Payload(5000));
  const Arguments line{"-v", "1.2.3",   "-H", "0x400",
                       "-S", "0x80000", "-s", "1"};
  const Outcome server =
      Sign(Arguments{"-k", "bootseal:room"} + line, payload, "a.bin");
  ASSERT_EQ(server.exit_code, 0) << server.err;
  ASSERT_EQ(Sign(Arguments{"-k", LocalKey("ed25519")} + line, payload, "b.bin")
                .exit_code,
            0);
  ExpectSame(On().Read("a.bin"), On().Read("b.bin"));
  EXPECT_EQ(Verify("room", "a.bin").exit_code, 0);
}

TEST_F(Imgtool, AnInputWithoutTheRoomThatTheTargetDemandsIsRefused) {
  const std::string payload = On().Write("app.bin", Payload(5000));
  const Outcome sign =
      Sign({"-k", "bootseal:room", "-v", "1.0"}, payload, "a.bin");
  EXPECT_EQ(sign.exit_code, 2);
  EXPECT_THAT(sign.err, HasSubstr("HEADER_ROOM"));
  EXPECT_FALSE(On().Exists("a.bin"));
}

TEST_F(Imgtool, AnInputWithRoomForATargetThatPutsTheHeaderInFrontIsRefused) {
  const std::string payload =
      On().Write("app.bin", std::string(0x400, '\0') + Payload(5000));
  const Outcome sign =
      Sign({"-k", "bootseal:ed25519", "-v", "1.0"}, payload, "a.bin");
  EXPECT_EQ(sign.exit_code, 2);
  EXPECT_THAT(sign.err, HasSubstr("HEADER_ROOM_UNWANTED"));
  EXPECT_FALSE(On().Exists("a.bin"));
}

TEST_F(Imgtool, TheSameLineForASecureImageDiffersInKeyAndSignatureAlone) {
  const std::string payload = On().Write("tfm_s.bin", Payload(9001));
  const Arguments line = kSecure + Arguments{"-d", "(1,0.0.0)"};
  const Outcome server =
      Sign(Arguments{"-k", absl::StrCat("bootseal:", kTfm)} + line, payload,
           "a.bin");
  ASSERT_EQ(server.exit_code, 0) << server.err;
  const Outcome local =
      Sign(Arguments{"-k", LocalKey("rsa-3072")} + line, payload, "b.bin");
  ASSERT_EQ(local.exit_code, 0) << local.err;
  ExpectSame(On().Read("a.bin"), On().Read("b.bin"));
}

// Everything is padded, so that a HEX file has a trailer too.
TEST_F(Imgtool, TheSameLineWithIntelHexDiffersInKeyAndSignatureAlone) {
  const std::string payload = On().Write("tfm_s.bin", Payload(9001));
  const Arguments line =
      kSecure + Arguments{"-d", "(1,0.0.0)", "--hex-addr", "0x8010000"};
  const Outcome server =
      Sign(Arguments{"-k", absl::StrCat("bootseal:", kTfm)} + line, payload,
           "a.hex");
  ASSERT_EQ(server.exit_code, 0) << server.err;
  const Outcome local =
      Sign(Arguments{"-k", LocalKey("rsa-3072")} + line, payload, "b.hex");
  ASSERT_EQ(local.exit_code, 0) << local.err;
  const std::string a = On().Read("a.hex");
  const std::string b = On().Read("b.hex");
  ASSERT_EQ(a.size(), b.size());
  // Header and payload come first, the trailer last.
  EXPECT_EQ(a.substr(0, 20000), b.substr(0, 20000));
  EXPECT_EQ(a.substr(a.size() - 60), b.substr(b.size() - 60));
  EXPECT_EQ(Verify(kTfm, "a.hex").exit_code, 0);
}

TEST_F(Imgtool, AHexInputsAddressIsTheOutputsAsWithAKeyInAFile) {
  const std::string payload = Payload(3000);
  const std::string input = On().Write(
      "app.hex", cli::WriteIntelHex({{0x8000400, payload}}).value_or(""));
  const Arguments line{"-v",      "1.0", "-H", "0x400",       "-S",
                       "0x80000", "-s",  "1",  "--pad-header"};
  for (const auto& [key, out] :
       {std::pair{std::string("bootseal:ed25519"), "a.hex"},
        std::pair{LocalKey("ed25519"), "b.hex"}}) {
    const Outcome sign = Sign(Arguments{"-k", key} + line, input, out);
    ASSERT_EQ(sign.exit_code, 0) << sign.err;
  }
  const std::string a = On().Read("a.hex");
  const std::string b = On().Read("b.hex");
  ASSERT_EQ(a.size(), b.size());
  EXPECT_THAT(a, StartsWith(":020000040800F2"));
  EXPECT_EQ(a.substr(0, 8000), b.substr(0, 8000));
  EXPECT_EQ(Verify("ed25519", "a.hex").exit_code, 0);
}

TEST_F(Imgtool, AnImageIsNotSignedAgain) {
  const std::string payload = On().Write("app.bin", Payload(3000));
  ASSERT_EQ(
      Sign({"-k", "bootseal:ed25519", "-v", "1.0"}, payload, "b.bin").exit_code,
      0);
  const Outcome again = Sign({"-k", "bootseal:ed25519", "-v", "1.0"},
                             On().File("b.bin"), "a.bin");
  EXPECT_EQ(again.exit_code, 1);
  EXPECT_THAT(again.err, HasSubstr("PAYLOAD_IS_IMAGE"));
  EXPECT_FALSE(On().Exists("a.bin"));
}

TEST_F(Imgtool, AHexOutputWithoutAnAddressIsAUsageError) {
  const std::string payload = On().Write("app.bin", Payload(3000));
  const Outcome sign =
      Sign({"-k", "bootseal:ed25519", "-v", "1.0"}, payload, "a.hex");
  EXPECT_EQ(sign.exit_code, 2);
  EXPECT_THAT(sign.err, HasSubstr("ADDRESS_MISSING"));
}

TEST_F(Imgtool, AHexOutputBeyondTheAddressSpaceIsRefusedBeforeSigning) {
  const std::string payload = On().Write("app.bin", Payload(3000));
  const Outcome sign =
      Sign({"-k", "bootseal:ed25519", "-v", "1.0", "-x", "0xfffffc00"}, payload,
           "a.hex");
  EXPECT_EQ(sign.exit_code, 2);
  EXPECT_THAT(sign.err, HasSubstr("HEX_ADDRESS"));
}

TEST_F(Imgtool, WhoMayNotAskGetsNoFile) {
  const std::string payload = On().Write("app.bin", Payload(3000));
  const Outcome sign = On().Client({"imgtool", "sign", "-k", "bootseal:ed25519",
                                    "-v", "1.0", payload, On().File("a.bin")},
                                   "developer");
  EXPECT_EQ(sign.exit_code, 1);
  EXPECT_FALSE(On().Exists("a.bin"));
}

}  // namespace
}  // namespace bootseal::tests
