#include "client/review/export_folder.h"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/file.h"
#include "base/status.h"
#include "server/trust/entry.h"

namespace bootseal::review {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxCheckpointBytes = 64 * 1024;
constexpr std::size_t kMaxBundleBytes =
    kBundleEntries * (2 + trust::kMaxEntryBytes);

std::string BundlePath(const std::string& folder, std::uint64_t number,
                       std::uint64_t size) {
  const std::uint64_t left = size - number * kBundleEntries;
  return absl::StrCat(folder, "/tile/entries/", TilePath(number),
                      left < kBundleEntries ? absl::StrCat(".p/", left) : "");
}

std::size_t LengthAt(absl::string_view bytes) {
  return static_cast<std::size_t>(static_cast<unsigned char>(bytes[0])) << 8 |
         static_cast<unsigned char>(bytes[1]);
}

}  // namespace

std::string TilePath(std::uint64_t number) {
  std::string path = absl::StrFormat("%03d", number % 1000);
  for (number /= 1000; number != 0; number /= 1000) {
    path = absl::StrFormat("x%03d/%s", number % 1000, path);
  }
  return path;
}

absl::StatusOr<std::vector<v1::LogEntry>> ReadBundle(absl::string_view bytes,
                                                     std::uint64_t first) {
  std::vector<v1::LogEntry> entries;
  while (!bytes.empty()) {
    if (bytes.size() < 2 || bytes.size() - 2 < LengthAt(bytes)) {
      return base::Precondition(
          "BUNDLE_MALFORMED",
          absl::StrCat("the bundle of entry ", first, " ends inside entry ",
                       first + entries.size()));
    }
    v1::LogEntry entry;
    entry.set_index(first + entries.size());
    entry.set_entry(std::string(bytes.substr(2, LengthAt(bytes))));
    bytes.remove_prefix(2 + entry.entry().size());
    entries.push_back(std::move(entry));
  }
  if (entries.size() <= kBundleEntries) return entries;
  return base::Precondition(
      "BUNDLE_MALFORMED",
      absl::StrCat("the bundle of entry ", first, " has ", entries.size(),
                   " entries, expected at most ", kBundleEntries));
}

absl::StatusOr<std::string> ExportFolder::ReadCheckpoint(
    const std::string& path) {
  return base::ReadFile(absl::StrCat(path, "/checkpoint"), kMaxCheckpointBytes);
}

absl::StatusOr<std::vector<std::string>> ExportFolder::KeyFiles(
    const std::string& path) {
  std::vector<std::string> files;
  std::error_code error;
  const fs::path keys = fs::path(path) / "keys";
  if (!fs::is_directory(keys, error)) return files;
  for (const auto& each : fs::directory_iterator(keys, error)) {
    if (each.path().extension() == ".pem") files.push_back(each.path());
  }
  if (error) {
    return base::Precondition(
        "FILE_UNREADABLE",
        absl::StrCat("cannot read ", keys.string(), ": ", error.message()));
  }
  std::sort(files.begin(), files.end());
  return files;
}

absl::StatusOr<std::vector<v1::LogEntry>> ExportFolder::Read(
    std::uint64_t start) const {
  if (start >= size_) return std::vector<v1::LogEntry>();
  const std::uint64_t number = start / kBundleEntries;
  // A log that has grown since may have the full bundle alone.
  auto bytes =
      base::ReadFile(BundlePath(path_, number, size_), kMaxBundleBytes);
  if (base::ReasonOf(bytes.status()) == "FILE_NOT_FOUND") {
    bytes =
        base::ReadFile(BundlePath(path_, number, (number + 1) * kBundleEntries),
                       kMaxBundleBytes);
  }
  if (base::ReasonOf(bytes.status()) == "FILE_NOT_FOUND") {
    return std::vector<v1::LogEntry>();
  }
  if (!bytes.ok()) return bytes.status();
  ASSIGN_OR_RETURN(std::vector<v1::LogEntry> entries,
                   ReadBundle(*bytes, number * kBundleEntries));
  const auto done =
      std::min<std::uint64_t>(start - number * kBundleEntries, entries.size());
  entries.erase(entries.begin(),
                entries.begin() + static_cast<std::ptrdiff_t>(done));
  return entries;
}

}  // namespace bootseal::review
