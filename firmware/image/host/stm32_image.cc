#include "firmware/image/host/stm32_image.h"

#include <limits>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "firmware/image/der.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/host/curve_words.h"

namespace bootseal::image::host {
namespace {

using stm32::Header;
using stm32::SignatureAlgorithm;
using stm32::Version;

constexpr std::size_t kOtpHashBytes = 32;

struct VersionRow {
  Version version;
  const char* name;
  std::uint32_t first_word;  // of OTP; 0: not known
};

constexpr VersionRow kVersions[] = {
    {Version::kV1, "1.0", 24},
    {Version::kV20, "2.0", 24},
    {Version::kV22, "2.2", 144},
    {Version::kV23, "2.3", 0},
};

struct AlgorithmRow {
  SignatureAlgorithm algorithm;
  const char* name;
};

constexpr AlgorithmRow kAlgorithms[] = {
    {SignatureAlgorithm::kP256, "p256"},
    {SignatureAlgorithm::kBrainpoolP256t1, "brainpoolP256t1"},
    {SignatureAlgorithm::kP384, "p384"},
    {SignatureAlgorithm::kBrainpoolP384t1, "brainpoolP384t1"},
};

struct Key {
  SignatureAlgorithm algorithm = SignatureAlgorithm::kP256;
  std::string point;
};

struct Known {
  SignatureAlgorithm number;
  Algorithm algorithm;
};
constexpr Known kKnown[] = {
    {SignatureAlgorithm::kP256, Algorithm::kP256},
    {SignatureAlgorithm::kBrainpoolP256t1, Algorithm::kBrainpoolP256t1},
    {SignatureAlgorithm::kP384, Algorithm::kP384},
};

absl::StatusOr<Key> ReadKey(Version version, absl::string_view der) {
  const stm32::Layout* const layout = stm32::LayoutOf(version);
  for (const Known& known : kKnown) {
    const Result<Bytes> point = ReadRawPublicKey(known.algorithm, AsBytes(der));
    if (!point.ok() || layout == nullptr) continue;
    if (point->size() > layout->point_bytes) continue;
    return Key{known.number, ToString(*point)};
  }
  return base::Invalid(
      "STM32_KEY", "key",
      absl::StrCat(CurveWords(der), ", for header ",
                   FormatStm32Version(version),
                   "; expected one on P-256 or brainpoolP256t1 (or P-384 for "
                   "2.3) as SubjectPublicKeyInfo, its point uncompressed"));
}

absl::Status CheckPayload(std::uint64_t size) {
  if (size != 0 && size <= std::numeric_limits<std::uint32_t>::max()) {
    return absl::OkStatus();
  }
  return base::Invalid(
      "PAYLOAD", "payload",
      absl::StrCat("payload of ", size, " bytes; expected 1 to 4294967295"));
}

Header HeaderFor(const Stm32Description& description, std::uint64_t size) {
  Header header;
  header.version = description.version;
  header.image_length = static_cast<std::uint32_t>(size);
  header.entry_point = description.entry_point;
  header.load_address = description.load_address;
  header.image_version = description.image_version;
  header.binary_type = description.binary_type;
  return header;
}

absl::StatusOr<std::string> WriteHeaderOf(const Header& header) {
  std::string buffer(stm32::kMaxHeaderBytes, '\0');
  const Result<Bytes> written =
      stm32::WriteHeader(header, std::as_writable_bytes(std::span(buffer)));
  if (!written.ok()) {
    return base::Invalid(
        NameOf(written.error()), "header",
        absl::StrCat("header of version ", FormatStm32Version(header.version),
                     ": ", Text(written.error())));
  }
  return ToString(*written);
}

absl::StatusOr<std::string> Assembled(Header header,
                                      absl::string_view payload) {
  header.checksum = stm32::ChecksumOf(AsBytes(payload));
  ASSIGN_OR_RETURN(const std::string front, WriteHeaderOf(header));
  return absl::StrCat(front, payload);
}

absl::Status FillTable(const Stm32Keys& keys, const std::string& own,
                       Header& header) {
  const std::size_t size = stm32::LayoutOf(header.version)->hash_bytes;
  const std::size_t entries = size == 0 ? 0 : stm32::kTableKeys;
  if (keys.table.size() != entries) {
    return base::Invalid("KEY_TABLE", "table",
                         absl::StrCat(keys.table.size(), " hashes for header ",
                                      FormatStm32Version(header.version),
                                      "; expected ", entries));
  }
  if (entries == 0) return absl::OkStatus();
  for (std::size_t i = 0; i < entries; ++i) {
    if (keys.table[i].size() != size) {
      return base::Invalid("KEY_TABLE", absl::StrCat("table[", i, "]"),
                           absl::StrCat("hash of ", keys.table[i].size(),
                                        " bytes; expected ", size));
    }
    Copy(AsBytes(keys.table[i]), header.key_hashes[i]);
  }
  if (keys.index >= entries || keys.table[keys.index] != own) {
    return base::Invalid("KEY_TABLE", "index",
                         absl::StrCat("entry ", keys.index,
                                      " of the table is not the hash of the "
                                      "key that signs"));
  }
  header.key_index = keys.index;
  return absl::OkStatus();
}

// r || s of either form, each half of `half` bytes; empty when it is neither.
std::string RawSignature(absl::string_view signature, std::size_t half) {
  if (signature.size() == 2 * half) return std::string(signature);
  const Result<EcdsaSignature> read =
      ReadEcdsaSignature(AsBytes(signature), half);
  if (!read.ok()) return "";
  const auto padded = [half](Bytes number) {
    return std::string(half - number.size(), '\0') + ToString(number);
  };
  return padded(read->r) + padded(read->s);
}

}  // namespace

absl::StatusOr<std::string> MakeStm32Image(const Stm32Description& description,
                                           absl::string_view payload) {
  RETURN_IF_ERROR(CheckPayload(payload.size()));
  return Assembled(HeaderFor(description, payload.size()), payload);
}

absl::StatusOr<std::string> Stm32KeyHash(Version version,
                                         absl::string_view key_der) {
  ASSIGN_OR_RETURN(const Key key, ReadKey(version, key_der));
  return ToString(
      stm32::PublicKeyHash(version, key.algorithm, AsBytes(key.point)).bytes());
}

absl::StatusOr<Header> PlanStm32Header(const Stm32Description& description,
                                       std::uint64_t payload_size,
                                       const Stm32Keys& keys) {
  RETURN_IF_ERROR(CheckPayload(payload_size));
  ASSIGN_OR_RETURN(const Key key, ReadKey(description.version, keys.signer));
  ASSIGN_OR_RETURN(const std::string own,
                   Stm32KeyHash(description.version, keys.signer));
  Header header = HeaderFor(description, payload_size);
  header.authenticated = true;
  header.algorithm = key.algorithm;
  Copy(AsBytes(key.point), header.public_key);
  RETURN_IF_ERROR(FillTable(keys, own, header));
  return header;
}

absl::StatusOr<std::string> SignedStm32Front(const Header& header) {
  ASSIGN_OR_RETURN(const std::string front, WriteHeaderOf(header));
  return front.substr(stm32::LayoutOf(header.version)->signed_from);
}

absl::StatusOr<VerifiedStm32Header> SealStm32Header(
    Header header, const stm32::Measured& measured,
    absl::string_view signature) {
  const std::string raw =
      RawSignature(signature, stm32::PointBytes(header.algorithm) / 2);
  Copy(AsBytes(raw), header.signature);
  header.checksum = measured.checksum;
  const stm32::Chip chip{header.version, true, stm32::FusedHash(header),
                         header.image_version};
  const stm32::RomDecision decision = stm32::RomCheck(chip, header, measured);
  if (raw.empty() || !decision.starts) {
    return base::Invalid("SIGNATURE", "signature",
                         absl::StrCat("signature of ", signature.size(),
                                      " bytes: ", Text(decision.reason),
                                      "; expected one by the key of the "
                                      "header"));
  }
  ASSIGN_OR_RETURN(std::string bytes, WriteHeaderOf(header));
  // What was verified is what is written.
  const Result<Header> read = stm32::ReadHeader(AsBytes(bytes));
  if (!read.ok() || *read != header) {
    return base::Internal("the header reads otherwise than it was made");
  }
  return VerifiedStm32Header(std::move(bytes), header);
}

absl::StatusOr<PlannedStm32Image> PlanStm32Image(
    const Stm32Description& description, absl::string_view payload,
    const Stm32Keys& keys) {
  ASSIGN_OR_RETURN(const Header header,
                   PlanStm32Header(description, payload.size(), keys));
  PlannedStm32Image planned;
  planned.signer = keys.signer;
  ASSIGN_OR_RETURN(planned.image, Assembled(header, payload));
  planned.digest =
      ToString(HashOf(stm32::SignedHash(header.algorithm),
                      *stm32::SignedRange(header, AsBytes(planned.image)))
                   .bytes());
  return planned;
}

absl::StatusOr<std::string> SealStm32Image(const PlannedStm32Image& planned,
                                           absl::string_view signature) {
  const Bytes image = AsBytes(planned.image);
  const Result<Header> header = stm32::ReadHeader(image);
  if (!header.ok()) return base::Internal(Text(header.error()));
  const Result<Bytes> payload = stm32::PayloadOf(*header, image);
  if (!payload.ok()) return base::Internal(Text(payload.error()));
  ASSIGN_OR_RETURN(
      const VerifiedStm32Header sealed,
      SealStm32Header(*header, stm32::Measure(*header, image), signature));
  return absl::StrCat(sealed.bytes(), ToString(*payload));
}

absl::Status CheckVersionForClosing(std::uint32_t image_version) {
  constexpr std::uint32_t kSteps = 32;
  if (image_version >= 1 && image_version <= kSteps) return absl::OkStatus();
  return base::Invalid(
      "IMAGE_VERSION", "image_version",
      absl::StrCat("image version ", image_version, "; expected 1 to ", kSteps,
                   ": a chip that is closed refuses 0, and "
                   "its OTP counter has ",
                   kSteps, " steps"));
}

absl::StatusOr<std::vector<OtpWord>> OtpWords(Version version,
                                              absl::string_view hash) {
  std::uint32_t number = 0;
  for (const VersionRow& row : kVersions) {
    if (row.version == version) number = row.first_word;
  }
  if (number == 0) {
    return base::Precondition(
        "OTP_WORDS_UNKNOWN",
        "no public source says how an STM32MP21 hashes its keys into its eight "
        "words of OTP; fuse what ST's own tools compute");
  }
  if (hash.size() != kOtpHashBytes) {
    return base::Invalid("KEY_HASH", "key_hash",
                         absl::StrCat("hash of ", hash.size(),
                                      " bytes, expected ", kOtpHashBytes));
  }
  std::vector<OtpWord> words;
  for (std::size_t at = 0; at + 4 <= hash.size(); at += 4) {
    std::uint32_t value = 0;
    for (const char byte : hash.substr(at, 4)) {
      value = value << 8 | static_cast<std::uint8_t>(byte);
    }
    words.push_back({number++, value});
  }
  return words;
}

absl::StatusOr<Version> ParseStm32Version(absl::string_view text) {
  for (const VersionRow& row : kVersions) {
    if (row.name == text) return row.version;
  }
  return base::Invalid("HEADER_VERSION", "version",
                       absl::StrCat("header version \"", text,
                                    "\"; expected 1.0 (STM32MP15), 2.0 (13), "
                                    "2.2 (23, 25) or 2.3 (21)"));
}

std::string FormatStm32Version(Version version) {
  for (const VersionRow& row : kVersions) {
    if (row.version == version) return row.name;
  }
  return absl::StrCat("0x", absl::Hex(static_cast<std::uint32_t>(version)));
}

std::string FormatStm32Algorithm(SignatureAlgorithm algorithm) {
  for (const AlgorithmRow& row : kAlgorithms) {
    if (row.algorithm == algorithm) return row.name;
  }
  return absl::StrCat(static_cast<std::uint32_t>(algorithm));
}

}  // namespace bootseal::image::host
