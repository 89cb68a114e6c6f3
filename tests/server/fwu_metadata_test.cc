// Metadata without a release, over real mutual TLS.
#include <grpcpp/client_context.h>
#include <gtest/gtest.h>

#include <fstream>
#include <functional>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "bootseal/v1/fwu.grpc.pb.h"
#include "bootseal/v1/signing.grpc.pb.h"
#include "firmware/image/fwu/metadata.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/host/fwumd_json.h"
#include "firmware/image/host/release_manifest.h"
#include "firmware/image/transparency/note.h"
#include "server/trust/entry.h"
#include "server/trust/format.h"
#include "server/trust/release_format.h"
#include "tests/server/fwu_fixture.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_release.h"

namespace bootseal::tests {
namespace {

namespace fwu = image::fwu;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
constexpr auto kState = absl::StatusCode::kFailedPrecondition;

TEST_F(FwuTest, IssuesMetadataAndRecordsIt) {
  server_.Start();
  v1::IssueMetadataRequest request;
  request.set_target("board");
  const auto plain = Issue(request);
  ASSERT_OK(plain);
  const auto read = fwu::ReadMetadata(image::host::AsBytes(plain->metadata()));
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->metadata.previous, 1u);
  request.mutable_provisioning()->set_active(1);
  const auto other = Issue(request);
  ASSERT_OK(other);
  EXPECT_NE(other->metadata(), plain->metadata());
  const auto entries = EntriesOfKind("metadata");
  ASSERT_EQ(entries.size(), 2u);
  EXPECT_EQ(entries[1].metadata().target(), "board");
  EXPECT_EQ(entries[0].caller().identity(), "ci");
  for (const auto& reply : {*plain, *other}) {
    const auto proof = image::transparency::ParseProofFile(reply.receipt());
    const auto key = image::transparency::ParseVerifierKey(server_.log_key());
    ASSERT_TRUE(proof.ok() && key.ok());
    std::vector<std::byte> buffer(proof->extra.size());
    const auto bytes = image::transparency::DecodeBase64(proof->extra, buffer);
    ASSERT_TRUE(bytes.ok());
    EXPECT_EQ(image::transparency::VerifyReceipt(reply.receipt(), *bytes, *key),
              image::Error::kOk);
    const auto entry = trust::DecodeEntry(image::host::ToString(*bytes));
    ASSERT_OK(entry);
    EXPECT_EQ(entry->metadata().metadata(), reply.metadata());
  }
}

TEST_F(FwuTest, IssuesMetadataOfJsonThatIsTheTargets) {
  const v1::ReleaseFormat format = TestReleaseFormat();
  server_.Start();
  fwu::Metadata metadata = *trust::MetadataOf(format, nullptr);
  v1::IssueMetadataRequest request;
  request.set_target("board");
  request.set_json(image::host::WriteMetadataJson(metadata));
  const auto issued = Issue(request);
  ASSERT_OK(issued);
  v1::IssueMetadataRequest plain;
  plain.set_target("board");
  EXPECT_EQ(issued->metadata(), Issue(plain)->metadata());
  std::swap(metadata.images[0].banks[0], metadata.images[0].banks[1]);
  request.set_json(image::host::WriteMetadataJson(metadata));
  EXPECT_THAT(Issue(request), StatusIs(kInvalid, "METADATA_OF_ANOTHER"));
  request.set_json("{");
  EXPECT_THAT(Issue(request), StatusIs(kInvalid, "METADATA_JSON"));
  request.mutable_provisioning()->set_previous(2);
  EXPECT_THAT(Issue(request), StatusIs(kInvalid, "PROVISIONING_INVALID"));
}

TEST_F(FwuTest, IssuesNothingThatAReaderWouldRefuse) {
  v1::Target& first = AddRelease("first", "update");
  *first.mutable_release() = TestFipFormat();
  first.mutable_release()->set_metadata_version(1);
  first.mutable_release()->clear_readers();
  first.mutable_release()->add_readers(v1::U_BOOT_V1);
  server_.Start();
  fwu::Metadata metadata = *trust::MetadataOf(first.release(), nullptr);
  v1::IssueMetadataRequest request;
  request.set_target("first");
  request.set_json(image::host::WriteMetadataJson(metadata));
  EXPECT_OK(Issue(request));
  // What fwumd_tool writes, and U-Boot refuses.
  metadata.version = 0;
  request.set_json(image::host::WriteMetadataJson(metadata));
  EXPECT_THAT(Issue(request), StatusIs(kState, "METADATA_UNREADABLE"));
}

}  // namespace
}  // namespace bootseal::tests
