// Bytes as source text, to be built into a bootloader: laid out as imgtool lays
// it out, so that only the first line, a comment, differs.
//
// Thread-safe: free functions without state.
#ifndef BOOTSEAL_CLIENT_IMGTOOL_SYMBOLS_H_
#define BOOTSEAL_CLIENT_IMGTOOL_SYMBOLS_H_

#include <string>

#include "absl/strings/string_view.h"

namespace bootseal::imgtool {

// const unsigned char NAME[] = {...}; const unsigned int NAME_len = ...;
std::string ToCSource(absl::string_view name, absl::string_view bytes);

// static NAME: &[u8] = &[...];
std::string ToRustSource(absl::string_view name, absl::string_view bytes);

}  // namespace bootseal::imgtool

#endif  // BOOTSEAL_CLIENT_IMGTOOL_SYMBOLS_H_
