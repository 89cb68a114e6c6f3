// The bytes of a log entry: the fixed head that a bootloader can read, then
// the deterministic serialisation of bootseal.v1.Entry. Reader and writer.
// Layout: proto/bootseal/v1/entry.proto. Thread-safe: free functions.
#ifndef BOOTSEAL_SERVER_TRUST_ENTRY_H_
#define BOOTSEAL_SERVER_TRUST_ENTRY_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "bootseal/v1/entry.pb.h"
#include "bootseal/v1/signing.pb.h"

namespace bootseal::trust {

inline constexpr std::size_t kEntryHeadBytes = 72;
inline constexpr std::size_t kMaxEntryBytes = 65535;

// The head takes the first signed digest of a signing event. INVALID_ARGUMENT:
// ENTRY_TOO_LARGE above kMaxEntryBytes; ENTRY_MALFORMED without an event, with
// text that is not UTF-8 or a digest that is not 32, 48 or 64 bytes long.
absl::StatusOr<std::string> EncodeEntry(const v1::Entry& entry);

// Canonical only: EncodeEntry of the result gives the same bytes back.
// INVALID_ARGUMENT (ENTRY_MALFORMED).
absl::StatusOr<v1::Entry> DecodeEntry(absl::string_view bytes);

// SHA-256 over everything the requester chose, but not the request id:
// "bootseal.v1 request\n", then target, version, counter (8 bytes; none when it
// was not given) and payload digest, each after its length (8 bytes). Numbers
// are big-endian, of 8 bytes.
//
// What few requests have follows, when it is there and in this order, as two
// such parts, a name and a value:
//   "vendor_tlvs"  type, length and value of each, one after the other
//   "encrypted"    nothing
//   "compression"  the number
//   "signed_range" the header's padding
//   "components"   of each the length of its name, the name and the size
//   "provisioning" active, previous, and the number of each state
//   "embed_receipt" nothing
//   "verdict"      the number of its end, and not_after_unix_seconds
std::string RequestDigest(const v1::SignHeader& header,
                          absl::string_view payload_sha256);

// What a server finds an entry by; an auditor holds its answers against it.
struct SearchTerms {
  std::string identity;
  std::string target;
  v1::Decision decision = v1::DECISION_UNSPECIFIED;
  // The key that signed, or that is to change; of a compressed image both
  // signatures are of one key.
  std::string key;
  // What an approval is about, 32 raw bytes: of pending requests, approvals,
  // and what became of them.
  std::string subject;
  std::int64_t time_unix_ms = 0;
  int kind = 0;  // v1::Entry::EventCase
};
SearchTerms TermsOf(const v1::Entry& entry);

// Names of the kinds of entries, as Entry's fields: "signing", "policy", ...
std::vector<std::string> EntryKinds();
// "unknown" for a number that is none.
std::string NameOfKind(int kind);
// 0 for a name that is none.
int KindNamed(absl::string_view name);

}  // namespace bootseal::trust

#endif  // BOOTSEAL_SERVER_TRUST_ENTRY_H_
