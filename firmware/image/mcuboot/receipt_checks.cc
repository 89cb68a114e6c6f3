// Whether the audit log has what was signed: what is not in it does not boot.
#include "firmware/image/mcuboot/receipt_checks.h"

#include <array>

#include "firmware/image/hardened.h"
#include "firmware/image/mcuboot/checks.h"
#include "firmware/image/mcuboot/tlv.h"
#include "firmware/image/transparency/checkpoint_text.h"
#include "firmware/image/transparency/embedded_receipt.h"
#include "firmware/image/transparency/log_entry.h"
#include "firmware/image/transparency/log_signature.h"

namespace bootseal::image::mcuboot::checks {
namespace {

using transparency::EmbeddedReceipt;

// What one check wants of a well-formed receipt. One that is missing or
// malformed has been judged by the checks for that.
Error OfReceipt(const Rules& rules, const Facts& facts,
                Error (*check)(const Rules&, const Facts&,
                               const EmbeddedReceipt&)) {
  if (rules.receipt == nullptr) return Error::kOk;
  const Tlv tlv = FindTlv(facts.unprotected_area, tlv::kReceipt);
  if (tlv.type == 0) return Error::kOk;
  const Result<EmbeddedReceipt> receipt =
      transparency::ReadEmbeddedReceipt(tlv.value);
  if (!receipt.ok()) return Error::kOk;
  return check(rules, facts, *receipt);
}

std::size_t Count(Bytes area) {
  std::size_t count = 0;
  for (const Tlv& tlv : Tlvs(area)) {
    if (tlv.type == tlv::kReceipt) ++count;
  }
  return count;
}

}  // namespace

// Without it somebody signed, and nobody can see it in the log.
Error ReceiptIsThere(const Rules& rules, const Facts& facts) {
  return Holds(rules.receipt == nullptr ||
               rules.receipt->presence != Presence::kRequired ||
               Count(facts.unprotected_area) != 0);
}

Error ReceiptIsAlone(const Rules& rules, const Facts& facts) {
  return Holds(rules.receipt == nullptr || Count(facts.unprotected_area) <= 1);
}

Error ReceiptIsWellFormed(const Rules& rules, const Facts& facts) {
  const Tlv tlv = FindTlv(facts.unprotected_area, tlv::kReceipt);
  return Holds(rules.receipt == nullptr || tlv.type == 0 ||
               transparency::ReadEmbeddedReceipt(tlv.value).ok());
}

// Proves that the entry is about this very image, by the digest that was
// signed. Nobody signed the receipt itself: one of another image is good, too.
Error ReceiptNamesTheImage(const Rules& rules, const Facts& facts) {
  return OfReceipt(
      rules, facts,
      [](const Rules& r, const Facts& f, const EmbeddedReceipt& receipt) {
        const auto head = transparency::ReadEntryHead(receipt.entry);
        if (!head.ok() ||
            head->digest_algorithm != static_cast<std::uint8_t>(r.hash)) {
          return Error::kReceiptOfAnother;
        }
        return Same(head->digest, f.digest.bytes(), Error::kReceiptOfAnother);
      });
}

// A refusal, a request that waits and an approval are in the log as well.
Error ReceiptAllowsTheSignature(const Rules& rules, const Facts& facts) {
  return OfReceipt(
      rules, facts,
      [](const Rules&, const Facts&, const EmbeddedReceipt& receipt) {
        return transparency::CheckAllowed(receipt.entry);
      });
}

Error ReceiptLeadsToItsCheckpoint(const Rules& rules, const Facts& facts) {
  return OfReceipt(
      rules, facts,
      [](const Rules&, const Facts&, const EmbeddedReceipt& receipt) {
        return transparency::CheckPath(receipt);
      });
}

// Proves that the log is the one that the device knows. The answer is the
// backend's own word for one key or the other.
Error CheckpointIsSigned(const Rules& rules, const Facts& facts) {
  return OfReceipt(
      rules, facts,
      [](const Rules& r, const Facts&, const EmbeddedReceipt& receipt) {
        std::array<std::byte, transparency::kMostCheckpointText> buffer;
        const Bytes text = transparency::WriteCheckpointText(
            r.receipt->origin, receipt.size, receipt.root, buffer);
        if (text.empty()) return Error::kReceiptKey;
        Error answer = Error::kReceiptKey;
        for (const Bytes key : r.receipt->log_keys) {
          if (key.empty()) break;
          answer = VerifyLogSignature(key, text, receipt.signature);
          if (answer == Error::kOk) break;
        }
        return answer;
      });
}

}  // namespace bootseal::image::mcuboot::checks
