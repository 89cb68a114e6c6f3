#include "client/cli/audit_export_tiles.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "client/cli/audit_source.h"
#include "client/cli/json.h"
#include "client/cli/log_memory.h"
#include "client/cli/text.h"
#include "client/tiles/folder_writer.h"
#include "firmware/image/host/convert.h"

namespace bootseal::cli {
namespace {

constexpr std::uint32_t kPage = 1000;

absl::Status Missing(std::uint64_t index, const TrustedCheckpoint& head) {
  return base::Precondition(
      "ENTRY_MISSING",
      absl::StrCat("entry ", index, " is missing; the checkpoint speaks of ",
                   head.size));
}

absl::Status TakePage(const v1::ListEntriesReply& page,
                      const TrustedCheckpoint& head,
                      tiles::FolderWriter& writer) {
  if (page.entries().empty()) return Missing(writer.size(), head);
  for (const v1::LogEntry& entry : page.entries()) {
    if (writer.size() == head.size) break;  // newer than the checkpoint
    if (entry.index() != writer.size()) return Missing(writer.size(), head);
    RETURN_IF_ERROR(writer.Append(entry.entry()));
  }
  return absl::OkStatus();
}

absl::Status Copy(const Connection& connection, const TrustedCheckpoint& head,
                  tiles::FolderWriter& writer) {
  while (writer.size() < head.size) {
    v1::ListEntriesRequest request;
    request.set_start(writer.size());
    request.set_limit(kPage);
    ASSIGN_OR_RETURN(const v1::ListEntriesReply page,
                     FetchEntries(connection, request));
    RETURN_IF_ERROR(TakePage(page, head, writer));
  }
  return absl::OkStatus();
}

void Print(Format format, const std::string& folder,
           const TrustedCheckpoint& head, std::uint64_t before) {
  const std::string root = absl::Base64Escape(image::host::ToString(head.root));
  if (format == Format::kJson) {
    PrintResult(JsonObject()
                    .Add("folder", Json::Text(folder))
                    .Add("size", Json::Number(head.size))
                    .Add("root", Json::Text(root))
                    .Add("added", Json::Number(head.size - before))
                    .Build()
                    .text() +
                "\n");
    return;
  }
  PrintResult(FormatTable({
      {"folder", Printable(folder)},
      {"entries", absl::StrCat(head.size, ", ", head.size - before,
                               " of them "
                               "new")},
      {"root", absl::StrCat(root, ", as signed")},
  }));
}

}  // namespace

absl::StatusOr<ExitStatus> ExportTiles(Context& context,
                                       const std::string& folder) {
  ASSIGN_OR_RETURN(const LogKey key, context.ReadLogKey());
  ASSIGN_OR_RETURN(const Connection* const connection, context.Connect());
  ASSIGN_OR_RETURN(const LogMemory memory, LogMemory::Open(key));
  ASSIGN_OR_RETURN(auto writer, tiles::FolderWriter::Open(folder, key));
  const std::uint64_t before = writer.size();
  ASSIGN_OR_RETURN(const TrustedCheckpoint head,
                   FetchCheckpoint(*connection, key));
  if (head.size < before) {
    return base::Precondition(
        "LOG_WENT_BACK",
        absl::StrCat("the log has ", head.size, " entries, ", folder, " holds ",
                     before, " that its key signed"));
  }
  RETURN_IF_ERROR(memory.Accept(*connection, head));
  RETURN_IF_ERROR(Copy(*connection, head, writer));
  RETURN_IF_ERROR(writer.Finish(head));
  Print(context.format(), folder, head, before);
  return ExitStatus::kDone;
}

}  // namespace bootseal::cli
