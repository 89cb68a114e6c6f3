#include "firmware/image/host/receipt_words.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/host/tlv_names.h"
#include "firmware/image/mcuboot/tlv.h"
#include "firmware/image/transparency/embedded_receipt.h"
#include "firmware/image/transparency/log_entry.h"

namespace bootseal::image::host {
namespace {

using mcuboot::Facts;
using mcuboot::Rules;
using mcuboot::Tlv;
namespace tlv = mcuboot::tlv;

std::string Found(const Rules&, const Facts& facts) {
  const Tlv found = mcuboot::FindTlv(facts.unprotected_area, tlv::kReceipt);
  return found.type == 0 ? absl::StrCat("no ", DescribeTlv(tlv::kReceipt))
                         : absl::StrCat(DescribeTlv(tlv::kReceipt), " of ",
                                        found.value.size(), " bytes");
}

std::string Place(const Rules& rules, const Facts& facts) {
  const Tlv found = mcuboot::FindTlv(facts.unprotected_area, tlv::kReceipt);
  const auto receipt = transparency::ReadEmbeddedReceipt(found.value);
  if (!receipt.ok()) return Found(rules, facts);
  return absl::StrCat("entry ", receipt->index, " of a log with ",
                      receipt->size, " entries");
}

std::string Entry(const Rules& rules, const Facts& facts) {
  const Tlv found = mcuboot::FindTlv(facts.unprotected_area, tlv::kReceipt);
  const auto receipt = transparency::ReadEmbeddedReceipt(found.value);
  if (!receipt.ok()) return Found(rules, facts);
  const auto head = transparency::ReadEntryHead(receipt->entry);
  if (!head.ok()) return "an entry without a head of ours";
  return absl::StrCat("entry of kind ", head->kind, " about ",
                      absl::BytesToHexString(ToString(head->digest)));
}

std::string Log(const Rules& rules, const Facts& facts) {
  return absl::StrCat(
      Place(rules, facts), "; the target's is ",
      rules.receipt == nullptr
          ? "none"
          : absl::CHexEscape(ToString(rules.receipt->origin)),
      ", with ",
      rules.receipt != nullptr && !rules.receipt->log_keys[1].empty()
          ? "two keys"
          : "one key");
}

std::string Switch(const Rules& rules) {
  return rules.receipt == nullptr ? "" : "receipt of the target";
}

constexpr char kAgain[] =
    "bootseal sign --embed-receipt, with the same --request-id where it was "
    "signed already: the same signature comes again, with its receipt";

std::string Again(const Wanted&) { return kAgain; }

std::string OtherLog(const Wanted&) {
  return absl::StrCat(
      kAgain,
      "; or, when the log's key changed, give the target both keys in "
      "receipt.log_keys and the device a bootloader that knows them");
}

const RuleWords kWords[] = {
    {Error::kReceiptMissing, "receipt present", Found, Switch, Again},
    {Error::kReceiptTwice, "one receipt", Found, Switch, Again},
    {Error::kReceiptFormat, "receipt well-formed", Found, Switch, Again},
    {Error::kReceiptOfAnother, "receipt is of this image", Entry, Switch,
     Again},
    {Error::kReceiptNotAllowed, "receipt's entry allows the signature", Entry,
     Switch, Again},
    {Error::kReceiptPath, "receipt leads to its checkpoint", Place, Switch,
     Again},
    {Error::kReceiptKey, "receipt's checkpoint signed by the target's log", Log,
     Switch, OtherLog},
};

}  // namespace

std::span<const RuleWords> ReceiptWords() { return kWords; }

}  // namespace bootseal::image::host
