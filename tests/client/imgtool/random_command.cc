#include "tests/client/imgtool/random_command.h"

#include <cstdlib>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/file.h"
#include "client/cli/intel_hex.h"
#include "client/imgtool/commands.h"

namespace bootseal::tests {
namespace {

void Write(const std::string& path, const std::string& content) {
  if (!base::WriteFileAtomically(path, content).ok()) std::abort();
}

// Half noise, half what a compressor likes.
std::string RandomPayload(Dice& dice) {
  std::string payload(1 + dice.Below(9000), 0);
  const bool repeats = dice.Chance(2);
  for (std::size_t i = 0; i < payload.size(); ++i) {
    payload[i] = static_cast<char>(repeats ? i / 7 : dice.Below(256));
  }
  return payload;
}

class Drawer {
 public:
  Drawer(Dice& dice, const TemporaryFolder& folder)
      : dice_(dice), folder_(folder) {}

  RandomCommand Draw() {
    Header();
    Slot();
    Protected();
    Signature();
    Transforms();
    Input();
    return draw_;
  }

 private:
  void Add(std::initializer_list<std::string> words) {
    draw_.options.insert(draw_.options.end(), words);
  }
  void Maybe(std::uint32_t of, std::initializer_list<std::string> words) {
    if (dice_.Chance(of)) Add(words);
  }
  // One of the ways to write an option with its value; of two values the last
  // counts.
  void Spell(const std::string& short_name, const std::string& long_name,
             const std::string& value) {
    Maybe(12, {long_name, "1"});
    const std::uint32_t way = dice_.Below(4);
    if (way == 0) Add({short_name, value});
    if (way == 1) Add({absl::StrCat(short_name, value)});
    if (way == 2) Add({long_name, value});
    if (way == 3) Add({absl::StrCat(long_name, "=", value)});
  }
  std::string Version() {
    return absl::StrCat(dice_.Below(256), ".", dice_.Below(256), ".",
                        dice_.Below(65536), "+", dice_.Below(1u << 31));
  }

  void Header() {
    Spell("-v", "--version", Version());
    header_ = dice_.OneOf({"32", "0x200", "0x400", "36"});
    Spell("-H", "--header-size", header_);
    has_room_ = dice_.Chance(4);
    if (!has_room_) Add({"--pad-header"});
    Maybe(6, {"-R", "0"});
    Maybe(6, {"--non-bootable"});
    const std::uint32_t place = dice_.Below(6);
    if (place == 0) Spell("-L", "--load-addr", "0x20010000");
    if (place == 1) Spell("-F", "--rom-fixed", "0x08040000");
  }

  void Slot() {
    const bool unknown = dice_.Chance(8);
    Spell("-S", "--slot-size", unknown ? "0" : "0x20000");
    Maybe(3, {"--align", dice_.OneOf({"1", "2", "4", "8", "16", "32"})});
    Maybe(3, {"--max-align", dice_.OneOf({"8", "16", "32"})});
    if (dice_.Chance(4)) {
      Spell("-M", "--max-sectors", absl::StrCat(1 + dice_.Below(200)));
    }
    Maybe(5, {"--overwrite-only"});
    draw_.is_hex = dice_.Chance(4);
    if (draw_.is_hex) Spell("-x", "--hex-addr", "0x08020000");
    const bool pads = dice_.Chance(3) && !(unknown && draw_.is_hex);
    if (pads) Add({dice_.OneOf({"--pad", "--test", "--confirm"})});
  }

  void Protected() {
    if (dice_.Chance(3)) {
      Spell("-s", "--security-counter",
            dice_.Chance(3) ? "auto" : absl::StrCat(dice_.Below(99)));
    }
    if (dice_.Chance(4)) {
      Spell("-d", "--dependencies",
            absl::StrCat("(", dice_.Below(4), ", ", Version(), "),(1,",
                         Version(), ")"));
    }
    Maybe(4, {"--boot-record", dice_.OneOf({"SPE", "NSPE", "twelve-bytes"})});
    Maybe(5, {"--vid", "acme.example", "--cid", "board 7"});
    Maybe(6, {"--cid", "12345678-1234-5678-1234-567812345678"});
    Maybe(4, {"--custom-tlv", "0xa0", "0xdeadbeef"});
    Maybe(4, {"--custom-tlv", "0x1ffe", "text and more"});
    Maybe(5, {"--custom-tlv-file", "0xB1", folder_.File("tlv")});
  }

  void Signature() {
    Maybe(4, {"--public-key-format", dice_.OneOf({"full", "hash"})});
    if (dice_.Chance(3)) {
      Maybe(2, {"--sha", dice_.OneOf({"auto", "256", "384", "512"})});
      return Vector();
    }
    draw_.key = dice_.Chance(2) ? "ed25519" : dice_.OneOf(kSigningKeys);
    Spell("-k", "--key", folder_.File(draw_.key));
    Maybe(6, {"--sig-out", folder_.File("signature")});
    Maybe(8, {"--pad-sig"});
    if (draw_.key != "ed25519") return;
    const std::uint32_t kind = dice_.Below(4);
    if (kind == 0) Add({"--pure"});
    if (kind == 1) Add({"--sha", "512"});
  }

  void Vector() {
    draw_.is_vector = dice_.Chance(5) && !draw_.is_hex;
    if (!draw_.is_vector) return;
    Add({"--vector-to-sign", dice_.OneOf({"payload", "digest"})});
    Maybe(2, {"--fix-sig-pubkey", folder_.File("ecdsa-p256.pub")});
  }

  void Transforms() {
    // What is compressed and signed at random has random lengths.
    const bool repeats = draw_.key.empty() || draw_.key == "ed25519";
    draw_.is_compressed = repeats && dice_.Chance(5);
    if (draw_.is_compressed) {
      Add({"--compression", dice_.OneOf({"lzma2", "lzma2armthumb"})});
    }
    if (draw_.key == "ecdsa-p384" || !dice_.Chance(4)) return;
    draw_.device = dice_.OneOf({"x25519", "ecdsa-p256", "rsa-2048"});
    if (draw_.key == "ecdsa-p256") draw_.device = draw_.key;
    if (absl::StartsWith(draw_.key, "rsa")) draw_.device = "rsa-2048";
    const char* half = dice_.OneOf({"", ".pub"});
    Spell("-E", "--encrypt", folder_.File(absl::StrCat(draw_.device, half)));
    Maybe(3, {"--encrypt-keylen", dice_.OneOf({"128", "256"})});
    if (draw_.device == "x25519") {
      Maybe(3, {"--hmac-sha", dice_.OneOf({"auto", "256", "512"})});
    }
    Maybe(3, {dice_.OneOf({"--clear", "-c"})});
    Maybe(4, {"--save-enctlv"});
  }

  void Input() {
    std::uint32_t room = 36;
    if (header_ == "32") room = 32;
    if (header_ == "0x200") room = 0x200;
    if (header_ == "0x400") room = 0x400;
    const std::string bytes = absl::StrCat(
        std::string(has_room_ ? room : 0, '\0'), RandomPayload(dice_));
    const bool as_hex = dice_.Chance(5);
    draw_.input = folder_.File(as_hex ? "in.hex" : "in.bin");
    Write(draw_.input,
          as_hex ? *cli::WriteIntelHex({{0x08001000, bytes}}) : bytes);
  }

  Dice& dice_;
  const TemporaryFolder& folder_;
  RandomCommand draw_;
  std::string header_;
  bool has_room_ = false;
};

}  // namespace

void MakeFiles(const TemporaryFolder& folder) {
  for (const char* type : {"rsa-2048", "rsa-3072", "ecdsa-p256", "ecdsa-p384",
                           "ed25519", "x25519"}) {
    const std::string path = folder.File(type);
    const bool made =
        imgtool::Run({"keygen", "-t", type, "-k", path}).ok() &&
        imgtool::Run({"getpub", "-k", path, "-e", "pem", "-o", path + ".pub"})
            .ok();
    if (!made) std::abort();
  }
  Write(folder.File("tlv"), "the content\n of a file");
}

bool RandomCommand::IsReproducible() const {
  return (key.empty() || key == "ed25519") && device.empty();
}

RandomCommand DrawCommand(Dice& dice, const TemporaryFolder& folder) {
  return Drawer(dice, folder).Draw();
}

}  // namespace bootseal::tests
