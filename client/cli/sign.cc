#include "client/cli/sign.h"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "client/cli/approval_wait.h"
#include "client/cli/arguments.h"
#include "client/cli/believed_profile.h"
#include "client/cli/device_key.h"
#include "client/cli/encrypted_image.h"
#include "client/cli/output.h"
#include "client/cli/payload.h"
#include "client/cli/people_wait.h"
#include "client/cli/profile_source.h"
#include "client/cli/release.h"
#include "client/cli/sign_header.h"
#include "client/cli/sign_options.h"
#include "client/cli/sign_report.h"
#include "client/cli/sign_stm32.h"
#include "client/cli/signed_already.h"
#include "client/cli/text.h"
#include "client/cli/vector_table.h"
#include "client/cli/vendor_tlvs.h"
#include "client/imgtool/prompt.h"
#include "client/package/sealed_first_stage.h"
#include "firmware/image/host/convert.h"

namespace bootseal::cli {
namespace {

using Options = SignOptions;

absl::Status CheckDistinct(const Options& options) {
  for (const std::string& path :
       {options.output, options.receipt, options.otp}) {
    if (!IsSamePath(path, options.input) &&
        !IsSamePath(path, options.device_key) &&
        !IsSamePath(path, options.profile)) {
      continue;
    }
    return UsageError(
        "OUTPUT_IS_INPUT",
        absl::StrCat("output ", path, " would replace its input"));
  }
  if (IsSamePath(options.otp, options.output) ||
      IsSamePath(options.otp, options.receipt)) {
    return UsageError("OUTPUT_IS_OTP",
                      absl::StrCat("OTP words and another file would both be ",
                                   options.otp, "; give two names"));
  }
  if (!IsSamePath(options.output, options.receipt)) return absl::OkStatus();
  return UsageError("OUTPUT_IS_RECEIPT",
                    absl::StrCat("image and receipt would both be ",
                                 options.output, "; give two names"));
}

absl::StatusOr<v1::SignHeader> MakeHeader(const Options& options) {
  ASSIGN_OR_RETURN(v1::SignHeader header, BeginHeader(options));
  ASSIGN_OR_RETURN(const auto tlvs, ReadVendorTlvs(options.vendor_tlvs));
  header.mutable_vendor_tlvs()->Assign(tlvs.begin(), tlvs.end());
  header.set_encrypted(!options.device_key.empty());
  header.set_embed_receipt(options.embed_receipt);
  return header;
}

absl::Status CheckAddress(const Options& options) {
  if (!IsHexPath(options.output) || options.address) return absl::OkStatus();
  return UsageError("ADDRESS_MISSING",
                    absl::StrCat("output ", options.output,
                                 " needs an address; give --address, or a "
                                 ".hex payload"));
}

absl::Status CheckTerminal(const Options& options) {
  if (!IsStandardOutput(options.output) || isatty(STDOUT_FILENO) != 1) {
    return absl::OkStatus();
  }
  return UsageError("OUTPUT_IS_TERMINAL",
                    "an image is no text for a terminal; redirect standard "
                    "output, or give -o the name of a file");
}

// Before anything is signed: places to write to.
absl::Status CheckPlaces(const Options& options) {
  RETURN_IF_ERROR(CheckAddress(options));
  RETURN_IF_ERROR(CheckTerminal(options));
  RETURN_IF_ERROR(CheckDistinct(options));
  RETURN_IF_ERROR(CheckOutput(options.output));
  for (const std::string& path : {options.receipt, options.otp}) {
    if (!path.empty()) RETURN_IF_ERROR(CheckOutput(path));
  }
  return absl::OkStatus();
}

// Where the payload depends on the target. nullopt when the server does not
// show it to us: asked to sign, it says why.
absl::StatusOr<std::optional<v1::Profile>> ProfileFor(
    const Options& options, const Connection& connection,
    const std::optional<v1::Profile>& pinned, absl::Time deadline) {
  if (pinned) return pinned;
  const bool matters = IsHexPath(options.output) ||
                       !options.device_key.empty() || options.compress ||
                       !options.otp.empty();
  if (!matters) return pinned;
  return AskForProfile(connection, options.target, deadline - absl::Now());
}

// An address that leaves no room is not worth a signature.
absl::Status CheckHexOutput(const Options& options, std::uint64_t payload_bytes,
                            const std::optional<v1::Profile>& profile) {
  if (!IsHexPath(options.output) || !profile) return absl::OkStatus();
  return CheckHexAddress(profile->target().mcuboot(), payload_bytes,
                         *options.address);
}

absl::StatusOr<imgtool::DeviceKey> LoadDevice(const Options& options,
                                              const v1::Target& target) {
  auto key = LoadDeviceKey(options.device_key, target, imgtool::AskPassphrase);
  if (key.ok()) return key;
  return WithExit(key.status(), ExitStatus::kLocalFile);
}

using Device = std::optional<imgtool::DeviceKey>;

// Once, before anything is signed: its file may be a pipe, and its passphrase
// is asked for. nullopt: not encrypted, or the target is not known yet.
absl::StatusOr<Device> DeviceFor(const Options& options,
                                 const std::optional<v1::Profile>& profile) {
  if (!profile || options.device_key.empty()) return std::nullopt;
  ASSIGN_OR_RETURN(imgtool::DeviceKey key,
                   LoadDevice(options, profile->target()));
  return Device(std::move(key));
}

// What was accepted, as it goes to the device. Never the plaintext of a payload
// that was to be encrypted.
absl::StatusOr<Release> Encrypted(const Options& options, Device device,
                                  Release accepted) {
  if (options.device_key.empty()) return accepted;
  if (!device) {
    ASSIGN_OR_RETURN(device, DeviceFor(options, accepted.reply.profile()));
  }
  ASSIGN_OR_RETURN(accepted.image,
                   EncryptImage(accepted.image, accepted.reply, *device,
                                PayloadForm::kEncrypted));
  return accepted;
}

absl::StatusOr<SentPayload> PayloadToSend(
    const Options& options, const std::optional<v1::Profile>& profile,
    const std::string& payload) {
  // Asked to sign, the server says what is wrong with a target it does not
  // show.
  SentPayload sent{payload};
  if (!profile) return sent;
  if (options.compress) {
    ASSIGN_OR_RETURN(sent, CompressFor(*profile, payload));
  }
  if (options.device_key.empty()) return sent;
  return PaddedForCipher(profile->target().mcuboot(), std::move(sent));
}

// The image last: where it is, its receipt is too.
absl::Status WriteFiles(const Options& options, const Release& release) {
  std::vector<Output> outputs;
  if (!options.receipt.empty()) {
    outputs.push_back({options.receipt, release.reply.receipt()});
  }
  if (!IsHexPath(options.output)) {
    outputs.push_back({options.output, release.image.bytes});
    return WriteOutputs(outputs);
  }
  ASSIGN_OR_RETURN(const std::string hex,
                   ToIntelHex(release.image, *options.address));
  outputs.push_back({options.output, hex});
  return WriteOutputs(outputs);
}

// Standard output is for the image alone, if it goes there.
void Print(const Options& options, const WrittenRelease& written,
           Format format) {
  const std::string text = FormatRelease(written, format);
  if (IsStandardOutput(options.output) || IsStandardOutput(options.receipt)) {
    std::fputs(text.c_str(), stderr);
  } else {
    PrintResult(text);
  }
  if (format == Format::kJson) return;
  for (const std::string& warning : written.warnings) {
    Warn(absl::StrCat("warning: ", warning));
  }
}

// What is fused for good is not the server's to say alone.
absl::Status CheckOtp(const Options& options, const v1::Profile& profile) {
  if (options.profile.empty()) {
    return UsageError("OTP_NEEDS_PROFILE",
                      absl::StrCat("--otp writes what is fused for good, and "
                                   "only the server would vouch for it; keep "
                                   "`bootseal targets export ",
                                   options.target,
                                   "` from when you trusted it, and give "
                                   "--profile"));
  }
  return package::OtpWordsOf(profile).status();
}

// What a first stage cannot be, and what only one has.
absl::Status CheckFormat(const Options& options,
                         const std::optional<v1::Profile>& profile) {
  if (!profile) return absl::OkStatus();
  if (!profile->target().has_stm32_header()) {
    if (options.otp.empty()) return absl::OkStatus();
    return UsageError("NOT_OF_TARGET",
                      absl::StrCat("target ", options.target,
                                   " is for no first stage, and has no OTP "
                                   "words; leave --otp out"));
  }
  if (!options.otp.empty()) {
    RETURN_IF_ERROR(CheckOtp(options, *profile));
  }
  if (!IsHexPath(options.output) && options.device_key.empty() &&
      !options.compress) {
    return absl::OkStatus();
  }
  return UsageError("NOT_OF_TARGET",
                    absl::StrCat("target ", options.target,
                                 " is for first stages, which are written as "
                                 "they are: neither Intel HEX, encrypted nor "
                                 "compressed"));
}

absl::Status CheckInput(const Options& options) {
  if (options.input.empty() == options.components.empty()) {
    return UsageError("PAYLOAD_MISSING",
                      "expected a payload, or --component NAME=FILE for each "
                      "image of a package, and not both");
  }
  if (options.components.empty() &&
      (options.non_trusted_counter || !options.valid_from.empty())) {
    return UsageError("OPTION_OF_PACKAGE",
                      "--non-trusted-counter and --valid-from are of a "
                      "package, and no --component is given");
  }
  return absl::OkStatus();
}

absl::StatusOr<ExitStatus> Sign(Context& context, Options options) {
  RETURN_IF_ERROR(CheckInput(options));
  if (!options.components.empty()) return SignPackage(context, options);
  if (options.output.empty()) options.output = SignedPath(options.input);
  ASSIGN_OR_RETURN(v1::SignHeader header, MakeHeader(options));
  ASSIGN_OR_RETURN(Payload payload, LoadPayload(options.input));
  if (!options.address) options.address = payload.loaded.address;
  RETURN_IF_ERROR(CheckPlaces(options));
  ASSIGN_OR_RETURN(const std::optional<v1::Profile> pinned,
                   PinnedProfile(options.profile, options.target));
  ASSIGN_OR_RETURN(const absl::Duration wait, WaitOf(options.wait));
  ASSIGN_OR_RETURN(const LogKey key, context.ReadLogKey());
  ASSIGN_OR_RETURN(const Connection* const connection, context.Connect());
  const absl::Time deadline =
      absl::Now() + absl::Seconds(options.timeout_seconds);
  ASSIGN_OR_RETURN(const LogMemory memory, LogMemory::Open(key));
  ASSIGN_OR_RETURN(const std::optional<v1::Profile> profile,
                   ProfileFor(options, *connection, pinned, deadline));
  RETURN_IF_ERROR(CheckFormat(options, profile));
  const std::string& plain = payload.loaded.bytes;
  ASSIGN_OR_RETURN(Device device, DeviceFor(options, profile));
  ASSIGN_OR_RETURN(SentPayload sent, PayloadToSend(options, profile, plain));
  RETURN_IF_ERROR(CheckHexOutput(
      options, std::max(plain.size(), sent.bytes.size()), profile));
  const Order order = MakeOrder(std::move(header), std::move(sent));
  ASSIGN_OR_RETURN(v1::SignReply reply,
                   RequestApprovedSignature(*connection, order,
                                            deadline - absl::Now(), wait));
  if (reply.profile().target().has_stm32_header()) {
    return KeepFirstStage(context, *connection, memory, key,
                          {options, order, reply, pinned});
  }
  const std::string& id = order.header.request_id();
  auto accepted = Accept(*connection, order, std::move(reply), key, memory,
                         pinned, absl::Seconds(options.timeout_seconds));
  if (!accepted.ok()) return AfterSigning(accepted.status(), id);
  const auto made = Encrypted(options, std::move(device), *std::move(accepted));
  if (!made.ok()) return AfterSigning(made.status(), id);
  const Release& release = *made;
  RETURN_IF_ERROR(AfterSigning(WriteFiles(options, release), id));
  WrittenRelease written{order, release, options.output, options.receipt,
                         std::move(payload.warnings)};
  for (std::string& warning :
       VectorTableWarnings(release.reply.profile().target(), plain)) {
    written.warnings.push_back(std::move(warning));
  }
  Print(options, written, context.format());
  return ExitStatus::kDone;
}

void DeclarePatience(CLI::App& app, Options& options) {
  app.add_option("--timeout", options.timeout_seconds,
                 "seconds for all attempts together, and as many for the proof "
                 "of the log once it is signed")
      ->check(PositiveSeconds());
  app.add_option("--wait", options.wait,
                 "for people to approve, for example 30m; default: "
                 "BOOTSEAL_WAIT, or end with "
                 "status 3, and the same command later gets it")
      ->check(NotEmpty());
}

}  // namespace

Action DeclareSign(CLI::App& app) {
  const auto options = std::make_shared<Options>();
  app.add_option("payload", options->input,
                 "what the build made: Intel HEX when it is named .hex or "
                 ".ihex, raw bytes otherwise")
      ->check(NotEmpty());
  app.add_option("--target", options->target, "entry of the policy")
      ->required()
      ->check(PlainText());
  app.add_option("--version", options->version,
                 "major[.minor[.revision[+build]]]")
      ->required()
      ->check(PlainText());
  app.add_option("--security-counter", options->security_counter,
                 "default: as the target says")
      ->transform(WholeNumber32());
  app.add_option("--vendor-tlv", options->vendor_tlvs,
                 "TYPE=VALUE or TYPE=@FILE, of a type that the target lists in "
                 "request_tlvs; a VALUE of 0x and digits is bytes; may be "
                 "repeated")
      ->allow_extra_args(false)
      ->check(NotEmpty());
  app.add_option("--encrypt", options->device_key,
                 "encrypt the payload for the device whose public key (PEM) "
                 "this file holds; for a target with AES_KW, the key that it "
                 "shares with us, in base64")
      ->check(NotEmpty());
  app.add_option("--request-id", options->request_id,
                 "the same id with the same payload gets the same release; "
                 "default: random")
      ->check(RequestId());
  app.add_option("-o,--output", options->output,
                 "default: the payload's name with .signed; .hex and .ihex are "
                 "written as Intel HEX; -: standard output")
      ->check(NotEmpty());
  app.add_option("--receipt", options->receipt,
                 "write the proof that the signature is in the log")
      ->check(NotEmpty());
  app.add_option("--profile", options->profile,
                 "demand the target and key of this file too")
      ->check(NotEmpty());
  app.add_option("--address", options->address,
                 "of the payload's first byte, for Intel HEX")
      ->transform(WholeNumber32());
  app.add_flag("--compress", options->compress,
               "send and sign it compressed, if the target's bootloader "
               "decompresses and it gets smaller");
  app.add_flag("--embed-receipt", options->embed_receipt,
               "the image carries the proof that the log has its signature; "
               "for a target with `receipt`, done anyway where that is "
               "REQUIRED");
  DeclarePatience(app, *options);
  DeclarePackageOptions(app, *options);
  return [options](Context& context) { return Sign(context, *options); };
}

}  // namespace bootseal::cli
