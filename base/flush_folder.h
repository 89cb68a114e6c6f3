// Makes the name of a file last.
#ifndef BOOTSEAL_BASE_FLUSH_FOLDER_H_
#define BOOTSEAL_BASE_FLUSH_FOLDER_H_

#include <string>

namespace bootseal::base {

// The folder of the file at `path`, to the disk: 0, or what errno says. Where
// it may be written and not read, or its file system knows no such thing,
// nothing more can be done: 0 as well. Thread-safe.
int FlushFolderOf(const std::string& path);

}  // namespace bootseal::base

#endif  // BOOTSEAL_BASE_FLUSH_FOLDER_H_
