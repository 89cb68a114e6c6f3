#include "server/sealing/component_stream.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/host/fip_table.h"
#include "server/sealing/mcuboot_sealer.h"

namespace bootseal::sealing {

using image::host::AsBytes;
using image::host::ToString;

const v1::Component& ComponentStream::component() const {
  return header_.components(static_cast<int>(components_.size()));
}

absl::Status ComponentStream::Payload(absl::string_view chunk,
                                      CheckFront check_front) {
  RETURN_IF_ERROR(
      CheckNotMore(header_.payload_size(), received_, chunk.size()));
  received_ += chunk.size();
  payload_hash_.Update(AsBytes(chunk));
  while (!chunk.empty()) {
    const std::uint64_t size = component().size();
    const absl::string_view part =
        chunk.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(
                            chunk.size(), size - component_received_)));
    RETURN_IF_ERROR(TakeFront(part, check_front));
    component_hash_.Update(AsBytes(part));
    component_received_ += part.size();
    chunk.remove_prefix(part.size());
    if (component_received_ == size) EndOfComponent();
  }
  return absl::OkStatus();
}

absl::Status ComponentStream::TakeFront(absl::string_view part,
                                        CheckFront check_front) {
  const std::size_t wanted = static_cast<std::size_t>(
      std::min<std::uint64_t>(image::host::kFipFrontBytes, component().size()));
  if (front_.size() == wanted) return absl::OkStatus();
  absl::StrAppend(&front_, part.substr(0, wanted - front_.size()));
  if (front_.size() != wanted) return absl::OkStatus();
  return check_front(components_.size(), component(), front_);
}

void ComponentStream::EndOfComponent() {
  v1::ComponentDigest made;
  made.set_name(component().name());
  made.set_size(component().size());
  made.set_sha256(ToString(component_hash_.Finish().bytes()));
  components_.push_back(std::move(made));
  component_hash_ = image::Hash(image::HashAlgorithm::kSha256);
  component_received_ = 0;
  front_.clear();
}

absl::Status ComponentStream::EndOfPayload() {
  RETURN_IF_ERROR(CheckNotFewer(header_.payload_size(), received_));
  payload_sha256_ = ToString(payload_hash_.Finish().bytes());
  return absl::OkStatus();
}

}  // namespace bootseal::sealing
