#include "firmware/image/host/add_checkpoint.h"

#include <string_view>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "firmware/image/crypto.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/transparency/note.h"
#include "firmware/image/transparency/signed_note.h"
#include "firmware/image/transparency/text.h"

namespace bootseal::image::host {
namespace {

absl::Status Malformed(absl::string_view what) {
  return base::Fail(absl::StatusCode::kInvalidArgument, "BODY_MALFORMED", what);
}

absl::StatusOr<std::uint64_t> ReadOldSize(std::string_view line) {
  const auto digits = transparency::After(line, "old ");
  if (!digits.ok()) return Malformed("the first line is not \"old <size>\"");
  const auto size = transparency::ReadDecimal(*digits);
  if (!size.ok()) return Malformed("the old size is not a decimal number");
  return *size;
}

}  // namespace

std::string WriteAddCheckpoint(const AddCheckpoint& request) {
  std::string body = absl::StrCat("old ", request.old_size, "\n");
  for (const transparency::TreeHash& hash : request.proof) {
    absl::StrAppend(&body, absl::Base64Escape(ToString(hash)), "\n");
  }
  absl::StrAppend(&body, "\n", request.checkpoint);
  return body;
}

absl::StatusOr<AddCheckpoint> ReadAddCheckpoint(absl::string_view body) {
  transparency::Lines lines(std::string_view(body.data(), body.size()));
  AddCheckpoint request;
  ASSIGN_OR_RETURN(request.old_size, ReadOldSize(lines.Next()));
  std::string_view line = lines.Next();
  for (; !line.empty(); line = lines.Next()) {
    const auto hash = transparency::ReadTreeHash(line);
    if (!hash.ok()) return Malformed("a line of the proof is not a hash");
    if (request.proof.size() == transparency::kMaxProofHashes) {
      return Malformed("the proof has more than 63 lines");
    }
    request.proof.push_back(*hash);
  }
  if (!lines.ok() || lines.rest().empty()) {
    return Malformed("there is no checkpoint after an empty line");
  }
  request.checkpoint = std::string(lines.rest());
  return request;
}

std::string CheckpointPath(absl::string_view origin) {
  const Digest digest = HashOf(HashAlgorithm::kSha256, AsBytes(origin));
  return absl::StrCat("/", absl::BytesToHexString(ToString(digest.bytes())),
                      "/checkpoint");
}

}  // namespace bootseal::image::host
