#include "client/fwu/configuration.h"

#include <openssl/pem.h>

#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/file.h"
#include "base/openssl.h"
#include "base/status.h"
#include "client/fwu/file_storage.h"
#include "client/fwu/gpt_storage.h"
#include "client/fwu/metadata_store.h"
#include "client/fwu/number_source.h"
#include "client/fwu/raw_flash_storage.h"
#include "firmware/image/algorithm.h"
#include "firmware/image/host/guid.h"
#include "firmware/image/transparency/note.h"

namespace bootseal::fwu {
namespace {

constexpr std::size_t kMaxPemBytes = 64 << 10;

absl::Status Wrong(absl::string_view member, absl::string_view what) {
  return base::Invalid("CONFIGURATION", member,
                       absl::StrCat(member, " ", what));
}

const image::AlgorithmTraits* FindAlgorithm(absl::string_view name) {
  for (const image::AlgorithmTraits& traits : image::kAlgorithms) {
    if (traits.name == name) return &traits;
  }
  return nullptr;
}

struct Demanded {
  const char* name;
  std::string Configuration::*member;
};

constexpr Demanded kDemanded[] = {
    {"device", &Configuration::device},
    {"product", &Configuration::product},
    {"release-key", &Configuration::release_key},
    {"boot-register", &Configuration::boot_register},
    {"security-counter", &Configuration::security_counter},
};

absl::Status CheckWords(const Configuration& configuration) {
  if (configuration.kind != "gpt" && configuration.kind != "raw") {
    return Wrong("kind", absl::StrCat("is \"", configuration.kind,
                                      "\", expected gpt or raw"));
  }
  if (configuration.verdicts != "free" && configuration.verdicts != "signed") {
    return Wrong("verdicts", absl::StrCat("is \"", configuration.verdicts,
                                          "\", expected free or signed"));
  }
  if (FindAlgorithm(configuration.algorithm) == nullptr) {
    return Wrong("algorithm",
                 absl::StrCat("is \"", configuration.algorithm,
                              "\", expected rsa2048, rsa3072, p256, p384 or "
                              "ed25519"));
  }
  const bool key =
      configuration.log_key.empty() ||
      image::transparency::ParseVerifierKey(configuration.log_key).ok();
  return key ? absl::OkStatus()
             : Wrong("log-key", "is no key of a log, name+id+base64");
}

absl::Status CheckNumbers(const Configuration& configuration) {
  if (configuration.banks < 2 || configuration.banks > image::fwu::kMaxBanks) {
    return Wrong("banks",
                 absl::StrCat("is ", configuration.banks, ", expected 2 to 4"));
  }
  if (configuration.images_per_bank < 1 ||
      configuration.images_per_bank > image::fwu::kMaxImages) {
    return Wrong("images-per-bank",
                 absl::StrCat("is ", configuration.images_per_bank,
                              ", expected 1 to 8"));
  }
  if (configuration.metadata_version <= 2) return absl::OkStatus();
  return Wrong(
      "metadata-version",
      absl::StrCat("is ", configuration.metadata_version, ", expected 1 or 2"));
}

// What the device compares: PKCS#1 of an RSA key, SubjectPublicKeyInfo else.
std::string DeviceDer(EVP_PKEY* key) {
  unsigned char* der = nullptr;
  const bool rsa = EVP_PKEY_base_id(key) == EVP_PKEY_RSA;
  const int size = rsa ? i2d_PublicKey(key, &der) : i2d_PUBKEY(key, &der);
  if (size <= 0) return "";
  std::string text(reinterpret_cast<const char*>(der),
                   static_cast<std::size_t>(size));
  OPENSSL_free(der);
  return text;
}

// Each of the file's keys, one behind the other: two while one takes the
// other's place.
absl::StatusOr<std::string> KeysOf(const Configuration& configuration,
                                   std::size_t expected_size) {
  ASSIGN_OR_RETURN(const std::string pem,
                   base::ReadFile(configuration.release_key, kMaxPemBytes));
  const base::BioPtr bio(
      BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  // All that the file says it has: none is left out silently.
  const std::vector<absl::string_view> blocks =
      absl::StrSplit(pem, "-----BEGIN ");
  std::string keys;
  bool good = blocks.size() > 1;
  for (std::size_t i = 1; good && i < blocks.size(); ++i) {
    const base::EvpKeyPtr key(
        PEM_read_bio_PUBKEY(bio.get(), nullptr, nullptr, nullptr));
    const std::string der = key == nullptr ? "" : DeviceDer(key.get());
    good = der.size() == expected_size;
    keys += der;
  }
  base::DrainOpenSslErrors();
  if (good) return keys;
  return Wrong("release-key", absl::StrCat("is ", configuration.release_key,
                                           ", which is no public key (PEM) of ",
                                           configuration.algorithm));
}

absl::StatusOr<std::uint64_t> Number(absl::string_view member,
                                     absl::string_view text) {
  const auto number = ParseNumber(text);
  if (number) return *number;
  return Wrong(member, absl::StrCat("has \"", text, "\", expected a number"));
}

// "GUID@OFFSET+SIZE"
absl::StatusOr<Placement::BankImage> ParseImage(absl::string_view text) {
  const std::vector<absl::string_view> parts =
      absl::StrSplit(text, absl::ByAnyChar("@+"));
  const auto guid = image::host::ParseGuid(parts[0]);
  if (parts.size() != 3 || !guid) {
    return Wrong("image",
                 absl::StrCat("is \"", text, "\", expected GUID@OFFSET+SIZE"));
  }
  ASSIGN_OR_RETURN(const std::uint64_t offset, Number("image", parts[1]));
  ASSIGN_OR_RETURN(const std::uint64_t size, Number("image", parts[2]));
  return Placement::BankImage{*guid, {offset, size}};
}

absl::StatusOr<Placement> Configured(const Configuration& configuration) {
  if (configuration.metadata.size() != 2) {
    return Wrong("metadata",
                 "has to be two offsets on raw flash, the primary "
                 "copy's and the secondary's");
  }
  Placement placement;
  ASSIGN_OR_RETURN(const std::uint64_t size,
                   Number("metadata-size", configuration.metadata_size));
  for (std::size_t i = 0; i < 2; ++i) {
    ASSIGN_OR_RETURN(const std::uint64_t offset,
                     Number("metadata", configuration.metadata[i]));
    placement.metadata[i] = {offset, size};
  }
  for (const std::string& text : configuration.images) {
    ASSIGN_OR_RETURN(const Placement::BankImage image, ParseImage(text));
    if (placement.Find(image.guid) != nullptr) {
      return Wrong("image", absl::StrCat("has ", text, " twice"));
    }
    placement.images.push_back(image);
  }
  return placement;
}

absl::StatusOr<Placement> Locate(const Configuration& configuration,
                                 Storage& storage,
                                 image::fwu::Geometry geometry) {
  if (configuration.kind == "gpt") return FindInGpt(storage, geometry);
  ASSIGN_OR_RETURN(const Placement placement, Configured(configuration));
  RETURN_IF_ERROR(CheckPlacement(storage, placement));
  return placement;
}

// ST's tools write 0 for 1.
absl::Status CheckVersion(const Configuration& configuration,
                          const StoredMetadata& stored) {
  const std::uint32_t expected = configuration.metadata_version;
  const std::uint32_t found = std::max(stored.metadata.version, 1u);
  if (expected == 0 || expected == found) return absl::OkStatus();
  return base::Precondition(
      "METADATA_VERSION",
      absl::StrCat("the device has metadata of version ", found,
                   ", its bootloader is configured to read ", expected));
}

// Bits 3:0 the bank, 7:4 the trials; facts: fwu 2.3. A lost backup domain
// leaves no trials, which is what counts here; why is fallback.h's.
image::fwu::BootRegister DecodeRegister(std::uint32_t value) {
  return {static_cast<std::uint8_t>(value & 0xf),
          static_cast<std::uint8_t>(value >> 4 & 0xf), true};
}

// Anything but what a lost domain reads as.
constexpr std::uint32_t kMarker = 0x4c415254;

absl::Status CheckMarker(const std::string& source) {
  if (source.empty()) return absl::OkStatus();
  RETURN_IF_ERROR(CheckNumberSource("backup-marker", source));
  if (!absl::StartsWith(source, "file:")) return absl::OkStatus();
  return Wrong("backup-marker",
               absl::StrCat("is \"", source,
                            "\", and a file outlives the backup domain: "
                            "binary:PATH@OFFSET or devmem:ADDRESS"));
}

// Nothing without a marker.
absl::Status AddMarker(const std::string& source, Device& device) {
  if (source.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::uint32_t found,
                   ReadNumber("backup-marker", source));
  device.domain_kept = found == kMarker;
  device.mark_domain = [source] {
    return WriteNumber("backup-marker", source, kMarker);
  };
  return absl::OkStatus();
}

absl::Status CheckReport(const Configuration& configuration) {
  const std::string& report = configuration.report_register;
  const std::string& error = configuration.error_register;
  if (report.empty() != error.empty()) {
    return Wrong(report.empty() ? "report-register" : "error-register",
                 "is missing: the second stage's report is two registers, "
                 "report-register and error-register");
  }
  if (report.empty()) return absl::OkStatus();
  RETURN_IF_ERROR(CheckNumberSource("report-register", report));
  return CheckNumberSource("error-register", error);
}

absl::Status AddReport(const Configuration& configuration, Device& device) {
  if (configuration.report_register.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(
      const std::uint32_t report,
      ReadNumber("report-register", configuration.report_register));
  ASSIGN_OR_RETURN(const std::uint32_t error,
                   ReadNumber("error-register", configuration.error_register));
  device.report = DecodeBootReport(report, error);
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckConfiguration(const Configuration& configuration) {
  for (const Demanded& demanded : kDemanded) {
    if (!(configuration.*demanded.member).empty()) continue;
    return Wrong(demanded.name,
                 absl::StrCat("is missing: set it in ", kConfigurationPath,
                              ", or as --", demanded.name));
  }
  RETURN_IF_ERROR(CheckWords(configuration));
  RETURN_IF_ERROR(CheckNumbers(configuration));
  RETURN_IF_ERROR(
      CheckNumberSource("boot-register", configuration.boot_register));
  RETURN_IF_ERROR(
      CheckNumberSource("security-counter", configuration.security_counter));
  RETURN_IF_ERROR(CheckReport(configuration));
  return CheckMarker(configuration.backup_marker);
}

absl::StatusOr<image::host::ReleaseTrust> TrustOf(
    const Configuration& configuration) {
  const image::AlgorithmTraits* traits = FindAlgorithm(configuration.algorithm);
  if (traits == nullptr) return Wrong("algorithm", "is unknown");
  image::host::ReleaseTrust trust;
  trust.algorithm = traits->algorithm;
  ASSIGN_OR_RETURN(trust.public_key,
                   KeysOf(configuration, traits->public_key_size));
  trust.log_key = configuration.log_key;
  return trust;
}

absl::StatusOr<std::unique_ptr<Storage>> OpenStorage(
    const Configuration& configuration, Access access) {
  return configuration.kind == "gpt"
             ? OpenFileStorage(configuration.device, configuration.unit, access)
             : OpenRawFlashStorage(configuration.device, configuration.unit,
                                   access);
}

absl::StatusOr<Device> OpenDevice(const Configuration& configuration,
                                  Storage& storage) {
  const image::fwu::Geometry geometry{
      static_cast<std::uint8_t>(configuration.banks),
      static_cast<std::uint16_t>(configuration.images_per_bank)};
  ASSIGN_OR_RETURN(Placement placement,
                   Locate(configuration, storage, geometry));
  ASSIGN_OR_RETURN(const StoredMetadata stored,
                   LoadMetadata(storage, placement, geometry));
  RETURN_IF_ERROR(CheckVersion(configuration, stored));
  ASSIGN_OR_RETURN(const std::uint32_t boot,
                   ReadNumber("boot-register", configuration.boot_register));
  ASSIGN_OR_RETURN(
      const std::uint32_t counter,
      ReadNumber("security-counter", configuration.security_counter));
  Device device{
      storage,     std::move(placement), geometry,     configuration.product,
      counter,     DecodeRegister(boot), std::nullopt, {},
      std::nullopt};
  RETURN_IF_ERROR(AddMarker(configuration.backup_marker, device));
  RETURN_IF_ERROR(AddReport(configuration, device));
  return device;
}

}  // namespace bootseal::fwu
