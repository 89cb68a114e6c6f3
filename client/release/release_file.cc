#include "client/release/release_file.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "client/cli/exit_status.h"
#include "client/release/manifest_words.h"

namespace bootseal::release {
namespace {

constexpr std::uint64_t kFrontBytes = 1 << 20;

ReleaseFileKind KindOf(absl::string_view front) {
  if (LooksLikeBundle(front)) return ReleaseFileKind::kBundle;
  return LooksLikeEnvelope(front) ? ReleaseFileKind::kManifest
                                  : ReleaseFileKind::kMetadata;
}

}  // namespace

absl::StatusOr<ReleaseFile> OpenReleaseFile(const std::string& path) {
  ReleaseFile file;
  file.path = path;
  auto source = fwu::FromFile(path);
  if (!source.ok()) {
    return cli::WithExit(source.status(), cli::ExitStatus::kLocalFile);
  }
  file.source = *std::move(source);
  if (file.source->size() == 0) {
    return cli::LocalFileError("FILE_EMPTY", absl::StrCat(path, " is empty"));
  }
  file.front.resize(std::min(kFrontBytes, file.source->size()));
  RETURN_IF_ERROR(cli::WithExit(
      file.source->ReadAt(0, {reinterpret_cast<std::byte*>(file.front.data()),
                              file.front.size()}),
      cli::ExitStatus::kLocalFile));
  file.kind = KindOf(file.front);
  return file;
}

}  // namespace bootseal::release
