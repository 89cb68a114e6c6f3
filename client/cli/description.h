// What `inspect` says of a file, once for people and once for machines.
#ifndef BOOTSEAL_CLIENT_CLI_DESCRIPTION_H_
#define BOOTSEAL_CLIENT_CLI_DESCRIPTION_H_

#include <string>

#include "client/cli/json.h"

namespace bootseal::cli {

struct Description {
  std::string text;
  Json json = Json::Null();
  // Empty when the file is whole; else where reading it ended.
  std::string defect;
};

}  // namespace bootseal::cli

#endif  // BOOTSEAL_CLIENT_CLI_DESCRIPTION_H_
