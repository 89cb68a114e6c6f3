#include "client/token/file.h"

#include <utility>

#include "base/input_file.h"
#include "base/status.h"

namespace bootseal::token {
namespace {

// With room for what an editor leaves around it.
constexpr std::size_t kMaxFileBytes = 2 * kMaxTokenBytes;

}  // namespace

absl::StatusOr<Token> ReadTokenFile(const std::string& path, absl::Time now) {
  ASSIGN_OR_RETURN(const base::InputFile file,
                   base::InputFile::Open(path, base::Accepts::kRegularFile));
  RETURN_IF_ERROR(file.CheckBearerToken());
  ASSIGN_OR_RETURN(std::string text, file.Read(kMaxFileBytes));
  ASSIGN_OR_RETURN(Token token, ParseToken(std::move(text), path));
  RETURN_IF_ERROR(CheckExpiry(token, path, now));
  return token;
}

}  // namespace bootseal::token
