// The page's files, as client/console/page/ has them; part of the program.
// Thread-safe: free functions over constants.
#ifndef BOOTSEAL_CLIENT_CONSOLE_PAGE_H_
#define BOOTSEAL_CLIENT_CONSOLE_PAGE_H_

#include <span>

#include "absl/strings/string_view.h"

namespace bootseal::console {

struct PageFile {
  absl::string_view path;          // "/app.js"
  absl::string_view content_type;  // with its charset
  absl::string_view content;
};

// Written by embed.cmake.
std::span<const PageFile> PageFiles();

// By its exact path; "/" is index.html. nullptr for any other.
const PageFile* FindPageFile(absl::string_view path);

}  // namespace bootseal::console

#endif  // BOOTSEAL_CLIENT_CONSOLE_PAGE_H_
