#include "client/imgtool/sign.h"

#include <CLI/CLI.hpp>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "client/cli/output.h"
#include "client/cli/payload.h"
#include "client/imgtool/content.h"
#include "client/imgtool/decryption.h"
#include "client/imgtool/device_key.h"
#include "client/imgtool/image.h"
#include "client/imgtool/input.h"
#include "client/imgtool/message.h"
#include "client/imgtool/prompt.h"
#include "client/imgtool/server_key.h"
#include "client/imgtool/sign_arguments.h"
#include "client/imgtool/signing.h"
#include "firmware/image/host/convert.h"

namespace bootseal::imgtool {
namespace {

struct SignedImage {
  std::string bytes;
  std::string signature;
};

// With the private key at hand: nobody has the plaintext back from an image
// whose content key is lost.
absl::Status TryDecryption(const SignOptions& options, const DeviceKey& device,
                           const Content& content, absl::string_view image) {
  if (!device.can_decrypt() || options.clear) return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::string plain, DecryptImage(image, device));
  const std::string payload =
      plain.substr(options.header_size, content.payload.size());
  if (payload == content.payload) return absl::OkStatus();
  return base::Internal("the image does not decrypt to its payload");
}

// Signed in plaintext, then encrypted: the hash covers what the device runs.
absl::StatusOr<SignedImage> Seal(const SignOptions& options,
                                 const Signatory& signatory,
                                 const DeviceKey* device,
                                 const Content& content) {
  ASSIGN_OR_RETURN(std::string bytes,
                   WriteRange(options, signatory.signer(), content));
  SignedImage image;
  ASSIGN_OR_RETURN(image.signature, signatory.SignatureOver(bytes));
  std::optional<Encryption> encryption;
  if (device != nullptr) {
    ASSIGN_OR_RETURN(encryption,
                     device->Encrypt(options.encryption, content.payload));
  }
  ASSIGN_OR_RETURN(
      const std::string tail,
      WriteTail(options, signatory.signer(), bytes, image.signature,
                encryption ? &*encryption : nullptr));
  if (encryption && !options.clear) {
    bytes.replace(options.header_size, content.payload.size(),
                  encryption->payload);
  }
  image.bytes = absl::StrCat(bytes, tail);
  if (encryption) {
    RETURN_IF_ERROR(TryDecryption(options, *device, content, image.bytes));
  }
  RETURN_IF_ERROR(CheckSize(options, image.bytes.size(),
                            encryption ? encryption->tlv_value.size() : 0));
  return image;
}

// imgtool pads what is to be signed when --pad is given, and nothing that is
// signed then fits an image.
absl::Status WriteVector(const SignOptions& options, const Signer& signer,
                         const Content& content) {
  ASSIGN_OR_RETURN(std::string vector, WriteRange(options, signer, content));
  if (options.vector == Vector::kDigest) {
    if (signer.key == nullptr && !options.hash) {
      Warn(
          "the digest is SHA-256, as no key is named; a P-384 key signs "
          "another "
          "one: give --fix-sig-pubkey or --sha");
    }
    vector = image::host::ToString(
        image::HashOf(signer.hash, image::host::AsBytes(vector)).bytes());
  }
  if (options.padding != Padding::kNone && options.imgtool_compatible) {
    RETURN_IF_ERROR(CheckSize(options, vector.size(), 0));
    ASSIGN_OR_RETURN(vector, Pad(options, std::move(vector)));
  }
  return WriteSigned(options, vector, "");
}

absl::Status NoServer(absl::string_view signer) {
  return base::Invalid("SERVER_SIGNING", "--key",
                       absl::StrCat("-k bootseal:", signer,
                                    ": this program reaches no server; use "
                                    "bootseal imgtool, or bootseal sign "
                                    "--target ",
                                    signer));
}

void WarnOfOddities(const SignOptions& options) {
  if (options.pad_signature) {
    Warn(
        "--pad-sig is for MCUboot before 1.5; later ones refuse padded "
        "signatures");
  }
  if (options.key.empty() && options.signature.empty() &&
      options.vector == Vector::kNone) {
    Warn("the image is unsigned: it has a hash, which anybody can make");
  }
}

}  // namespace

absl::Status WriteSigned(const SignOptions& options, absl::string_view content,
                         absl::string_view signature) {
  const std::string encoded = absl::Base64Escape(signature);
  std::vector<cli::Output> outputs{{options.output, content}};
  if (!options.signature_output.empty()) {
    outputs.push_back({options.signature_output, encoded});
  }
  return cli::WriteOutputs(outputs);
}

absl::Status Sign(const SignOptions& given, const Key::Passphrase& passphrase) {
  ASSIGN_OR_RETURN(SignOptions options, WithCustomFiles(given));
  ASSIGN_OR_RETURN(Input input, LoadInput(options));
  ASSIGN_OR_RETURN(const Signatory signatory,
                   Signatory::Load(options, passphrase));
  ASSIGN_OR_RETURN(const std::optional<DeviceKey> device,
                   LoadDeviceKey(options, signatory.key(), passphrase));
  WarnOfOddities(options);
  ASSIGN_OR_RETURN(const Content content,
                   MakeContent(options, signatory, std::move(input.payload)));
  options = WithLosses(std::move(options), content);
  if (options.vector != Vector::kNone) {
    return WriteVector(options, signatory.signer(), content);
  }
  const bool encrypts = device && !content.left_unencrypted;
  ASSIGN_OR_RETURN(
      SignedImage image,
      Seal(options, signatory, encrypts ? &*device : nullptr, content));
  ASSIGN_OR_RETURN(const std::string form,
                   FileContent(options, input.address, std::move(image.bytes)));
  return WriteSigned(options, form, image.signature);
}

Action DeclareSign(CLI::App& app, const Server& server) {
  const auto arguments = DeclareSignArguments(app);
  return [arguments, &app, &server]() -> absl::Status {
    ASSIGN_OR_RETURN(std::optional<ServerKey> key,
                     FindServerKey(arguments->options.key));
    if (key) {
      ASSIGN_OR_RETURN(SignOptions options, ReadForServer(*arguments));
      if (!server.sign) return NoServer(key->signer);
      return server.sign({std::move(key->signer), std::move(key->public_key),
                          std::move(options), GivenOptions(app)});
    }
    ASSIGN_OR_RETURN(const SignOptions options, ReadSignArguments(*arguments));
    return Sign(options, AskPassphrase);
  };
}

}  // namespace bootseal::imgtool
