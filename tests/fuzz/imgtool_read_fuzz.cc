// Any bytes as an image that imgtool's verify and dumpinfo are given, as a key
// file, and as a text that dumpinfo has to quote.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "client/imgtool/decryption.h"
#include "client/imgtool/device_key.h"
#include "client/imgtool/image_info.h"
#include "client/imgtool/key.h"
#include "client/imgtool/verify.h"
#include "tests/support/printed_keys.h"
#include "tests/support/temporary_folder.h"

namespace bootseal::tests {
namespace {

using imgtool::Strictness;

void Require(bool holds) {
  if (!holds) std::abort();
}

absl::StatusOr<base::Secret> NoPassphrase() {
  return absl::InternalError("no passphrase");
}

struct Keys {
  std::vector<imgtool::Key> signing;
  std::vector<imgtool::DeviceKey> device;
};

Keys MakeKeys() {
  Keys keys;
  const TemporaryFolder folder;
  const auto add = [&](const std::string& text) {
    const std::string path = folder.File("key");
    std::ofstream(path) << text;
    keys.device.push_back(*imgtool::DeviceKey::Load(path, NoPassphrase));
  };
  for (const PrintedKey& key : kPrintedKeys) {
    const std::string pem = PemOf(key.base64);
    keys.signing.push_back(*imgtool::Key::Parse(pem, NoPassphrase));
    add(pem);
  }
  add(absl::Base64Escape(std::string(16, 'k')));
  return keys;
}

const Keys& AllKeys() {
  static const auto* keys = new Keys(MakeKeys());
  return *keys;
}

// What a device takes, imgtool takes too, and both can be shown.
void RequireStricter(absl::string_view image, const imgtool::Key* key) {
  const bool by_device =
      imgtool::VerifyImage(image, key, Strictness::kDevice).ok();
  const bool by_imgtool =
      imgtool::VerifyImage(image, key, Strictness::kImgtool).ok();
  Require(by_imgtool || !by_device);
  Require(imgtool::ReadImageInfo("image", image).ok() || !by_imgtool);
}

void RequireShown(absl::string_view name, absl::string_view image) {
  const auto info = imgtool::ReadImageInfo(name, image);
  if (!info.ok()) return;
  Require(!imgtool::FormatHuman(*info).empty());
  Require(!imgtool::FormatYaml(*info).empty());
  // A scanner of JSON in bytes: no control character, and quotes in pairs.
  int quotes = 0;
  const std::string json = imgtool::FormatJson(*info);
  for (std::size_t i = 0; i < json.size(); ++i) {
    Require(json[i] == '\n' || static_cast<unsigned char>(json[i]) >= 0x20);
    if (json[i] == '\\')
      ++i;
    else if (json[i] == '"')
      ++quotes;
  }
  Require(quotes % 2 == 0);
}

void RequireSameSize(absl::string_view image) {
  for (const imgtool::DeviceKey& key : AllKeys().device) {
    const auto plain = imgtool::DecryptImage(image, key);
    Require(!plain.ok() || plain->size() == image.size());
  }
}

void RequireKeyRoundTrip(absl::string_view text) {
  const auto key = imgtool::Key::Parse(text, NoPassphrase);
  if (!key.ok()) return;
  const auto again = imgtool::Key::Parse(key->PublicPem(), NoPassphrase);
  Require(again.ok() && again->device_der() == key->device_der());
}

}  // namespace
}  // namespace bootseal::tests

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes,
                                      std::size_t size) {
  using namespace bootseal::tests;
  const absl::string_view text(reinterpret_cast<const char*>(bytes), size);
  RequireStricter(text, nullptr);
  for (const auto& key : AllKeys().signing) RequireStricter(text, &key);
  RequireShown("image.bin", text);
  RequireShown(text.substr(0, 40), text);
  RequireSameSize(text);
  RequireKeyRoundTrip(text);
  return 0;
}
