// imgtool sign, alias create.
#ifndef BOOTSEAL_CLIENT_IMGTOOL_SIGN_H_
#define BOOTSEAL_CLIENT_IMGTOOL_SIGN_H_

#include "absl/status/status.h"
#include "client/imgtool/key.h"
#include "client/imgtool/key_commands.h"
#include "client/imgtool/options.h"
#include "client/imgtool/server.h"

namespace bootseal::imgtool {

// `server` must outlive the action.
Action DeclareSign(CLI::App& app, const Server& server);

// Makes the image, or what is to be signed elsewhere, and writes it: the output
// appears whole or not at all.
absl::Status Sign(const SignOptions& options,
                  const Key::Passphrase& passphrase);

// Image and, where --sig-out asks for it, signature: both appear or neither.
absl::Status WriteSigned(const SignOptions& options, absl::string_view content,
                         absl::string_view signature);

}  // namespace bootseal::imgtool

#endif  // BOOTSEAL_CLIENT_IMGTOOL_SIGN_H_
