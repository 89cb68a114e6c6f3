#include "client/package/fip_files.h"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
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

struct Blob {
  absl::string_view uuid;
  absl::string_view path;  // empty when left out
};

// Only the front of "uuid=" and a comma behind it, or a comma and "uuid=" at
// the end, can part the two: a file's name may have commas.
Blob SplitBlob(absl::string_view text) {
  Blob blob;
  if (absl::ConsumePrefix(&text, "uuid=")) {
    const std::size_t comma = text.find(',');
    blob.uuid = text.substr(0, comma);
    if (comma != absl::string_view::npos) blob.path = text.substr(comma + 1);
  } else if (const std::size_t comma = text.rfind(",uuid=");
             comma != absl::string_view::npos) {
    blob.uuid = text.substr(comma + 6);
    blob.path = text.substr(0, comma);
  }
  return blob;
}

std::optional<ImageFile> ReadBlob(absl::string_view text) {
  Blob blob = SplitBlob(text);
  const std::optional<Uuid> uuid = image::host::ParseFipUuid(blob.uuid);
  const bool named = absl::ConsumePrefix(&blob.path, "file=");
  const bool whole = named ? !blob.path.empty() : blob.path.empty();
  if (!uuid.has_value() || !whole) return std::nullopt;
  return ImageFile{*uuid, std::string(blob.path)};
}

absl::Status CheckApart(const std::vector<ImageFile>& files) {
  for (auto file = files.begin(); file != files.end(); ++file) {
    const auto same = [&](const ImageFile& other) {
      return cli::IsSamePath(other.path, file->path);
    };
    const auto other = std::find_if(files.begin(), file, same);
    if (other == file) continue;
    return cli::UsageError(
        "DUPLICATE_FILE",
        absl::StrCat(file->path, " is given for ", Named(other->uuid), " and ",
                     Named(file->uuid), "; expected a file for each"));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<ImageFile> ParseBlob(absl::string_view text) {
  std::optional<ImageFile> blob = ReadBlob(text);
  if (blob.has_value() && !blob->path.empty()) return *std::move(blob);
  return BadBlob(text,
                 "uuid=UUID,file=FILE, with a UUID such as "
                 "501d8dd2-8bce-49a5-84eb-559a9f2eaeaf, not zeros");
}

absl::StatusOr<Uuid> ParseBlobUuid(absl::string_view text) {
  const std::optional<ImageFile> blob = ReadBlob(text);
  if (blob.has_value()) return blob->uuid;
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

absl::StatusOr<FipPackage> ReadFipFileIfThere(const std::string& path) {
  auto package = ReadFipFile(path);
  if (base::ReasonOf(package.status()) == "FILE_NOT_FOUND") return FipPackage();
  return package;
}

std::vector<ImageFile> FilesOf(const FipPackage& package) {
  std::vector<ImageFile> files;
  for (const FipImage& image : package.images) {
    files.push_back({image.uuid, image::host::FipFileName(image.uuid)});
  }
  return files;
}

std::vector<ImageFile> Below(const std::string& folder,
                             std::vector<ImageFile> files) {
  if (folder.empty()) return files;
  for (ImageFile& file : files) {
    file.path = std::filesystem::path(folder) / file.path;
  }
  return files;
}

absl::Status CheckAbsent(const std::string& path) {
  std::error_code error;
  if (cli::IsStandardOutput(path)) return absl::OkStatus();
  if (!std::filesystem::exists(path, error)) return absl::OkStatus();
  return cli::LocalFileError(
      "FILE_EXISTS",
      absl::StrCat(path, " is there already; give --force to replace it"));
}

absl::Status WriteImages(const FipPackage& package,
                         const std::vector<ImageFile>& files,
                         Existing existing) {
  RETURN_IF_ERROR(CheckApart(files));
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
