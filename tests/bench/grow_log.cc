// Makes a log as long as an auditor's patience: copies the newest release of a
// stopped server's SQLite log until there are so many entries. Each copy has a
// request id of its own, and their times go on until now; neither is signed by
// the release's key, so that all of them verify.
//
//   build/release/bin/grow-log audit.sqlite 1000000
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/status.h"
#include "firmware/image/host/convert.h"
#include "server/audit/load.h"
#include "server/audit/record.h"
#include "server/audit/sqlite/store.h"
#include "server/audit/tree.h"
#include "server/trust/entry.h"

namespace bootseal {
namespace {

constexpr std::uint64_t kBatch = 1024;

absl::StatusOr<v1::Entry> NewestRelease(audit::Store& store) {
  audit::Filter filter;
  filter.kind = v1::Entry::kSigning;
  filter.decision = v1::ALLOWED;
  ASSIGN_OR_RETURN(const auto releases, store.List(filter));
  if (releases.empty()) {
    return base::Precondition("NO_RELEASE", "the log has no release; sign one");
  }
  return trust::DecodeEntry(releases.back().entry);
}

absl::Status Grow(const std::string& path, std::uint64_t entries) {
  ASSIGN_OR_RETURN(const auto store, audit::OpenSqliteStore(path));
  ASSIGN_OR_RETURN(audit::Tree tree, audit::LoadTree(*store));
  ASSIGN_OR_RETURN(v1::Entry entry, NewestRelease(*store));
  const std::uint64_t before = tree.size();
  const std::int64_t first = entry.time_unix_ms();
  const std::int64_t span = absl::ToUnixMillis(absl::Now()) - first;
  while (tree.size() < entries) {
    std::vector<audit::Record> records;
    std::vector<audit::Node> nodes;
    while (records.size() < kBatch && tree.size() < entries) {
      entry.set_request_id(absl::StrCat("copy-", tree.size()));
      entry.set_time_unix_ms(
          first + span * static_cast<std::int64_t>(tree.size() - before) /
                      static_cast<std::int64_t>(entries - before));
      ASSIGN_OR_RETURN(audit::Record record, audit::RecordOf(entry));
      record.request_id = entry.request_id();
      const auto complete = tree.Add(
          image::transparency::LeafHash(image::host::AsBytes(record.entry)));
      nodes.insert(nodes.end(), complete.begin(), complete.end());
      records.push_back(std::move(record));
    }
    RETURN_IF_ERROR(store->Append(records, nodes, {tree.size(), tree.root()}));
  }
  return absl::OkStatus();
}

}  // namespace
}  // namespace bootseal

int main(int count, char** arguments) {
  std::uint64_t entries = 0;
  if (count != 3 || !absl::SimpleAtoi(arguments[2], &entries)) {
    std::fprintf(stderr, "usage: grow-log LOG ENTRIES\n");
    return 2;
  }
  const absl::Status grown = bootseal::Grow(arguments[1], entries);
  if (grown.ok()) return 0;
  std::fprintf(stderr, "grow-log: %s\n", grown.ToString().c_str());
  return 1;
}
