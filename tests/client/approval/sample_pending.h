// A pending entry as an honest server writes it, for tests to spoil.
#ifndef BOOTSEAL_TESTS_CLIENT_APPROVAL_SAMPLE_PENDING_H_
#define BOOTSEAL_TESTS_CLIENT_APPROVAL_SAMPLE_PENDING_H_

#include <string>

#include "bootseal/v1/audit.pb.h"
#include "bootseal/v1/entry.pb.h"

namespace bootseal::tests {

struct SampleOptions {
  std::uint32_t room = 0;  // of the payload's own, instead of padding
  std::uint32_t payload_padding = 0;
  bool sha512 = false;
  bool pure = false;
};

// 1,000 bytes, the header room first.
std::string SamplePayload(const SampleOptions& options = {});

// For target "guarded", version 1.2.3+4, counter 7, a vendor TLV 0x00a5.
v1::Entry SampleSigning(const SampleOptions& options = {});
// A rotation of "app".
v1::Entry SampleKeyChange();

// Its subject computed again after a change.
void Restate(v1::Entry& entry);
v1::LogEntry Logged(const v1::Entry& entry);

}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_CLIENT_APPROVAL_SAMPLE_PENDING_H_
