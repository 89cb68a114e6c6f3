#include "firmware/image/host/signed_statement.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "firmware/image/algorithm.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/host/dsse.h"

namespace bootseal::image::host {
namespace {

// A signing event's head; layout: proto/bootseal/v1/entry.proto.
constexpr absl::string_view kEntryMagic = "BSE1";
constexpr std::uint8_t kSigningEvent = 10;
constexpr std::size_t kHeadBytes = 72;
constexpr std::size_t kDigestBytes = 64;

std::uint8_t AlgorithmOf(const Digest& digest) {
  return digest.size() == HashSize(HashAlgorithm::kSha384) ? 2 : 1;
}

Error CheckHead(Bytes entry, const Digest& digest) {
  Reader reader(entry);
  const Bytes magic = reader.Take(kEntryMagic.size());
  const std::uint8_t kind = reader.U8();
  const std::uint8_t algorithm = reader.U8();
  const std::uint8_t size = reader.U8();
  const std::uint8_t zero = reader.U8();
  const Bytes logged = reader.Take(kDigestBytes);
  if (!reader.ok() || !Equal(magic, AsBytes(kEntryMagic)) || zero != 0 ||
      size > kDigestBytes) {
    return Error::kEntryFormat;
  }
  const bool same = kind == kSigningEvent && algorithm == AlgorithmOf(digest) &&
                    Equal(logged.first(size), digest.bytes());
  return same ? Error::kOk : Error::kEntryDigest;
}

// A request that waits for its approvals has the digest in its head too, and
// no signature behind it.
Error CheckEntry(absl::string_view entry, const Digest& digest,
                 absl::string_view signature) {
  BOOTSEAL_TRY(CheckHead(AsBytes(entry), digest));
  const bool holds =
      entry.substr(kHeadBytes).find(signature) != absl::string_view::npos;
  return holds ? Error::kOk : Error::kEntryDigest;
}

absl::Status Denied(absl::string_view reason, absl::string_view message,
                    Error error) {
  return base::Refused(reason, absl::StrCat(message, ": ", image::Text(error)));
}

// The index of the entry that proves this signature to be in the log.
absl::StatusOr<std::uint64_t> CheckReceipt(absl::string_view what,
                                           absl::string_view receipt,
                                           const Envelope& envelope,
                                           const Digest& digest,
                                           const std::string& log_key) {
  if (receipt.empty()) {
    return base::Refused(
        "RECEIPT_MISSING",
        absl::StrCat(
            "the ", what,
            " has no receipt, and this device demands one of its log"));
  }
  const auto key = transparency::ParseVerifierKey(log_key);
  if (!key.ok()) {
    return base::Invalid("LOG_KEY_MALFORMED", "log_key",
                         "the log's key is no \"name+id+base64\"");
  }
  const std::string text(receipt);
  const auto proof = transparency::ParseProofFile(text);
  if (!proof.ok()) {
    return Denied("RECEIPT_INVALID", "receipt", proof.error());
  }
  std::vector<std::byte> buffer(proof->extra.size());
  const auto entry = transparency::DecodeBase64(proof->extra, buffer);
  if (!entry.ok()) {
    return Denied("RECEIPT_INVALID", "receipt holds no entry", entry.error());
  }
  if (const Error error = transparency::VerifyReceipt(text, *entry, *key);
      error != Error::kOk) {
    return Denied("RECEIPT_INVALID", "receipt", error);
  }
  if (const Error error =
          CheckEntry(ToString(*entry), digest, envelope.signature);
      error != Error::kOk) {
    return Denied("RECEIPT_OF_ANOTHER",
                  absl::StrCat("receipt of entry ", proof->index), error);
  }
  return proof->index;
}

// ReleaseTrust.public_key may be several keys in a row, while one takes
// another's place: all have the algorithm's length.
Error VerifyByAny(const ReleaseTrust& trust, const Digest& digest,
                  const std::string& signature) {
  const Bytes keys = AsBytes(trust.public_key);
  const std::size_t size = SignatureTraitsOf(trust.algorithm)->public_key_size;
  for (std::size_t at = 0; keys.size() > size && at + size <= keys.size();
       at += size) {
    if (VerifySignature(trust.algorithm, keys.subspan(at, size), digest.bytes(),
                        AsBytes(signature)) == Error::kOk) {
      return Error::kOk;
    }
  }
  return VerifySignature(trust.algorithm, keys, digest.bytes(),
                         AsBytes(signature));
}

}  // namespace

absl::StatusOr<SignedStatement> OpenStatement(absl::string_view what,
                                              absl::string_view envelope,
                                              absl::string_view receipt,
                                              const ReleaseTrust& trust) {
  ASSIGN_OR_RETURN(Envelope opened, ReadEnvelope(envelope));
  if (opened.payload_type != kManifestPayloadType) {
    return base::Invalid("PAYLOAD_TYPE", "payloadType",
                         absl::StrCat("the envelope holds another type than ",
                                      kManifestPayloadType));
  }
  const Digest digest = ManifestDigest(trust.algorithm, opened.payload);
  if (const Error error = VerifyByAny(trust, digest, opened.signature);
      error != Error::kOk) {
    return Denied("SIGNATURE_INVALID", absl::StrCat("the ", what), error);
  }
  SignedStatement statement;
  if (!trust.log_key.empty()) {
    ASSIGN_OR_RETURN(statement.log_index, CheckReceipt(what, receipt, opened,
                                                       digest, trust.log_key));
  }
  statement.text = std::move(opened.payload);
  return statement;
}

}  // namespace bootseal::image::host
