// What sign makes of its input file, and where it refuses one.
#include <gmock/gmock.h>

#include "base/status.h"
#include "tests/client/imgtool/sign_fixture.h"

namespace bootseal::tests {
namespace {

using testing::HasSubstr;

class InputTest : public SignTest {
 protected:
  absl::Status SignFile(const std::string& input, const std::string& output,
                        const Words& further) const {
    Words words{"sign", "-v", "1", "-H", "0x20", "-S", "0x1000", "--unsigned"};
    words.insert(words.end(), further.begin(), further.end());
    words.insert(words.end(), {File(input), File(output)});
    return imgtool::Run(words);
  }
};

TEST_F(InputTest, MustExist) {
  const absl::Status status = SignFile("none.bin", "image.bin", {});
  EXPECT_EQ(base::ReasonOf(status), "INPUT_NOT_FOUND");
  EXPECT_EQ(imgtool::ExitStatusOf(status), 2);
}

TEST_F(InputTest, MustStartWithZerosWithoutPadHeader) {
  const absl::Status status = SignFile("payload.bin", "image.bin", {});
  EXPECT_EQ(base::ReasonOf(status), "HEADER_ROOM");
  EXPECT_FALSE(HasImage());
}

TEST_F(InputTest, MustHoldMoreThanTheHeadersRoom) {
  Write("zeros.bin", std::string(0x20, 0));
  EXPECT_EQ(base::ReasonOf(SignFile("zeros.bin", "image.bin", {})),
            "PAYLOAD_EMPTY");
}

TEST_F(InputTest, ShorterThanTheHeadersRoomIsRefused) {
  Write("zeros.bin", std::string(0x1f, 0));
  EXPECT_EQ(base::ReasonOf(SignFile("zeros.bin", "image.bin", {})),
            "HEADER_ROOM");
}

TEST_F(InputTest, ThatIsAnImageGetsNoSecondHeader) {
  ASSERT_OK(SignFile("room.bin", "image.bin", {}));
  EXPECT_EQ(
      base::ReasonOf(SignFile("image.bin", "twice.bin", {"--pad-header"})),
      "PAYLOAD_IS_IMAGE");
  EXPECT_OK(SignFile("image.bin", "twice.bin",
                     {"--pad-header", "--imgtool-compatible"}));
}

TEST_F(InputTest, WithoutAddressMakesNoHexFile) {
  const absl::Status status =
      SignFile("payload.bin", "image.hex", {"--pad-header"});
  EXPECT_EQ(base::ReasonOf(status), "ADDRESS_MISSING");
}

TEST_F(InputTest, AtAddressZeroHasNoRoomForAHeaderBelow) {
  Write("low.hex", ":0400000001020304F2\n:00000001FF\n");
  const absl::Status status =
      SignFile("low.hex", "image.hex", {"--pad-header"});
  EXPECT_EQ(base::ReasonOf(status), "ADDRESS_MISSING");
  EXPECT_OK(SignFile("low.hex", "image.hex", {"--pad-header", "-x", "0x100"}));
}

TEST_F(InputTest, VectorIsNoHexFile) {
  const absl::Status status =
      imgtool::Run({"sign", "-v", "1", "-H", "32", "-S", "0", "--pad-header",
                    "--vector-to-sign", "payload", "-x", "0",
                    File("payload.bin"), File("vector.hex")});
  EXPECT_EQ(base::ReasonOf(status), "USAGE");
}

}  // namespace
}  // namespace bootseal::tests
