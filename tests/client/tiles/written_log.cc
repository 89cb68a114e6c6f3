#include "tests/client/tiles/written_log.h"

#include <algorithm>
#include <filesystem>

#include "absl/strings/str_cat.h"
#include "base/file.h"
#include "base/status.h"
#include "client/tiles/folder_check.h"
#include "client/tiles/folder_writer.h"

namespace bootseal::tests {

absl::Status WrittenLog::Export(std::uint64_t size) {
  return ExportUnder(size, log_.Checkpoint(size, RootOf(size)));
}

absl::Status WrittenLog::ExportUnder(std::uint64_t size,
                                     const cli::TrustedCheckpoint& head) {
  ASSIGN_OR_RETURN(auto writer,
                   tiles::FolderWriter::Open(folder(), log_.key()));
  while (writer.size() < size) {
    RETURN_IF_ERROR(writer.Append(absl::StrCat("entry-", writer.size())));
  }
  return writer.Finish(head);
}

absl::StatusOr<tiles::FolderReader> WrittenLog::Open() const {
  return tiles::FolderReader::Open(folder(), log_.key());
}

absl::Status WrittenLog::Check() const {
  ASSIGN_OR_RETURN(const tiles::FolderReader reader, Open());
  return tiles::CheckFolder(reader);
}

std::string WrittenLog::Read(const std::string& name) const {
  return base::ReadFile(folder_.File(name), 64 << 20).value_or("(none)");
}

bool WrittenLog::Has(const std::string& name) const {
  return std::filesystem::exists(folder_.File(name));
}

void WrittenLog::Change(const std::string& name,
                        const std::string& content) const {
  base::WriteFileAtomically(folder_.File(name), content).IgnoreError();
}

void WrittenLog::Flip(const std::string& name, std::size_t at) const {
  std::string content = Read(name);
  content.at(at) ^= 1;
  Change(name, content);
}

std::vector<std::string> WrittenLog::Files() const {
  std::vector<std::string> files;
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(folder())) {
    const std::string path = std::filesystem::relative(entry.path(), folder());
    if (entry.is_regular_file() && path != ".lock") files.push_back(path);
  }
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace bootseal::tests
