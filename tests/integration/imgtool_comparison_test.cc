// One line of imgtool's with a key in a file and with a key in the HSM: the
// images differ in key and signature alone.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

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
#include "tests/integration/imgtool_lines.h"

namespace bootseal::tests {
namespace {

namespace mcuboot = image::mcuboot;
using testing::HasSubstr;
using testing::StartsWith;

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

}  // namespace
}  // namespace bootseal::tests
