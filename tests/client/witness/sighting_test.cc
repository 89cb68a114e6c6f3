#include "client/witness/sighting.h"

#include <gtest/gtest.h>

#include <string>

#include "base/file.h"
#include "base/status.h"
#include "client/witness/cosigner.h"
#include "tests/client/witness/growth.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_folder.h"

namespace bootseal::tests {
namespace {

using image::host::CosignedCheckpoint;
using witness::CheckSighting;
using witness::ReadSighting;

constexpr char kOrigin[] = "bootseal.example/test";
constexpr auto kBroken = absl::StatusCode::kFailedPrecondition;

absl::StatusOr<std::vector<std::string>> Prove(std::uint64_t first,
                                               std::uint64_t second) {
  return ConsistencyOf(first, second);
}

CosignedCheckpoint Seen(std::uint64_t size,
                        const image::transparency::TreeHash& root) {
  return {kOrigin, size, root, 1700000000, ""};
}

class SightingTest : public testing::Test {
 protected:
  SightingTest() { WriteWitnessKey(folder_.File("w.pem")); }

  std::string WriteCosigned(const std::string& note) {
    const auto cosigner =
        witness::Cosigner::Open({folder_.File("w.pem"), "", kWitness});
    base::WriteFileAtomically(
        folder_.File("seen"),
        note + *cosigner->Cosign(7, *image::host::NoteText(note)))
        .IgnoreError();
    return folder_.File("seen");
  }
  image::host::CosignerKey Key() {
    return *image::host::CosignerKey::Parse(WitnessKeyText());
  }

  TemporaryFolder folder_;
  TestLog log_;
};

TEST_F(SightingTest, IsReadFromAFile) {
  const auto seen =
      ReadSighting(WriteCosigned(log_.Note(5, RootOf(5))), Key(), kOrigin);
  ASSERT_OK(seen);
  EXPECT_EQ(seen->size, 5U);
  EXPECT_EQ(seen->unix_seconds, 7U);
}

TEST_F(SightingTest, OfAnotherLogOrWitnessIsNone) {
  const std::string path = WriteCosigned(log_.Note(5, RootOf(5)));
  EXPECT_THAT(ReadSighting(path, Key(), "other.example/log"),
              StatusIs(kBroken, "WITNESS_INVALID"));
  const auto other =
      image::host::CosignerKey::Make("other", std::string(32, 'k'));
  EXPECT_THAT(ReadSighting(path, *other, kOrigin),
              StatusIs(kBroken, "WITNESS_INVALID"));
  EXPECT_EQ(base::ReasonOf(
                ReadSighting(folder_.File("none"), Key(), kOrigin).status()),
            "FILE_NOT_FOUND");
}

TEST_F(SightingTest, FromNowhereIsUnreachable) {
  for (const char* url : {"http://127.0.0.1:1", "https://127.0.0.1:1/x/",
                          "http://", "http://no such host"}) {
    EXPECT_THAT(ReadSighting(url, Key(), kOrigin),
                StatusIs(absl::StatusCode::kUnavailable, "WITNESS_UNREACHABLE"))
        << url;
  }
}

TEST_F(SightingTest, OfALogThatGrewSinceIsFine) {
  const auto now = log_.Checkpoint(9, RootOf(9));
  EXPECT_OK(CheckSighting(Seen(5, RootOf(5)), now, Prove));
  EXPECT_OK(CheckSighting(Seen(9, RootOf(9)), now, Prove));
  EXPECT_OK(CheckSighting(Seen(0, RootOf(0)), now, Prove));
}

TEST_F(SightingTest, OfALargerLogMeansThatItWasRolledBack) {
  EXPECT_THAT(
      CheckSighting(Seen(9, RootOf(9)), log_.Checkpoint(5, RootOf(5)), Prove),
      StatusIs(kBroken, "ROLLED_BACK"));
}

TEST_F(SightingTest, OfAnotherHistoryMeansAFork) {
  const auto now = log_.Checkpoint(9, RootOf(9));
  EXPECT_THAT(CheckSighting(Seen(5, RootOf(6)), now, Prove),
              StatusIs(kBroken, "FORKED"));
  EXPECT_THAT(CheckSighting(Seen(9, RootOf(8)), now, Prove),
              StatusIs(kBroken, "FORKED"));
}

TEST_F(SightingTest, WithoutAProofIsNoProof) {
  const auto status = CheckSighting(
      Seen(5, RootOf(5)), log_.Checkpoint(9, RootOf(9)),
      [](std::uint64_t,
         std::uint64_t) -> absl::StatusOr<std::vector<std::string>> {
        return absl::UnavailableError("gone");
      });
  EXPECT_EQ(base::ReasonOf(status), "LOG_PROOF_UNAVAILABLE");
}

}  // namespace
}  // namespace bootseal::tests
