// The texts that the log hands out: checkpoint and receipt.
// Source: c2sp.org/tlog-checkpoint@v1.0.0, signed-note@v1.0.0, tlog-proof.
#ifndef BOOTSEAL_SERVER_AUDIT_CHECKPOINT_H_
#define BOOTSEAL_SERVER_AUDIT_CHECKPOINT_H_

#include <span>
#include <string>

#include "absl/strings/string_view.h"
#include "server/audit/store.h"

namespace bootseal::audit {

// Origin, size and root, each on its line: what the key signs.
std::string CheckpointText(absl::string_view origin, const Head& head);

// The signed note: text, empty line, "— name base64(id || signature)".
std::string SignedNote(absl::string_view text, absl::string_view name,
                       absl::string_view public_key,
                       absl::string_view signature);

// "name+<8 hex digits>+base64(0x01 || key)" for a raw Ed25519 key.
std::string VerifierKey(absl::string_view name, absl::string_view public_key);

// A tlog-proof file, its extra line holding the entry.
std::string ReceiptText(absl::string_view entry, std::uint64_t index,
                        std::span<const TreeHash> path,
                        absl::string_view checkpoint);

}  // namespace bootseal::audit

#endif  // BOOTSEAL_SERVER_AUDIT_CHECKPOINT_H_
