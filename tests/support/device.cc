#include "tests/support/device.h"

#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/file.h"
#include "firmware/image/algorithm.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/mcuboot/trailer_layout.h"
#include "tests/support/process.h"
#include "tests/support/temporary_folder.h"

namespace bootseal::tests {
namespace {

using image::Algorithm;
using image::Bytes;
using image::HashAlgorithm;
using image::host::AsBytes;
using image::host::ToString;
using image::mcuboot::KeyFormat;
using image::mcuboot::Presence;
using image::mcuboot::Rules;
using image::mcuboot::Strategy;

constexpr const char* kSoftwareType = "SPE";
constexpr image::mcuboot::Dependency kDependency{0, {1, 0, 0, 0}};
constexpr const char* kVendorValue = "vendor";

const char* NameOf(Algorithm algorithm) {
  switch (algorithm) {
    case Algorithm::kRsa2048:
      return "kRsa2048";
    case Algorithm::kRsa3072:
      return "kRsa3072";
    case Algorithm::kP256:
      return "kP256";
    case Algorithm::kP384:
      return "kP384";
    case Algorithm::kEd25519:
      return "kEd25519";
    case Algorithm::kBrainpoolP256t1:
      break;
  }
  return "";
}

const char* NameOf(HashAlgorithm algorithm) {
  switch (algorithm) {
    case HashAlgorithm::kSha256:
      return "kSha256";
    case HashAlgorithm::kSha384:
      return "kSha384";
    case HashAlgorithm::kSha512:
      return "kSha512";
  }
  return "";
}

const char* NameOf(Presence presence) {
  switch (presence) {
    case Presence::kOptional:
      return "kOptional";
    case Presence::kRequired:
      return "kRequired";
    case Presence::kForbidden:
      return "kForbidden";
  }
  return "";
}

const char* NameOf(Strategy strategy) {
  switch (strategy) {
    case Strategy::kSingleSlot:
      return "kSingleSlot";
    case Strategy::kOverwriteOnly:
      return "kOverwriteOnly";
    case Strategy::kSwapScratch:
      return "kSwapScratch";
    case Strategy::kSwapMove:
      return "kSwapMove";
    case Strategy::kSwapOffset:
      return "kSwapOffset";
    case Strategy::kDirectXip:
      return "kDirectXip";
    case Strategy::kRamLoad:
      return "kRamLoad";
  }
  return "";
}

std::string Constant(absl::string_view name, Bytes bytes) {
  if (bytes.empty()) return "";
  return absl::StrCat("constexpr auto ", name, " = Hex(\"",
                      absl::BytesToHexString(ToString(bytes)), "\");\n");
}

std::string LogKeyConstant(absl::string_view name, Bytes bytes) {
  if (bytes.empty()) return "";
  return absl::StrCat("constexpr auto ", name, " = LogKey(\"",
                      absl::BytesToHexString(ToString(bytes)), "\");\n");
}

std::string Reference(absl::string_view name, Bytes bytes) {
  return bytes.empty() ? "{}" : std::string(name);
}

std::string ReceiptConstants(const image::mcuboot::ReceiptRules* receipt) {
  if (receipt == nullptr) return "";
  const Bytes second = receipt->log_keys[1];
  return absl::StrCat(
      Constant("kLogOrigin", receipt->origin),
      LogKeyConstant("kLogKey", receipt->log_keys[0]),
      LogKeyConstant("kSecondLogKey", second),
      "constexpr image::mcuboot::ReceiptRules kReceipt{.presence = "
      "image::mcuboot::Presence::",
      NameOf(receipt->presence),
      ", .origin = kLogOrigin, .log_keys = {kLogKey, ",
      Reference("kSecondLogKey", second), "}};\n");
}

}  // namespace

Device::Device(Algorithm algorithm) : key_(algorithm), target_(key_) {
  rules().header_size = 0x400;
  rules().slot_size = 0x80000;
  rules().security_counter = Presence::kRequired;
  rules().boot_record = Presence::kRequired;
  rules().software_type = AsBytes(kSoftwareType);
}

image::mcuboot::ProtectedTlvs Device::Tlvs() {
  static const image::mcuboot::Vendor vendor{image::mcuboot::tlv::kVendorFirst,
                                             AsBytes(kVendorValue)};
  image::mcuboot::ProtectedTlvs tlvs;
  tlvs.has_security_counter = true;
  tlvs.security_counter = 7;
  tlvs.software_type = AsBytes(kSoftwareType);
  tlvs.dependencies = {&kDependency, 1};
  tlvs.vendor = {&vendor, 1};
  return tlvs;
}

std::string Device::SealForged(const std::string& payload) const {
  std::string image = Seal(payload + "forged");
  std::string other;
  do {  // ECDSA's vary in length
    other = Seal(payload + "signed");
  } while (other.size() != image.size());
  const std::size_t size =
      image::TraitsOf(rules().algorithm)->max_signature_size;
  return image.replace(image.size() - size, size, other, other.size() - size,
                       size);
}

std::string Device::WaitingSlot(const std::string& image) const {
  std::string slot(rules().slot_size, '\xff');
  slot.replace(0, image.size(), image);
  const std::string magic =
      ToString(image::mcuboot::TrailerMagicOf(rules().max_align));
  return slot.replace(slot.size() - magic.size(), magic.size(), magic);
}

std::string Device::RulesSource() const {
  const Rules& r = rules();
  const bool full = r.key_format == KeyFormat::kFull;
  const Bytes compiled_in = full ? Bytes() : r.public_key;
  return absl::StrCat(
      "#include \"firmware/boot/rules.h\"\n\nnamespace bootseal::boot {\n"
      "namespace {\n\n",
      Constant("kPublicKey", compiled_in), Constant("kKeyHash", r.key_hash),
      Constant("kSoftwareType", r.software_type), ReceiptConstants(r.receipt),
      "\n}  // namespace\n\nconstinit const image::mcuboot::Rules kRules{\n",
      "    .algorithm = image::Algorithm::", NameOf(r.algorithm), ",\n",
      "    .hash = image::HashAlgorithm::", NameOf(r.hash), ",\n",
      "    .key_format = image::mcuboot::KeyFormat::", full ? "kFull" : "kHash",
      ",\n    .public_key = ", Reference("kPublicKey", compiled_in),
      ",\n    .key_hash = kKeyHash,\n    .pure = ", r.pure ? "true" : "false",
      ",\n    .header_size = ", r.header_size,
      ",\n    .slot_size = ", r.slot_size, ",\n    .align = ", r.align,
      ",\n    .max_align = ", r.max_align,
      ",\n    .sector_size = ", r.sector_size,
      ",\n    .max_sectors = ", r.max_sectors,
      ",\n    .strategy = image::mcuboot::Strategy::", NameOf(r.strategy),
      ",\n    .security_counter = image::mcuboot::Presence::",
      NameOf(r.security_counter),
      ",\n    .minimum_security_counter = ", r.minimum_security_counter,
      ",\n    .boot_record = image::mcuboot::Presence::", NameOf(r.boot_record),
      ",\n    .software_type = ", Reference("kSoftwareType", r.software_type),
      ",\n    .max_boot_record_size = ", r.max_boot_record_size,
      ",\n    .dependency = image::mcuboot::Presence::", NameOf(r.dependency),
      ",\n    .image_count = ", r.image_count,
      ",\n    .rom_fixed = ", r.rom_fixed,
      ",\n    .slot_address = ", r.slot_address,
      ",\n    .ram_address = ", r.ram_address,
      ",\n    .ram_size = ", r.ram_size,
      ",\n    .receipt = ", r.receipt == nullptr ? "nullptr" : "&kReceipt",
      ",\n};\n\n}  // namespace bootseal::boot\n");
}

std::string Device::ProvisionFrom(const std::string& source,
                                  const std::string& board,
                                  const std::string& elf, Crypto crypto) const {
  return RunProvision({source}, board, elf, crypto);
}

std::string Device::RunProvision(const std::vector<std::string>& rules_sources,
                                 const std::string& board,
                                 const std::string& elf, Crypto crypto) const {
  const TemporaryFolder folder;
  std::vector<std::string> command{
      BOOTSEAL_SOURCE_DIR "/firmware/provision",
      "--board",
      board,
      "--algorithm",
      image::TraitsOf(rules().algorithm)->name,
      "--build",
      BOOTSEAL_BUILD_DIR,
      "--crypto",
      crypto == Crypto::kLibrary ? "library" : "own",
      "-o",
      elf};
  command.insert(command.end(), options_.begin(), options_.end());
  for (const std::string& source : rules_sources) {
    const std::string file =
        folder.File(absl::StrCat("rules", command.size(), ".cc"));
    const absl::Status written = base::WriteFileAtomically(file, source);
    if (!written.ok()) return written.ToString();
    command.insert(command.end(), {"--rules", file});
  }
  const Outcome outcome = Run(command);
  return outcome.exit_code == 0 ? "" : "failed: " + outcome.err;
}

}  // namespace bootseal::tests
