// The transcript of the ceremony that made a key, as part of the key's change:
// judged when it is handed in, when it is approved, and years later.
// Thread-safe: free functions.
#ifndef BOOTSEAL_SERVER_TRUST_KEY_TRANSCRIPT_H_
#define BOOTSEAL_SERVER_TRUST_KEY_TRANSCRIPT_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "bootseal/v1/entry.pb.h"
#include "bootseal/v1/keys.pb.h"

namespace bootseal::trust {

// What v1::KeyChange.transcript_sha256 has of a text; nothing of none.
std::string TranscriptHash(absl::string_view text);

// `text` has the hash that the change names, is a whole transcript of a
// ceremony that ended well (base/transcript.h's errors), and made the public
// key that is activated: FAILED_PRECONDITION (TRANSCRIPT_OTHER_KEY) otherwise.
// INVALID_ARGUMENT: TRANSCRIPT_DIFFERS for another text than the change names,
// KEY_CHANGE_INVALID when a key retires with one. OK for a change with none.
absl::Status CheckTranscript(const v1::KeyChange& change,
                             absl::string_view text);

// Of an entry that asks; others hold no text. As above.
absl::Status CheckTranscript(const v1::KeyEvent& event);

}  // namespace bootseal::trust

#endif  // BOOTSEAL_SERVER_TRUST_KEY_TRANSCRIPT_H_
