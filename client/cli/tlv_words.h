// What the protected TLVs of an MCUboot image say, in words: security counter,
// boot record, dependency. Thread-safe: free functions without state.
#ifndef BOOTSEAL_CLIENT_CLI_TLV_WORDS_H_
#define BOOTSEAL_CLIENT_CLI_TLV_WORDS_H_

#include <optional>
#include <string>

#include "client/cli/json.h"
#include "firmware/image/mcuboot/tlv.h"

namespace bootseal::cli {

struct TlvWords {
  std::string text;  // printable
  Json json = Json::Null();
};

// Empty for a type that says nothing more than its bytes do. A value that does
// not parse is named as malformed, and null in JSON.
std::optional<TlvWords> WordsOf(const image::mcuboot::Tlv& tlv);

}  // namespace bootseal::cli

#endif  // BOOTSEAL_CLIENT_CLI_TLV_WORDS_H_
