// Compares keys, encryption and compression with imgtool itself, with random
// keys and payloads:
//
//   IMGTOOL=.../scripts/imgtool.py build/release/tests/imgtool_keys_reference
//
// An argument is the number of rounds (10). Every difference is printed; the
// exit status is 1 when there was one. It needs Python with imgtool's modules;
// PYTHON names another than python3.
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/file.h"
#include "client/imgtool/encryption.h"
#include "client/imgtool/key.h"
#include "firmware/image/host/compression.h"
#include "tests/support/process.h"
#include "tests/support/temporary_folder.h"

namespace bootseal::imgtool {
namespace {

constexpr std::size_t kHeaderBytes = 0x20;
constexpr std::size_t kMaxPayloadBytes = 400000;

using Arguments = std::vector<std::string>;

std::string Variable(const char* name, const char* otherwise) {
  const char* value = std::getenv(name);
  return value == nullptr ? otherwise : value;
}

std::string Read(const std::string& path) {
  return base::ReadFile(path, 64 << 20).value_or("");
}

std::uint32_t Little(absl::string_view bytes, std::size_t at,
                     std::size_t size) {
  std::uint32_t value = 0;
  for (std::size_t i = size; i > 0; --i) {
    value = value << 8 | static_cast<unsigned char>(bytes.at(at + i - 1));
  }
  return value;
}

// The last TLV of an image that has no protected ones.
struct Tlv {
  std::uint16_t type = 0;
  std::string value;
};

Tlv LastTlv(const std::string& image) {
  std::size_t at = kHeaderBytes + Little(image, 12, 4);
  const std::size_t end = at + Little(image, at + 2, 2);
  Tlv tlv;
  for (at += 4; at < end;) {
    const std::size_t size = Little(image, at + 2, 2);
    tlv = {static_cast<std::uint16_t>(Little(image, at, 2)),
           image.substr(at + 4, size)};
    at += 4 + size;
  }
  return tlv;
}

class Comparison {
 public:
  Comparison(std::string imgtool, std::string python)
      : imgtool_(std::move(imgtool)), python_(std::move(python)) {}

  void Round() {
    for (const KeyTraits& traits : kKeyKinds) CompareKey(traits);
    CompareCompression();
  }
  int compared() const { return compared_; }
  int differences() const { return differences_; }
  int explained() const { return explained_; }

 private:
  tests::Outcome Reference(Arguments arguments) const {
    arguments.insert(arguments.begin(), {python_, imgtool_});
    return tests::Run(arguments);
  }
  static tests::Outcome Ours(Arguments arguments) {
    arguments.insert(arguments.begin(), BOOTSEAL_KEY_PROGRAM);
    return tests::Run(arguments);
  }
  std::string File(const std::string& name) const { return folder_.File(name); }

  void Count(bool same, const std::string& what) {
    ++compared_;
    if (same) return;
    ++differences_;
    std::cout << "difference: " << what << "\n";
  }

  // Exit status and output, but for the comment in the first line.
  void CompareOutput(const Arguments& arguments, const Arguments& ours_only) {
    Arguments ours_arguments = arguments;
    ours_arguments.insert(ours_arguments.end(), ours_only.begin(),
                          ours_only.end());
    const tests::Outcome reference = Reference(arguments);
    const tests::Outcome ours = Ours(ours_arguments);
    // imgtool takes an RSA key whose private exponent is a byte shorter than
    // its modulus, one in about a hundred, for damaged.
    if (ours.exit_code == 0 &&
        absl::StrContains(reference.err, "Error parsing D while minimizing")) {
      ++explained_;
      return;
    }
    const bool is_text = absl::StartsWith(reference.out, "/*");
    const auto code = [is_text](const std::string& text) {
      return is_text ? text.substr(text.find('\n') + 1) : text;
    };
    Count(reference.exit_code == ours.exit_code &&
              code(reference.out) == code(ours.out),
          absl::StrJoin(arguments, " "));
  }

  void CompareKey(const KeyTraits& traits) {
    const std::string key = File("key.pem");
    const std::string pub = File("pub.pem");
    Reference({"keygen", "-t", traits.name, "-k", key});
    Reference({"getpub", "-e", "pem", "-o", pub, "-k", key});
    for (const std::string& file : {key, pub}) ComparePublic(file);
    ComparePrivate(key);
    Ours({"keygen", "-t", traits.name, "-k", key, "--force"});
    ComparePublic(key);
    ComparePrivate(key);
    if (CheckEncryption(traits.kind, {}).ok()) CompareEncryption(traits, key);
  }

  void ComparePublic(const std::string& file) {
    for (const char* encoding : {"lang-c", "lang-rust", "pem", "raw"}) {
      CompareOutput({"getpub", "-k", file, "-e", encoding}, {});
    }
    CompareOutput({"getpub", "-k", file, "-l", "rust", "--name-suffix", "_b"},
                  {});
    for (const char* encoding : {"lang-c", "raw"}) {
      CompareOutput({"getpubhash", "-k", file, "-e", encoding},
                    {"--imgtool-compatible"});
    }
    for (const char* kind : {"private", "public"}) {
      CompareOutput({"keyinfo", "-k", file, "--require", kind}, {});
    }
    CompareOutput({"getpriv", "-k", file}, {});
  }

  void ComparePrivate(const std::string& file) {
    for (const char* format : {"openssl", "pkcs8"}) {
      CompareOutput({"getpriv", "-k", file, "-f", format}, {});
      CompareOutput({"getpriv", "-k", file, "-f", format, "--minimal"}, {});
    }
    CompareOutput({"getpriv", "-k", file, "--minimal"}, {});
  }

  std::string Payload() {
    std::uniform_int_distribution<std::size_t> size(16, kMaxPayloadBytes);
    std::uniform_int_distribution<int> byte(0, 255);
    // Some of it repeats, so that it compresses; some is branches.
    std::string text(size(random_), '\0');
    for (std::size_t i = 0; i < text.size(); ++i) {
      text[i] = i < 64 || byte(random_) < 40 ? static_cast<char>(byte(random_))
                                             : text[i - 64];
    }
    for (std::size_t i = 0; i + 4 < text.size(); i += 48) {
      text[i + 1] = static_cast<char>(0xf0 | (byte(random_) & 7));
      text[i + 3] = static_cast<char>(0xf8 | (byte(random_) & 7));
    }
    return text;
  }

  std::string Sign(const std::string& payload, const Arguments& options) {
    const std::string input = File("payload.bin");
    const std::string output = File("image.bin");
    if (!base::WriteFileAtomically(input, payload).ok()) return "";
    Arguments arguments{"sign", "-v", "1.0.0",        "-H", "0x20",
                        "-S",   "0",  "--pad-header", "-R", "0xff"};
    arguments.insert(arguments.end(), options.begin(), options.end());
    arguments.insert(arguments.end(), {input, output});
    const tests::Outcome signed_image = Reference(arguments);
    if (signed_image.exit_code != 0) std::cout << signed_image.err;
    return Read(output);
  }

  void CompareEncryption(const KeyTraits& traits, const std::string& key) {
    const Key device = *Key::Load(key, {});
    for (const char* bits : {"128", "256"}) {
      for (const char* hmac : {"auto", "512"}) {
        const bool longer = absl::string_view(hmac) == "512";
        if (longer && traits.kind != KeyKind::kX25519) continue;
        const std::string payload = Payload();
        const std::string image = Sign(
            payload, {"-E", key, "--encrypt-keylen", bits, "--hmac-sha", hmac});
        const Tlv tlv = LastTlv(image);
        const auto plain =
            Decrypt(device, tlv.type, tlv.value,
                    image.substr(kHeaderBytes, Little(image, 12, 4)));
        const auto ours =
            Encrypt(device,
                    {absl::string_view(bits) == "128" ? 128u : 256u,
                     longer ? HmacHash::kSha512 : HmacHash::kSha256},
                    payload);
        Count(plain.ok() && absl::StartsWith(*plain, payload) &&
                  plain->size() < payload.size() + 16,
              absl::StrCat("decryption of -E ", traits.name, " ", bits));
        Count(ours.ok() && ours->tlv_type == tlv.type &&
                  ours->tlv_value.size() == tlv.value.size(),
              absl::StrCat("shape of -E ", traits.name, " ", bits));
      }
    }
  }

  void CompareCompression() {
    const std::string payload = Payload();
    for (const auto& [name, filter] :
         {std::pair("lzma2", image::mcuboot::Compression::kLzma2),
          std::pair("lzma2armthumb",
                    image::mcuboot::Compression::kLzma2ArmThumb)}) {
      const std::string image = Sign(payload, {"--compression", name});
      const std::string theirs =
          image.substr(kHeaderBytes, Little(image, 12, 4));
      const std::string ours =
          image::host::Compress(filter, payload).value_or("");
      // imgtool leaves alone what does not pay for its TLVs.
      const bool pays = ours.size() - 2 + 36 < payload.size();
      Count(theirs == (pays ? ours : payload),
            absl::StrCat("compression ", name));
      Count(
          image::host::Decompress(filter, ours, payload.size()).value_or("") ==
              payload,
          absl::StrCat("decompression ", name));
    }
  }

  std::string imgtool_;
  std::string python_;
  tests::TemporaryFolder folder_;
  std::mt19937_64 random_{std::random_device()()};
  int compared_ = 0;
  int differences_ = 0;
  int explained_ = 0;
};

}  // namespace
}  // namespace bootseal::imgtool

int main(int argc, char** argv) {
  namespace imgtool = bootseal::imgtool;
  const std::string path = imgtool::Variable("IMGTOOL", "");
  int rounds = 10;
  if (path.empty() || argc > 2 ||
      (argc == 2 && !absl::SimpleAtoi(argv[1], &rounds))) {
    std::cerr << "usage: IMGTOOL=.../scripts/imgtool.py " << argv[0]
              << " [ROUNDS]\n";
    return 2;
  }
  imgtool::Comparison comparison(path, imgtool::Variable("PYTHON", "python3"));
  for (int round = 0; round < rounds; ++round) comparison.Round();
  std::cout << "compared " << comparison.compared() << ", differences "
            << comparison.differences() << ", faults of imgtool "
            << comparison.explained() << "\n";
  return comparison.differences() == 0 ? 0 : 1;
}
