#include "client/tfm/arguments.h"

#include <CLI/CLI.hpp>

#include "client/cli/arguments.h"
#include "client/cli/last_option.h"

namespace bootseal::tfm {
namespace {

using Choices = std::vector<std::string>;

using cli::AddChoice;
using cli::AddNumber;
using cli::AddText;
using cli::NoOptionOf;

void DeclareFiles(CLI::App& app, WrapperArguments& arguments) {
  imgtool::SignOptions& options = arguments.sign.options;
  // Not required here: what is missing may have been swallowed by an option.
  app.add_option("infile", options.input, "the build's output, .bin or .hex");
  app.add_option("outfile", options.output, "the image, .bin or .hex");
  app.add_option("-k,--key", arguments.keys,
                 "who signs: a PEM file, or for a key in the HSM "
                 "bootseal:TARGET or a key file with that line")
      ->allow_extra_args(false)
      ->check(cli::NotEmpty())
      ->check(NoOptionOf(app));
  AddText(app, "-l,--layout", arguments.layout,
          "preprocessed C that tells slot size and addresses");
}

void DeclareImage(CLI::App& app, WrapperArguments& arguments) {
  imgtool::SignArguments& sign = arguments.sign;
  AddText(app, "-v,--version", sign.version, "MAJOR[.MINOR[.REVISION[+BUILD]]]")
      ->required();
  AddNumber(app, "-H,--header-size", sign.header_size,
            "bytes before the payload, 32 or more")
      ->required();
  app.add_flag("--pad-header", sign.options.pad_header,
               "the input has no room for the header: put it in front");
  AddText(app, "-s,--security-counter", sign.security_counter,
          "a number, or auto to derive it from the version");
  AddText(app, "-d,--dependencies", sign.dependencies,
          "least versions of other images: (IMAGE,VERSION),...");
  app.add_flag("--measured-boot-record", arguments.measured_boot_record,
               "boot record; its software type follows from the layout's name");
  AddChoice(app, "--public-key-format", sign.key_format,
            Choices{"hash", "full"}, "how the image names its key");
  app.add_option("--psa-key-ids", arguments.key_ids,
                 "number of the key, for a device that has it built in")
      ->allow_extra_args(false)
      ->transform(cli::WholeNumber32());
  app.add_option("--extra-tlv", arguments.extra_tlvs,
                 "TYPE VALUE of an unprotected TLV; no imgtool makes them")
      ->allow_extra_args(false)
      ->check(NoOptionOf(app));
  AddChoice(app, "-e,--endian", sign.endian, Choices{"little", "big"},
            "little alone is supported");
}

void DeclareSlot(CLI::App& app, WrapperArguments& arguments) {
  imgtool::SignArguments& sign = arguments.sign;
  AddChoice(app, "--align", sign.align, Choices{"1", "2", "4", "8", "16", "32"},
            "bytes that the flash writes at once")
      ->required();
  app.add_flag("--pad", sign.pad, "fill the slot and write its trailer");
  app.add_flag("--confirm", sign.confirm,
               "with --pad: for an upgrade that stays");
  AddNumber(app, "-M,--max-sectors", sign.options.max_sectors,
            "the bootloader's BOOT_MAX_IMG_SECTORS");
  app.add_flag("--overwrite-only", sign.options.overwrite_only,
               "upgrades replace, they do not swap");
  AddChoice(app, "-R,--erased-val", sign.erased, Choices{"0", "0xff"},
            "what erased flash reads as");
  AddNumber(app, "-x,--hex-addr", sign.options.hex_address,
            "address of the image in a .hex output");
}

void DeclareEncryption(CLI::App& app, WrapperArguments& arguments) {
  imgtool::SignArguments& sign = arguments.sign;
  AddText(
      app, "-E,--encrypt", sign.options.encryption_key,
      "whom the payload is encrypted for: the device's public key in PEM, or "
      "the key of AES key wrap in base64");
  AddChoice(app, "-L,--encrypt-keylen", sign.key_bits, Choices{"128", "256"},
            "bits of the AES key");
  app.add_flag("--save-enctlv", sign.options.save_encryption_tlv,
               "the bootloader keeps wrapped keys (BOOT_SWAP_SAVE_ENCTLV)");
}

// Not of TF-M's wrapper.
void DeclareOurs(CLI::App& app, WrapperArguments& arguments) {
  imgtool::SignOptions& options = arguments.sign.options;
  app.add_flag("--unsigned", options.is_unsigned,
               "an image with a hash and without signature");
  app.add_flag("--imgtool-compatible", options.imgtool_compatible,
               "do as TF-M's wrapper does, even where that is wrong");
}

}  // namespace

std::shared_ptr<WrapperArguments> DeclareWrapperArguments(CLI::App& app) {
  auto arguments = std::make_shared<WrapperArguments>();
  for (const auto declare : {DeclareFiles, DeclareImage, DeclareSlot,
                             DeclareEncryption, DeclareOurs}) {
    declare(app, *arguments);
  }
  return arguments;
}

}  // namespace bootseal::tfm
