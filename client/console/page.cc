#include "client/console/page.h"

namespace bootseal::console {

const PageFile* FindPageFile(absl::string_view path) {
  const absl::string_view wanted = path == "/" ? "/index.html" : path;
  for (const PageFile& file : PageFiles()) {
    if (file.path == wanted) return &file;
  }
  return nullptr;
}

}  // namespace bootseal::console
