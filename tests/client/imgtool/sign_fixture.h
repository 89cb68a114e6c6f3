// imgtool's command line in a folder with the payloads of the golden files.
#ifndef BOOTSEAL_TESTS_CLIENT_IMGTOOL_SIGN_FIXTURE_H_
#define BOOTSEAL_TESTS_CLIENT_IMGTOOL_SIGN_FIXTURE_H_

#include <gtest/gtest.h>

#include <filesystem>
#include <initializer_list>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/file.h"
#include "client/imgtool/commands.h"
#include "client/imgtool/key.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/mcuboot/reader.h"
#include "firmware/image/mcuboot/tlv.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_folder.h"

namespace bootseal::tests {

using Words = std::vector<std::string>;

inline constexpr char kVectors[] = BOOTSEAL_SOURCE_DIR "/tests/vectors/";

inline std::string Read(const std::string& path) {
  const absl::StatusOr<std::string> bytes = base::ReadFile(path, 16 << 20);
  EXPECT_OK(bytes);
  return bytes.value_or("");
}

// As tests/vectors/mcuboot/README.md has it.
inline std::string GoldenPayload() {
  std::string payload("\x00\x80\x00\x20\x01\x01\x00\x00", 8);
  for (std::size_t i = payload.size(); i < 301; ++i) {
    payload += static_cast<char>((7 * i + i / 251) % 256);
  }
  return payload;
}

class SignTest : public testing::Test {
 protected:
  SignTest() {
    Write("payload.bin", GoldenPayload());
    Write("room.bin", std::string(0x40, 0) + GoldenPayload());
    std::string repeats;
    for (std::size_t i = 0; i < 4096; ++i) {
      repeats += static_cast<char>(i / 7 % 256);
    }
    Write("repeats.bin", repeats);
    Write("tlv.bin", std::string("content\nof a file\0", 18));
    Write("payload.hex",
          Read(absl::StrCat(kVectors, "imgtool/sign/payload.hex")));
  }

  std::string File(const std::string& name) const { return folder_.File(name); }
  void Write(const std::string& name, const std::string& content) const {
    EXPECT_OK(base::WriteFileAtomically(File(name), content));
  }
  std::string Image() const { return Read(File("image.bin")); }
  bool HasImage() const { return std::filesystem::exists(File("image.bin")); }

  // A fresh PEM key of `type` in `name`, instead of one that was there.
  void MakeKey(const std::string& type, const std::string& name) const {
    std::filesystem::remove(File(name));
    EXPECT_OK(imgtool::Run({"keygen", "-t", type, "-k", File(name)}));
  }
  imgtool::Key LoadKey(const std::string& name) const {
    return *imgtool::Key::Load(
        File(name), [] { return absl::InternalError("no passphrase"); });
  }

  // sign with options for payload.bin, into image.bin, and `further` ones.
  absl::Status Sign(const Words& further) const {
    Words words{"sign", "-v",           "1.2.3+4", "-H",
                "0x20", "--pad-header", "-S",      "0x1000"};
    words.insert(words.end(), further.begin(), further.end());
    words.push_back(File("payload.bin"));
    words.push_back(File("image.bin"));
    return imgtool::Run(words);
  }

  TemporaryFolder folder_;
};

// Of an image whose structure holds.
inline image::mcuboot::Reading ReadingOf(const std::string& image) {
  const auto reading = image::mcuboot::ReadImage(image::host::AsBytes(image),
                                                 image::HashAlgorithm::kSha256);
  EXPECT_EQ(reading.error, image::Error::kOk) << image::Text(reading.error);
  return reading;
}

inline std::string TlvOf(image::Bytes area, std::uint16_t type) {
  return image::host::ToString(image::mcuboot::FindTlv(area, type).value);
}

}  // namespace bootseal::tests

#endif  // BOOTSEAL_TESTS_CLIENT_IMGTOOL_SIGN_FIXTURE_H_
