#include "client/review/proof_checks.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "firmware/image/host/convert.h"

namespace bootseal::review {
namespace {

namespace transparency = image::transparency;

std::uint64_t StrideOf(std::uint64_t size, std::uint64_t proofs) {
  if (proofs == 0) return size + 1;
  return std::max<std::uint64_t>(1, (size + proofs - 1) / proofs);
}

}  // namespace

ProofChecks::ProofChecks(Prove prove, KnownCheckpoint head,
                         std::uint64_t proofs)
    : prove_(std::move(prove)),
      head_(std::move(head)),
      stride_(StrideOf(head_.size, proofs)) {}

absl::Status ProofChecks::Take(const Position& at, Findings& findings) {
  // The last of each stride, so that a stride beyond the log asks for none.
  if (at.index % stride_ != stride_ - 1) return absl::OkStatus();
  ++asked_;
  const auto path = prove_(at.index, head_.size);
  if (absl::IsUnavailable(path.status()) ||
      absl::IsDeadlineExceeded(path.status())) {
    return path.status();
  }
  if (!path.ok()) {
    findings.Add(
        FindingClass::kTree, at.index,
        base::Precondition("PROOF_REFUSED",
                           absl::StrCat("the server does not prove it: ",
                                        path.status().message())));
    return absl::OkStatus();
  }
  const image::Error error = transparency::VerifyInclusion(
      transparency::LeafHash(image::host::AsBytes(at.bytes)), at.index,
      head_.size, *path, head_.root);
  if (error == image::Error::kOk) return absl::OkStatus();
  findings.Add(FindingClass::kTree, at.index,
               base::Precondition(
                   "PROOF_INVALID",
                   absl::StrCat("the server's proof of it does not lead to the "
                                "signed root (",
                                image::Text(error), ")")));
  return absl::OkStatus();
}

}  // namespace bootseal::review
