#include "client/imgtool/aes.h"

#include <openssl/evp.h>

#include <array>
#include <cstddef>
#include <limits>

#include "absl/strings/str_cat.h"
#include "base/openssl.h"
#include "base/status.h"

namespace bootseal::imgtool {
namespace {

using CipherContextPtr = base::OpenSslPtr<EVP_CIPHER_CTX, EVP_CIPHER_CTX_free>;

constexpr std::size_t kWrapBytes = 8;

const unsigned char* Bytes(absl::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

unsigned char* Bytes(std::string& text) {
  return reinterpret_cast<unsigned char*>(text.data());
}

absl::Status CheckSize(absl::string_view data) {
  if (data.size() <= std::numeric_limits<int>::max() - 64) {
    return absl::OkStatus();
  }
  return base::Invalid("PAYLOAD_TOO_LARGE", "payload",
                       absl::StrCat("the payload has ", data.size(),
                                    " bytes, expected less than 2 GiB"));
}

}  // namespace

absl::StatusOr<std::string> AesCtr(absl::string_view key,
                                   absl::string_view data) {
  RETURN_IF_ERROR(CheckSize(data));
  constexpr std::array<unsigned char, 16> kZeroCounter{};
  const CipherContextPtr context(EVP_CIPHER_CTX_new());
  const EVP_CIPHER* cipher =
      key.size() == 16 ? EVP_aes_128_ctr() : EVP_aes_256_ctr();
  std::string output(data.size(), '\0');
  int size = 0;
  if (!context ||
      EVP_EncryptInit_ex2(context.get(), cipher, Bytes(key),
                          kZeroCounter.data(), nullptr) != 1 ||
      EVP_EncryptUpdate(context.get(), Bytes(output), &size, Bytes(data),
                        static_cast<int>(data.size())) != 1) {
    return base::Internal(base::DrainOpenSslErrors());
  }
  return output;
}

absl::StatusOr<std::string> WrapKey(absl::string_view kek,
                                    absl::string_view key) {
  const CipherContextPtr context(EVP_CIPHER_CTX_new());
  const EVP_CIPHER* cipher =
      kek.size() == 16 ? EVP_aes_128_wrap() : EVP_aes_256_wrap();
  std::string wrapped(key.size() + kWrapBytes, '\0');
  int size = 0;
  if (!context ||
      EVP_EncryptInit_ex2(context.get(), cipher, Bytes(kek), nullptr,
                          nullptr) != 1 ||
      EVP_EncryptUpdate(context.get(), Bytes(wrapped), &size, Bytes(key),
                        static_cast<int>(key.size())) != 1) {
    return base::Internal(base::DrainOpenSslErrors());
  }
  return wrapped;
}

absl::StatusOr<std::string> UnwrapKey(absl::string_view kek,
                                      absl::string_view wrapped) {
  const CipherContextPtr context(EVP_CIPHER_CTX_new());
  const EVP_CIPHER* cipher =
      kek.size() == 16 ? EVP_aes_128_wrap() : EVP_aes_256_wrap();
  std::string key(wrapped.size(), '\0');
  int size = 0;
  if (!context || EVP_DecryptInit_ex2(context.get(), cipher, Bytes(kek),
                                      nullptr, nullptr) != 1) {
    return base::Internal(base::DrainOpenSslErrors());
  }
  if (EVP_DecryptUpdate(context.get(), Bytes(key), &size, Bytes(wrapped),
                        static_cast<int>(wrapped.size())) != 1) {
    base::DrainOpenSslErrors();
    return base::Precondition(
        "DECRYPTION_FAILED",
        "the content key was wrapped with another key-encryption key");
  }
  key.resize(static_cast<std::size_t>(size));
  return key;
}

}  // namespace bootseal::imgtool
