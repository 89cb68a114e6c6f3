#include "client/imgtool/option_checks.h"

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "client/cli/payload.h"
#include "client/cli/text.h"
#include "client/imgtool/message.h"
#include "firmware/image/mcuboot/boot_record.h"

namespace bootseal::imgtool {
namespace {

using cli::Printable;
using image::mcuboot::Strategy;

constexpr std::uint32_t kMaxHeaderSize = 0xffff;

absl::Status Usage(absl::string_view field, absl::string_view what) {
  return base::Invalid("USAGE", field, what);
}

absl::Status CheckHeader(const SignOptions& options) {
  const std::string what =
      absl::StrCat("-H/--header-size is ", options.header_size,
                   ", expected 32 to ", kMaxHeaderSize);
  if (options.header_size < image::mcuboot::kHeaderBytes) {
    return Usage("--header-size", what);
  }
  if (options.header_size > kMaxHeaderSize) {
    return Unfit("HEADER_SIZE", "--header-size", what);
  }
  if (options.load_address != 0 && options.rom_fixed != 0) {
    return Usage("--rom-fixed",
                 "-L/--load-addr and -F/--rom-fixed exclude one another: an "
                 "image runs from RAM or from its place in flash");
  }
  return absl::OkStatus();
}

absl::Status CheckSlot(const SignOptions& options) {
  if (options.align > options.max_align && !options.imgtool_compatible) {
    return Usage("--max-align",
                 absl::StrCat("--align ", options.align,
                              " is above --max-align ", options.max_align,
                              ": the bootloader would not find its trailer"));
  }
  // imgtool puts a trailer behind the image then.
  const bool is_tolerated =
      options.imgtool_compatible && !cli::IsHexPath(options.output);
  if (options.padding != Padding::kNone && options.slot_size == 0 &&
      !is_tolerated) {
    return Usage(
        "--slot-size",
        "--pad, --test and --confirm fill the slot: give its size with "
        "-S/--slot-size, not 0");
  }
  const bool contradicts = options.overwrite_only && options.strategy &&
                           options.strategy != Strategy::kOverwriteOnly;
  if (contradicts) {
    return Usage("--strategy",
                 "--overwrite-only contradicts the --strategy given");
  }
  const bool moves = options.strategy == Strategy::kSwapMove ||
                     options.strategy == Strategy::kSwapOffset;
  if (moves && options.sector_size == 0) {
    return Usage("--sector-size",
                 "--strategy swap-move and swap-offset need a spare sector: "
                 "give --sector-size");
  }
  return absl::OkStatus();
}

absl::Status CheckSignature(const SignOptions& options) {
  if (!options.key.empty() && !options.signature.empty()) {
    return Usage("--fix-sig",
                 "-k/--key and --fix-sig exclude one another: sign here, or "
                 "bring the signature");
  }
  if (!options.signature.empty() && options.signature_key.empty()) {
    return Usage("--fix-sig-pubkey",
                 "--fix-sig needs --fix-sig-pubkey, the public key that the "
                 "image is to name");
  }
  const bool lonely = !options.signature_key.empty() &&
                      options.signature.empty() &&
                      options.vector == Vector::kNone;
  if (lonely && !options.imgtool_compatible) {
    return Usage("--fix-sig",
                 "--fix-sig-pubkey without --fix-sig would leave the image "
                 "unsigned; give both");
  }
  if (options.pure && options.hash) {
    return Usage("--sha",
                 "--pure signs the image itself and fixes its hash, SHA-512: "
                 "leave --sha out");
  }
  return absl::OkStatus();
}

// An image without signature is made for those alone who ask for it.
absl::Status CheckSigner(const SignOptions& options) {
  const bool has_signer = !options.key.empty() || !options.signature.empty();
  if (options.is_unsigned && (has_signer || options.pure)) {
    return Usage("--unsigned",
                 "--unsigned contradicts -k/--key, --fix-sig and --pure");
  }
  if (!options.signature_output.empty() &&
      (!has_signer || options.vector != Vector::kNone)) {
    return Unfit("SIGNATURE_MISSING", "--sig-out",
                 "--sig-out needs a signature: give -k/--key");
  }
  const bool may_lack = has_signer || options.is_unsigned ||
                        options.imgtool_compatible ||
                        options.vector != Vector::kNone;
  if (may_lack) return absl::OkStatus();
  return base::Invalid("UNSIGNED", "--key",
                       "no key is given, and the image would be unsigned: give "
                       "-k/--key, or --unsigned if that is meant");
}

absl::Status CheckVector(const SignOptions& options) {
  if (options.vector == Vector::kNone) return absl::OkStatus();
  if (cli::IsHexPath(options.output)) {
    return Usage("outfile", absl::StrCat("--vector-to-sign writes raw bytes; ",
                                         Printable(options.output),
                                         " would be read as Intel HEX"));
  }
  const bool knows_signer =
      !options.key.empty() || !options.signature_key.empty();
  if (!options.software_type.empty() && !knows_signer &&
      !options.imgtool_compatible) {
    return Usage("--fix-sig-pubkey",
                 "--boot-record names the signer, and what is signed depends "
                 "on it: give --fix-sig-pubkey here too");
  }
  return absl::OkStatus();
}

absl::Status CheckCompression(const SignOptions& options) {
  if (options.compression == Compression::kNone) return absl::OkStatus();
  const bool has_one_signature =
      options.vector != Vector::kNone || !options.signature.empty();
  if (!has_one_signature || options.imgtool_compatible) {
    return absl::OkStatus();
  }
  return Usage("--compression",
               "a compressed image has two signatures, which --vector-to-sign "
               "and --fix-sig cannot carry: sign it with -k/--key");
}

absl::Status CheckSoftwareType(const SignOptions& options) {
  constexpr std::size_t kMost = image::mcuboot::kMaxSoftwareTypeBytes;
  if (options.software_type.size() <= kMost) return absl::OkStatus();
  return Usage(
      "--boot-record",
      absl::StrCat("--boot-record \"", Printable(options.software_type),
                   "\" has ", options.software_type.size(),
                   " bytes, expected at most ", kMost));
}

}  // namespace

absl::Status CheckOptions(const SignOptions& options) {
  for (const auto check : {CheckHeader, CheckSlot, CheckSignature, CheckVector,
                           CheckSigner, CheckCompression, CheckSoftwareType}) {
    RETURN_IF_ERROR(check(options));
  }
  return absl::OkStatus();
}

}  // namespace bootseal::imgtool
