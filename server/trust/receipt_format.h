// Receipts that images carry: what a target says of them, and what a request
// may ask for. Thread-safe: free functions.
#ifndef BOOTSEAL_SERVER_TRUST_RECEIPT_FORMAT_H_
#define BOOTSEAL_SERVER_TRUST_RECEIPT_FORMAT_H_

#include <array>
#include <cstdint>
#include <string>

#include "bootseal/v1/policy.pb.h"
#include "bootseal/v1/signing.pb.h"
#include "firmware/image/mcuboot/rules.h"
#include "server/trust/problems.h"
#include "server/trust/request_rules.h"

namespace bootseal::trust {

// `here` is the target's mcuboot block.
void CheckReceiptFormat(const v1::McubootFormat& format, const Field& here);

// The log that a target's images are in, in the bytes that a bootloader
// compares.
struct LogTrust {
  std::string origin;
  std::array<std::string, 2> keys;  // DER; the second may be empty
};
// Only for a format without problems that has `receipt`.
LogTrust LogTrustOf(const v1::ReceiptFormat& format);
// Rules that point into `log`.
image::mcuboot::ReceiptRules ReceiptRulesOf(const v1::ReceiptFormat& format,
                                            const LogTrust& log);

// Whether what is made carries its receipt.
bool CarriesReceipt(const v1::Target& target, const v1::SignHeader& header);

// Largest entry that an image of the target carries.
std::uint32_t MaxEntryBytes(const v1::ReceiptFormat& format);
// Largest receipt, without its TLV's header: that entry in a log of up to 2^40.
std::uint32_t MaxReceiptBytes(const v1::ReceiptFormat& format);

// RECEIPT_NOT_EMBEDDABLE for a target that is no MCUboot image or whose
// bootloader has an allow list, RECEIPT_NOT_ALLOWED for one without `receipt`,
// RANGE_WITH_RECEIPT for a signed range: who made it puts the image together.
Answer CheckReceipt(const v1::Target& target, const v1::SignHeader& header);

}  // namespace bootseal::trust

#endif  // BOOTSEAL_SERVER_TRUST_RECEIPT_FORMAT_H_
