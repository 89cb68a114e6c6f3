#include "client/fwu/release_records.h"

#include <filesystem>
#include <system_error>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/file.h"
#include "base/pending_file.h"
#include "base/status.h"

namespace bootseal::fwu {

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
  for (const char* ending : {".json", ".receipt"}) {
    std::filesystem::remove(Path(bank, ending), error);
    if (error) {
      return base::Precondition(
          "FILE_UNWRITABLE", absl::StrCat("cannot remove ", Path(bank, ending),
                                          ": ", error.message()));
    }
  }
  return absl::OkStatus();
}

}  // namespace bootseal::fwu
