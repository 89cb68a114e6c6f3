// Vector: facts services, appendix A; the grammar:
// c2sp.org/tlog-witness@v1.0.0.
#include "firmware/image/host/add_checkpoint.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "tests/support/status_matchers.h"

namespace bootseal::tests {
namespace {

using namespace image::host;

const std::string kProof =
    "BJ19zbVrz+vTEzBMmDnxlqPUtu873AsIKY+TrIGR8Kg=\n"
    "J0ebarMh0u5HdFL2i6UndI6GPK/o+9HfK/idFXDRtpc=\n"
    "LyelCCwdQq+kiKw1Cp/EOQwIT1T3Hs3/hZ6Y24QptHk=\n"
    "GUu1otW9EOXRqm/V1CmAs1bK8dpiPNmYfEv6L4F3Htc=\n";
const std::string kBody = "old 3\n" + kProof + "\norigin\n5\nroot\n\nlines\n";

TEST(AddCheckpoint, IsReadWithSizeProofAndCheckpoint) {
  const auto request = ReadAddCheckpoint(kBody);
  ASSERT_OK(request);
  EXPECT_EQ(request->old_size, 3U);
  EXPECT_EQ(request->proof.size(), 4U);
  EXPECT_EQ(request->checkpoint, "origin\n5\nroot\n\nlines\n");
}

TEST(AddCheckpoint, IsWrittenAsItWasRead) {
  EXPECT_EQ(WriteAddCheckpoint(*ReadAddCheckpoint(kBody)), kBody);
  const std::string first = "old 0\n\norigin\n";
  EXPECT_EQ(WriteAddCheckpoint(*ReadAddCheckpoint(first)), first);
}

std::string WithHashes(int count) {
  std::string body = "old 3\n";
  for (int i = 0; i < count; ++i) {
    absl::StrAppend(&body, "BJ19zbVrz+vTEzBMmDnxlqPUtu873AsIKY+TrIGR8Kg=\n");
  }
  return body + "\norigin\n";
}

TEST(AddCheckpoint, HasAtMost63Hashes) {
  EXPECT_OK(ReadAddCheckpoint(WithHashes(63)).status());
  EXPECT_THAT(ReadAddCheckpoint(WithHashes(64)),
              StatusIs(absl::StatusCode::kInvalidArgument, "BODY_MALFORMED"));
}

class MalformedBody : public testing::TestWithParam<const char*> {};

TEST_P(MalformedBody, IsRefused) {
  EXPECT_THAT(ReadAddCheckpoint(GetParam()),
              StatusIs(absl::StatusCode::kInvalidArgument, "BODY_MALFORMED"));
}

INSTANTIATE_TEST_SUITE_P(
    Bodies, MalformedBody,
    testing::Values("", "\n", "old", "old 3", "old 3\n", "old 3\n\n",
                    "old 03\n\norigin\n", "old -1\n\norigin\n",
                    "old +1\n\norigin\n", "old 1 \n\norigin\n",
                    "old  1\n\norigin\n", "OLD 1\n\norigin\n",
                    "old\n\norigin\n", "old 18446744073709551616\n\norigin\n",
                    "origin\n5\nroot\n", "old 3\nAAAA\n\norigin\n",
                    "old 3\nnot base64!\n\norigin\n", "old 3\r\n\r\norigin\n",
                    "old 3\nBJ19zbVrz+vTEzBMmDnxlqPUtu873AsIKY+TrIGR8Kg=",
                    "old 3\nBJ19zbVrz+vTEzBMmDnxlqPUtu873AsIKY+TrIGR8Kg=\n",
                    "old 3\nBJ19zbVrz+vTEzBMmDnxlqPUtu873AsIKY+TrIGR8Kh=\n\n"
                    "origin\n"));

TEST(CheckpointPath, IsTheHashOfTheOriginInLowerCase) {
  // sha256sum of "fwsign.example/audit" without a newline.
  EXPECT_EQ(CheckpointPath("fwsign.example/audit"),
            "/40e0ab145b83c4963f243b7096cc63b4905587165ad1b11e5bd8af3ba314be98/"
            "checkpoint");
}

}  // namespace
}  // namespace bootseal::tests
