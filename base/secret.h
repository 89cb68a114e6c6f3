// Text that is wiped when it goes: PINs and passphrases.
#ifndef BOOTSEAL_BASE_SECRET_H_
#define BOOTSEAL_BASE_SECRET_H_

#include <openssl/crypto.h>

#include <string>
#include <utility>

#include "absl/strings/string_view.h"

namespace bootseal::base {

// Move-only; cannot be printed or compared. Reveal() marks every place that
// reads it. Not thread-safe.
class Secret {
 public:
  Secret() = default;
  // Takes the text over and wipes the source.
  explicit Secret(std::string&& text) : text_(text) { Wipe(text); }
  Secret(Secret&& other) noexcept : text_(other.text_) { Wipe(other.text_); }
  Secret& operator=(Secret&& other) noexcept {
    if (this == &other) return *this;
    Wipe(text_);
    text_ = other.text_;
    Wipe(other.text_);
    return *this;
  }
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  ~Secret() { Wipe(text_); }

  absl::string_view Reveal() const { return text_; }
  bool empty() const { return text_.empty(); }
  // An explicit second copy, wiped on its own.
  Secret Clone() const { return Secret(std::string(text_)); }

 private:
  static void Wipe(std::string& text) {
    OPENSSL_cleanse(text.data(), text.size());
    text.clear();
  }

  std::string text_;
};

}  // namespace bootseal::base

#endif  // BOOTSEAL_BASE_SECRET_H_
