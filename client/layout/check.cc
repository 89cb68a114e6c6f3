#include "client/layout/check.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "client/cli/exit_status.h"

namespace bootseal::layout {
namespace {

// As the metadata of a flash asks for, when it has any.
const Generation& GenerationFor(const Evidence& evidence) {
  for (const StoredReplica& replica : evidence.replicas) {
    if (replica.found.ok()) {
      return GenerationOf(replica.found->metadata.version);
    }
  }
  return GenerationOf(2);
}

bool HasMetadata(fwu::ByteSource& flash, const StoreLayout& store) {
  const Build build{Boards().front(), store, GenerationOf(2)};
  const Evidence evidence = Gather(flash, build, "");
  return std::any_of(
      evidence.replicas.begin(), evidence.replicas.end(),
      [](const StoredReplica& replica) { return replica.found.ok(); });
}

std::vector<std::span<const Check>> ChecksOf(const StoreLayout& store) {
  if (!store.partitioned) return {MetadataChecks(), ContentChecks()};
  return {TableChecks(), PartitionChecks(), MetadataChecks(), ContentChecks()};
}

absl::StatusOr<const StoreLayout*> FindStoreOf(fwu::ByteSource& flash) {
  if (LooksPartitioned(ReadPartitionTable(flash))) return &LayoutOf(Store::kSd);
  for (const Store store : {Store::kNor, Store::kNand}) {
    if (HasMetadata(flash, LayoutOf(store))) return &LayoutOf(store);
  }
  return cli::UsageError(
      "STORE_UNKNOWN",
      "neither a partition table nor, where raw flash has it, metadata; say "
      "what it is meant to be with --store sd, emmc, nor or nand");
}

}  // namespace

bool Report::bootable() const {
  return std::none_of(findings.begin(), findings.end(),
                      [](const Finding& finding) {
                        return finding.severity == Severity::kBootsNot;
                      });
}

const Finding* Report::Find(absl::string_view reason) const {
  for (const Finding& finding : findings) {
    if (finding.reason == reason) return &finding;
  }
  return nullptr;
}

Report CheckFlash(fwu::ByteSource& flash, const Build& build,
                  const std::string& path) {
  Report report{Gather(flash, build, path), {}};
  for (const auto checks : ChecksOf(build.store)) {
    for (const Check check : checks) {
      for (Finding& finding : check(report.evidence)) {
        report.findings.push_back(std::move(finding));
      }
    }
  }
  std::stable_sort(report.findings.begin(), report.findings.end(),
                   [](const Finding& a, const Finding& b) {
                     return a.severity < b.severity;
                   });
  return report;
}

absl::StatusOr<Report> CheckFlash(fwu::ByteSource& flash,
                                  const CheckOrder& order,
                                  const std::string& path) {
  const StoreLayout* store = order.store;
  if (store == nullptr) {
    ASSIGN_OR_RETURN(store, FindStoreOf(flash));
  }
  const Board& board = order.board == nullptr ? Boards().front() : *order.board;
  const Generation* generation = order.generation;
  if (generation == nullptr) {
    const Build guess{board, *store, GenerationOf(2), order.images};
    generation = &GenerationFor(Gather(flash, guess, path));
  }
  return CheckFlash(flash, Build{board, *store, *generation, order.images},
                    path);
}

}  // namespace bootseal::layout
