// The entries that an entry of a release or key change names.
#ifndef BOOTSEAL_CLIENT_REVIEW_LINKS_H_
#define BOOTSEAL_CLIENT_REVIEW_LINKS_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "bootseal/v1/entry.pb.h"

namespace bootseal::review {

struct Links {
  std::optional<std::uint64_t> pending;
  std::vector<std::uint64_t> approvals;
};

// Of a signing or key event; none of any other.
Links LinksOf(const v1::Entry& entry);

}  // namespace bootseal::review

#endif  // BOOTSEAL_CLIENT_REVIEW_LINKS_H_
