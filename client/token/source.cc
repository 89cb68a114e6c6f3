#include "client/token/source.h"

#include <utility>

#include "base/input_file.h"
#include "base/status.h"

namespace bootseal::token {
namespace {

absl::StatusOr<base::Secret> Checked(std::string text, const std::string& place,
                                     const base::Clock& clock) {
  ASSIGN_OR_RETURN(Token token, ParseToken(std::move(text), place));
  RETURN_IF_ERROR(CheckExpiry(token, place, clock.Now()));
  return std::move(token.text);
}

class TextSource final : public Source {
 public:
  TextSource(std::string text, std::string place, const base::Clock& clock)
      : text_(std::move(text)), place_(std::move(place)), clock_(clock) {}

  absl::StatusOr<base::Secret> Fetch() override {
    return Checked(std::string(text_.Reveal()), place_, clock_);
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
    // With room for what an editor leaves around it.
    ASSIGN_OR_RETURN(std::string text,
                     base::ReadOwnersFile(path_, 2 * kMaxTokenBytes));
    return Checked(std::move(text), path_, clock_);
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
