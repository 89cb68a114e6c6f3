// imgtool sign, alias create.
#ifndef BOOTSEAL_CLIENT_IMGTOOL_SIGN_H_
#define BOOTSEAL_CLIENT_IMGTOOL_SIGN_H_

#include "absl/status/status.h"
#include "client/imgtool/key.h"
#include "client/imgtool/key_commands.h"
#include "client/imgtool/options.h"

namespace bootseal::imgtool {

Action DeclareSign(CLI::App& app);

// Makes the image, or what is to be signed elsewhere, and writes it: the output
// appears whole or not at all.
absl::Status Sign(const SignOptions& options,
                  const Key::Passphrase& passphrase);

}  // namespace bootseal::imgtool

#endif  // BOOTSEAL_CLIENT_IMGTOOL_SIGN_H_
