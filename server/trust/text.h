// Textproto in, message and problems out. Thread-safe: free functions.
#ifndef BOOTSEAL_SERVER_TRUST_TEXT_H_
#define BOOTSEAL_SERVER_TRUST_TEXT_H_

#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"
#include "server/trust/problems.h"

namespace bootseal::trust {

enum class Syntax {
  kGood,
  kUnderstood,  // unknown fields or values, the rest is there: go on checking
  kBroken,      // the message is cut off where the file stopped making sense
};

// Every problem has its place: "line 4:13: no field ...". The parser goes on
// after unknown fields, but not after a token that fits nowhere.
Syntax ParseText(absl::string_view textproto,
                 google::protobuf::Message& message, Problems& problems);

// Whether it is UTF-8, as every string of a message must be.
bool IsText(absl::string_view text);

}  // namespace bootseal::trust

#endif  // BOOTSEAL_SERVER_TRUST_TEXT_H_
