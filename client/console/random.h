// What nobody may guess, and how it is compared. Thread-safe: free functions.
#ifndef BOOTSEAL_CLIENT_CONSOLE_RANDOM_H_
#define BOOTSEAL_CLIENT_CONSOLE_RANDOM_H_

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"

namespace bootseal::console {

// 256 bits of OpenSSL's generator in lower-case hexadecimal. Ends the process
// when there is no randomness: nothing here is safe without.
std::string RandomToken();

inline constexpr std::size_t kCodeDigits = 6;

// So many decimal digits, each code as likely as any other.
std::string RandomCode();

// In a time that does not depend on where they differ.
bool SameSecret(absl::string_view a, absl::string_view b);

}  // namespace bootseal::console

#endif  // BOOTSEAL_CLIENT_CONSOLE_RANDOM_H_
