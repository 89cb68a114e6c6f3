#include "client/token/source.h"

#include <utility>

#include "base/status.h"
#include "client/token/file.h"

namespace bootseal::token {
namespace {

class TextSource final : public Source {
 public:
  TextSource(std::string text, std::string place, const base::Clock& clock)
      : text_(std::move(text)), place_(std::move(place)), clock_(clock) {}

  absl::StatusOr<base::Secret> Fetch() override {
    ASSIGN_OR_RETURN(Token token,
                     ParseToken(std::string(text_.Reveal()), place_));
    RETURN_IF_ERROR(CheckExpiry(token, place_, clock_.Now()));
    return std::move(token.text);
  }

 private:
  const base::Secret text_;
  const std::string place_;
  const base::Clock& clock_;
};

class FileSource final : public Source {
 public:
  FileSource(std::string path, const base::Clock& clock)
      : path_(std::move(path)), clock_(clock) {}

  absl::StatusOr<base::Secret> Fetch() override {
    ASSIGN_OR_RETURN(Token token, ReadTokenFile(path_, clock_.Now()));
    return std::move(token.text);
  }

 private:
  const std::string path_;
  const base::Clock& clock_;
};

}  // namespace

std::unique_ptr<Source> FromText(std::string text, std::string place,
                                 const base::Clock& clock) {
  return std::make_unique<TextSource>(std::move(text), std::move(place), clock);
}

std::unique_ptr<Source> FromFile(std::string path, const base::Clock& clock) {
  return std::make_unique<FileSource>(std::move(path), clock);
}

}  // namespace bootseal::token
