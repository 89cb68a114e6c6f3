#include "client/cli/acceptance.h"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "bootseal/v1/entry.pb.h"
#include "client/cli/assembly.h"
#include "client/cli/vendor_tlvs.h"
#include "firmware/image/algorithm.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/host/embedded_receipt.h"
#include "firmware/image/host/plain_variant.h"
#include "firmware/image/mcuboot/reader.h"
#include "firmware/image/mcuboot/tlv.h"
#include "firmware/image/mcuboot/tlv_types.h"
#include "firmware/image/mcuboot/verifier.h"
#include "server/trust/entry.h"
#include "server/trust/overlap.h"
#include "server/trust/profile.h"
#include "server/trust/receipt_format.h"

namespace bootseal::cli {
namespace {

namespace mcuboot = image::mcuboot;
using image::host::AsBytes;
using image::host::ToString;

absl::Status Mismatch(absl::string_view reason, absl::string_view what,
                      absl::string_view found, absl::string_view expected) {
  return base::Precondition(
      reason, absl::StrCat(what, " is ", found, ", expected ", expected));
}

absl::Status Expect(absl::string_view reason, absl::string_view what,
                    absl::string_view found, absl::string_view expected) {
  if (found == expected) return absl::OkStatus();
  return Mismatch(reason, what, found, expected);
}

absl::Status ExpectBytes(absl::string_view reason, absl::string_view what,
                         absl::string_view found, absl::string_view expected) {
  return Expect(reason, what, absl::BytesToHexString(found),
                absl::BytesToHexString(expected));
}

std::string SignatureOf(const mcuboot::Facts& facts) {
  for (const mcuboot::Tlv& tlv : mcuboot::Tlvs(facts.unprotected_area)) {
    if (mcuboot::IsSignature(tlv.type)) return ToString(tlv.value);
  }
  return {};
}

// The payload in the image is the one that was sent, room for a header aside.
absl::Status CheckPayload(const Order& order, const v1::SignReply& reply,
                          image::Bytes payload_in_image) {
  absl::string_view sent = order.payload;
  if (PayloadHasRoom(reply)) {
    sent.remove_prefix(std::min(sent.size(), reply.header().size()));
  }
  if (std::ranges::equal(AsBytes(sent), payload_in_image)) {
    return absl::OkStatus();
  }
  return Mismatch(
      "REPLY_MISMATCH", "the payload in the image",
      absl::StrCat("another one (", payload_in_image.size(), " bytes)"),
      absl::StrCat("the one that was sent (", sent.size(), " bytes)"));
}

absl::Status CheckCounter(const Order& order, const image::Verified& verified) {
  if (!order.header.has_security_counter()) return absl::OkStatus();
  return Expect("REPLY_MISMATCH", "the image's security counter",
                absl::StrCat(verified.security_counter()),
                absl::StrCat(order.header.security_counter()));
}

// Whether the device decrypts is signed, and the payload is not encrypted yet.
absl::Status CheckEncryption(const Order& order, const mcuboot::Facts& facts) {
  const auto text = [](bool encrypted) {
    return encrypted ? "encrypted" : "plain";
  };
  return Expect("REPLY_MISMATCH", "what the image's header calls the payload",
                text((facts.header.flags & mcuboot::flags::kEncrypted) != 0),
                text(order.header.encrypted()));
}

absl::string_view KindOf(bool pure) {
  return pure ? "over the image itself" : "over its digest";
}

// What was signed, as the image has it.
struct Made {
  std::string digest;
  std::string signature;
};

// Its own; of a compressed image, that of the image that comes of it too, which
// Judge compared with what does come of it.
std::vector<Made> MadeOf(const mcuboot::Facts& facts) {
  std::vector<Made> made{{ToString(facts.digest.bytes()), SignatureOf(facts)}};
  if (!mcuboot::IsCompressed(facts.header)) return made;
  const auto value = [&facts](std::uint16_t type) {
    return ToString(mcuboot::FindTlv(facts.protected_area, type).value);
  };
  made.push_back({value(mcuboot::tlv::kDecompressedDigest),
                  value(mcuboot::tlv::kDecompressedSignature)});
  return made;
}

absl::Status CheckDigest(const v1::SignedDigest& digest, const Made& made,
                         const mcuboot::Rules& rules) {
  RETURN_IF_ERROR(ExpectBytes("RECEIPT_MISMATCH", "the receipt's digest",
                              digest.digest(), made.digest));
  RETURN_IF_ERROR(ExpectBytes("RECEIPT_MISMATCH", "the receipt's key hash",
                              digest.key_hash(), ToString(rules.key_hash)));
  RETURN_IF_ERROR(Expect("RECEIPT_MISMATCH", "the receipt's signature",
                         KindOf(digest.pure()), KindOf(rules.pure)));
  return ExpectBytes("RECEIPT_MISMATCH", "the receipt's signature",
                     digest.signature(), made.signature);
}

// The entry names (key, digest, signature) of the image, and no others.
absl::Status CheckDigests(const v1::SigningEvent& event,
                          const mcuboot::Facts& facts,
                          const mcuboot::Rules& rules) {
  const std::vector<Made> made = MadeOf(facts);
  RETURN_IF_ERROR(Expect("RECEIPT_MISMATCH", "the receipt's number of digests",
                         absl::StrCat(event.digests_size()),
                         absl::StrCat(made.size())));
  for (std::size_t i = 0; i < made.size(); ++i) {
    RETURN_IF_ERROR(
        CheckDigest(event.digests(static_cast<int>(i)), made[i], rules));
  }
  return absl::OkStatus();
}

// What was sent compressed is said to be, and nothing else.
absl::Status CheckCompression(const Order& order,
                              const mcuboot::Header& header) {
  const bool sent = order.header.compression() != v1::COMPRESSION_UNSPECIFIED;
  return Expect("REPLY_MISMATCH", "the payload in the image",
                mcuboot::IsCompressed(header) ? "marked as compressed"
                                              : "marked as plain",
                sent ? "marked as compressed" : "marked as plain");
}

// The range that was sent is what was signed, to the last byte.
absl::Status CheckRange(const Order& order, absl::string_view image,
                        const mcuboot::Reading& reading) {
  if (order.range.empty()) return absl::OkStatus();
  const std::size_t size = reading.header.size() + reading.payload.size() +
                           reading.facts.protected_area.size();
  if (image.substr(0, size) == order.range) return absl::OkStatus();
  return Mismatch(
      "REPLY_MISMATCH", "what was signed",
      absl::StrCat("another range (", size, " bytes)"),
      absl::StrCat("the one that was sent (", order.range.size(), " bytes)"));
}

using Rules = std::shared_ptr<const trust::McubootProfile>;

// The rules of a profile. One command, or one stream, has the same profile in
// every reply, and checking its key costs as much as a signature.
absl::StatusOr<Rules> RulesOf(const v1::Profile& profile) {
  thread_local std::string last_profile;
  thread_local Rules last;
  const std::string serialized = profile.SerializeAsString();
  if (last && serialized == last_profile) return last;
  ASSIGN_OR_RETURN(last, trust::McubootProfile::Make(profile));
  last_profile = serialized;
  return last;
}

struct Proven {
  TrustedCheckpoint checkpoint;
  v1::Entry entry;
};

absl::StatusOr<Proven> Prove(const LogKey& key, absl::string_view receipt) {
  ASSIGN_OR_RETURN(const std::string bytes, EntryOfReceipt(receipt));
  ASSIGN_OR_RETURN(TrustedCheckpoint checkpoint,
                   key.OpenReceipt(receipt, bytes));
  ASSIGN_OR_RETURN(v1::Entry entry, trust::DecodeEntry(bytes));
  return Proven{std::move(checkpoint), std::move(entry)};
}

absl::Status CheckEntry(const v1::Entry& entry, const v1::Profile& profile,
                        absl::string_view image) {
  const v1::SigningEvent& event = entry.signing();
  if (!entry.has_signing() || event.decision() != v1::ALLOWED) {
    return Mismatch("RECEIPT_MISMATCH", "the receipt's entry",
                    "not an allowed signature", "one");
  }
  RETURN_IF_ERROR(Expect("RECEIPT_MISMATCH", "the receipt's target",
                         event.target(), profile.target().name()));
  ASSIGN_OR_RETURN(const auto rules, RulesOf(profile));
  const mcuboot::Reading reading =
      mcuboot::ReadImage(AsBytes(image), rules->rules().hash);
  RETURN_IF_ERROR(image::host::ToStatus(reading.error));
  return CheckDigests(event, reading.facts, rules->rules());
}

}  // namespace

absl::StatusOr<image::Verified> Judge(const v1::Profile& profile,
                                      absl::string_view image) {
  ASSIGN_OR_RETURN(const Rules rules, RulesOf(profile));
  const auto verdict = mcuboot::Verify(rules->rules(), AsBytes(image));
  if (!verdict.ok() || !verdict->intact()) {
    return base::Annotate(image::host::ToStatus(verdict.error()),
                          "not bootable");
  }
  RETURN_IF_ERROR(base::Annotate(
      image::host::CheckPlainVariant(rules->rules(), AsBytes(image)),
      "not bootable"));
  return *verdict;
}

absl::Status CheckImage(const Order& order, const v1::SignReply& reply,
                        absl::string_view image) {
  RETURN_IF_ERROR(Expect("REPLY_MISMATCH", "the reply's target",
                         reply.profile().target().name(),
                         order.header.target()));
  ASSIGN_OR_RETURN(const image::Verified verified,
                   Judge(reply.profile(), image));
  ASSIGN_OR_RETURN(const mcuboot::Version version,
                   image::host::ParseVersion(order.header.version()));
  RETURN_IF_ERROR(Expect("REPLY_MISMATCH", "the image's version",
                         image::host::FormatVersion(verified.version()),
                         image::host::FormatVersion(version)));
  RETURN_IF_ERROR(CheckCounter(order, verified));
  const mcuboot::Reading reading =
      mcuboot::ReadImage(AsBytes(image), image::HashAlgorithm::kSha256);
  RETURN_IF_ERROR(CheckEncryption(order, reading.facts));
  RETURN_IF_ERROR(CheckVendorTlvs(reply.profile().target(), order.header,
                                  reading.facts.protected_area));
  RETURN_IF_ERROR(CheckCompression(order, reading.facts.header));
  RETURN_IF_ERROR(CheckRange(order, image, reading));
  return CheckPayload(order, reply, reading.payload);
}

absl::Status CheckPinned(const v1::Profile& pinned, const v1::SignReply& reply,
                         absl::string_view image) {
  RETURN_IF_ERROR(Expect("PROFILE_MISMATCH", "the target of our profile",
                         pinned.target().name(),
                         reply.profile().target().name()));
  // Ours may know two keys while one takes the other's place at the server.
  for (const v1::Profile& ours : trust::ProfilesByKey(pinned)) {
    if (ours.public_key() != reply.profile().public_key()) continue;
    return base::Annotate(Judge(ours, image).status(), "by our own profile");
  }
  return ExpectBytes("PROFILE_MISMATCH", "the key that the server signed with",
                     reply.profile().public_key(), pinned.public_key());
}

absl::StatusOr<TrustedCheckpoint> CheckReceipt(const LogKey& key,
                                               absl::string_view receipt,
                                               const v1::Profile& profile,
                                               absl::string_view image) {
  ASSIGN_OR_RETURN(Proven proven, Prove(key, receipt));
  RETURN_IF_ERROR(CheckEntry(proven.entry, profile, image));
  return std::move(proven.checkpoint);
}

absl::StatusOr<TrustedCheckpoint> CheckReceiptOfOrder(
    const LogKey& key, const Order& order, const v1::SignReply& reply,
    absl::string_view image) {
  ASSIGN_OR_RETURN(Proven proven, Prove(key, reply.receipt()));
  RETURN_IF_ERROR(CheckEntry(proven.entry, reply.profile(), image));
  const v1::SigningEvent& event = proven.entry.signing();
  // What was approved is released once, whoever of the requester's calls asks.
  if (!event.has_pending_index()) {
    RETURN_IF_ERROR(Expect("RECEIPT_MISMATCH", "the receipt's request id",
                           proven.entry.request_id(),
                           order.header.request_id()));
  }
  RETURN_IF_ERROR(ExpectBytes("RECEIPT_MISMATCH", "the receipt's payload",
                              event.payload_sha256(), order.payload_sha256));
  RETURN_IF_ERROR(
      ExpectBytes("RECEIPT_MISMATCH", "the receipt's request digest",
                  event.request_sha256(),
                  trust::RequestDigest(order.header, order.payload_sha256)));
  return std::move(proven.checkpoint);
}

absl::Status CheckEmbeddedReceipt(const LogKey& key, const Order& order,
                                  const v1::SignReply& reply,
                                  absl::string_view image) {
  const image::Bytes carried = image::host::CarriedReceipt(AsBytes(image));
  if (carried.empty()) {
    if (!trust::CarriesReceipt(reply.profile().target(), order.header) &&
        !order.header.embed_receipt()) {
      return absl::OkStatus();
    }
    return base::Precondition("EMBEDDED_RECEIPT_MISSING",
                              "the image carries no receipt, and one was to be "
                              "embedded");
  }
  // The log is the one that we know, whatever the profile of the server says.
  ASSIGN_OR_RETURN(const std::string expected,
                   image::host::EmbeddedForm(reply.receipt(), key.text()));
  if (ToString(carried) == expected) return absl::OkStatus();
  return base::Precondition("EMBEDDED_RECEIPT_MISMATCH",
                            "the receipt in the image is not the one that came "
                            "with it");
}

}  // namespace bootseal::cli
