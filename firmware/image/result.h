// Error codes that a glitch does not turn into one another, and Result<T>.
//
// A code is a word of the extended BCH(32,16,8) code: any two differ in at
// least eight bits, kOk and all-zeros and all-ones included. The list is
// extend-only: a code that left the house is never given another meaning.
#ifndef BOOTSEAL_FIRMWARE_IMAGE_RESULT_H_
#define BOOTSEAL_FIRMWARE_IMAGE_RESULT_H_

#include <cstdint>
#include <utility>

namespace bootseal::image {

// Code word of `index`: a product with the generator of BCH(31,16,7), octal
// 107657 (Lin and Costello, appendix C), and a parity bit.
constexpr std::uint32_t CodeWord(std::uint16_t index) {
  constexpr std::uint32_t kGenerator = 0107657;
  std::uint32_t word = 0;
  for (int bit = 0; bit < 16; ++bit) {
    if (index >> bit & 1) word ^= kGenerator << bit;
  }
  std::uint32_t parity = 0;
  for (std::uint32_t rest = word; rest != 0; rest &= rest - 1) parity ^= 1;
  return word << 1 | parity;
}

// name, index, the rule in a few words as the boot log prints it when it fails.
// In families, so that a bootloader without banks carries no texts about them.
#define BOOTSEAL_IMAGE_ERRORS(X)                                           \
  X(kOk, 0x1a5, "ok")                                                      \
  /* structure */                                                          \
  X(kTruncated, 0x001, "image is cut short")                               \
  X(kHeaderMagic, 0x002, "header magic")                                   \
  X(kHeaderSize, 0x003, "header size")                                     \
  X(kImageTooLarge, 0x004, "image larger than the slot allows")            \
  X(kTlvMagic, 0x005, "TLV area magic")                                    \
  X(kProtectedSize, 0x006, "protected TLV size")                           \
  X(kTlvOverrun, 0x007, "TLV overruns its area")                           \
  X(kTlvLength, 0x008, "TLV length")                                       \
  X(kTlvDuplicate, 0x009, "TLV given twice")                               \
  X(kTlvOrder, 0x00a, "key TLV after its signature")                       \
  X(kTlvNotAllowed, 0x00b, "TLV not allowed in this area")                 \
  X(kTrailingBytes, 0x00c, "bytes after the end")                          \
  X(kDer, 0x00d, "DER encoding")                                           \
  X(kBufferTooSmall, 0x00e, "buffer too small")                            \
  X(kHeaderReserved, 0x00f, "reserved word of the header")                 \
  /* header rules */                                                       \
  X(kNonBootable, 0x020, "image marked non-bootable")                      \
  X(kEncrypted, 0x021, "encrypted image")                                  \
  X(kCompressed, 0x022, "compressed image")                                \
  X(kFlags, 0x023, "header flags")                                         \
  X(kLoadAddress, 0x024, "load address")                                   \
  X(kVectorTable, 0x025, "reset vector outside the image")                 \
  /* integrity */                                                          \
  X(kDigestMissing, 0x030, "digest TLV missing")                           \
  X(kDigestMismatch, 0x031, "digest does not match")                       \
  X(kDigestType, 0x032, "digest algorithm")                                \
  X(kKeyMissing, 0x033, "key TLV missing")                                 \
  X(kKeyUnknown, 0x034, "signed with another key")                         \
  X(kKeyFormat, 0x035, "key TLV of the wrong format")                      \
  X(kSignatureMissing, 0x036, "signature missing")                         \
  X(kSignatureType, 0x037, "signature algorithm")                          \
  X(kSignatureMismatch, 0x038, "signature does not match")                 \
  X(kSignatureLength, 0x039, "signature length")                           \
  X(kEncryptionTlv, 0x03a, "encryption TLV missing or out of place")       \
  X(kSignaturePure, 0x03b, "signature over a digest")                      \
  /* protected TLV rules */                                                \
  X(kSecurityCounterMissing, 0x040, "security counter missing")            \
  X(kSecurityCounterLow, 0x041, "security counter too low")                \
  X(kSecurityCounterHigh, 0x042, "security counter above the ceiling")     \
  X(kBootRecordMissing, 0x043, "boot record missing")                      \
  X(kBootRecordFormat, 0x044, "boot record malformed")                     \
  X(kBootRecordSize, 0x045, "boot record larger than the device stores")   \
  X(kSoftwareType, 0x046, "boot record's software type")                   \
  X(kDependencyMissing, 0x047, "dependency missing")                       \
  X(kDependencyImage, 0x048, "dependency on an image that does not exist") \
  X(kUnexpectedTlv, 0x049, "TLV that the target forbids")                  \
  X(kBootRecordSigner, 0x04a, "boot record's signer id")                   \
  X(kBootRecordVersion, 0x04b, "boot record's version")                    \
  X(kVendorUuid, 0x04c, "vendor UUID missing or another")                  \
  X(kClassUuid, 0x04d, "class UUID missing or another")                    \
  X(kDecompression, 0x04e, "decompression TLVs")                           \
  /* environment */                                                        \
  X(kUnsupported, 0x060, "not supported by this build")                    \
  X(kRules, 0x061, "rules of the target are inconsistent")                 \
  X(kFault, 0x062, "control flow disturbed")

// Of an image's receipt: only a bootloader that judges them carries these.
#define BOOTSEAL_RECEIPT_ERRORS(X)                                        \
  X(kReceiptMissing, 0x078, "receipt missing")                            \
  X(kReceiptTwice, 0x079, "receipt given twice")                          \
  X(kReceiptFormat, 0x07a, "receipt malformed")                           \
  X(kReceiptOfAnother, 0x07b, "receipt is of another image")              \
  X(kReceiptNotAllowed, 0x07c, "receipt: its entry allows no signature")  \
  X(kReceiptPath, 0x07d, "receipt: path does not lead to the checkpoint") \
  X(kReceiptKey, 0x07e, "receipt: checkpoint signed by no pinned key")

// Of a log's texts, which hosts alone read.
#define BOOTSEAL_TRANSPARENCY_ERRORS(X)                        \
  X(kProofLength, 0x070, "proof length")                       \
  X(kProofMismatch, 0x071, "proof leads to another root")      \
  X(kNoteFormat, 0x072, "signed note malformed")               \
  X(kNoteSignature, 0x073, "signed note's signature")          \
  X(kNoteUnknownKey, 0x074, "signed note from an unknown key") \
  X(kOrigin, 0x075, "checkpoint of another log")               \
  X(kEntryFormat, 0x076, "log entry malformed")

#define BOOTSEAL_UPDATE_ERRORS(X)                                       \
  /* releases */                                                        \
  X(kEntryDigest, 0x077, "log entry of another signature")              \
  /* storage, GPT */                                                    \
  X(kStorage, 0x080, "storage cannot be read")                          \
  X(kGptSignature, 0x081, "GPT signature missing")                      \
  X(kGptCrc, 0x082, "GPT does not match its CRC")                       \
  X(kGptHeader, 0x083, "GPT header")                                    \
  X(kGptEntry, 0x084, "GPT entry outside the usable sectors")           \
  X(kNoPartition, 0x085, "partition missing")                           \
  /* the device itself */                                               \
  X(kMemory, 0x086, "RAM for images does not work")                     \
  X(kBackup, 0x087, "backup registers keep nothing")                    \
  /* firmware update */                                                 \
  X(kMetadataVersion, 0x090, "metadata version")                        \
  X(kMetadataCrc, 0x091, "metadata does not match its CRC")             \
  X(kMetadataGeometry, 0x092, "metadata with other banks or images")    \
  X(kMetadataIndex, 0x093, "metadata names a bank that does not exist") \
  X(kMetadataReserved, 0x094, "reserved field of the metadata")         \
  X(kMetadataState, 0x095, "bank state of the metadata")                \
  X(kReplicaDiffers, 0x096, "metadata replicas differ")                 \
  X(kNoBank, 0x097, "no bank to start")                                 \
  X(kUpdateState, 0x098, "not allowed in this state of the update")

// Of what an MP1 starts: packages, certificates, the first stage's header.
#define BOOTSEAL_PACKAGE_ERRORS(X)                                             \
  /* FIP */                                                                    \
  X(kFipName, 0x0a0, "FIP name")                                               \
  X(kFipSerial, 0x0a1, "FIP serial number")                                    \
  X(kFipFlags, 0x0a2, "FIP flags")                                             \
  X(kFipEntry, 0x0a3, "FIP entry outside the package")                         \
  X(kFipOverlap, 0x0a4, "FIP entries overlap")                                 \
  X(kFipDuplicate, 0x0a5, "FIP entry given twice")                             \
  X(kFipTerminator, 0x0a6, "end of the FIP's table")                           \
  X(kFipTooMany, 0x0a7, "FIP with more entries than are read")                 \
  X(kFipNoEntry, 0x0a8, "FIP entry missing")                                   \
  /* certificates */                                                           \
  X(kCertificateForm, 0x0b0, "certificate's form")                             \
  X(kCertificateAlgorithm, 0x0b1, "certificate's signature algorithm")         \
  X(kCertificateKey, 0x0b2, "certificate's key")                               \
  X(kCertificateExtension, 0x0b3, "certificate's extension")                   \
  X(kCertificateMissing, 0x0b4, "certificate missing")                         \
  X(kCertificateRole, 0x0b5, "certificate made for another place")             \
  X(kRootKeyUnknown, 0x0b6, "root certificate of another key")                 \
  X(kCertificateKeyUnknown, 0x0b7, "key is not the one that the parent names") \
  X(kCertificateSignature, 0x0b8, "certificate's signature does not match")    \
  X(kPackageImageMissing, 0x0b9, "image missing")                              \
  X(kPackageImageUnexpected, 0x0ba,                                            \
    "image that its certificate knows nothing of")                             \
  X(kPackageImageDigest, 0x0bb, "image does not match its certificate")        \
  X(kCounterLow, 0x0bc, "NV counter below the device's")                       \
  X(kCounterHigh, 0x0bd, "NV counter above the ceiling")                       \
  X(kCountersDiffer, 0x0be, "NV counters differ")                              \
  /* STM32 header */                                                           \
  X(kStm32Magic, 0x0c0, "STM32 header magic")                                  \
  X(kStm32Version, 0x0c1, "STM32 header version")                              \
  X(kStm32Length, 0x0c2, "STM32 image length")                                 \
  X(kStm32Checksum, 0x0c3, "STM32 checksum does not match")                    \
  X(kStm32Reserved, 0x0c4, "reserved field of the STM32 header")               \
  X(kStm32Extension, 0x0c5, "STM32 extension header")                          \
  X(kStm32Algorithm, 0x0c6, "STM32 signature algorithm")                       \
  X(kStm32Unsigned, 0x0c7, "STM32 image is not signed")                        \
  X(kStm32KeyIndex, 0x0c8, "STM32 key is not the one of its table")            \
  X(kStm32KeyHash, 0x0c9, "STM32 key hash is not the fused one")               \
  X(kStm32NotFused, 0x0ca, "no key hash in OTP")                               \
  X(kStm32Signature, 0x0cb, "STM32 signature does not match")                  \
  X(kStm32ImageVersion, 0x0cc, "STM32 image version below the OTP counter")    \
  X(kStm32Encrypted, 0x0cd, "encrypted STM32 image")                           \
  X(kStm32Trailing, 0x0ce, "bytes behind the STM32 image")

enum class Error : std::uint32_t {
#define BOOTSEAL_IMAGE_ERROR(name, index, text) name = CodeWord(index),
  BOOTSEAL_IMAGE_ERRORS(BOOTSEAL_IMAGE_ERROR)
      BOOTSEAL_RECEIPT_ERRORS(BOOTSEAL_IMAGE_ERROR)
          BOOTSEAL_TRANSPARENCY_ERRORS(BOOTSEAL_IMAGE_ERROR)
              BOOTSEAL_UPDATE_ERRORS(BOOTSEAL_IMAGE_ERROR)
                  BOOTSEAL_PACKAGE_ERRORS(BOOTSEAL_IMAGE_ERROR)
#undef BOOTSEAL_IMAGE_ERROR
};

// The rule in a few words; "unknown error" for a value outside the list.
const char* Text(Error error);
// The same of what a bootloader can say: BOOTSEAL_IMAGE_ERRORS and, where it
// judges receipts, BOOTSEAL_RECEIPT_ERRORS. Others are unknown to it.
const char* ImageText(Error error);

// A value or the error that prevented it. The value of a failed result is
// default-constructed and must not be read.
template <typename T>
class [[nodiscard]] Result {
 public:
  constexpr Result(Error error) : error_(error) {}  // NOLINT: implicit
  constexpr Result(T value)                         // NOLINT: implicit
      : error_(Error::kOk), value_(std::move(value)) {}

  constexpr bool ok() const { return error_ == Error::kOk; }
  constexpr Error error() const { return error_; }
  constexpr const T& operator*() const& { return value_; }
  constexpr T&& operator*() && { return std::move(value_); }
  constexpr const T* operator->() const { return &value_; }

 private:
  Error error_;
  T value_{};
};

}  // namespace bootseal::image

#define BOOTSEAL_TRY(expression)                                          \
  do {                                                                    \
    if (const ::bootseal::image::Error bootseal_try_error = (expression); \
        bootseal_try_error != ::bootseal::image::Error::kOk)              \
      return bootseal_try_error;                                          \
  } while (false)

#endif  // BOOTSEAL_FIRMWARE_IMAGE_RESULT_H_
