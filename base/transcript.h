// The transcript of a key ceremony: plain text, a line for everything that was
// done, sealed by the SHA-256 of all lines before the last. bootseal-token
// writes it, the log keeps it, approvers and auditors read it.
//
//   bootseal key ceremony v2
//   person Alice Ames
//   plan p256 pss firmware app
//   step token 2026-11-27T20:20:51Z passed
//     serial 0a1b2c3d
//   result done 2026-11-27T20:21:07Z
//   sha256 5e88...
//
// The seal shows that a copy is whole. It is no signature: that nobody wrote
// another text comes of the log, the approvals over its hash, and what each new
// key signs: a probe once it is made, and at the end a closing over everything
// before it, the result that people agreed to with it.
//
// UTF-8, at most kMaxTranscriptBytes, no control characters but line feeds, and
// none that changes the direction of text. Thread-safe: free functions.
#ifndef BOOTSEAL_BASE_TRANSCRIPT_H_
#define BOOTSEAL_BASE_TRANSCRIPT_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace bootseal::base {

inline constexpr std::size_t kMaxTranscriptBytes = 16384;
inline constexpr char kTranscriptTitle[] = "bootseal key ceremony v2";

struct TranscriptDetail {
  std::string name;
  std::string value;
};

struct TranscriptStep {
  std::string name;
  std::string time;  // RFC 3339, UTC, seconds
  bool passed = false;
  std::vector<TranscriptDetail> details;
  std::size_t offset = 0;  // of its line in the text

  // Of the first detail of that name; empty without one.
  std::string Detail(absl::string_view detail) const;
};

// A key as the plan has it, and what the ceremony found out of it.
struct TranscriptKey {
  std::string algorithm;  // as bootseal-token names it
  std::string padding;    // pss or pkcs1
  std::string purpose;    // firmware, checkpoint or canary
  std::string label;
  std::string public_key_sha256;  // lower case hex; empty when not reached
};

struct Transcript {
  std::vector<std::string> people;
  std::vector<TranscriptKey> keys;
  std::vector<TranscriptStep> steps;
  bool done = false;
};

// No control characters, nothing that changes the direction of text, and UTF-8:
// what a transcript may hold between two line feeds.
bool IsTranscriptText(absl::string_view text);

// `lines` with the seal behind them.
std::string SealTranscript(std::string lines);

// INVALID_ARGUMENT: TRANSCRIPT_TOO_LARGE, TRANSCRIPT_ENCODING,
// TRANSCRIPT_MALFORMED, TRANSCRIPT_ALTERED when the seal is another's.
absl::StatusOr<Transcript> ReadTranscript(absl::string_view text);

// The ceremony came to its end: every step of every key is there once, in
// order, and passed. FAILED_PRECONDITION: TRANSCRIPT_FAILED,
// TRANSCRIPT_INCOMPLETE.
absl::Status CheckComplete(const Transcript& transcript);

}  // namespace bootseal::base

#endif  // BOOTSEAL_BASE_TRANSCRIPT_H_
