// The audit log of a server under test, as its auditor reads it.
#ifndef BOOTSEAL_TESTS_SERVER_LOG_ENTRIES_H_
#define BOOTSEAL_TESTS_SERVER_LOG_ENTRIES_H_

#include <vector>

#include "bootseal/v1/audit.pb.h"
#include "bootseal/v1/entry.pb.h"
#include "bootseal/v1/signing.pb.h"
#include "tests/support/server_fixture.h"

namespace bootseal::tests {

// The first page of what matches; a failure of the test when it cannot be read.
std::vector<v1::Entry> LogEntries(const ServerFixture& server,
                                  const v1::ListEntriesRequest& request);

// Up to 1,000 entries with decision "refused".
std::vector<v1::Entry> RefusedEntries(const ServerFixture& server);

// How many entries of the log tell of a signature.
std::size_t Releases(const ServerFixture& server);

// What the receipt of a release says was recorded.
v1::SigningEvent EventOf(const v1::SignReply& reply);

}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_SERVER_LOG_ENTRIES_H_
