#include "firmware/image/host/sign_command.h"

#include <algorithm>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/mcuboot/facts.h"
#include "firmware/image/mcuboot/tlv.h"
#include "firmware/image/mcuboot/tlv_types.h"

namespace bootseal::image::host {
namespace {

using mcuboot::Compression;
using mcuboot::KeyFormat;
using mcuboot::Presence;
using mcuboot::Rules;
using mcuboot::Strategy;

std::string NameOf(const TargetWords& target) {
  return target.name.empty() ? "TARGET" : target.name;
}

// The device takes and can store it.
bool IsPossible(const Rules& rules, std::uint32_t counter) {
  const std::uint32_t ceiling = rules.security_counter_ceiling;
  return counter != 0 && counter >= rules.minimum_security_counter &&
         (ceiling == 0 || counter <= ceiling);
}

// What comes of a request that names none; 0: none does.
std::uint32_t CounterByItself(const TargetWords& target,
                              const ImageWords& image) {
  if (!target.security_counter_from_version) {
    return target.default_security_counter;
  }
  // The version is the caller's, and so is what comes of it.
  return image.version ? CounterFromVersion(*image.version) : 0xffffffff;
}

// Nothing where it is to be left out.
std::optional<std::uint32_t> CounterOf(const Rules& rules,
                                       const TargetWords& target,
                                       const ImageWords& image) {
  if (rules.security_counter == Presence::kForbidden) return std::nullopt;
  const std::uint32_t by_itself = CounterByItself(target, image);
  const bool derives = target.security_counter_from_version;
  const std::uint32_t own = image.security_counter.value_or(0);
  if (IsPossible(rules, own)) {
    return derives && by_itself == own ? std::nullopt : std::optional(own);
  }
  const std::uint32_t least = rules.minimum_security_counter;
  if (derives && (!image.version || IsPossible(rules, by_itself))) {
    return std::nullopt;
  }
  if (derives) return std::max(least, 1U);
  const bool required = rules.security_counter == Presence::kRequired;
  if (!required && by_itself >= least) return std::nullopt;
  return std::max({by_itself, least, 1U});
}

std::string VersionWord(const std::optional<mcuboot::Version>& version) {
  return version ? FormatVersion(*version) : "VERSION";
}

bool Encrypts(const Rules& rules, const ImageWords& image) {
  return rules.encryption == Presence::kRequired ||
         (rules.encryption == Presence::kOptional && image.encrypted);
}

const char* DeviceKeyFile(const Rules& rules) {
  return rules.encryption_tlv == mcuboot::tlv::kEncryptionKeyWrap
             ? "DEVICE.key"
             : "DEVICE.pem";
}

bool Compresses(const Rules& rules, const ImageWords& image) {
  return image.compressed && rules.compression != Compression::kNone;
}

const char* OutputOf(const ImageWords& image) {
  return image.hex_address ? "image.hex" : "image.bin";
}

constexpr std::size_t kTypedBytes = 64;  // longer values are a file's content

std::string FileOf(const VendorTlv& one) {
  return absl::StrFormat("tlv-0x%x.bin", one.type);
}

std::string Digits(const VendorTlv& one) {
  return absl::StrCat("0x", absl::BytesToHexString(one.value));
}

std::string CustomTlvs(const ImageWords& image) {
  std::string options;
  for (const VendorTlv& one : image.vendor_tlvs) {
    const bool typed = one.value.size() <= kTypedBytes;
    absl::StrAppendFormat(&options, " --custom-tlv%s 0x%x %s",
                          typed ? "" : "-file", one.type,
                          typed ? Digits(one) : FileOf(one));
  }
  return options;
}

std::string VendorTlvs(const ImageWords& image) {
  std::string options;
  for (const VendorTlv& one : image.vendor_tlvs) {
    const bool typed = one.value.size() <= kTypedBytes;
    absl::StrAppendFormat(&options, " --vendor-tlv 0x%x=%s%s", one.type,
                          typed ? "" : "@", typed ? Digits(one) : FileOf(one));
  }
  return options;
}

std::string Encryption(const Rules& rules, const ImageWords& image) {
  if (!Encrypts(rules, image)) return {};
  std::string options =
      absl::StrCat(" -E ", DeviceKeyFile(rules), " --encrypt-keylen ",
                   rules.encryption_key_bits);
  if (rules.encryption_tlv == mcuboot::tlv::kEncryptionX25519Sha512) {
    absl::StrAppend(&options, " --hmac-sha 512");
  }
  if (rules.save_encryption_tlv) absl::StrAppend(&options, " --save-enctlv");
  return options;
}

std::string CompressionOption(const Rules& rules, const ImageWords& image) {
  if (!Compresses(rules, image)) return {};
  return rules.compression == Compression::kLzma2ArmThumb
             ? " --compression lzma2armthumb"
             : " --compression lzma2";
}

std::string Layout(const Rules& rules, const TargetWords& target) {
  std::string options = absl::StrFormat("-H 0x%x", rules.header_size);
  if (!target.payload_has_header_room) {
    absl::StrAppend(&options, " --pad-header");
  }
  absl::StrAppendFormat(&options, " -S 0x%x", rules.slot_size);
  if (rules.align != 1) absl::StrAppend(&options, " --align ", rules.align);
  if (rules.max_align != std::max(8U, rules.align)) {
    absl::StrAppend(&options, " --max-align ", rules.max_align);
  }
  if (rules.max_sectors != 128) {
    absl::StrAppend(&options, " -M ", rules.max_sectors);
  }
  if (rules.strategy == Strategy::kOverwriteOnly) {
    absl::StrAppend(&options, " --overwrite-only");
  }
  if (target.padding == FilePadding::kPad) absl::StrAppend(&options, " --pad");
  if (target.padding == FilePadding::kConfirm) {
    absl::StrAppend(&options, " --confirm");
  }
  if (target.erased == std::byte{0}) absl::StrAppend(&options, " -R 0");
  return options;
}

std::string Content(const Rules& rules, const TargetWords& target,
                    const ImageWords& image) {
  std::string options;
  if (rules.key_format == KeyFormat::kFull) {
    absl::StrAppend(&options, " --public-key-format full");
  }
  if (rules.pure) {
    absl::StrAppend(&options, " --pure");
  } else if (rules.algorithm == Algorithm::kEd25519 &&
             rules.hash == HashAlgorithm::kSha512) {
    absl::StrAppend(&options, " --sha 512");
  }
  if (const auto counter = CounterOf(rules, target, image)) {
    absl::StrAppend(&options, " -s ", *counter);
  }
  if (rules.boot_record == Presence::kRequired) {
    absl::StrAppend(&options, " --boot-record ",
                    rules.software_type.empty()
                        ? std::string("SPE")
                        : ShellWord(ToString(rules.software_type)));
  }
  if (!target.dependencies.empty()) {
    absl::StrAppend(&options, " -d ", ShellWord(target.dependencies));
  }
  if (rules.strategy == Strategy::kRamLoad) {
    absl::StrAppendFormat(&options, " -L 0x%x", rules.load_address);
  }
  if (rules.rom_fixed != 0) {
    absl::StrAppendFormat(&options, " -F 0x%x", rules.rom_fixed);
  }
  if (rules.non_bootable) absl::StrAppend(&options, " --non-bootable");
  return options;
}

bool Contains(const std::vector<std::uint16_t>& types, std::uint16_t type) {
  return std::find(types.begin(), types.end(), type) != types.end();
}

// Each type at most once, as a request has it.
std::vector<VendorTlv> AddedTlvs(const mcuboot::Reading& reading,
                                 const TargetWords& target) {
  std::vector<std::uint16_t> open = target.request_tlvs;
  std::vector<VendorTlv> added;
  for (const mcuboot::Tlv& tlv : mcuboot::Tlvs(reading.facts.protected_area)) {
    const VendorTlv one{tlv.type, ToString(tlv.value)};
    const auto& own = target.vendor_tlvs;
    if (!Contains(open, one.type) ||
        std::find(own.begin(), own.end(), one) != own.end()) {
      continue;
    }
    std::erase(open, one.type);
    added.push_back(one);
  }
  return added;
}

}  // namespace

std::uint32_t CounterFromVersion(const mcuboot::Version& version) {
  return std::uint32_t{version.major} << 24 |
         std::uint32_t{version.minor} << 16 | version.revision;
}

ImageWords WordsOfImage(const mcuboot::Reading& reading,
                        const TargetWords& target) {
  const mcuboot::Facts& facts = reading.facts;
  ImageWords words;
  if (facts.header.header_size != 0) words.version = facts.header.version;
  words.encrypted = (facts.header.flags & mcuboot::flags::kEncrypted) != 0;
  words.compressed = mcuboot::IsCompressed(facts.header);
  if (mcuboot::FindTlv(facts.protected_area, mcuboot::tlv::kSecurityCounter)
          .type != 0) {
    words.security_counter = SecurityCounterOf(facts);
  }
  words.vendor_tlvs = AddedTlvs(reading, target);
  return words;
}

std::string SignCommand(const Rules& rules, const TargetWords& target,
                        const ImageWords& image) {
  std::string command =
      absl::StrCat("bootseal sign --target ", ShellWord(NameOf(target)),
                   " --version ", VersionWord(image.version));
  if (const auto counter = CounterOf(rules, target, image)) {
    absl::StrAppend(&command, " --security-counter ", *counter);
  }
  if (Encrypts(rules, image)) {
    absl::StrAppend(&command, " --encrypt ", DeviceKeyFile(rules));
  }
  if (Compresses(rules, image)) absl::StrAppend(&command, " --compress");
  absl::StrAppend(&command, VendorTlvs(image));
  if (image.hex_address) {
    absl::StrAppendFormat(&command, " --address 0x%08x", *image.hex_address);
  }
  return absl::StrCat(command, " -o ", OutputOf(image), " ", image.payload);
}

std::string ImgtoolCommand(const Rules& rules, const TargetWords& target,
                           const ImageWords& image) {
  std::string command =
      absl::StrCat("bootseal imgtool sign -k ",
                   ShellWord(absl::StrCat("bootseal:", NameOf(target))), " -v ",
                   VersionWord(image.version), " ", Layout(rules, target),
                   Content(rules, target, image), CustomTlvs(image),
                   CompressionOption(rules, image), Encryption(rules, image),
                   " ", image.payload, " ", OutputOf(image));
  if (image.hex_address) {
    absl::StrAppendFormat(&command, " -x 0x%08x", *image.hex_address);
  }
  return command;
}

}  // namespace bootseal::image::host
