#include "firmware/image/host/sign_command.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "firmware/image/host/convert.h"

namespace bootseal::image::host {
namespace {

using mcuboot::KeyFormat;
using mcuboot::Presence;
using mcuboot::Rules;
using mcuboot::Strategy;

std::string NameOf(const TargetWords& target) {
  return target.name.empty() ? "TARGET" : target.name;
}

bool IsPlain(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
         absl::string_view("-_./:+=,@%").find(c) != absl::string_view::npos;
}

std::uint32_t CounterOf(const Rules& rules, const TargetWords& target) {
  return std::max(
      {target.default_security_counter, rules.minimum_security_counter, 1U});
}

std::string VersionWord(const std::optional<mcuboot::Version>& version) {
  return version ? FormatVersion(*version) : "VERSION";
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

std::string Content(const Rules& rules, const TargetWords& target) {
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
  if (rules.security_counter == Presence::kRequired) {
    absl::StrAppend(&options, " -s ", CounterOf(rules, target));
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
  return options;
}

}  // namespace

std::string ShellWord(absl::string_view word) {
  if (!word.empty() && std::all_of(word.begin(), word.end(), IsPlain)) {
    return std::string(word);
  }
  return absl::StrCat("'", absl::StrReplaceAll(word, {{"'", "'\\''"}}), "'");
}

std::string SignCommand(const Rules& rules, const TargetWords& target,
                        const std::optional<mcuboot::Version>& version) {
  std::string command =
      absl::StrCat("bootseal sign --target ", ShellWord(NameOf(target)),
                   " --version ", VersionWord(version));
  if (rules.security_counter == Presence::kRequired) {
    absl::StrAppend(&command, " --security-counter ", CounterOf(rules, target));
  }
  return absl::StrCat(command, " -o image.bin payload.bin");
}

std::string ImgtoolCommand(const Rules& rules, const TargetWords& target,
                           const std::optional<mcuboot::Version>& version) {
  return absl::StrCat("bootseal imgtool sign -k ",
                      ShellWord(absl::StrCat("bootseal:", NameOf(target))),
                      " -v ", VersionWord(version), " ", Layout(rules, target),
                      Content(rules, target), " payload.bin image.bin");
}

}  // namespace bootseal::image::host
