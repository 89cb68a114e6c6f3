// Any words as a command line of imgtool, on files in memory: it is refused, or
// makes an image that our reader reads back. The first byte chooses input and
// output; words are lines.
#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "client/cli/intel_hex.h"
#include "client/cli/payload.h"
#include "client/imgtool/commands.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/mcuboot/reader.h"
#include "tests/support/printed_keys.h"

namespace bootseal::tests {
namespace {

using Words = std::vector<std::string>;

void Require(bool holds) {
  if (!holds) std::abort();
}

// The working folder, where every name without a slash is; in memory where the
// system has that, as outputs are flushed to their disk.
class Folder {
 public:
  Folder() {
    const char* parent =
        std::filesystem::is_directory("/dev/shm") ? "/dev/shm" : "/tmp";
    std::string path = std::string(parent) + "/bootseal-fuzz.XXXXXX";
    Require(mkdtemp(path.data()) != nullptr && chdir(path.c_str()) == 0);
    path_ = path;
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  // As it was at first.
  void Reset() const {
    for (const auto& file : std::filesystem::directory_iterator(path_)) {
      std::filesystem::remove_all(file.path());
    }
    const std::string payload("\x00\x80\x00\x20\x01\x01\x00\x00 and more", 17);
    Write("in.bin", payload);
    Write("room.bin", std::string(64, 0) + payload);
    Write("repeats.bin", std::string(600, 'r'));
    Write("in.hex", *cli::WriteIntelHex({{0x8001000, payload}}));
    for (const PrintedKey& key : kPrintedKeys) {
      Write(std::string(key.name) + ".pem", PemOf(key.base64));
    }
    Write("kek", absl::Base64Escape(std::string(16, 'k')));
    Write("sig", absl::Base64Escape(std::string(64, 's')));
  }

 private:
  static void Write(const std::string& name, const std::string& content) {
    std::ofstream(name) << content;
  }
  std::string path_;
};

// Nobody is asked for a passphrase.
void LeaveTerminal() {
  const int terminal = open("/dev/tty", O_RDWR | O_CLOEXEC);
  if (terminal >= 0) {
    ioctl(terminal, TIOCNOTTY);
    close(terminal);
  }
  Require(std::freopen("/dev/null", "r", stdin) != nullptr);
}

bool Holds(const Words& words, absl::string_view text) {
  for (const std::string& word : words) {
    if (absl::StrContains(word, text)) return true;
  }
  return false;
}

struct Place {
  const char* input;
  const char* output;
};
constexpr Place kPlaces[] = {
    {"in.bin", "out.bin"},      {"room.bin", "out.bin"}, {"in.hex", "out.hex"},
    {"repeats.bin", "out.bin"}, {"in.bin", "out.hex"},   {"in.hex", "out.bin"},
};

// Outside the folder is nothing of ours, and RSA keys take their time.
bool IsHarmless(const Words& words) {
  const bool makes_rsa = Holds(words, "keygen") && Holds(words, "rsa");
  return !Holds(words, "/") && !Holds(words, "..") && !makes_rsa;
}

void RequireImage(const char* output) {
  const auto loaded = cli::LoadBytes(output);
  Require(loaded.ok());
  const auto reading = image::mcuboot::ReadImage(
      image::host::AsBytes(loaded->bytes), image::HashAlgorithm::kSha256);
  Require(reading.error == image::Error::kOk);
}

// The last slot size counts: one of 4 GiB would test the memory.
void RunSign(Words words, const Place& place) {
  if (Holds(words, "--pad") || Holds(words, "--test") ||
      Holds(words, "--confirm")) {
    words.insert(words.end(), {"--slot-size", "0x4000"});
  }
  words.insert(words.end(), {place.input, place.output});
  if (!imgtool::Run(words).ok()) return;
  const bool is_there = std::filesystem::exists(place.output);
  // Help is no image, and neither is what is to be signed elsewhere.
  if (!is_there) return Require(Holds(words, "h"));
  if (!Holds(words, "--vector-to-sign")) RequireImage(place.output);
}

}  // namespace
}  // namespace bootseal::tests

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes,
                                      std::size_t size) {
  using namespace bootseal::tests;
  static const Folder folder;
  static const bool left = (LeaveTerminal(), true);
  (void)left;
  if (size == 0) return 0;
  const absl::string_view text(reinterpret_cast<const char*>(bytes), size);
  const Words words = absl::StrSplit(text.substr(1), '\n');
  if (!IsHarmless(words)) return 0;
  folder.Reset();
  constexpr std::size_t kPlaceCount = sizeof kPlaces / sizeof kPlaces[0];
  if (words.front() == "sign" || words.front() == "create") {
    RunSign(words, kPlaces[bytes[0] % kPlaceCount]);
  } else {
    (void)bootseal::imgtool::Run(words);
  }
  return 0;
}
