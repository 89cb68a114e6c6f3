// A token as text: its form and its end, which the server judges again. Nothing
// of a token is in any error. Thread-safe: free functions.
#ifndef BOOTSEAL_CLIENT_TOKEN_TEXT_H_
#define BOOTSEAL_CLIENT_TOKEN_TEXT_H_

#include <cstddef>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "base/secret.h"

namespace bootseal::token {

// What a server takes.
inline constexpr std::size_t kMaxTokenBytes = 16 << 10;

struct Token {
  base::Secret text;
  // Its "exp"; nullopt when it does not tell, which is the server's to refuse.
  std::optional<absl::Time> expires;
};

// Three parts of base64url; spaces and line ends around them are dropped.
// `place` is where it is from, for the error: "BOOTSEAL_TOKEN", a path.
// INVALID_ARGUMENT (TOKEN_INVALID).
absl::StatusOr<Token> ParseToken(std::string text, absl::string_view place);

// OK until a minute after its end: a server allows as much for its clock.
// FAILED_PRECONDITION (TOKEN_EXPIRED).
absl::Status CheckExpiry(const Token& token, absl::string_view place,
                         absl::Time now);

}  // namespace bootseal::token

#endif  // BOOTSEAL_CLIENT_TOKEN_TEXT_H_
