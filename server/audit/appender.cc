#include "server/audit/appender.h"

#include "base/status.h"
#include "server/audit/load.h"

namespace bootseal::audit {

absl::StatusOr<Tree> LoadInTurn(Store& store) {
  RETURN_IF_ERROR(store.TakeTurn().status());
  const Turn turn(store);
  return LoadTree(store);
}

absl::StatusOr<std::vector<Place>> Appender::Append(
    std::vector<Record> records) {
  const base::Timed timed(figures_.append_seconds);
  figures_.batch_records.Observe(static_cast<double>(records.size()));
  ASSIGN_OR_RETURN(const Head head, store_.TakeTurn());
  const Turn turn(store_);
  RETURN_IF_ERROR(CatchUp(head));
  Batch batch(store_, releases_, tree_);
  RETURN_IF_ERROR(batch.Expect(records));
  std::vector<Place> places;
  for (Record& record : records) {
    ASSIGN_OR_RETURN(Place place, batch.Add(std::move(record)));
    places.push_back(std::move(place));
  }
  if (batch.records().empty()) return places;
  RETURN_IF_ERROR(store_.Append(batch.records(), batch.nodes(),
                                {batch.tree().size(), batch.tree().root()}));
  figures_.entries.Add(batch.records().size());
  releases_.Grow(tree_.size(), batch.tree().size(), batch.last_releases());
  fresh_.Replace(tree_.Edge(), batch.nodes());
  tree_ = batch.tree();
  return places;
}

// With what other servers appended since this one's last turn.
absl::Status Appender::CatchUp(const Head& head) {
  if (!store_.shared()) return absl::OkStatus();
  // What was shown of other servers' appends may be further than this one's.
  RETURN_IF_ERROR(CheckContinues(store_, checkpoint_.Get().head, head));
  const Head mine = this->head();
  if (head.size == mine.size && head.root == mine.root) return absl::OkStatus();
  RETURN_IF_ERROR(CheckContinues(store_, mine, head));
  ASSIGN_OR_RETURN(tree_, LoadEdge(store_, head));
  return absl::OkStatus();
}

}  // namespace bootseal::audit
