// The transcript of a key ceremony for people to read, and to hold against the
// file that they were there for. Thread-safe: free functions.
#ifndef BOOTSEAL_CLIENT_APPROVAL_TRANSCRIPT_WORDS_H_
#define BOOTSEAL_CLIENT_APPROVAL_TRANSCRIPT_WORDS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bootseal/v1/entry.pb.h"

namespace bootseal::approval {

// Its hash, and of the entry that asks every line; nothing without one.
void AddTranscript(const v1::KeyEvent& event,
                   std::vector<std::vector<std::string>>& rows);

// The text of the file: whole, and of a ceremony that ended well. FILE_...;
// base/transcript.h's errors.
absl::StatusOr<std::string> ReadTranscriptFile(const std::string& path);

// OK when the change names the file's hash; FAILED_PRECONDITION
// (TRANSCRIPT_DIFFERS), errors of ReadTranscriptFile.
absl::Status CompareTranscript(const v1::KeyChange& change,
                               const std::string& path);

}  // namespace bootseal::approval

#endif  // BOOTSEAL_CLIENT_APPROVAL_TRANSCRIPT_WORDS_H_
