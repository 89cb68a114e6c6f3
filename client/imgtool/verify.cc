#include "client/imgtool/verify.h"

#include <CLI/CLI.hpp>
#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "client/cli/arguments.h"
#include "client/cli/payload.h"
#include "client/cli/text.h"
#include "client/imgtool/decryption.h"
#include "client/imgtool/device_key.h"
#include "client/imgtool/key_command_parts.h"
#include "client/imgtool/message.h"
#include "client/imgtool/prompt.h"
#include "client/imgtool/server_key.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/host/tlv_names.h"
#include "firmware/image/mcuboot/reader.h"
#include "firmware/image/mcuboot/tlv.h"
#include "firmware/image/mcuboot/tlv_types.h"

namespace bootseal::imgtool {
namespace {

namespace mcuboot = image::mcuboot;
using image::Bytes;
using image::HashAlgorithm;
using image::host::AsBytes;
using image::host::ToString;
using mcuboot::Tlv;
using mcuboot::Tlvs;

constexpr std::uint32_t kEncryptedFlags =
    mcuboot::flags::kEncryptedAes128 | mcuboot::flags::kEncryptedAes256;

std::optional<HashAlgorithm> HashOfTlv(std::uint16_t type) {
  for (const HashAlgorithm hash :
       {HashAlgorithm::kSha256, HashAlgorithm::kSha384,
        HashAlgorithm::kSha512}) {
    if (mcuboot::DigestTlv(hash) == type) return hash;
  }
  return std::nullopt;
}

Tlv FirstDigest(Bytes area) {
  for (const Tlv& tlv : Tlvs(area)) {
    if (mcuboot::IsDigest(tlv.type)) return tlv;
  }
  return {};
}

// An image whose structure holds, and what is signed of it.
struct Subject {
  mcuboot::Reading reading;
  HashAlgorithm hash = HashAlgorithm::kSha256;
  std::string range;
  std::string digest;
  bool pure = false;
};

absl::Status CheckDigest(const Subject& subject, Bytes expected) {
  if (subject.digest == ToString(expected)) return absl::OkStatus();
  if ((subject.reading.facts.header.flags & kEncryptedFlags) != 0) {
    return base::Precondition(
        "ENCRYPTED",
        "the payload is encrypted and the hash covers the plaintext: give the "
        "device's private key with --decrypt-key, or verify an image of "
        "--clear");
  }
  return base::Precondition(
      "DIGEST_MISMATCH",
      absl::StrCat(
          "the image hashes to ", absl::BytesToHexString(subject.digest),
          ", and its TLV says ", absl::BytesToHexString(ToString(expected)),
          ": it was changed after it was signed"));
}

absl::StatusOr<Subject> Read(absl::string_view bytes) {
  const Bytes image = AsBytes(bytes);
  Subject subject;
  subject.reading = mcuboot::ReadImage(image, HashAlgorithm::kSha256);
  RETURN_IF_ERROR(image::host::ToStatus(subject.reading.error));
  const mcuboot::Facts& facts = subject.reading.facts;
  const Tlv digest = FirstDigest(facts.unprotected_area);
  const auto hash = HashOfTlv(digest.type);
  if (!hash) {
    return base::Precondition("DIGEST_MISSING",
                              "the image has no SHA-256, SHA-384 or SHA-512 "
                              "TLV: it was never finished by imgtool sign");
  }
  subject.hash = *hash;
  subject.range =
      std::string(bytes.substr(0, mcuboot::SignedSize(facts.header)));
  subject.digest =
      ToString(image::HashOf(*hash, AsBytes(subject.range)).bytes());
  subject.pure =
      mcuboot::FindTlv(facts.unprotected_area, mcuboot::tlv::kSignaturePure)
          .type != 0;
  RETURN_IF_ERROR(CheckDigest(subject, digest.value));
  return subject;
}

absl::Status CheckHash(const Subject& subject, const Key& key) {
  const HashAlgorithm own = key.traits().hash;
  const bool fits =
      subject.hash == own || (key.kind() == KeyKind::kEd25519 &&
                              subject.hash == HashAlgorithm::kSha512);
  if (fits) return absl::OkStatus();
  return base::Precondition(
      "DIGEST_TYPE",
      absl::StrCat("the image has a SHA-", image::HashSize(subject.hash) * 8,
                   " hash, which does not go with a key of type ",
                   key.traits().name));
}

// The device looks its key up by this TLV: with another one the signature is
// not even tried.
absl::Status CheckKeyName(const Subject& subject, const Key& key) {
  const Bytes area = subject.reading.facts.unprotected_area;
  const Tlv hash = mcuboot::FindTlv(area, mcuboot::tlv::kKeyHash);
  const Tlv full = mcuboot::FindTlv(area, mcuboot::tlv::kPublicKey);
  // KEYID is a number of the device's: which key it means is not in the image.
  const bool has_id = mcuboot::FindTlv(area, mcuboot::tlv::kKeyId).type != 0;
  if (hash.type == 0 && full.type == 0) {
    if (has_id) return absl::OkStatus();
    return base::Precondition(
        "KEY_MISSING", "the image does not name its key: it is unsigned");
  }
  const bool fits = hash.type != 0
                        ? ToString(hash.value) == key.Hash(subject.hash)
                        : ToString(full.value) == key.device_der();
  if (fits) return absl::OkStatus();
  return base::Precondition(
      "KEY_UNKNOWN",
      absl::StrCat("the image names another key, ",
                   hash.type != 0 ? "of hash " : "",
                   absl::BytesToHexString(
                       ToString(hash.type != 0 ? hash.value : full.value)),
                   "; the hash of the one given is ",
                   absl::BytesToHexString(key.Hash(subject.hash))));
}

// An ECDSA signature without zeros behind it.
Bytes Trimmed(const Tlv& tlv, Strictness strictness) {
  const bool padded = strictness == Strictness::kImgtool &&
                      tlv.type == mcuboot::tlv::kEcdsa && tlv.value.size() > 2;
  if (!padded) return tlv.value;
  const std::size_t size = static_cast<std::size_t>(tlv.value[1]) + 2;
  return size < tlv.value.size() ? tlv.value.first(size) : tlv.value;
}

// The first signature of the key's type that holds.
absl::StatusOr<std::string> CheckSignature(const Subject& subject,
                                           const Key& key,
                                           Strictness strictness) {
  const image::AlgorithmTraits& traits = *key.traits().signing;
  const Bytes message = AsBytes(subject.pure ? subject.range : subject.digest);
  std::optional<image::Error> error;
  for (const Tlv& tlv : Tlvs(subject.reading.facts.unprotected_area)) {
    if (tlv.type != traits.signature_tlv) continue;
    error = image::VerifySignature(traits.algorithm, AsBytes(key.device_der()),
                                   message, Trimmed(tlv, strictness));
    if (*error == image::Error::kOk) return ToString(tlv.value);
  }
  if (!error) {
    return base::Precondition(
        "SIGNATURE_MISSING",
        absl::StrCat("the image has no ",
                     image::host::DescribeTlv(traits.signature_tlv),
                     ", which a key of type ", key.traits().name, " makes"));
  }
  return base::Precondition(
      "SIGNATURE_MISMATCH",
      absl::StrCat("the signature is not by this key over this image: ",
                   image::Text(*error)));
}

struct Options {
  std::string image;
  std::string key;
  std::string decryption_key;
  bool imgtool_compatible = false;
};

// Who is to have signed, and which target's bootloader is to take it.
struct Judges {
  std::optional<Key> key;  // none: the hash alone counts
  KeyOnServer on_server;   // without target: only the signature counts
};

absl::StatusOr<Judges> LoadJudges(const Options& options,
                                  const Server& server) {
  Judges judges;
  if (options.key.empty()) return judges;
  ASSIGN_OR_RETURN(const std::optional<ServerKey> on_server,
                   FindServerKey(options.key));
  if (!on_server || !on_server->public_key.empty()) {
    ASSIGN_OR_RETURN(judges.key, Key::Load(options.key, AskPassphrase));
    return judges;
  }
  ASSIGN_OR_RETURN(judges.on_server, FindKey(server, on_server->signer));
  ASSIGN_OR_RETURN(judges.key, Key::Parse(judges.on_server.pem, AskPassphrase));
  return judges;
}

absl::StatusOr<std::string> LoadImage(const std::string& path) {
  absl::StatusOr<cli::LoadedBytes> file = cli::LoadBytes(path);
  if (!file.ok() && absl::IsNotFound(file.status())) {
    return base::Invalid("INPUT_NOT_FOUND", "imgfile", file.status().message());
  }
  RETURN_IF_ERROR(file.status());
  return std::move(file->bytes);
}

absl::StatusOr<DeviceKey> LoadDecryptionKey(const std::string& path) {
  RETURN_IF_ERROR(CheckInFile(path, "a device decrypts with a key of its own"));
  ASSIGN_OR_RETURN(DeviceKey key, DeviceKey::Load(path, AskPassphrase));
  if (key.can_decrypt()) return key;
  return base::Invalid(
      "KEY_NOT_PRIVATE", "--decrypt-key",
      absl::StrCat("--decrypt-key ", path,
                   " is a public key; a device decrypts with the private one"));
}

// An image of --clear has a content key too, and is not encrypted with it.
absl::StatusOr<std::string> PlaintextOf(std::string image,
                                        const Options& options) {
  if (options.decryption_key.empty()) return image;
  ASSIGN_OR_RETURN(const DeviceKey key,
                   LoadDecryptionKey(options.decryption_key));
  ASSIGN_OR_RETURN(std::string plain, DecryptImage(image, key));
  const bool is_clear = VerifyImage(image, nullptr, Strictness::kImgtool).ok();
  return is_clear ? std::move(image) : std::move(plain);
}

// The hash was taken over plaintext by then.
absl::Status AfterDecryption(const absl::Status& status,
                             const Options& options) {
  const bool is_plain = !options.decryption_key.empty();
  if (!is_plain || base::ReasonOf(status) != "ENCRYPTED") return status;
  return base::Precondition(
      "DIGEST_MISMATCH",
      "the device's key opens the image, and what it decrypts to has not the "
      "hash of its TLV: it was changed after it was signed");
}

// imgtool's verdict is about the signature; a bootloader has more rules.
void WarnOfTarget(const KeyOnServer& on_server, const Options& options,
                  absl::string_view image) {
  if (!on_server.judge) return;
  const absl::Status verdict = on_server.judge(image);
  if (verdict.ok()) return;
  Warn(absl::StrCat("target ", on_server.target,
                    " would not boot it: ", verdict.message(), " (",
                    base::ReasonOf(verdict), "); `bootseal explain --target ",
                    on_server.target, " ", options.image, "` says more"));
}

absl::Status Verify(const Options& options, const Server& server) {
  ASSIGN_OR_RETURN(const Judges judges, LoadJudges(options, server));
  ASSIGN_OR_RETURN(std::string image, LoadImage(options.image));
  ASSIGN_OR_RETURN(image, PlaintextOf(std::move(image), options));
  const absl::StatusOr<std::string> text = VerifyImage(
      image, judges.key ? &*judges.key : nullptr,
      options.imgtool_compatible ? Strictness::kImgtool : Strictness::kDevice);
  if (!text.ok()) return AfterDecryption(text.status(), options);
  cli::PrintResult(*text);
  if (!judges.key) {
    Warn("no key was given: the hash holds, which anybody can make");
  }
  WarnOfTarget(judges.on_server, options, image);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::string> VerifyImage(absl::string_view bytes, const Key* key,
                                        Strictness strictness) {
  ASSIGN_OR_RETURN(const Subject subject, Read(bytes));
  std::string signature;
  if (key != nullptr) {
    if (key->traits().signing == nullptr) {
      return Unfit(
          "KEY_CANNOT_SIGN", "--key",
          absl::StrCat("a key of type ", key->traits().name, " signs nothing"));
    }
    RETURN_IF_ERROR(CheckHash(subject, *key));
    if (strictness == Strictness::kDevice) {
      RETURN_IF_ERROR(CheckKeyName(subject, *key));
    }
    ASSIGN_OR_RETURN(signature, CheckSignature(subject, *key, strictness));
  }
  const mcuboot::Version& version = subject.reading.facts.header.version;
  const bool over_range = subject.pure && key != nullptr;
  return absl::StrCat(
      "Image was correctly validated\nImage version: ", version.major, ".",
      version.minor, ".", version.revision, "+", version.build,
      over_range ? "\nImage signature over image: " : "\nImage digest: ",
      absl::BytesToHexString(over_range ? signature : subject.digest), "\n");
}

Action DeclareVerify(CLI::App& app, const Server& server) {
  const auto options = std::make_shared<Options>();
  app.add_option("imgfile", options->image, "the image, .bin or .hex")
      ->required();
  app.add_option("-k,--key", options->key,
                 "the key that signed it: a PEM file with either half, or "
                 "bootseal:TARGET for one in the HSM")
      ->check(cli::NotEmpty());
  app.add_option("--decrypt-key", options->decryption_key,
                 "file with the device's private key, or its key-encryption "
                 "key: verify an encrypted image as the device sees it")
      ->check(cli::NotEmpty());
  app.add_flag("--imgtool-compatible", options->imgtool_compatible,
               "take what imgtool takes and devices refuse");
  return [options, &server] { return Verify(*options, server); };
}

}  // namespace bootseal::imgtool
