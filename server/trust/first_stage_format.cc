#include "server/trust/first_stage_format.h"

#include <array>
#include <limits>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "firmware/image/host/convert.h"
#include "server/trust/package_format.h"
#include "server/trust/parts.h"
#include "server/trust/public_key_reading.h"

namespace bootseal::trust {
namespace {

namespace stm32 = image::stm32;
using image::host::AsBytes;

constexpr std::uint32_t kTfABl2 = 0x10;

// SubjectPublicKeyInfo.
absl::StatusOr<std::string> KeyOf(const std::string& pem) {
  ASSIGN_OR_RETURN(const base::EvpKeyPtr key, ReadPemPublicKeyOfAnyKind(pem));
  return SpkiOf(key.get());
}

void CheckTable(const v1::Stm32HeaderFormat& format,
                const image::host::Stm32Chip& chip, const Field& here) {
  const bool has_table = stm32::LayoutOf(chip.header)->hash_bytes != 0;
  const int expected = has_table ? static_cast<int>(stm32::kTableKeys) : 0;
  if (format.public_keys_size() != expected) {
    here.At("public_keys")
        .Report(absl::StrCat("has ", format.public_keys_size(), ", expected ",
                             expected, " for an ", chip.name));
  }
  for (int i = 0; i < format.public_keys_size(); ++i) {
    const auto key = KeyOf(format.public_keys(i));
    const auto hash =
        key.ok() ? image::host::Stm32KeyHash(chip.header, *key) : key.status();
    if (hash.ok()) continue;
    here.At("public_keys", i).Report(hash.status().message());
  }
  if (format.key_index() == 0 ||
      format.key_index() < static_cast<std::uint32_t>(expected)) {
    return;
  }
  here.At("key_index")
      .Report(absl::StrCat(format.key_index(), ", expected below ",
                           has_table ? stm32::kTableKeys : std::size_t{1}));
}

void CheckAlgorithm(v1::Algorithm algorithm, const image::host::Stm32Chip& chip,
                    const Field& here) {
  const bool wide = chip.header == stm32::Version::kV23;
  if (IsOfAChain(algorithm) || algorithm == v1::ALGORITHM_UNSPECIFIED ||
      (wide && algorithm == v1::P384)) {
    return;
  }
  here.Report(absl::StrCat(
      "needs a key of P256",
      wide ? ", BRAINPOOL_P256T1 or P384" : " or BRAINPOOL_P256T1", " for an ",
      chip.name, "; the key is ", v1::Algorithm_Name(algorithm)));
}

absl::Status Mismatch(absl::string_view message) {
  return base::Precondition(
      "FIRST_STAGE_MISMATCH",
      absl::StrCat("the request contradicts itself: ", message));
}

absl::Status Expect(absl::string_view what, std::uint64_t in_header,
                    std::uint64_t in_entry) {
  if (in_header == in_entry) return absl::OkStatus();
  return Mismatch(absl::StrCat(what, " is ", in_header,
                               " in the header that gets signed, and ",
                               in_entry, " in the entry"));
}

std::string SignedVersion(stm32::Version version) {
  std::string bytes;
  for (int shift = 0; shift < 32; shift += 8) {
    bytes.push_back(
        static_cast<char>(static_cast<std::uint32_t>(version) >> shift));
  }
  return bytes;
}

const stm32::Layout* LayoutIn(const v1::Preimage& preimage) {
  for (const image::host::Stm32Chip& chip : image::host::Stm32Chips()) {
    if (absl::StartsWith(preimage.header(), SignedVersion(chip.header))) {
      return stm32::LayoutOf(chip.header);
    }
  }
  return nullptr;
}

}  // namespace

void CheckStm32Header(const v1::Stm32HeaderFormat& format,
                      v1::Algorithm algorithm, const Field& here) {
  CheckChip(format.chip(), here.At("chip"));
  if (format.max_size() == 0 ||
      format.max_size() > std::numeric_limits<std::uint32_t>::max()) {
    here.At("max_size")
        .Report(absl::StrCat(format.max_size(), ", expected 1 to ",
                             std::numeric_limits<std::uint32_t>::max(),
                             ": bytes of the largest payload"));
  }
  if (format.security_counter_ceiling() > kMaxImageVersion) {
    here.At("security_counter_ceiling")
        .Report(absl::StrCat(format.security_counter_ceiling(),
                             ", expected at most ", kMaxImageVersion,
                             ": the chip's counter has no more steps"));
  }
  const image::host::Stm32Chip* const chip = ToImage(format.chip());
  if (chip == nullptr) return;
  CheckTable(format, *chip, here);
  CheckAlgorithm(algorithm, *chip, here);
}

void CheckTableIsOf(const v1::Stm32HeaderFormat& format,
                    absl::string_view public_key_sha256, const Field& field) {
  if (format.key_index() >=
      static_cast<std::uint32_t>(format.public_keys_size())) {
    return;
  }
  const auto key =
      KeyOf(format.public_keys(static_cast<int>(format.key_index())));
  if (!key.ok()) return;
  const std::string found = absl::BytesToHexString(Sha256Of(*key));
  if (absl::EqualsIgnoreCase(found, public_key_sha256)) return;
  field.Report(absl::StrCat(
      format.key_index(), " is the place of the key with public_key_sha256 ",
      found, ", the target's key has ", public_key_sha256));
}

image::host::Stm32Description DescriptionOf(const v1::Stm32HeaderFormat& format,
                                            std::uint32_t image_version) {
  image::host::Stm32Description description;
  description.version = ToImage(format.chip())->header;
  description.entry_point = format.entry_point();
  description.load_address = format.load_address();
  description.image_version = image_version;
  description.binary_type =
      format.has_binary_type() ? format.binary_type() : kTfABl2;
  return description;
}

absl::StatusOr<image::host::Stm32Keys> KeysOf(
    const v1::Stm32HeaderFormat& format, const std::string& signer) {
  image::host::Stm32Keys keys;
  keys.signer = signer;
  keys.index = format.key_index();
  for (const std::string& pem : format.public_keys()) {
    ASSIGN_OR_RETURN(const std::string key, KeyOf(pem));
    ASSIGN_OR_RETURN(
        keys.table.emplace_back(),
        image::host::Stm32KeyHash(ToImage(format.chip())->header, key));
  }
  return keys;
}

bool IsFirstStageMessage(const v1::Preimage& preimage) {
  constexpr std::size_t kOfAnImage = 32;
  return preimage.message().empty() && preimage.header().size() > kOfAnImage &&
         LayoutIn(preimage) != nullptr;
}

absl::StatusOr<stm32::Header> OpenFirstStageMessage(
    const v1::SigningEvent& signing) {
  if (signing.digests_size() != 1 ||
      !IsFirstStageMessage(signing.digests(0).preimage())) {
    return Mismatch(absl::StrCat("it has ", signing.digests_size(),
                                 " digests, expected one over a first stage"));
  }
  const v1::Preimage& preimage = signing.digests(0).preimage();
  const stm32::Layout& layout = *LayoutIn(preimage);
  // Magic, signature and checksum are not signed.
  const std::string front = absl::StrCat(
      "STM2", std::string(layout.signed_from - 4, '\0'), preimage.header());
  const auto header = stm32::ReadHeader(AsBytes(front));
  if (!header.ok() || !header->authenticated ||
      stm32::HeaderBytes(*header) != front.size() ||
      preimage.padding_bytes() != 0 || preimage.payload_padding_bytes() != 0 ||
      !preimage.protected_tlvs().empty() || signing.digests(0).pure()) {
    return Mismatch("what gets signed is no first stage");
  }
  RETURN_IF_ERROR(Expect("the image version", header->image_version,
                         signing.security_counter()));
  RETURN_IF_ERROR(Expect("the payload's size", header->image_length,
                         signing.payload_size()));
  return *header;
}

}  // namespace bootseal::trust
