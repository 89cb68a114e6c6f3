#include "client/review/proof_checks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "client/cli/tree_builder.h"
#include "firmware/image/host/convert.h"
#include "tests/support/status_matchers.h"

namespace bootseal::review {
namespace {

using image::host::AsBytes;
using image::transparency::LeafHash;
using image::transparency::TreeHash;
using testing::ElementsAre;
using tests::StatusIs;

// Trees of two entries: the proof of one is the leaf of the other.
class ProofChecksTest : public testing::Test {
 protected:
  absl::Status Take(const ProofChecks::Prove& prove, std::uint64_t proofs) {
    cli::TreeBuilder tree;
    for (const char* each : {"a", "b"}) tree.Append(each);
    ProofChecks checks(prove, {"head", 2, tree.Root()}, proofs);
    const v1::Entry entry;
    RETURN_IF_ERROR(checks.Take({0, "a", entry, nullptr}, findings_));
    RETURN_IF_ERROR(checks.Take({1, "b", entry, nullptr}, findings_));
    proofs_ = checks.proofs();
    return absl::OkStatus();
  }
  static absl::StatusOr<std::vector<TreeHash>> Good(std::uint64_t index,
                                                    std::uint64_t) {
    return std::vector<TreeHash>{LeafHash(AsBytes(index == 0 ? "b" : "a"))};
  }
  std::vector<std::string> Reasons() const {
    std::vector<std::string> reasons;
    for (const Finding& each : findings_.held()) {
      reasons.push_back(absl::StrCat(each.reason, "@", *each.index));
    }
    return reasons;
  }

  Findings findings_;
  std::uint64_t proofs_ = 0;
};

TEST_F(ProofChecksTest, TakeGoodProofs) {
  EXPECT_OK(Take(Good, 1000));
  EXPECT_EQ(proofs_, 2U);
  EXPECT_TRUE(findings_.clean());
}

TEST_F(ProofChecksTest, AskForNoMoreThanIsWanted) {
  EXPECT_OK(Take(Good, 1));
  EXPECT_EQ(proofs_, 1U);
  EXPECT_OK(Take(Good, 0));
  EXPECT_EQ(proofs_, 0U);
}

TEST_F(ProofChecksTest, FindANodeThatWasEdited) {
  EXPECT_OK(Take(
      [](std::uint64_t index, std::uint64_t size) {
        auto path = Good(index, size);
        if (index == 1) (*path)[0][0] ^= std::byte{1};
        return path;
      },
      1000));
  EXPECT_THAT(Reasons(), ElementsAre("PROOF_INVALID@1"));
}

TEST_F(ProofChecksTest, FindANodeThatIsGone) {
  EXPECT_OK(Take(
      [](std::uint64_t index,
         std::uint64_t size) -> absl::StatusOr<std::vector<TreeHash>> {
        if (index == 0) return base::NotFound("LOG_CORRUPT", "node is missing");
        return Good(index, size);
      },
      1000));
  EXPECT_THAT(Reasons(), ElementsAre("PROOF_REFUSED@0"));
}

TEST_F(ProofChecksTest, EndWithAServerThatIsGone) {
  EXPECT_THAT(Take(
                  [](std::uint64_t,
                     std::uint64_t) -> absl::StatusOr<std::vector<TreeHash>> {
                    return base::Unavailable("CONNECTION_LOST", "gone");
                  },
                  1000),
              StatusIs(absl::StatusCode::kUnavailable, "CONNECTION_LOST"));
}

}  // namespace
}  // namespace bootseal::review
