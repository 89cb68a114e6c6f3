#include "client/cli/imgtool_target.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/status.h"
#include "client/cli/imgtool_checks.h"
#include "client/cli/public_key.h"
#include "client/cli/text.h"
#include "server/trust/format.h"

namespace bootseal::cli {
namespace {

namespace mcuboot = image::mcuboot;

// The files and their form.
constexpr std::array<absl::string_view, 4> kAgreed{"--sig-out", "--version",
                                                   "--endian", "--hex-addr"};

struct Refused {
  absl::string_view option;
  absl::string_view why;
};
constexpr std::array<Refused, 6> kRefused{{
    {"--pad-sig", "the server signs for MCUboot 1.5 and later"},
    {"--fix-sig", "the server makes the signature"},
    {"--fix-sig-pubkey", "the server makes the signature"},
    {"--vector-to-sign", "the server signs nothing that it does not assemble"},
    {"--unsigned", "the server signs"},
    {"--imgtool-compatible", "the server makes no fault of imgtool's"},
}};

bool IsAgreed(const std::string& option) {
  return std::count(kAgreed.begin(), kAgreed.end(), option) != 0;
}

// A bootloader built with the key of the key file takes no image of another.
Complaint JudgeKey(const imgtool::ServerOrder& order,
                   const v1::Profile& profile) {
  if (order.public_key.empty() || order.public_key == profile.public_key()) {
    return {};
  }
  const auto hash = [&](const std::string& der) {
    return absl::BytesToHexString(KeyHash({profile.algorithm(), der}));
  };
  return absl::StrCat("signs with key ", Printable(profile.target().key()),
                      " of hash ", hash(profile.public_key()),
                      ", the key file holds the one of hash ",
                      hash(order.public_key));
}

// An option that no table knows is refused too.
Complaint Judge(const TargetCase& on, const std::string& option) {
  if (IsAgreed(option)) return {};
  for (const auto checks :
       {LayoutChecks(), ContentChecks(), AttributeChecks()}) {
    for (const TargetCheck& check : checks) {
      if (check.option == option) return check.judge(on);
    }
  }
  for (const Refused& row : kRefused) {
    if (row.option != option) continue;
    return absl::StrCat("cannot have ", option, ": ", row.why);
  }
  return absl::StrCat("cannot have ", option, ": the server does not know it");
}

}  // namespace

Complaint Differs(absl::string_view has, absl::string_view expected,
                  absl::string_view found) {
  return absl::StrCat(has, " ", expected, ", the command line says ", found);
}

absl::Status CheckAgainstTarget(const imgtool::ServerOrder& order,
                                const v1::Profile& profile) {
  const v1::McubootFormat& format = profile.target().mcuboot();
  const TargetCase on{order.options, format,
                      trust::RulesOf(format, profile.algorithm())};
  const std::string target =
      absl::StrCat("target ", Printable(profile.target().name()), " ");
  std::vector<std::string> complaints;
  std::string first;
  for (const std::string& option : order.given) {
    const Complaint complaint =
        option == "--key" ? JudgeKey(order, profile) : Judge(on, option);
    if (complaint.empty()) continue;
    if (first.empty()) first = option;
    std::string sentence = absl::StrCat(target, complaint);
    if (std::count(complaints.begin(), complaints.end(), sentence) == 0) {
      complaints.push_back(std::move(sentence));
    }
  }
  if (on.rules.encryption == mcuboot::Presence::kRequired &&
      !order.Has("--encrypt")) {
    if (first.empty()) first = "--encrypt";
    complaints.push_back(absl::StrCat(
        target, "requires --encrypt, with the device's public key"));
  }
  if (complaints.empty()) return absl::OkStatus();
  return base::Invalid("TARGET_CONTRADICTED", first,
                       absl::StrJoin(complaints, "; "));
}

std::vector<v1::VendorTlv> RequestTlvs(const imgtool::SignOptions& options,
                                       const v1::McubootFormat& format) {
  std::vector<v1::VendorTlv> tlvs;
  for (const imgtool::CustomTlv& custom : options.custom) {
    const bool is_own = std::any_of(
        format.vendor_tlvs().begin(), format.vendor_tlvs().end(),
        [&](const v1::VendorTlv& own) { return own.type() == custom.type; });
    if (is_own) continue;
    v1::VendorTlv& tlv = tlvs.emplace_back();
    tlv.set_type(custom.type);
    tlv.set_value(custom.value);
  }
  return tlvs;
}

imgtool::SignOptions WithLayout(const imgtool::ServerOrder& order,
                                const v1::Profile& profile) {
  const v1::McubootFormat& format = profile.target().mcuboot();
  const mcuboot::Rules rules = trust::RulesOf(format, profile.algorithm());
  imgtool::SignOptions options = order.options;
  options.header_size = rules.header_size;
  options.slot_size = rules.slot_size;
  options.align = rules.align;
  options.max_align = rules.max_align;
  options.max_sectors = rules.max_sectors;
  options.sector_size = rules.sector_size;
  options.strategy = rules.strategy;
  options.overwrite_only = rules.strategy == mcuboot::Strategy::kOverwriteOnly;
  options.erased = ErasedOf(format);
  if (options.padding == imgtool::Padding::kNone) {
    options.padding = PaddingOf(format);
  }
  return options;
}

}  // namespace bootseal::cli
