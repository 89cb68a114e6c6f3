// Firmware update over real mutual TLS, with a real token and a real log.
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

using image::host::OpenRelease;
namespace fwu = image::fwu;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
constexpr auto kState = absl::StatusCode::kFailedPrecondition;

TEST_F(FwuTest, ReleasesWhatADeviceOpensWithItsReceipt) {
  server_.Start();
  const auto reply = Release("board", TwoFiles());
  ASSERT_OK(reply);
  EXPECT_EQ(reply->header(), "");
  EXPECT_EQ(reply->tlvs(), "");
  const auto opened = OpenRelease(reply->manifest(), reply->receipt(), Trust());
  ASSERT_OK(opened);
  EXPECT_TRUE(opened->log_index().has_value());
  EXPECT_EQ(opened->manifest().target, "board");
  EXPECT_EQ(opened->manifest().product, "board");
  EXPECT_EQ(opened->manifest().security_counter, 5u);
  const auto metadata =
      fwu::ReadMetadata(image::host::AsBytes(opened->manifest().metadata));
  ASSERT_TRUE(metadata.ok());
  EXPECT_EQ(metadata->metadata.geometry, (fwu::Geometry{2, 2}));
  const v1::SigningEvent event = EventOf(*reply);
  EXPECT_EQ(event.decision(), v1::ALLOWED);
  ASSERT_EQ(event.components_size(), 2);
  EXPECT_EQ(event.components(0).name(), "fip");
  EXPECT_EQ(event.components(0).sha256(), opened->manifest().images[0].sha256);
  ASSERT_EQ(event.digests_size(), 1);
  EXPECT_EQ(event.digests(0).key(), "update");
  EXPECT_EQ(reply->profile().public_key(), update_.public_key);
}

TEST_F(FwuTest, ReleasesWithEveryAlgorithm) {
  const std::vector<std::pair<std::string, hsm::Algorithm>> keys = {
      {"rsa2048", hsm::Algorithm::kRsa2048},
      {"rsa3072", hsm::Algorithm::kRsa3072},
      {"p384", hsm::Algorithm::kP384},
      {"ed25519", hsm::Algorithm::kEd25519}};
  for (const auto& [name, algorithm] : keys) {
    server_.AddKey(name, algorithm);
    AddRelease(name, name);
  }
  server_.Start();
  for (const auto& [name, algorithm] : keys) {
    const auto reply = Release(name, TwoFiles());
    ASSERT_OK(reply) << name;
    EXPECT_OK(OpenRelease(reply->manifest(), reply->receipt(),
                          {trust::ToImage(reply->profile().algorithm()),
                           reply->profile().public_key(), server_.log_key()}))
        << name;
  }
}

TEST_F(FwuTest, TakesAReceiptForNoOtherRelease) {
  server_.Start();
  const auto one = Release("board", TwoFiles('1'));
  const auto two = Release("board", TwoFiles('2'));
  ASSERT_OK(one);
  ASSERT_OK(two);
  EXPECT_THAT(
      OpenRelease(one->manifest(), two->receipt(), Trust()),
      StatusIs(absl::StatusCode::kPermissionDenied, "RECEIPT_OF_ANOTHER"));
  EXPECT_THAT(OpenRelease(one->manifest(), "", Trust()),
              StatusIs(absl::StatusCode::kPermissionDenied, "RECEIPT_MISSING"));
}

TEST_F(FwuTest, RefusesFilesThatAreNotTheTargets) {
  server_.Start();
  const Files good = TwoFiles();
  const struct {
    std::function<void(v1::SignHeader&)> spoil;
    const char* reason;
  } kBad[] = {
      {[](auto& h) { h.clear_components(); }, "COMPONENT_MISSING"},
      {[](auto& h) { h.mutable_components()->RemoveLast(); },
       "COMPONENT_MISSING"},
      {[](auto& h) { *h.add_components() = h.components(0); },
       "COMPONENT_TWICE"},
      {[](auto& h) { h.mutable_components(1)->set_name("fip"); },
       "COMPONENT_TWICE"},
      {[](auto& h) { h.mutable_components()->SwapElements(0, 1); },
       "COMPONENT_ORDER"},
      {[](auto& h) { h.mutable_components(1)->set_name("rootfs"); },
       "COMPONENT_UNKNOWN"},
      {[](auto& h) { h.mutable_components(0)->set_size(0x10001); },
       "COMPONENT_TOO_LARGE"},
      {[](auto& h) { h.mutable_components(0)->set_size(0); },
       "COMPONENT_EMPTY"},
      {[](auto& h) { h.mutable_components(0)->set_size(49'999); },
       "COMPONENTS_DIFFER_FROM_SIZE"},
      {[](auto& h) { h.mutable_provisioning()->set_active(2); },
       "PROVISIONING_INVALID"},
      {[](auto& h) { h.mutable_provisioning()->add_states(v1::BANK_VALID); },
       "PROVISIONING_INVALID"},
      {[](auto& h) { h.clear_security_counter(); }, "SECURITY_COUNTER_MISSING"},
      {[](auto& h) { h.set_version("1.2.x"); }, "VERSION_INVALID"},
      {[](auto& h) { h.set_encrypted(true); }, "ENCRYPTION_NOT_ALLOWED"},
      {[](auto& h) { h.mutable_signed_range(); }, "RANGE_NOT_OF_TARGET"},
  };
  std::size_t refused = 0;
  for (const auto& bad : kBad) {
    v1::SignHeader header = ReleaseHeader("board", good);
    bad.spoil(header);
    EXPECT_THAT(Release(header, good), StatusIs(kInvalid, bad.reason));
    EXPECT_EQ(RefusedEntries(server_).size(), ++refused) << bad.reason;
  }
  EXPECT_EQ(Releases(server_), 0u);
}

TEST_F(FwuTest, RefusesBytesThatAreNotWhatWasSaid) {
  server_.Start();
  const v1::SignHeader header = ReleaseHeader("board", TwoFiles());
  Files files = TwoFiles();
  files[0].second.pop_back();
  EXPECT_THAT(Release(header, files), StatusIs(kInvalid, "SIZE_MISMATCH"));
  files[0].second += "xx";
  EXPECT_THAT(Release(header, files), StatusIs(kInvalid, "SIZE_MISMATCH"));
  files = TwoFiles();
  files[0].second[3] = 'x';
  EXPECT_THAT(Release(header, files), StatusIs(kInvalid, "NOT_A_FIP"));
  EXPECT_EQ(Releases(server_), 0u);
  EXPECT_OK(Release(header, TwoFiles()));
}

TEST_F(FwuTest, TellsWhereToAskForTheOther) {
  server_.Start();
  const auto channel = server_.Channel("ci");
  const Files files = TwoFiles();
  const auto signed_one =
      Sign(channel, ReleaseHeader("board", files), Joined(files));
  EXPECT_THAT(signed_one, StatusIs(kInvalid, "WRONG_CALL"));
  EXPECT_THAT(signed_one, MessageHas("bootseal fwu bundle"));
  // Whatever else is wrong with it for a release.
  EXPECT_THAT(Sign(channel, HeaderFor(payload_), payload_), IsOk());
  v1::SignHeader plain = HeaderFor(payload_);
  plain.set_target("board");
  EXPECT_THAT(Sign(channel, plain, payload_), StatusIs(kInvalid, "WRONG_CALL"));
  const auto released = tests::Release(channel, HeaderFor(payload_), payload_);
  EXPECT_THAT(released, StatusIs(kInvalid, "WRONG_CALL"));
  EXPECT_THAT(released, MessageHas("SigningService.Sign"));
  v1::IssueMetadataRequest request;
  request.set_target("app");
  EXPECT_THAT(Issue(request), StatusIs(kInvalid, "WRONG_CALL"));
  const auto refused = RefusedEntries(server_);
  ASSERT_EQ(refused.size(), 3u);
  for (const v1::Entry& entry : refused) {
    EXPECT_EQ(entry.signing().rule(), "target");
  }
}

TEST_F(FwuTest, RefusesThoseWhoMayNotAsk) {
  server_.Start();
  const Files files = TwoFiles();
  const auto denied = absl::StatusCode::kPermissionDenied;
  EXPECT_THAT(Release(ReleaseHeader("board", files), files, "developer"),
              StatusIs(denied, "WRONG_ROLE"));
  EXPECT_THAT(Release(ReleaseHeader("nothing", files), files),
              StatusIs(absl::StatusCode::kNotFound, "UNKNOWN_TARGET"));
  v1::IssueMetadataRequest request;
  request.set_target("board");
  EXPECT_THAT(Issue(request, "developer"), StatusIs(denied, "WRONG_ROLE"));
  const auto access = EntriesOfKind("access");
  ASSERT_EQ(access.size(), 1u);
  EXPECT_EQ(access[0].access().rpc(), "FwuService.IssueMetadata");
  EXPECT_EQ(access[0].access().target(), "board");
  request.set_target("nothing");
  EXPECT_THAT(Issue(request),
              StatusIs(absl::StatusCode::kNotFound, "UNKNOWN_TARGET"));
  EXPECT_THAT(Issue(request, "stranger"), StatusIs(denied, "UNKNOWN_IDENTITY"));
}

TEST_F(FwuTest, GivesARetryTheSameBytesAndAnotherContentNothing) {
  server_.Start();
  const v1::SignHeader header = ReleaseHeader("board", TwoFiles());
  const auto first = Release(header, TwoFiles());
  ASSERT_OK(first);
  const auto again = Release(header, TwoFiles());
  ASSERT_OK(again);
  EXPECT_TRUE(again->replayed());
  EXPECT_EQ(again->manifest(), first->manifest());
  EXPECT_EQ(Releases(server_), 1u);
  const auto reused =
      StatusIs(absl::StatusCode::kAlreadyExists, "REQUEST_ID_REUSED");
  EXPECT_THAT(Release(header, TwoFiles('g')), reused);
  v1::SignHeader other = header;
  other.mutable_provisioning()->set_active(1);
  EXPECT_THAT(Release(other, TwoFiles()), reused);
  other = header;
  other.set_version("1.2.4");
  EXPECT_THAT(Release(other, TwoFiles()), reused);
}

TEST_F(FwuTest, RefusesAnOlderCounterAndALeap) {
  server_.policy()
      .mutable_targets(server_.policy().targets_size() - 2)
      ->mutable_release()
      ->set_security_counter_step(2);
  server_.Start();
  ASSERT_OK(Release("board", TwoFiles()));
  const auto with = [](std::uint32_t counter) {
    v1::SignHeader header = ReleaseHeader("board", TwoFiles());
    header.set_security_counter(counter);
    return header;
  };
  EXPECT_THAT(Release(with(4), TwoFiles()),
              StatusIs(kState, "SECURITY_COUNTER_LOWERED"));
  EXPECT_THAT(Release(with(8), TwoFiles()),
              StatusIs(kState, "SECURITY_COUNTER_LEAP"));
  EXPECT_OK(Release(with(7), TwoFiles()));
  EXPECT_OK(Release(with(9), TwoFiles()));
  v1::SignHeader older = with(9);
  older.set_version("1.2.2");
  EXPECT_THAT(Release(older, TwoFiles()), StatusIs(kState, "VERSION_LOWERED"));
  EXPECT_EQ(Releases(server_), 3u);
}

TEST_F(FwuTest, ReleasesTheBytesThatWereApproved) {
  server_.Start();
  const v1::SignHeader header = ReleaseHeader("guarded-board", TwoFiles());
  const auto asked = Release(header, TwoFiles());
  ASSERT_THAT(asked, StatusIs(kState, "APPROVALS_REQUIRED"));
  const auto pending = PendingEntries();
  ASSERT_EQ(pending.size(), 1u);
  const v1::SigningEvent& waiting = pending[0].signing();
  EXPECT_EQ(waiting.digests(0).signature(), "");
  const auto told = trust::OpenReleaseMessage(waiting);
  ASSERT_OK(told);
  EXPECT_EQ(told->images[0].size, 50'000u);
  const auto request = Get(DetailOf(asked.status(), "subject"), "ci");
  ASSERT_OK(request);
  Approve(*request, {&alice_});
  EXPECT_THAT(Release(header, TwoFiles()),
              StatusIs(kState, "APPROVALS_REQUIRED"));
  Approve(*request, {&bob_});
  // Other files are another request.
  EXPECT_THAT(Release("guarded-board", TwoFiles('g')),
              StatusIs(kState, "APPROVALS_REQUIRED"));
  const auto reply = Release(header, TwoFiles());
  ASSERT_OK(reply);
  const v1::SigningEvent event = EventOf(*reply);
  EXPECT_EQ(event.digests(0).digest(), waiting.digests(0).digest());
  EXPECT_EQ(event.pending_index(), request->pending().index());
  EXPECT_EQ(event.approval_indices_size(), 2);
  const auto opened = OpenRelease(reply->manifest(), reply->receipt(), Trust());
  ASSERT_OK(opened);
  EXPECT_EQ(image::host::WriteManifest(opened->manifest()),
            image::host::WriteManifest(*told));
  // Once, whichever id asks.
  v1::SignHeader again = header;
  again.set_request_id("again");
  const auto same = Release(again, TwoFiles());
  ASSERT_OK(same);
  EXPECT_EQ(same->manifest(), reply->manifest());
  EXPECT_EQ(Releases(server_), 1u);
}

TEST_F(FwuTest, ReleasesNothingThatWasDenied) {
  server_.Start();
  const v1::SignHeader header = ReleaseHeader("guarded-board", TwoFiles());
  const auto asked = Release(header, TwoFiles());
  const auto request = Get(DetailOf(asked.status(), "subject"), "ci");
  ASSERT_OK(request);
  ASSERT_OK(Submit(alice_.Sign(DenialFor(*request, "no"))));
  EXPECT_THAT(Release(header, TwoFiles()),
              StatusIs(absl::StatusCode::kPermissionDenied, "REQUEST_DENIED"));
  EXPECT_EQ(Releases(server_), 0u);
}

TEST_F(FwuTest, HoldsMemoryConstantWhateverTheSize) {
  v1::Target& large = AddRelease("large", "update");
  large.mutable_release()->mutable_images(0)->set_bank_size(128 << 20);
  server_.config().mutable_limits()->set_max_payload_bytes(256 << 20);
  server_.Start();
  const auto resident = [&] {
    std::ifstream status(
        absl::StrCat("/proc/", server_.process().pid(), "/status"));
    std::string word;
    long kilobytes = 0;
    while (status >> word) {
      if (word == "VmHWM:") status >> kilobytes;
    }
    return kilobytes;
  };
  ASSERT_OK(Release("large", TwoFiles()));
  const long before = resident();
  ASSERT_GT(before, 0);
  const Files files{{"fip", TestFip(96 << 20)}, {"bootfs", "x"}};
  ASSERT_OK(Release("large", files));
  EXPECT_LT(resident() - before, 32 << 10);
}

TEST_F(FwuTest, ListsItsTargetsWithTheirKey) {
  server_.Start();
  const auto stub = v1::SigningService::NewStub(server_.Channel("ci"));
  grpc::ClientContext context;
  v1::ListTargetsReply reply;
  ASSERT_TRUE(stub->ListTargets(&context, {}, &reply).ok());
  bool found = false;
  for (const v1::Profile& profile : reply.targets()) {
    if (profile.target().name() != "board") continue;
    found = true;
    EXPECT_EQ(profile.public_key(), update_.public_key);
  }
  EXPECT_TRUE(found);
}

TEST_F(FwuTest, TakesNoReleaseInAStreamOfMany) {
  server_.Start();
  const auto stub = v1::SigningService::NewStub(server_.Channel("ci"));
  grpc::ClientContext context;
  const auto stream = stub->SignMany(&context);
  v1::SignManyRequest request;
  *request.mutable_header() = ReleaseHeader("board", TwoFiles());
  request.set_payload(Joined(TwoFiles()));
  stream->Write(request);
  stream->WritesDone();
  v1::SignManyReply reply;
  ASSERT_TRUE(stream->Read(&reply));
  EXPECT_EQ(reply.failure().reason(), "WRONG_CALL");
  EXPECT_TRUE(stream->Finish().ok());
}

}  // namespace
}  // namespace bootseal::tests
