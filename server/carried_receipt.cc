#include "server/carried_receipt.h"

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "firmware/image/algorithm.h"
#include "firmware/image/host/embedded_receipt.h"
#include "server/trust/entry.h"
#include "server/trust/format.h"
#include "server/trust/receipt_format.h"

namespace bootseal::server {

std::vector<v1::SignedDigest> LargestSignatures(v1::SignedDigest asked,
                                                const v1::SignHeader& header) {
  const image::Algorithm algorithm = trust::ToImage(asked.algorithm());
  asked.set_signature(std::string(
      image::SignatureTraitsOf(algorithm)->max_signature_size, '\0'));
  const bool twice = header.compression() != v1::COMPRESSION_UNSPECIFIED;
  return std::vector(twice ? 2 : 1, asked);
}

absl::Status CheckCarriesEntry(const v1::Target& target,
                               const v1::Entry& largest) {
  ASSIGN_OR_RETURN(const std::string entry, trust::EncodeEntry(largest));
  const std::uint32_t most = trust::MaxEntryBytes(target.mcuboot().receipt());
  if (entry.size() <= most) return absl::OkStatus();
  return base::Precondition(
      "ENTRY_TOO_LARGE_FOR_IMAGE",
      absl::StrCat("the log entry takes up to ", entry.size(),
                   " bytes, and an image of target ", target.name(),
                   " carries at most ", most,
                   "; raise receipt.max_entry_bytes in the policy"));
}

absl::StatusOr<sealing::Sealed> Carry(const audit::Receipt& receipt,
                                      const sealing::Sealed& sealed,
                                      const std::string& log_key) {
  ASSIGN_OR_RETURN(const std::string carried,
                   image::host::EmbeddedForm(receipt.text(), log_key));
  return sealing::WithReceipt(sealed, carried);
}

}  // namespace bootseal::server
