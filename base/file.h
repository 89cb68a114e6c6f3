// Whole files: read with a bound, written entirely or not at all.
//
// Thread-safe: free functions without state. Errors carry the path and the
// reason FILE_NOT_FOUND, FILE_UNREADABLE, FILE_TOO_LARGE, FILE_UNWRITABLE or
// FILE_MODE.
#ifndef BOOTSEAL_BASE_FILE_H_
#define BOOTSEAL_BASE_FILE_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace bootseal::base {

// At most `max_bytes`; a larger file is an error and is not read.
absl::StatusOr<std::string> ReadFile(const std::string& path,
                                     std::size_t max_bytes);

enum class FileMode : std::uint32_t { kPublic = 0644, kPrivate = 0600 };

// Writes a temporary file beside `path`, flushes it to the disk and renames it:
// readers see the old content or the new, never a part.
absl::Status WriteFileAtomically(const std::string& path,
                                 absl::string_view content,
                                 FileMode mode = FileMode::kPublic);

// OK when the file belongs to this user or root and nobody else may read it.
absl::Status CheckPrivate(const std::string& path);

// OK when nobody but its owner (this user or root) may write it.
absl::Status CheckNotWritableByOthers(const std::string& path);

}  // namespace bootseal::base

#endif  // BOOTSEAL_BASE_FILE_H_
