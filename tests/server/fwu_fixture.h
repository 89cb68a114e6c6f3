// A server with targets for releases, one of which people approve.
#ifndef BOOTSEAL_TESTS_SERVER_FWU_FIXTURE_H_
#define BOOTSEAL_TESTS_SERVER_FWU_FIXTURE_H_

#include <grpcpp/client_context.h>

#include <string>
#include <utility>
#include <vector>

#include "bootseal/v1/fwu.grpc.pb.h"
#include "bootseal/v1/signing.grpc.pb.h"
#include "firmware/image/host/release_manifest.h"
#include "server/trust/entry.h"
#include "server/trust/format.h"
#include "tests/server/approval_fixture.h"
#include "tests/server/log_entries.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_release.h"

namespace bootseal::tests {

class FwuTest : public ApprovalFixture {
 protected:
  FwuTest() {
    update_ = server_.AddKey("update", hsm::Algorithm::kP256);
    AddRelease("board", "update");
    v1::Target& two = AddRelease("guarded-board", "update");
    two.set_approvals(2);
    two.add_approvers("release-manager");
  }

  v1::Target& AddRelease(const std::string& name, const std::string& key) {
    v1::Target& target = *server_.policy().add_targets();
    target.set_name(name);
    target.set_key(key);
    target.add_requesters("ci");
    *target.mutable_release() = TestReleaseFormat();
    return target;
  }

  static Files TwoFiles(char seed = 'f') {
    return {{"fip", TestFip(50'000, seed)}, {"bootfs", "boot files"}};
  }

  absl::StatusOr<v1::SignReply> Release(const v1::SignHeader& header,
                                        const Files& files,
                                        const std::string& caller = "ci") {
    return tests::Release(server_.Channel(caller), header, Joined(files));
  }
  absl::StatusOr<v1::SignReply> Release(const std::string& target,
                                        const Files& files) {
    return Release(ReleaseHeader(target, files), files);
  }

  image::host::ReleaseTrust Trust() const {
    return {image::Algorithm::kP256, update_.public_key, server_.log_key()};
  }

  absl::StatusOr<v1::IssueMetadataReply> Issue(
      const v1::IssueMetadataRequest& request,
      const std::string& caller = "ci") {
    const auto stub = v1::FwuService::NewStub(server_.Channel(caller));
    grpc::ClientContext context;
    v1::IssueMetadataReply reply;
    const auto status = stub->IssueMetadata(&context, request, &reply);
    if (!status.ok()) return FromRpc(status);
    return reply;
  }

  std::vector<v1::Entry> EntriesOfKind(const std::string& kind) {
    v1::ListEntriesRequest request;
    request.set_limit(1000);
    std::vector<v1::Entry> found;
    for (v1::Entry& entry : LogEntries(server_, request)) {
      if (trust::NameOfKind(entry.event_case()) == kind) {
        found.push_back(std::move(entry));
      }
    }
    return found;
  }

  hsm::KeyInfo update_;
};

}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_SERVER_FWU_FIXTURE_H_
