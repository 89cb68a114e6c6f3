// What pending_text.h and its JSON say in the same words. Thread-safe: free
// functions.
#ifndef BOOTSEAL_CLIENT_APPROVAL_PENDING_WORDS_H_
#define BOOTSEAL_CLIENT_APPROVAL_PENDING_WORDS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "bootseal/v1/approval.pb.h"
#include "client/approval/pending_text.h"

namespace bootseal::approval {

std::string Hex(absl::string_view bytes);
std::string StateName(v1::RequestState state);
std::string VerdictName(v1::Verdict verdict);
std::string AlgorithmName(v1::Algorithm algorithm);
std::int64_t ExpiryOf(const Pending& pending);

// "0x00a5=73626f6d, ..."
std::string VendorText(const std::vector<v1::VendorTlv>& tlvs);

// An approval's statement as its entry has it; nobody verified it here.
std::optional<v1::ApprovalStatement> StatementIn(const v1::LogEntry& entry);

struct Difference {
  std::string name;
  std::string before;
  std::string now;
};

// Of a request with a last release to compare with, fields that are the same
// too.
std::vector<Difference> DifferencesOf(const Review& review);

}  // namespace bootseal::approval

#endif  // BOOTSEAL_CLIENT_APPROVAL_PENDING_WORDS_H_
