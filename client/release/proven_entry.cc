#include "client/release/proven_entry.h"

#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "client/cli/text.h"
#include "server/trust/entry.h"

namespace bootseal::release {

absl::StatusOr<ProvenEntry> ProveEntry(const cli::LogKey& key,
                                       absl::string_view receipt) {
  ASSIGN_OR_RETURN(const std::string bytes, cli::EntryOfReceipt(receipt));
  ProvenEntry proven;
  ASSIGN_OR_RETURN(proven.checkpoint, key.OpenReceipt(receipt, bytes));
  ASSIGN_OR_RETURN(proven.entry, trust::DecodeEntry(bytes));
  if (proven.entry.has_signing() &&
      proven.entry.signing().decision() == v1::ALLOWED) {
    return proven;
  }
  return base::Precondition("RECEIPT_MISMATCH",
                            "the receipt's entry is no allowed signature");
}

absl::Status CheckEntryIsOfOrder(const v1::Entry& entry,
                                 const v1::SignHeader& header,
                                 absl::string_view payload_sha256) {
  const v1::SigningEvent& event = entry.signing();
  // What was approved is released once, whoever of the requester's calls asks.
  if (!event.has_pending_index()) {
    RETURN_IF_ERROR(ExpectInReceipt("the receipt's request id",
                                    entry.request_id(), header.request_id()));
  }
  RETURN_IF_ERROR(ExpectBytesInReceipt("the receipt's payload",
                                       event.payload_sha256(), payload_sha256));
  return ExpectBytesInReceipt("the receipt's request digest",
                              event.request_sha256(),
                              trust::RequestDigest(header, payload_sha256));
}

absl::Status ExpectInReceipt(absl::string_view what, absl::string_view found,
                             absl::string_view expected) {
  if (found == expected) return absl::OkStatus();
  return base::Precondition(
      "RECEIPT_MISMATCH",
      absl::StrCat(what, " is ", cli::Printable(found), ", expected ",
                   cli::Printable(expected)));
}

absl::Status ExpectBytesInReceipt(absl::string_view what,
                                  absl::string_view found,
                                  absl::string_view expected) {
  return ExpectInReceipt(what, absl::BytesToHexString(found),
                         absl::BytesToHexString(expected));
}

}  // namespace bootseal::release
