// DSSE v1.0.2 envelopes in their JSON form, with one signature:
//   {"payload":"<base64>","payloadType":"...","signatures":[{"keyid":"...",
//   "sig":"<base64>"}]}
// Source: https://github.com/secure-systems-lab/dsse. Thread-safe.
#ifndef BOOTSEAL_FIRMWARE_IMAGE_HOST_DSSE_H_
#define BOOTSEAL_FIRMWARE_IMAGE_HOST_DSSE_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace bootseal::image::host {

// What is signed: "DSSEv1 ", length and type, length and payload.
std::string PreAuthenticationEncoding(absl::string_view payload_type,
                                      absl::string_view payload);

struct Envelope {
  std::string payload_type;
  std::string payload;    // decoded
  std::string keyid;      // a hint and no more; may be empty
  std::string signature;  // decoded
};

// One line, deterministic, ends in a newline.
std::string WriteEnvelope(const Envelope& envelope);

// INVALID_ARGUMENT (ENVELOPE_MALFORMED): not that JSON, none or several
// signatures, more than 1 MiB. Unknown members are ignored.
absl::StatusOr<Envelope> ReadEnvelope(absl::string_view json);

}  // namespace bootseal::image::host

#endif  // BOOTSEAL_FIRMWARE_IMAGE_HOST_DSSE_H_
