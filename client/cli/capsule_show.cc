#include "client/cli/capsule_show.h"

#include <CLI/CLI.hpp>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/file.h"
#include "base/status.h"
#include "client/capsule/capsule_check.h"
#include "client/capsule/capsule_words.h"
#include "client/cli/arguments.h"
#include "client/cli/profile_source.h"
#include "client/cli/text.h"
#include "client/fwu/byte_source.h"

namespace bootseal::cli {
namespace {

using image::host::VerifiedCapsule;

constexpr std::size_t kMaxCertificateBytes = 64 << 10;
constexpr std::size_t kMaxReceiptBytes = 1 << 20;

struct Options {
  std::string file;
  std::string certificate;
  ProfileSource source;
  std::string receipt;
};

absl::StatusOr<std::unique_ptr<fwu::ByteSource>> OpenFile(
    const std::string& path) {
  auto file = fwu::FromFile(path);
  if (!file.ok()) return WithExit(file.status(), ExitStatus::kLocalFile);
  if ((*file)->size() > 0) return file;
  return LocalFileError("FILE_EMPTY",
                        absl::StrCat(Printable(path), " is empty"));
}

void Print(Format format, capsule::Description description) {
  PrintResult(format == Format::kJson ? description.json.Build().text() + "\n"
                                      : FormatTable(description.rows));
}

absl::StatusOr<ExitStatus> Show(Context& context, const Options& options) {
  ASSIGN_OR_RETURN(const auto file, OpenFile(options.file));
  auto description = capsule::DescribeFile(*file);
  if (!description.ok()) {
    return base::Annotate(description.status(), Printable(options.file));
  }
  Print(context.format(), *std::move(description));
  return ExitStatus::kDone;
}

absl::Status CheckOptions(const Options& options) {
  const bool has_source =
      !options.source.target.empty() || !options.source.profile.empty();
  if (options.certificate.empty() != has_source) {
    return UsageError("USAGE",
                      "give what to believe: --certificate, the one that "
                      "devices hold, or --target or --profile");
  }
  if (options.receipt.empty() || has_source) return absl::OkStatus();
  return UsageError("TARGET_MISSING",
                    "a receipt is about a target; give --profile or --target");
}

absl::StatusOr<image::host::CapsuleCertificate> ReadCertificate(
    const std::string& path) {
  ASSIGN_OR_RETURN(const std::string pem,
                   base::ReadFile(path, kMaxCertificateBytes));
  auto certificate = image::host::CapsuleCertificate::Parse(pem);
  if (certificate.ok()) return certificate;
  return WithExit(base::Annotate(certificate.status(), Printable(path)),
                  ExitStatus::kLocalFile);
}

absl::StatusOr<std::optional<std::uint64_t>> CheckReceipt(
    Context& context, const Options& options, const v1::Profile& profile,
    const VerifiedCapsule& capsule) {
  if (options.receipt.empty()) return std::optional<std::uint64_t>();
  ASSIGN_OR_RETURN(const LogKey key, context.ReadLogKey());
  ASSIGN_OR_RETURN(const std::string receipt,
                   base::ReadFile(options.receipt, kMaxReceiptBytes));
  ASSIGN_OR_RETURN(const auto proven,
                   capsule::CheckReceipt(key, receipt, profile, capsule));
  return std::optional<std::uint64_t>(proven.checkpoint.size);
}

void AddVerdict(const VerifiedCapsule& verified,
                const std::optional<std::uint64_t>& log_size,
                capsule::Description& made) {
  made.rows.back() = {"signature", "good"};
  made.rows.push_back(
      {"signed content",
       absl::StrCat("sha256 ",
                    absl::BytesToHexString(verified.content_sha256()))});
  made.rows.push_back(
      {"not signed", "image type, index, hardware instance and flags"});
  made.json.Add("verified", Json::Truth(true))
      .Add("content_sha256", Json::Hex(verified.content_sha256()));
  if (!log_size) return;
  made.rows.push_back(
      {"receipt", absl::StrCat("good, in a log of ", *log_size, " entries")});
  made.json.Add("log_size", Json::Number(*log_size));
}

absl::StatusOr<ExitStatus> Check(Context& context, const Options& options) {
  RETURN_IF_ERROR(CheckOptions(options));
  ASSIGN_OR_RETURN(const auto file, OpenFile(options.file));
  std::optional<image::host::CapsuleCertificate> certificate;
  v1::Profile profile;
  if (!options.certificate.empty()) {
    ASSIGN_OR_RETURN(certificate, ReadCertificate(options.certificate));
  } else {
    ASSIGN_OR_RETURN(profile, ReadProfile(context, options.source));
  }
  ASSIGN_OR_RETURN(const auto parts, capsule::SplitFile(*file));
  ASSIGN_OR_RETURN(const VerifiedCapsule verified,
                   certificate ? capsule::Verify(parts, *certificate)
                               : capsule::VerifyOfTarget(parts, profile));
  ASSIGN_OR_RETURN(const auto log_size,
                   CheckReceipt(context, options, profile, verified));
  capsule::Description made = capsule::Describe(verified.front());
  AddVerdict(verified, log_size, made);
  Print(context.format(), std::move(made));
  return ExitStatus::kDone;
}

void DeclareFile(CLI::App& app, Options& options) {
  app.add_option("file", options.file, "a capsule")
      ->required()
      ->check(NotEmpty());
}

}  // namespace

bool LooksLikeCapsule(absl::string_view file) {
  return image::host::FindCapsuleKind(file).has_value();
}

absl::StatusOr<Description> DescribeCapsule(absl::string_view file) {
  const auto source = fwu::FromMemory(file);
  ASSIGN_OR_RETURN(capsule::Description made, capsule::DescribeFile(*source));
  made.rows.insert(made.rows.begin(),
                   {"format",
                    "UEFI capsule (not checked; `bootseal capsule "
                    "check` does)"});
  Description description;
  description.text = FormatTable(made.rows);
  description.json = made.json.Add("format", Json::Text("capsule")).Build();
  return description;
}

Action DeclareCapsuleShow(CLI::App& app) {
  const auto options = std::make_shared<Options>();
  DeclareFile(app, *options);
  return [options](Context& context) { return Show(context, *options); };
}

Action DeclareCapsuleCheck(CLI::App& app) {
  const auto options = std::make_shared<Options>();
  DeclareFile(app, *options);
  app.add_option("--certificate", options->certificate,
                 "PEM file: the certificate that devices hold")
      ->check(NotEmpty());
  app.add_option("--target", options->source.target,
                 "demand all that this target says, asked from the server")
      ->check(PlainText());
  app.add_option("--profile", options->source.profile,
                 "the same from a file, offline")
      ->check(NotEmpty());
  app.add_option("--receipt", options->receipt,
                 "demand the proof that the signature is in the log")
      ->check(NotEmpty());
  return [options](Context& context) { return Check(context, *options); };
}

}  // namespace bootseal::cli
