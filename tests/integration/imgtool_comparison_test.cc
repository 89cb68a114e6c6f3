// One line of imgtool's with a key in a file and with a key in the HSM: the
// images differ in key and signature alone.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/cli/intel_hex.h"
#include "tests/integration/image_comparison.h"
#include "tests/integration/imgtool_lines.h"

namespace bootseal::tests {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

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

TEST_F(Imgtool, TheSameLineWithPureDiffersInKeyAndSignatureAlone) {
  const std::string payload = On().Write("app.bin", Payload(5000));
  const Arguments line{"-v",      "1.2.3", "-H", "0x400",  "-S",
                       "0x80000", "-s",    "7",  "--pure", "--pad-header"};
  const Outcome server =
      Sign(Arguments{"-k", "bootseal:pure"} + line, payload, "a.bin");
  ASSERT_EQ(server.exit_code, 0) << server.err;
  ASSERT_EQ(Sign(Arguments{"-k", LocalKey("ed25519")} + line, payload, "b.bin")
                .exit_code,
            0);
  ExpectSame(On().Read("a.bin"), On().Read("b.bin"));
  EXPECT_EQ(Verify("pure", "a.bin").exit_code, 0);
}

TEST_F(Imgtool, TheSameLineWithCompressionDiffersInKeyAndSignatureAlone) {
  const Arguments line{"-v",
                       "1.2.3",
                       "-H",
                       "0x400",
                       "-S",
                       "0x80000",
                       "-s",
                       "7",
                       "--overwrite-only",
                       "--compression",
                       "lzma2armthumb"};
  for (const bool room : {false, true}) {
    const std::string payload = On().Write(
        "app.bin", std::string(room ? 0x400 : 0, '\0') + Payload(9001));
    const Arguments with = room ? line : line + Arguments{"--pad-header"};
    const std::string target = room ? "compressed-room" : "compressed";
    const Outcome server =
        Sign(Arguments{"-k", "bootseal:" + target} + with, payload, "a.bin");
    ASSERT_EQ(server.exit_code, 0) << server.err;
    ASSERT_EQ(
        Sign(Arguments{"-k", LocalKey("ed25519")} + with, payload, "b.bin")
            .exit_code,
        0);
    ASSERT_LT(On().Read("a.bin").size(), 5000u);
    ExpectSame(On().Read("a.bin"), On().Read("b.bin"));
    const Outcome verdict = Verify(target, "a.bin");
    EXPECT_EQ(verdict.exit_code, 0) << verdict.err;
  }
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
