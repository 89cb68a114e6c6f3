// Command lines of `sign`, drawn by lot, with the files that they name.
#ifndef BOOTSEAL_TESTS_CLIENT_IMGTOOL_RANDOM_COMMAND_H_
#define BOOTSEAL_TESTS_CLIENT_IMGTOOL_RANDOM_COMMAND_H_

#include <array>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <vector>

#include "tests/support/random_rounds.h"
#include "tests/support/temporary_folder.h"

namespace bootseal::tests {

inline constexpr const char* kSigningKeys[] = {
    "rsa-2048", "rsa-3072", "ecdsa-p256", "ecdsa-p384", "ed25519"};

// keygen's names of all kinds are files in the folder, NAME.pub the public
// halves; "tlv" is the value of a TLV.
void MakeFiles(const TemporaryFolder& folder);

struct RandomCommand {
  std::vector<std::string> options;
  std::string input;   // its path
  std::string key;     // its type; empty: none
  std::string device;  // of -E; empty: none
  bool is_hex = false;
  bool is_vector = false;
  bool is_compressed = false;  // asked for

  // What makes it random is no signature and no content key.
  bool IsReproducible() const;
};

// Writes the input too.
RandomCommand DrawCommand(Dice& dice, const TemporaryFolder& folder);

}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_CLIENT_IMGTOOL_RANDOM_COMMAND_H_
