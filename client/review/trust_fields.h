// Which fields of a policy decide whom a server believes, and what it lets
// pass. Thread-safe: free functions.
#ifndef BOOTSEAL_CLIENT_REVIEW_TRUST_FIELDS_H_
#define BOOTSEAL_CLIENT_REVIEW_TRUST_FIELDS_H_

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"

namespace bootseal::review {

// In the order of reports.
enum class TrustKind : std::uint8_t {
  kApproverKeys,
  kApprovals,
  kPeople,
  kRoles,
  kIssuers,
  kRequesters,
  kKeys,
  kRules,
};
// "approver keys"
const char* NameOf(TrustKind kind);

// A field's value: sorted, each word once, none for what is not there. How the
// file is written does not show: its order, a default that is spelled out, PEM
// (a key or certificate is its SHA-256), upper case of a hash.
using Values = std::vector<std::string>;

struct TrustField {
  // Field of Policy whose elements have it, by their names; "" for Policy.
  const char* of;
  // "mcuboot.receipt.log_keys"; a oneof's is the name of what is set.
  const char* path;
  TrustKind kind;
  // Whether more passes than before; nullptr: any change counts.
  bool (*loosens)(const Values& before, const Values& after);
};
std::span<const TrustField> TrustFields();

// `path` must be one of `message`.
Values ValuesOf(const google::protobuf::Message& message,
                absl::string_view path);

}  // namespace bootseal::review

#endif  // BOOTSEAL_CLIENT_REVIEW_TRUST_FIELDS_H_
