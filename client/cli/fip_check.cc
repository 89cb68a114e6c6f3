#include "client/cli/fip_check.h"

#include <CLI/CLI.hpp>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "base/file.h"
#include "base/status.h"
#include "client/cli/arguments.h"
#include "client/cli/package_report.h"
#include "client/cli/public_key.h"
#include "client/cli/text.h"
#include "client/package/chip.h"
#include "client/package/fip_files.h"
#include "firmware/image/certificate/certificate.h"
#include "firmware/image/fip/toc.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/host/curve_words.h"
#include "firmware/image/host/explain_package.h"

namespace bootseal::cli {
namespace {

using image::Error;
using image::certificate::Curve;
using image::certificate::Role;
using image::certificate::Rules;
using image::host::AsBytes;
using image::host::PackageReport;

struct Options {
  std::string fip;
  std::string chip = "stm32mp15";
  std::string root_key;
  std::string key_hash;
  std::uint32_t counter = 0;
  std::uint32_t ceiling = 0;
};

absl::StatusOr<std::string> RootKeyHash(const Options& options,
                                        const package::ChipKind& chip) {
  if (options.root_key.empty() == options.key_hash.empty()) {
    return UsageError("USAGE",
                      "give the root key as --root-key, or its hash as "
                      "--key-hash");
  }
  if (!options.key_hash.empty()) {
    return package::ParseKeyHash(options.key_hash,
                                 image::certificate::kDigestBytes);
  }
  ASSIGN_OR_RETURN(const std::string pem,
                   base::ReadFile(options.root_key, std::size_t{64} << 10));
  ASSIGN_OR_RETURN(const PublicKey key, FromPem(pem));
  const auto read = image::certificate::ReadPublicKey(AsBytes(key.device_der));
  if (!read.ok()) {
    return LocalFileError("CERTIFICATE_KEY",
                          absl::StrCat(options.root_key, " holds ",
                                       image::host::CurveWords(key.device_der),
                                       "; chains of trust have keys on P-256 "
                                       "or brainpoolP256t1"));
  }
  return image::host::ToString(
      image::certificate::KeyHashOf(chip.root_hash, *read).bytes());
}

// The root key's, as the device takes it: the hash is over the point, and
// decides which key it is. P-256 where there is none to be read.
Curve CurveOf(absl::string_view fip) {
  const auto toc = image::fip::ReadToc(AsBytes(fip), fip.size());
  if (!toc.ok()) return Curve::kP256;
  const auto& root = image::certificate::TraitsOf(Role::kTrustedKey);
  const auto der = image::fip::FindImage(*toc, root.uuid, AsBytes(fip));
  if (!der.ok()) return Curve::kP256;
  const auto read = image::certificate::ReadCertificate(*der);
  return read.ok() ? read->key.curve : Curve::kP256;
}

absl::StatusOr<ExitStatus> Check(Context& context, const Options& options) {
  ASSIGN_OR_RETURN(const package::ChipKind* const chip,
                   package::FindChip(options.chip));
  // Packages of an STM32MP2 have images and certificates of a Cortex-A35.
  if (chip->header != image::stm32::Version::kV1 &&
      chip->header != image::stm32::Version::kV20) {
    return UsageError("CHIP", absl::StrCat("chip \"", chip->name,
                                           "\": packages are of stm32mp15 "
                                           "and stm32mp13"));
  }
  ASSIGN_OR_RETURN(const std::string hash, RootKeyHash(options, *chip));
  ASSIGN_OR_RETURN(const std::string fip,
                   base::ReadFile(options.fip, package::kMaxFipBytes));
  Rules rules;
  rules.key_hash_form = chip->root_hash;
  rules.root_key_hash = AsBytes(hash);
  rules.curve = CurveOf(fip);
  rules.trusted_counter = options.counter;
  rules.non_trusted_counter = options.counter;
  rules.counter_ceiling = options.ceiling;
  const PackageReport report = image::host::ExplainPackage(rules, fip);
  PrintResult(FormatPackageReport(report, context.format()));
  return report.verdict == Error::kOk ? ExitStatus::kDone
                                      : ExitStatus::kRefused;
}

}  // namespace

Action DeclareFipCheck(CLI::App& app) {
  const auto options = std::make_shared<Options>();
  app.add_option("--chip", options->chip, "stm32mp15 (default) or stm32mp13")
      ->check(NotEmpty());
  app.add_option("--root-key", options->root_key,
                 "PEM file: the public key that the device trusts")
      ->check(NotEmpty());
  app.add_option("--key-hash", options->key_hash,
                 "its hash, hexadecimal, as BL2 compares it")
      ->check(NotEmpty());
  app.add_option("--counter", options->counter,
                 "the device's NV counter; default: 0")
      ->transform(WholeNumber32());
  app.add_option("--ceiling", options->ceiling,
                 "refuse a counter above; default: none")
      ->transform(WholeNumber32());
  app.add_option("fip", options->fip, "the package")
      ->required()
      ->check(NotEmpty());
  return [options](Context& context) { return Check(context, *options); };
}

}  // namespace bootseal::cli
