#include "server/trust/receipt_format.h"

#include <set>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "firmware/image/der.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/transparency/checkpoint_text.h"
#include "firmware/image/transparency/embedded_receipt.h"
#include "firmware/image/transparency/log_entry.h"
#include "firmware/image/transparency/note.h"
#include "server/trust/target_format.h"

namespace bootseal::trust {
namespace {

namespace transparency = image::transparency;

constexpr int kMostKeys = 2;
constexpr std::uint32_t kDefaultEntryBytes = 2048;
// Digest, key and signature share the area.
constexpr std::uint32_t kMostEntryBytes = 32768;
constexpr std::uint32_t kMostLevels = 40;

void CheckKey(const std::string& text, const Field& here) {
  const auto key = transparency::ParseVerifierKey(text);
  if (!key.ok()) {
    here.Report(absl::StrCat(
        "\"", absl::CHexEscape(text),
        "\" is no key of a log, expected \"origin+id+base64\" with an Ed25519 "
        "key, as the server logs it as log_key"));
    return;
  }
  if (key->name.size() <= transparency::kMostOriginBytes) return;
  here.Report(absl::StrCat("an origin of ", key->name.size(),
                           " bytes, a bootloader takes at most ",
                           transparency::kMostOriginBytes));
}

// Empty for what is no key.
std::string OriginOf(const std::string& text) {
  const auto key = transparency::ParseVerifierKey(text);
  return key.ok() ? std::string(key->name) : "";
}

void CheckKeys(const v1::ReceiptFormat& format, const Field& here) {
  const int count = format.log_keys_size();
  if (count == 0 || count > kMostKeys) {
    here.At("log_keys")
        .Report(absl::StrCat(count,
                             " keys, expected one, or two while one is being "
                             "replaced"));
  }
  std::set<std::string> seen;
  for (int i = 0; i < count; ++i) {
    const std::string& key = format.log_keys(i);
    const Field field = here.At("log_keys", i);
    CheckKey(key, field);
    if (!seen.insert(key).second) {
      field.Report(
          absl::StrCat("\"", absl::CHexEscape(key), "\" is given twice"));
    }
    const std::string first = OriginOf(format.log_keys(0));
    const std::string own = OriginOf(key);
    if (own == first || own.empty() || first.empty()) continue;
    field.Report(absl::StrCat("origin ", own, ", expected ", first,
                              " as for the other key"));
  }
}

// SubjectPublicKeyInfo.
std::string DerOf(const std::string& text) {
  const auto key = transparency::ParseVerifierKey(text);
  return absl::StrCat(image::host::ToString(image::RawPublicKeyPrefix(
                          image::Algorithm::kEd25519)),
                      image::host::ToString(key->key));
}

}  // namespace

void CheckReceiptFormat(const v1::McubootFormat& format, const Field& here) {
  if (!format.has_receipt()) return;
  const v1::ReceiptFormat& receipt = format.receipt();
  const Field field = here.At("receipt");
  if (format.allow_list()) {
    field.Report(
        "not with allow_list: such a bootloader refuses an image with a TLV "
        "that it does not know; leave one of the two out");
  }
  if (receipt.presence() == v1::FORBIDDEN) {
    field.At("presence")
        .Report(
            "FORBIDDEN, expected OPTIONAL or REQUIRED; "
            "leave `receipt` out");
  }
  CheckKeys(receipt, field);
  const std::uint32_t entry = MaxEntryBytes(receipt);
  if (entry >= transparency::kEntryHeadBytes && entry <= kMostEntryBytes)
    return;
  field.At("max_entry_bytes")
      .Report(absl::StrCat(entry, ", expected ", transparency::kEntryHeadBytes,
                           " to ", kMostEntryBytes));
}

LogTrust LogTrustOf(const v1::ReceiptFormat& format) {
  LogTrust log;
  log.origin = OriginOf(format.log_keys(0));
  for (int i = 0; i < format.log_keys_size(); ++i) {
    log.keys[static_cast<std::size_t>(i)] = DerOf(format.log_keys(i));
  }
  return log;
}

image::mcuboot::ReceiptRules ReceiptRulesOf(const v1::ReceiptFormat& format,
                                            const LogTrust& log) {
  image::mcuboot::ReceiptRules rules;
  rules.presence = format.presence() == v1::REQUIRED
                       ? image::mcuboot::Presence::kRequired
                       : image::mcuboot::Presence::kOptional;
  rules.origin = image::host::AsBytes(log.origin);
  for (std::size_t i = 0; i < log.keys.size(); ++i) {
    rules.log_keys[i] = image::host::AsBytes(log.keys[i]);
  }
  return rules;
}

bool CarriesReceipt(const v1::Target& target, const v1::SignHeader& header) {
  const v1::McubootFormat& format = target.mcuboot();
  return format.has_receipt() && (header.embed_receipt() ||
                                  format.receipt().presence() == v1::REQUIRED);
}

std::uint32_t MaxEntryBytes(const v1::ReceiptFormat& format) {
  return format.max_entry_bytes() == 0 ? kDefaultEntryBytes
                                       : format.max_entry_bytes();
}

std::uint32_t MaxReceiptBytes(const v1::ReceiptFormat& format) {
  return static_cast<std::uint32_t>(
      transparency::kReceiptHeadBytes +
      kMostLevels * sizeof(transparency::TreeHash) + MaxEntryBytes(format));
}

Answer CheckReceipt(const v1::Target& target, const v1::SignHeader& header) {
  const bool carries = CarriesReceipt(target, header);
  if (!carries && !header.embed_receipt()) return {};
  if (!target.has_mcuboot()) {
    return Objection{
        "RECEIPT_NOT_EMBEDDABLE",
        absl::StrCat("a receipt is embedded in MCUboot images; target ",
                     target.name(), " is for ", HowToAsk(target),
                     "; ask without embed_receipt and keep the receipt beside "
                     "the file")};
  }
  if (target.mcuboot().allow_list()) {
    return Objection{
        "RECEIPT_NOT_EMBEDDABLE",
        absl::StrCat("the bootloader of target ", target.name(),
                     " has a TLV allow list (allow_list, as Zephyr's default) "
                     "and refuses an image with a receipt in it; build it "
                     "without MCUBOOT_USE_TLV_ALLOW_LIST, or ask without "
                     "embed_receipt and keep the receipt beside the file")};
  }
  if (!carries) {
    return Objection{
        "RECEIPT_NOT_ALLOWED",
        absl::StrCat("target ", target.name(),
                     " says nothing of receipts; give it receipt { log_keys: "
                     "... } in the policy, or ask without embed_receipt")};
  }
  if (!header.has_signed_range()) return {};
  return Objection{
      "RANGE_WITH_RECEIPT",
      absl::StrCat("images of target ", target.name(),
                   " carry their receipt, and who made the range puts the "
                   "image together without it; send the payload (bootseal "
                   "sign)")};
}

}  // namespace bootseal::trust
