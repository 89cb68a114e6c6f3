// The commands that mend a partition table. Thread-safe: free functions.
#ifndef BOOTSEAL_CLIENT_LAYOUT_SGDISK_H_
#define BOOTSEAL_CLIENT_LAYOUT_SGDISK_H_

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "client/layout/evidence.h"
#include "firmware/image/host/sign_command.h"

namespace bootseal::layout {

// To be pasted into a shell as it is.
inline std::string SgdiskCommand(const Evidence& evidence,
                                 absl::string_view options) {
  return absl::StrCat("sgdisk ", options, " ",
                      image::host::ShellWord(evidence.path));
}

}  // namespace bootseal::layout

#endif  // BOOTSEAL_CLIENT_LAYOUT_SGDISK_H_
