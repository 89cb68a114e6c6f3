// Makes one MCUboot image while its payload streams past, and proves it
// bootable with the device's own verifier. Nothing of the payload is kept, and
// the memory used is that of the header and the TLVs; but for a target whose
// key signs the image itself, which is then kept whole.
//
//   auto sealer = McubootSealer::Start(profile, {...});
//   sealer->Payload(chunk);                   any number of times
//   digest = sealer->EndOfPayload();          what the key signs
//   sealed = sealer->Seal(signature);         header, TLVs, fill, verdict
#ifndef BOOTSEAL_SERVER_SEALING_MCUBOOT_SEALER_H_
#define BOOTSEAL_SERVER_SEALING_MCUBOOT_SEALER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "bootseal/v1/signing.pb.h"
#include "firmware/image/mcuboot/verifier.h"
#include "server/trust/profile.h"

namespace bootseal::sealing {

// What a compressed image says of the one that comes of it.
struct Decompressed {
  std::uint32_t size = 0;             // of its payload
  std::uint32_t compressed_size = 0;  // of the one here, without padding
  std::string digest;                 // raw
  std::string signature;
};

// What a key signs.
struct Signable {
  std::string digest;  // raw
  // The image that it is the digest of, when the key signs that itself; belongs
  // to the sealer. Empty: the key signs the digest.
  absl::string_view message;
  // Of one of several that are decided on together: what it is of. It tells
  // which of the target's keys signs it (trust::KeyFor).
  std::string name = {};
};

struct Request {
  image::mcuboot::Version version;
  std::optional<std::uint32_t> security_counter;  // absent: no TLV
  std::uint64_t payload_size = 0;                 // bytes, as the caller says
  std::vector<v1::VendorTlv> vendor_tlvs;         // behind the target's own
  bool encrypted = false;  // the payload will be, by the caller
  // How the caller sent it. A payload that was compressed has no header room.
  image::mcuboot::Compression compression = image::mcuboot::Compression::kNone;
  // Set for the image that holds the compressed payload.
  std::optional<Decompressed> decompressed = std::nullopt;
  // Set when header, payload and protected area are sent, as another tool made
  // them: what fills its header.
  std::optional<std::byte> header_padding = std::nullopt;
  // The image will carry its receipt: room for the largest one is kept.
  bool carries_receipt = false;
};

class McubootSealer;

// What the caller lacks, and the proof that all together boots.
struct SealedImage {
  std::string header;  // with its padding
  std::string tlvs;    // protected and unprotected area
  v1::Fill fill;
  image::Verified verified;
  // What it was made by and of; a receipt is put in later.
  std::shared_ptr<const McubootSealer> sealer = nullptr;
  std::string signature = {};
};

// Not thread-safe. After an error it must not be used further.
class McubootSealer {
 public:
  // INVALID_ARGUMENT: EMPTY_PAYLOAD, PAYLOAD_TOO_LARGE (for the slot),
  // PAYLOAD_WITHOUT_HEADER_ROOM; or the verifier's reason, when the header is
  // one that the device refuses.
  static absl::StatusOr<std::unique_ptr<McubootSealer>> Start(
      std::shared_ptr<const trust::McubootProfile> profile,
      const Request& request);

  // INVALID_ARGUMENT: SIZE_MISMATCH (more than announced), ALREADY_AN_IMAGE,
  // HEADER_ROOM_NOT_ZERO; FAILED_PRECONDITION with the verifier's reason.
  absl::Status Payload(absl::string_view chunk);

  // The raw digest that the key signs, or that of what it signs. SIZE_MISMATCH
  // when bytes are missing.
  absl::StatusOr<std::string> EndOfPayload();
  // After EndOfPayload().
  Signable signable() const;

  // What the digest is over, around the payload. After EndOfPayload().
  v1::Preimage preimage() const;

  // SHA-256 over the payload as it was sent; after EndOfPayload().
  const std::string& payload_sha256() const { return payload_sha256_; }

  // What is signed in front of the payload, with its padding, and behind it.
  const std::string& header() const { return header_; }
  const std::string& protected_area() const { return protected_; }
  // Zero bytes at the payload's front, in place of which the image has
  // header().
  std::uint32_t header_room() const { return header_room_; }

  // FAILED_PRECONDITION with the verifier's reason when the image would not
  // boot. After EndOfPayload(), as often as there are signatures to try. An
  // image that will carry a receipt has none yet, and is not asked for it.
  absl::StatusOr<SealedImage> Seal(absl::string_view signature) const;
  // The same with its receipt, by all of the target's rules.
  // FAILED_PRECONDITION (RECEIPT_TOO_LARGE) for more than was kept room for.
  absl::StatusOr<SealedImage> SealWithReceipt(absl::string_view signature,
                                              absl::string_view receipt) const;

 private:
  McubootSealer(std::shared_ptr<const trust::McubootProfile> profile,
                const Request& request);

  // What the caller adds to the unprotected area when it encrypts.
  std::uint32_t encryption_tlv_bytes() const;

  absl::Status MakeProtected(const Request& request);
  absl::Status MakeHeader(const Request& request);
  absl::Status CheckFits() const;
  void StartRange();
  // Takes from the front of `chunk` what belongs to the header's room.
  absl::Status TakeHeaderRoom(absl::string_view& chunk);
  absl::Status LookForMagic(absl::string_view chunk);
  absl::StatusOr<v1::Fill> MakeFill(std::uint32_t image_end) const;
  absl::StatusOr<SealedImage> SealBy(const image::mcuboot::Rules& rules,
                                     absl::string_view signature,
                                     absl::string_view receipt) const;
  // What a receipt takes of the unprotected area, at most.
  std::uint32_t receipt_tlv_bytes() const;

  const std::shared_ptr<const trust::McubootProfile> profile_;
  const std::uint64_t announced_;  // bytes of payload
  const bool encrypted_;
  const bool carries_receipt_;
  // Those of the profile, without the receipt.
  const image::mcuboot::Rules rules_;
  const std::uint32_t header_room_;
  std::uint64_t received_ = 0;
  std::string start_;  // the first bytes, up to the length of a magic
  std::string header_;
  std::string protected_;
  // Header, payload and protected area, when the key signs them as they are.
  std::string range_;
  image::Hash payload_hash_;
  std::string payload_sha256_;
  image::mcuboot::Verifier verifier_;
};

// SIZE_MISMATCH when `more` bytes behind `received` ones are too many, or when
// these are too few.
absl::Status CheckNotMore(std::uint64_t announced, std::uint64_t received,
                          std::uint64_t more);
absl::Status CheckNotFewer(std::uint64_t announced, std::uint64_t received);

}  // namespace bootseal::sealing

#endif  // BOOTSEAL_SERVER_SEALING_MCUBOOT_SEALER_H_
