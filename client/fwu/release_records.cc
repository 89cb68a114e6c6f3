#include "client/fwu/release_records.h"

#include <filesystem>
#include <system_error>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/file.h"
#include "base/pending_file.h"
#include "base/status.h"

namespace bootseal::fwu {
namespace {

constexpr std::size_t kMaxTrialsBytes = 64;

}  // namespace

std::string FolderRecords::Path(std::uint8_t bank, const char* ending) const {
  return absl::StrCat(folder_, "/bank-", int{bank}, ending);
}

absl::StatusOr<std::optional<image::host::VerifiedRelease>> FolderRecords::Of(
    std::uint8_t bank) {
  const auto envelope = base::ReadFile(Path(bank, ".json"), kMaxManifestBytes);
  if (absl::IsNotFound(envelope.status())) return std::nullopt;
  RETURN_IF_ERROR(envelope.status());
  ASSIGN_OR_RETURN(const std::string receipt,
                   base::ReadFile(Path(bank, ".receipt"), kMaxReceiptBytes));
  auto release = image::host::OpenRelease(*envelope, receipt, trust_);
  if (!release.ok()) {
    return base::Annotate(release.status(), Path(bank, ".json"));
  }
  return *std::move(release);
}

absl::Status FolderRecords::Put(std::uint8_t bank, const BundleHead& head) {
  std::error_code error;
  std::filesystem::create_directories(folder_, error);
  std::vector<base::PendingFile> files;
  ASSIGN_OR_RETURN(auto receipt, base::PendingFile::Write(
                                     Path(bank, ".receipt"), head.receipt));
  files.push_back(std::move(receipt));
  ASSIGN_OR_RETURN(auto envelope, base::PendingFile::Write(Path(bank, ".json"),
                                                           head.envelope));
  files.push_back(std::move(envelope));
  return base::PutInPlace(std::move(files));
}

absl::Status FolderRecords::Remove(std::uint8_t bank) {
  std::error_code error;
  for (const char* ending : {".json", ".receipt", ".trials"}) {
    std::filesystem::remove(Path(bank, ending), error);
    if (error) {
      return base::Precondition(
          "FILE_UNWRITABLE", absl::StrCat("cannot remove ", Path(bank, ending),
                                          ": ", error.message()));
    }
  }
  return absl::OkStatus();
}

absl::Status FolderRecords::NoteTrial(std::uint8_t bank, std::uint8_t left) {
  ASSIGN_OR_RETURN(const auto fewest, FewestTrials(bank));
  if (fewest && *fewest <= left) return absl::OkStatus();
  std::error_code error;
  std::filesystem::create_directories(folder_, error);
  return base::WriteFileAtomically(Path(bank, ".trials"),
                                   absl::StrCat(int{left}, "\n"));
}

absl::StatusOr<std::optional<std::uint8_t>> FolderRecords::FewestTrials(
    std::uint8_t bank) {
  const auto text = base::ReadFile(Path(bank, ".trials"), kMaxTrialsBytes);
  if (absl::IsNotFound(text.status())) return std::nullopt;
  RETURN_IF_ERROR(text.status());
  std::uint32_t left = 0;
  // A note that says nothing is as good as none.
  if (!absl::SimpleAtoi(*text, &left) || left > 15) return std::nullopt;
  return static_cast<std::uint8_t>(left);
}

}  // namespace bootseal::fwu
