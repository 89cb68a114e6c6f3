// FIPs made of files, and taken apart into files, as fiptool does. Errors name
// the file. Thread-safe: free functions.
#ifndef BOOTSEAL_CLIENT_PACKAGE_FIP_FILES_H_
#define BOOTSEAL_CLIENT_PACKAGE_FIP_FILES_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "firmware/image/host/fip_package.h"

namespace bootseal::package {

// Of a whole package.
inline constexpr std::size_t kMaxFipBytes = std::size_t{1} << 30;

// An image, and the file that it comes from or goes to.
struct ImageFile {
  image::fip::Uuid uuid;
  std::string path;
};

// "uuid=05d0e189-53dc-1347-8d2b-500a4b7a3e38,file=tee.bin", or the file first.
// A file's name may have commas. Ends with usage: BLOB.
absl::StatusOr<ImageFile> ParseBlob(absl::string_view text);

// The same where the UUID alone is wanted: the file may be left out.
absl::StatusOr<image::fip::Uuid> ParseBlobUuid(absl::string_view text);

// Their contents. FILE_*, and DUPLICATE_IMAGE for one that is given twice.
absl::StatusOr<std::vector<image::host::FipImage>> ReadImages(
    const std::vector<ImageFile>& files);

// INVALID_ARGUMENT of image::host::ReadFip, and FILE_*; both end with a local
// file's status.
absl::StatusOr<image::host::FipPackage> ReadFipFile(const std::string& path);

// The same; a package without images where there is no file.
absl::StatusOr<image::host::FipPackage> ReadFipFileIfThere(
    const std::string& path);

// Where each image goes when all do: FipFileName(), which is never outside of
// the folder that it is put into.
std::vector<ImageFile> FilesOf(const image::host::FipPackage& package);

// The same files below `folder`; where they are when it is empty. A path from
// the root stays as it is.
std::vector<ImageFile> Below(const std::string& folder,
                             std::vector<ImageFile> files);

// FILE_EXISTS for a file that is there; standard output never is.
absl::Status CheckAbsent(const std::string& path);

// All of them or none. FIP_NO_ENTRY, FILE_UNWRITABLE; FILE_EXISTS for a file
// that is there, unless it may be replaced; DUPLICATE_FILE for one that two
// images go to.
enum class Existing : std::uint8_t { kKept, kReplaced };
absl::Status WriteImages(const image::host::FipPackage& package,
                         const std::vector<ImageFile>& files,
                         Existing existing);

}  // namespace bootseal::package

#endif  // BOOTSEAL_CLIENT_PACKAGE_FIP_FILES_H_
