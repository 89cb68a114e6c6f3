#include "client/imgtool/sign_arguments.h"

#include <CLI/CLI.hpp>

#include "client/cli/last_option.h"

namespace bootseal::imgtool {
namespace {

using Choices = std::vector<std::string>;

using cli::AddChoice;
using cli::AddNumber;
using cli::AddText;
using cli::NoOptionOf;

void DeclareFiles(CLI::App& app, SignOptions& options) {
  // Not required here: what is missing may have been swallowed by an option.
  app.add_option("infile", options.input, "the build's output, .bin or .hex");
  app.add_option("outfile", options.output, "the image, .bin or .hex");
  AddText(
      app, "-k,--key", options.key,
      "who signs: a PEM file, or bootseal:TARGET for a key in the HSM, or a "
      "file whose first line says that");
  AddText(app, "--fix-sig", options.signature,
          "file with a signature made elsewhere, in base64");
  AddText(app, "--fix-sig-pubkey", options.signature_key,
          "PEM file: the public key of that signature");
  AddText(app, "--sig-out", options.signature_output,
          "write the signature, in base64, to this file too");
}

void DeclareHeader(CLI::App& app, SignArguments& arguments) {
  SignOptions& options = arguments.options;
  AddText(app, "-v,--version", arguments.version,
          "MAJOR[.MINOR[.REVISION[+BUILD]]]")
      ->required();
  AddNumber(app, "-H,--header-size", arguments.header_size,
            "bytes before the payload, 32 or more");
  app.add_flag("--pad-header", options.pad_header,
               "the input has no room for the header: put it in front");
  AddNumber(app, "-L,--load-addr", options.load_address,
            "address in RAM that the bootloader copies the image to");
  AddNumber(app, "-F,--rom-fixed", options.rom_fixed,
            "address in flash that the image is linked for");
  app.add_flag("--non-bootable", options.non_bootable,
               "mark the image as one that is never started");
  AddChoice(app, "-R,--erased-val", arguments.erased, Choices{"0", "0xff"},
            "what erased flash reads as");
  AddChoice(app, "-e,--endian", arguments.endian, Choices{"little", "big"},
            "little alone is supported");
}

void DeclareSlot(CLI::App& app, SignArguments& arguments) {
  SignOptions& options = arguments.options;
  AddNumber(
      app, "-S,--slot-size", arguments.slot_size,
      "bytes of the slot, of the secondary one if they differ; 0: unknown");
  AddChoice(app, "--align", arguments.align,
            Choices{"1", "2", "4", "8", "16", "32"},
            "bytes that the flash writes at once");
  AddChoice(app, "--max-align", arguments.max_align, Choices{"8", "16", "32"},
            "the bootloader's BOOT_MAX_ALIGN");
  AddNumber(app, "-M,--max-sectors", options.max_sectors,
            "the bootloader's BOOT_MAX_IMG_SECTORS");
  app.add_flag("--overwrite-only", options.overwrite_only,
               "upgrades replace, they do not swap");
  app.add_flag("--pad", arguments.pad, "fill the slot and write its trailer");
  app.add_flag("--test", arguments.test, "the same, for an upgrade on trial");
  app.add_flag("--confirm", arguments.confirm,
               "the same, for an upgrade that stays");
  AddNumber(app, "-x,--hex-addr", options.hex_address,
            "address of the image in a .hex output");
  AddChoice(app, "--strategy", arguments.strategy,
            Choices{"swap-scratch", "swap-move", "swap-offset",
                    "overwrite-only", "direct-xip", "ram-load"},
            "hold the image against this bootloader's own limit");
  AddNumber(app, "--sector-size", options.sector_size,
            "bytes of the slot's sectors, for --strategy");
}

void DeclareProtected(CLI::App& app, SignArguments& arguments) {
  SignOptions& options = arguments.options;
  AddText(app, "-s,--security-counter", arguments.security_counter,
          "a number, or auto to derive it from the version");
  AddText(app, "-d,--dependencies", arguments.dependencies,
          "least versions of other images: (IMAGE,VERSION),...");
  AddText(app, "--boot-record", options.software_type,
          "TYPE of the software, at most 12 bytes, for measured boot");
  AddText(app, "--vid", arguments.vid, "vendor: a UUID, or a domain name");
  AddText(app, "--cid", arguments.cid, "class of image: a UUID, or a name");
  app.add_option("--custom-tlv", arguments.custom,
                 "TYPE VALUE of a protected TLV; bytes after 0x, else text")
      ->allow_extra_args(false)
      ->check(NoOptionOf(app));
  app.add_option("--custom-tlv-file", arguments.custom_files,
                 "TYPE FILE: the same with a file's content")
      ->allow_extra_args(false)
      ->check(NoOptionOf(app));
}

void DeclareSignature(CLI::App& app, SignArguments& arguments) {
  SignOptions& options = arguments.options;
  AddChoice(app, "--public-key-format", arguments.key_format,
            Choices{"hash", "full"}, "how the image names its key");
  AddChoice(app, "--sha", arguments.hash, Choices{"auto", "256", "384", "512"},
            "the image's hash; auto: the key's");
  app.add_flag("--pure", options.pure,
               "Ed25519 over the image itself, not its hash");
  app.add_flag("--pad-sig", options.pad_signature,
               "zeros behind an ECDSA signature, for MCUboot before 1.5");
  AddChoice(app, "--vector-to-sign", arguments.vector,
            Choices{"payload", "digest"},
            "write what is to be signed elsewhere, and no image");
  app.add_flag("--unsigned", options.is_unsigned,
               "an image with a hash and without signature");
  app.add_flag("--imgtool-compatible", options.imgtool_compatible,
               "do as imgtool does, even where that is wrong");
}

void DeclareTransforms(CLI::App& app, SignArguments& arguments) {
  SignOptions& options = arguments.options;
  AddText(
      app, "-E,--encrypt", options.encryption_key,
      "whom the payload is encrypted for: the device's public key in PEM, or "
      "the key of AES key wrap in base64");
  AddChoice(app, "--encrypt-keylen", arguments.key_bits, Choices{"128", "256"},
            "bits of the AES key");
  AddChoice(app, "--hmac-sha", arguments.hmac, Choices{"auto", "256", "512"},
            "hash of the key exchange; 512 for X25519 alone");
  app.add_flag("-c,--clear", options.clear,
               "encryptable but in plaintext, for the primary slot");
  app.add_flag("--save-enctlv", options.save_encryption_tlv,
               "the bootloader keeps wrapped keys (BOOT_SWAP_SAVE_ENCTLV)");
  AddChoice(app, "--compression", arguments.compression,
            Choices{"disabled", "lzma2", "lzma2armthumb"},
            "compress the payload when that makes it smaller");
}

}  // namespace

std::shared_ptr<SignArguments> DeclareSignArguments(CLI::App& app) {
  auto arguments = std::make_shared<SignArguments>();
  DeclareFiles(app, arguments->options);
  DeclareHeader(app, *arguments);
  DeclareSlot(app, *arguments);
  DeclareProtected(app, *arguments);
  DeclareSignature(app, *arguments);
  DeclareTransforms(app, *arguments);
  return arguments;
}

std::set<std::string> GivenOptions(const CLI::App& app) {
  std::set<std::string> given;
  for (const CLI::Option* const option : app.get_options()) {
    if (option->count() == 0 || option->get_lnames().empty()) continue;
    given.insert("--" + option->get_lnames().front());
  }
  return given;
}

}  // namespace bootseal::imgtool
