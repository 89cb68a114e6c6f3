#include "client/cli/lookalike.h"

#include <algorithm>
#include <array>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "client/cli/intel_hex.h"

namespace bootseal::cli {
namespace {

// The first line: S, a type, and hexadecimal digits.
bool LooksLikeSRecords(absl::string_view bytes) {
  absl::string_view line = bytes.substr(0, bytes.find('\n'));
  line = absl::StripTrailingAsciiWhitespace(line);
  return line.size() >= 10 && line.front() == 'S' &&
         std::all_of(line.begin() + 1, line.end(), [](char c) {
           return absl::ascii_isxdigit(static_cast<unsigned char>(c));
         });
}

bool LooksLikeElf(absl::string_view bytes) {
  return absl::StartsWith(bytes, "\177ELF");
}

bool LooksLikeUf2(absl::string_view bytes) {
  return absl::StartsWith(bytes, "UF2\n");
}

constexpr std::array<Lookalike, 4> kLookalikes{{
    {"Intel HEX", "give it a name that ends in .hex", LooksLikeHex},
    {"Motorola S-records", "convert it with objcopy -I srec -O binary",
     LooksLikeSRecords},
    {"an ELF file", "convert it with objcopy -O binary", LooksLikeElf},
    {"a UF2 file", "take the .bin or .hex of the same build", LooksLikeUf2},
}};

}  // namespace

const Lookalike* FindLookalike(absl::string_view bytes) {
  for (const Lookalike& lookalike : kLookalikes) {
    if (lookalike.recognise(bytes)) return &lookalike;
  }
  return nullptr;
}

}  // namespace bootseal::cli
