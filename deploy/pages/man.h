// Manual pages, in man(7) of groff and mandoc.
#ifndef BOOTSEAL_DEPLOY_PAGES_MAN_H_
#define BOOTSEAL_DEPLOY_PAGES_MAN_H_

#include <string>

#include "absl/strings/string_view.h"
#include "deploy/pages/command.h"

namespace bootseal::pages {

struct Edition {
  std::string section;  // "1"
  std::string version;  // "0.1.0"
  std::string date;     // "2026-11-27"
};

// "bootseal-audit-list"
std::string PageName(absl::string_view path);

std::string ManualPage(const Program& program, const Command& command,
                       const Edition& edition);

}  // namespace bootseal::pages

#endif  // BOOTSEAL_DEPLOY_PAGES_MAN_H_
