// Tokens that must be refused, each for its own reason: held against the reader
// alone and against a server.
#ifndef BOOTSEAL_TESTS_SERVER_IDENTITY_BAD_TOKENS_H_
#define BOOTSEAL_TESTS_SERVER_IDENTITY_BAD_TOKENS_H_

#include <functional>
#include <ostream>
#include <string>
#include <vector>

#include "tests/support/token_issuer.h"

namespace bootseal::tests {

struct BadToken {
  const char* name;
  std::function<std::string(const TokenIssuer& issuer)> make;
  const char* reason;
  const char* message;  // part of it
};

inline void PrintTo(const BadToken& token, std::ostream* out) {
  *out << token.name;
}

// All UNAUTHENTICATED. But for what is wrong with them they are those of
// GoodClaims.
const std::vector<BadToken>& BadTokens();

// Of the job that GoodWorkload names.
JsonMembers GoodClaims(const TokenIssuer& issuer);
v1::Workload GoodWorkload(const std::string& issuer);

}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_SERVER_IDENTITY_BAD_TOKENS_H_
