#include "client/review/links.h"

namespace bootseal::review {
namespace {

template <typename Event>
Links LinksIn(const Event& event) {
  Links links;
  if (event.has_pending_index()) links.pending = event.pending_index();
  links.approvals.assign(event.approval_indices().begin(),
                         event.approval_indices().end());
  return links;
}

}  // namespace

Links LinksOf(const v1::Entry& entry) {
  return entry.has_key() ? LinksIn(entry.key()) : LinksIn(entry.signing());
}

}  // namespace bootseal::review
