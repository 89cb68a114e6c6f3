// The files of an upload, one after another as SignHeader.components say:
// hashed while they stream past, nothing of them kept but the front of the one
// that streams now.
#ifndef BOOTSEAL_SERVER_SEALING_COMPONENT_STREAM_H_
#define BOOTSEAL_SERVER_SEALING_COMPONENT_STREAM_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "bootseal/v1/entry.pb.h"
#include "bootseal/v1/signing.pb.h"
#include "firmware/image/crypto.h"

namespace bootseal::sealing {

// Not thread-safe. After an error it must not be used further.
class ComponentStream {
 public:
  // Of an admitted request: the sizes add up to that of the payload.
  explicit ComponentStream(const v1::SignHeader& header) : header_(header) {}

  // Is told the front of each file once, at least one byte of it.
  using CheckFront = absl::FunctionRef<absl::Status(
      std::size_t index, const v1::Component& component,
      absl::string_view front)>;
  // INVALID_ARGUMENT: SIZE_MISMATCH (more than announced), `check_front`'s.
  absl::Status Payload(absl::string_view chunk, CheckFront check_front);
  // SIZE_MISMATCH when bytes are missing.
  absl::Status EndOfPayload();

  // Of those that are complete.
  const std::vector<v1::ComponentDigest>& components() const {
    return components_;
  }
  // Over all of them, after EndOfPayload().
  const std::string& payload_sha256() const { return payload_sha256_; }

 private:
  const v1::Component& component() const;  // that streams now
  absl::Status TakeFront(absl::string_view part, CheckFront check_front);
  void EndOfComponent();

  const v1::SignHeader header_;
  std::uint64_t received_ = 0;
  image::Hash payload_hash_{image::HashAlgorithm::kSha256};
  image::Hash component_hash_{image::HashAlgorithm::kSha256};
  std::uint64_t component_received_ = 0;
  std::string front_;  // up to kFipFrontBytes
  std::vector<v1::ComponentDigest> components_;
  std::string payload_sha256_;
};

}  // namespace bootseal::sealing

#endif  // BOOTSEAL_SERVER_SEALING_COMPONENT_STREAM_H_
