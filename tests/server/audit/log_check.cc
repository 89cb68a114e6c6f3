#include "tests/server/audit/log_check.h"

#include <fstream>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "firmware/image/host/convert.h"
#include "server/audit/load.h"
#include "server/audit/sqlite/store.h"
#include "server/audit/tree.h"
#include "tests/server/audit/log_fixture.h"

namespace bootseal::tests {
namespace {

using Problems = std::vector<std::string>;

void CheckNodes(audit::Store& store, const std::vector<audit::Node>& nodes,
                Problems& problems) {
  for (const audit::Node& node : nodes) {
    const auto stored = store.Nodes({node.id});
    if (!stored.ok() || stored->front() != node.hash) {
      problems.push_back(absl::StrCat("node ", node.id.index, " of level ",
                                      node.id.level, " is not its hash"));
    }
  }
}

void CheckHashes(audit::Store& store, const audit::Head& head,
                 Problems& problems) {
  audit::Tree tree;
  for (std::uint64_t i = 0; i < head.size; ++i) {
    const auto entry = store.Get(i);
    if (!entry.ok()) {
      problems.push_back(absl::StrCat("entry ", i, " is not there"));
      return;
    }
    CheckNodes(
        store,
        tree.Add(image::transparency::LeafHash(image::host::AsBytes(*entry))),
        problems);
  }
  if (tree.root() != head.root) {
    problems.push_back(
        absl::StrCat("the head of ", head.size, " entries is not their root"));
  }
}

void CheckReceipted(audit::Store& store, const Receipted& receipted,
                    Problems& problems) {
  for (const auto& [index, entry] : receipted) {
    const auto stored = store.Get(index);
    if (!stored.ok() || *stored != entry) {
      problems.push_back(absl::StrCat("entry ", index,
                                      ", which has a receipt, is ",
                                      stored.ok() ? "another one" : "lost"));
    }
  }
}

void CheckGoesOn(audit::Store& store, audit::Tree tree, Problems& problems) {
  audit::Record record = RecordOf("", "after the crash");
  const std::vector<audit::Node> nodes = tree.Add(
      image::transparency::LeafHash(image::host::AsBytes(record.entry)));
  const absl::Status appended =
      store.Append({record}, nodes, {tree.size(), tree.root()});
  if (!appended.ok()) {
    problems.push_back(absl::StrCat("does not go on: ", appended.ToString()));
  } else if (!audit::LoadTree(store).ok()) {
    problems.push_back("does not load once it went on");
  }
}

}  // namespace

std::vector<std::string> ProblemsOfLog(const std::string& path,
                                       const Receipted& receipted) {
  const auto store = audit::OpenSqliteStore(path);
  if (!store.ok()) {
    return {absl::StrCat("does not open: ", store.status().ToString())};
  }
  const auto tree = audit::LoadTree(**store);
  if (!tree.ok()) {
    return {absl::StrCat("does not load: ", tree.status().ToString())};
  }
  Problems problems;
  CheckHashes(**store, {tree->size(), tree->root()}, problems);
  CheckReceipted(**store, receipted, problems);
  CheckGoesOn(**store, *tree, problems);
  return problems;
}

Receipted ReadReceipted(const std::string& path) {
  std::ifstream file(path);
  Receipted receipted;
  std::string line;
  while (std::getline(file, line) && !file.eof()) {
    const std::vector<std::string> parts = absl::StrSplit(line, ' ');
    if (parts.size() != 2) continue;
    receipted[std::stoull(parts[0])] = absl::HexStringToBytes(parts[1]);
  }
  return receipted;
}

}  // namespace bootseal::tests
