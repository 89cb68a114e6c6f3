// Proves an exported folder by itself: every entry and every tile.
#ifndef BOOTSEAL_CLIENT_TILES_FOLDER_CHECK_H_
#define BOOTSEAL_CLIENT_TILES_FOLDER_CHECK_H_

#include "absl/status/status.h"
#include "client/tiles/folder_reader.h"

namespace bootseal::tiles {

// OK when the entries lead to the signed root and each tile holds the hashes
// that they lead to. FAILED_PRECONDITION: EXPORT_DAMAGED, with the file;
// LOG_INCONSISTENT when the entries lead to another root.
absl::Status CheckFolder(const FolderReader& folder);

}  // namespace bootseal::tiles

#endif  // BOOTSEAL_CLIENT_TILES_FOLDER_CHECK_H_
