// imgtool dumpinfo.
#ifndef BOOTSEAL_CLIENT_IMGTOOL_DUMPINFO_H_
#define BOOTSEAL_CLIENT_IMGTOOL_DUMPINFO_H_

#include "client/imgtool/key_commands.h"

namespace bootseal::imgtool {

Action DeclareDumpinfo(CLI::App& app);

}  // namespace bootseal::imgtool

#endif  // BOOTSEAL_CLIENT_IMGTOOL_DUMPINFO_H_
