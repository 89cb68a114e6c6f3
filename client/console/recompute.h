// How whoever has the payload computes a digest with nothing of ours: one line
// for any shell with coreutils. Thread-safe: free functions.
#ifndef BOOTSEAL_CLIENT_CONSOLE_RECOMPUTE_H_
#define BOOTSEAL_CLIENT_CONSOLE_RECOMPUTE_H_

#include <string>

#include "bootseal/v1/entry.pb.h"

namespace bootseal::console {

// "sha256", "sha384" or "sha512", by the digest's length; empty for another.
std::string HashNameOf(const v1::SignedDigest& digest);

// Prints the digest of the payload in payload.bin. Empty when the entry does
// not tell what the digest is over.
std::string RecomputeLine(const v1::SignedDigest& digest);

}  // namespace bootseal::console

#endif  // BOOTSEAL_CLIENT_CONSOLE_RECOMPUTE_H_
