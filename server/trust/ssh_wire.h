// The data types of the SSH protocol: RFC 4251 section 5.
#ifndef BOOTSEAL_SERVER_TRUST_SSH_WIRE_H_
#define BOOTSEAL_SERVER_TRUST_SSH_WIRE_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace bootseal::trust {

// Takes values from the front. Sticky: after the first that is not there every
// further call gives nothing, and ok() tells. What it gives points into the
// bytes. Not thread-safe.
class SshReader {
 public:
  explicit SshReader(absl::string_view bytes) : rest_(bytes) {}

  absl::string_view Take(std::size_t count);
  std::uint8_t Byte();
  std::uint32_t Uint32();
  absl::string_view String();
  // An mpint above zero in its one form, without the zero byte in front.
  absl::string_view Positive();

  bool ok() const { return ok_; }
  // True when nothing overran and nothing is left.
  bool done() const { return ok_ && rest_.empty(); }

 private:
  absl::string_view Fail();

  absl::string_view rest_;
  bool ok_ = true;
};

// Thread-safe: free functions.
std::string SshUint32(std::uint32_t value);
std::string SshString(absl::string_view text);

}  // namespace bootseal::trust

#endif  // BOOTSEAL_SERVER_TRUST_SSH_WIRE_H_
