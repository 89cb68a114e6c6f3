#include "client/package/fip_files.h"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "base/file.h"
#include "base/status.h"
#include "client/cli/exit_status.h"
#include "client/cli/output.h"

namespace bootseal::package {
namespace {

using image::fip::Uuid;
using image::host::FipImage;
using image::host::FipPackage;

absl::Status BadBlob(absl::string_view text, absl::string_view expected) {
  return cli::UsageError(
      "BLOB", absl::StrCat("blob \"", text, "\"; expected ", expected));
}

std::string Named(const Uuid& uuid) {
  const image::host::FipName* name = image::host::FindFipName(uuid);
  return name ? name->option : image::host::FormatFipUuid(uuid);
}

const FipImage* FindImage(const FipPackage& package, const Uuid& uuid) {
  for (const FipImage& image : package.images) {
    if (image.uuid == uuid) return &image;
  }
  return nullptr;
}

absl::Status CheckAbsent(const std::string& path) {
  std::error_code error;
  if (!std::filesystem::exists(path, error)) return absl::OkStatus();
  return cli::LocalFileError(
      "FILE_EXISTS",
      absl::StrCat(path, " is there already; give --force to replace it"));
}

}  // namespace

absl::StatusOr<ImageFile> ParseBlob(absl::string_view text) {
  constexpr absl::string_view kExpected = "uuid=UUID,file=FILE";
  const std::vector<absl::string_view> parts =
      absl::StrSplit(text, absl::MaxSplits(',', 1));
  if (parts.size() != 2) return BadBlob(text, kExpected);
  absl::string_view path = parts[1];
  if (!absl::ConsumePrefix(&path, "file=") || path.empty()) {
    return BadBlob(text, kExpected);
  }
  ASSIGN_OR_RETURN(const Uuid uuid, ParseBlobUuid(parts[0]));
  return ImageFile{uuid, std::string(path)};
}

absl::StatusOr<Uuid> ParseBlobUuid(absl::string_view text) {
  absl::string_view digits = text;
  std::optional<Uuid> uuid;
  if (absl::ConsumePrefix(&digits, "uuid=")) {
    uuid = image::host::ParseFipUuid(digits);
  }
  if (uuid.has_value()) return *uuid;
  return BadBlob(text,
                 "uuid= and a UUID such as "
                 "501d8dd2-8bce-49a5-84eb-559a9f2eaeaf, not zeros");
}

absl::StatusOr<std::vector<FipImage>> ReadImages(
    const std::vector<ImageFile>& files) {
  std::vector<FipImage> images;
  for (const ImageFile& file : files) {
    const auto same = [&](const FipImage& image) {
      return image.uuid == file.uuid;
    };
    if (std::any_of(images.begin(), images.end(), same)) {
      return cli::UsageError("DUPLICATE_IMAGE",
                             absl::StrCat(Named(file.uuid), " is given twice"));
    }
    ASSIGN_OR_RETURN(std::string content,
                     base::ReadFile(file.path, kMaxFipBytes));
    images.push_back({file.uuid, std::move(content)});
  }
  return images;
}

absl::StatusOr<FipPackage> ReadFipFile(const std::string& path) {
  ASSIGN_OR_RETURN(const std::string bytes, base::ReadFile(path, kMaxFipBytes));
  auto package = image::host::ReadFip(bytes);
  if (package.ok()) return package;
  return cli::WithExit(base::Annotate(package.status(), path),
                       cli::ExitStatus::kLocalFile);
}

std::vector<ImageFile> FilesOf(const FipPackage& package,
                               const std::string& folder) {
  std::vector<ImageFile> files;
  for (const FipImage& image : package.images) {
    const std::string name = image::host::FipFileName(image.uuid);
    files.push_back(
        {image.uuid, folder.empty() ? name : absl::StrCat(folder, "/", name)});
  }
  return files;
}

absl::Status WriteImages(const FipPackage& package,
                         const std::vector<ImageFile>& files,
                         Existing existing) {
  std::vector<cli::Output> outputs;
  for (const ImageFile& file : files) {
    const FipImage* image = FindImage(package, file.uuid);
    if (image == nullptr) {
      return base::NotFound(
          "FIP_NO_ENTRY", absl::StrCat("the FIP holds no ", Named(file.uuid)));
    }
    if (existing == Existing::kKept) RETURN_IF_ERROR(CheckAbsent(file.path));
    outputs.push_back({file.path, image->content});
  }
  return cli::WriteOutputs(outputs);
}

}  // namespace bootseal::package
