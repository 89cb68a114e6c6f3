#include "tests/server/log_entries.h"

#include <grpcpp/client_context.h>

#include <utility>

#include "bootseal/v1/audit.grpc.pb.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/transparency/note.h"
#include "server/trust/entry.h"
#include "tests/support/sign_client.h"
#include "tests/support/status_matchers.h"

namespace bootseal::tests {

std::vector<v1::Entry> LogEntries(const ServerFixture& server,
                                  const v1::ListEntriesRequest& request) {
  const auto stub = v1::AuditService::NewStub(server.Channel("auditor"));
  grpc::ClientContext context;
  v1::ListEntriesReply page;
  EXPECT_OK(FromRpc(stub->ListEntries(&context, request, &page)));
  std::vector<v1::Entry> entries;
  for (const v1::LogEntry& each : page.entries()) {
    auto entry = trust::DecodeEntry(each.entry());
    EXPECT_OK(entry);
    if (entry.ok()) entries.push_back(*std::move(entry));
  }
  return entries;
}

std::vector<v1::Entry> RefusedEntries(const ServerFixture& server) {
  v1::ListEntriesRequest request;
  request.set_limit(1000);
  request.set_decision("refused");
  return LogEntries(server, request);
}

std::size_t Releases(const ServerFixture& server) {
  v1::ListEntriesRequest request;
  request.set_limit(1000);
  std::size_t count = 0;
  for (const v1::Entry& entry : LogEntries(server, request)) {
    if (entry.signing().decision() == v1::ALLOWED) ++count;
  }
  return count;
}

v1::SigningEvent EventOf(const v1::SignReply& reply) {
  const auto proof = image::transparency::ParseProofFile(reply.receipt());
  std::vector<std::byte> buffer(proof->extra.size());
  const auto bytes = image::transparency::DecodeBase64(proof->extra, buffer);
  return trust::DecodeEntry(image::host::ToString(*bytes))->signing();
}

}  // namespace bootseal::tests
