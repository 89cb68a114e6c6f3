// Compares sign, verify and dumpinfo with imgtool itself, over random options
// and payloads:
//
//   IMGTOOL=.../scripts/imgtool.py build/release/tests/imgtool_sign_reference
//
// Arguments: the number of rounds (100) and the seed (1). Images without key,
// or with an Ed25519 one, are the same byte for byte; of others and of
// encrypted ones, all that is not random. Then each tool verifies and dumps the
// other's image. Every difference is printed with its command line; the exit
// status is 1 when there was one. It needs Python with imgtool's modules;
// PYTHON names another than python3.
#include <array>
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
#include "client/cli/intel_hex.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/mcuboot/reader.h"
#include "firmware/image/mcuboot/tlv.h"
#include "firmware/image/mcuboot/tlv_types.h"
#include "tests/support/process.h"
#include "tests/support/temporary_folder.h"

namespace bootseal::tests {
namespace {

namespace mcuboot = image::mcuboot;
using Arguments = std::vector<std::string>;

constexpr std::array<const char*, 5> kKeys{"rsa-2048", "rsa-3072", "ecdsa-p256",
                                           "ecdsa-p384", "ed25519"};

std::string Variable(const char* name, const char* otherwise) {
  const char* value = std::getenv(name);
  return value == nullptr ? otherwise : value;
}

std::string Read(const std::string& path) {
  return base::ReadFile(path, 64 << 20).value_or("");
}

class Dice {
 public:
  explicit Dice(unsigned seed) : engine_(seed) {}
  std::uint32_t Below(std::uint32_t bound) {
    return static_cast<std::uint32_t>(engine_()) % bound;
  }
  bool Chance(std::uint32_t of) { return Below(of) == 0; }
  template <std::size_t kSize>
  const char* OneOf(const std::array<const char*, kSize>& choices) {
    return choices[Below(kSize)];
  }

 private:
  std::mt19937 engine_;
};

// Half noise, half what a compressor likes.
std::string RandomPayload(Dice& dice, std::size_t size) {
  std::string payload(size, 0);
  const bool repeats = dice.Chance(2);
  for (std::size_t i = 0; i < size; ++i) {
    payload[i] = static_cast<char>(repeats ? i / 7 : dice.Below(256));
  }
  return payload;
}

// One command line of sign, drawn.
struct Draw {
  Arguments arguments;  // behind "sign", without the files
  std::string key;      // its type; empty: none
  bool encrypts = false;
  bool is_hex = false;
};

class Drawer {
 public:
  Drawer(Dice& dice, const TemporaryFolder& folder)
      : dice_(dice), folder_(folder) {}

  Draw Next() {
    draw_ = Draw();
    Header();
    Slot();
    Protected();
    Signature();
    Transforms();
    return draw_;
  }

 private:
  void Add(std::initializer_list<std::string> words) {
    draw_.arguments.insert(draw_.arguments.end(), words);
  }
  void Maybe(std::uint32_t of, std::initializer_list<std::string> words) {
    if (dice_.Chance(of)) Add(words);
  }
  std::string Version() {
    return absl::StrCat(dice_.Below(256), ".", dice_.Below(256), ".",
                        dice_.Below(65536), "+", dice_.Below(1u << 31));
  }

  void Header() {
    Add({"-v", Version(), "-H",
         dice_.OneOf(std::array<const char*, 4>{"32", "0x200", "0x400", "36"}),
         "--pad-header"});
    Maybe(6, {"-R", "0"});
    Maybe(6, {"--non-bootable"});
    const std::uint32_t place = dice_.Below(6);
    if (place == 0) Add({"-L", "0x20010000"});
    if (place == 1) Add({"-F", "0x08040000"});
  }

  void Slot() {
    Add({"-S", "0x20000"});
    Maybe(3, {"--align",
              dice_.OneOf(std::array<const char*, 4>{"1", "2", "4", "8"})});
    Maybe(3, {"--max-align",
              dice_.OneOf(std::array<const char*, 3>{"8", "16", "32"})});
    Maybe(4, {"-M", absl::StrCat(1 + dice_.Below(200))});
    Maybe(5, {"--overwrite-only"});
    if (dice_.Chance(3)) {
      Add({dice_.OneOf(
          std::array<const char*, 3>{"--pad", "--test", "--confirm"})});
    }
    draw_.is_hex = dice_.Chance(4);
    if (draw_.is_hex) Add({"-x", "0x08020000"});
  }

  void Protected() {
    Maybe(3, {"-s", dice_.Chance(3) ? "auto" : absl::StrCat(dice_.Below(99))});
    Maybe(4, {"-d", absl::StrCat("(", dice_.Below(4), ", ", Version(), "),(1,",
                                 Version(), ")")});
    Maybe(4, {"--boot-record", dice_.OneOf(std::array<const char*, 3>{
                                   "SPE", "NSPE", "twelve-bytes"})});
    Maybe(5, {"--vid", "acme.example", "--cid", "board 7"});
    Maybe(6, {"--cid", "12345678-1234-5678-1234-567812345678"});
    Maybe(4, {"--custom-tlv", "0xa0", "0xdeadbeef"});
    Maybe(4, {"--custom-tlv", "0x1ffe", "text and more"});
    Maybe(5, {"--custom-tlv-file", "0xB1", folder_.File("tlv")});
  }

  void Signature() {
    Maybe(4, {"--public-key-format", "full"});
    if (dice_.Chance(3)) {
      Maybe(2, {"--sha",
                dice_.OneOf(std::array<const char*, 3>{"256", "384", "512"})});
      return;
    }
    draw_.key = dice_.Chance(2) ? "ed25519" : dice_.OneOf(kKeys);
    Add({"-k", folder_.File(draw_.key)});
    if (draw_.key != "ed25519") return;
    const std::uint32_t kind = dice_.Below(4);
    if (kind == 0) Add({"--pure"});
    if (kind == 1) Add({"--sha", "512"});
  }

  // What is compressed and signed at random has random lengths.
  void Transforms() {
    const bool repeats = draw_.key.empty() || draw_.key == "ed25519";
    const bool compresses = repeats && dice_.Chance(6);
    const bool keeps_flag = absl::StrContains(
        absl::StrJoin(draw_.arguments, " "), "--non-bootable");
    if (compresses && !keeps_flag) {
      Add({"--compression",
           dice_.OneOf(std::array<const char*, 2>{"lzma2", "lzma2armthumb"})});
      return;
    }
    if (draw_.key == "ecdsa-p384" || !dice_.Chance(5)) return;
    draw_.encrypts = true;
    std::string device = "x25519";
    if (draw_.key == "ecdsa-p256") device = draw_.key;
    if (absl::StartsWith(draw_.key, "rsa")) device = "rsa-2048";
    Add({"-E", folder_.File(device)});
    Maybe(3, {"--encrypt-keylen", "256"});
    Maybe(3, {"--clear"});
    Maybe(4, {"--save-enctlv"});
  }

  Dice& dice_;
  const TemporaryFolder& folder_;
  Draw draw_;
};

// The image with everything random set to zero, as text to compare.
std::string Fixed(const std::string& bytes, const Draw& draw) {
  const bool fixed =
      (draw.key.empty() || draw.key == "ed25519") && !draw.encrypts;
  if (fixed) return bytes;
  const mcuboot::Reading reading = mcuboot::ReadImage(
      image::host::AsBytes(bytes), image::HashAlgorithm::kSha256);
  if (reading.error != image::Error::kOk) return "unreadable";
  std::string text = image::host::ToString(reading.header);
  if (!draw.encrypts) text += image::host::ToString(reading.payload);
  text += image::host::ToString(reading.facts.protected_area);
  for (const mcuboot::Tlv& tlv :
       mcuboot::Tlvs(reading.facts.unprotected_area)) {
    const bool random = mcuboot::IsSignature(tlv.type) || tlv.type >= 0x30;
    absl::StrAppend(&text, tlv.type, ":",
                    random ? "" : image::host::ToString(tlv.value));
  }
  // How much fill there is depends on the signature's length.
  const std::string rest = image::host::ToString(reading.rest);
  if (rest.empty()) return text;
  const std::size_t said = rest.find_first_not_of(rest.front());
  return said == std::string::npos ? text : text + rest.substr(said);
}

class Comparison {
 public:
  Comparison(std::string imgtool, std::string python, unsigned seed)
      : imgtool_(std::move(imgtool)), python_(std::move(python)), dice_(seed) {
    for (const char* key : kKeys) {
      Ours({"keygen", "-t", key, "-k", folder_.File(key)});
    }
    Ours({"keygen", "-t", "x25519", "-k", folder_.File("x25519")});
    Write("tlv", "the content\n of a file");
  }

  void Round() {
    Write("in.bin", RandomPayload(dice_, 1 + dice_.Below(9000)));
    const Draw draw = Drawer(dice_, folder_).Next();
    CompareSign(draw);
  }
  int compared() const { return compared_; }
  int differences() const { return differences_; }

 private:
  Outcome Reference(Arguments arguments) const {
    arguments.insert(arguments.begin(), {python_, imgtool_});
    return Run(arguments);
  }
  static Outcome Ours(Arguments arguments) {
    arguments.insert(arguments.begin(), {BOOTSEAL_PROGRAM, "imgtool"});
    return Run(arguments);
  }
  void Write(const std::string& name, const std::string& content) const {
    if (!base::WriteFileAtomically(folder_.File(name), content).ok()) {
      std::abort();
    }
  }

  void Count(bool same, const Draw& draw, const std::string& what) {
    ++compared_;
    if (same) return;
    ++differences_;
    std::cout << "difference: " << what << ": sign "
              << absl::StrJoin(draw.arguments, " ") << "\n";
  }

  void CompareSign(const Draw& draw) {
    const std::string suffix = draw.is_hex ? ".hex" : ".bin";
    const std::string theirs = folder_.File("theirs" + suffix);
    const std::string ours = folder_.File("ours" + suffix);
    Arguments arguments{"sign"};
    arguments.insert(arguments.end(), draw.arguments.begin(),
                     draw.arguments.end());
    arguments.push_back(folder_.File("in.bin"));
    arguments.push_back(theirs);
    const Outcome reference = Reference(arguments);
    arguments.back() = ours;
    if (draw.key.empty()) arguments.push_back("--unsigned");
    const Outcome own = Ours(arguments);
    Count(reference.exit_code == own.exit_code, draw,
          absl::StrCat("exit status ", reference.exit_code, " and ",
                       own.exit_code, " ", own.err));
    if (reference.exit_code != 0 || own.exit_code != 0) return;
    if (draw.is_hex) {
      CompareHex(draw, theirs, ours);
    } else {
      Count(Fixed(Read(theirs), draw) == Fixed(Read(ours), draw), draw,
            "image");
      CompareDump(draw, theirs);
      CompareDump(draw, ours);
    }
    CompareVerify(draw, theirs);
    CompareVerify(draw, ours);
  }

  // What the two load: records are cut at other addresses.
  void CompareHex(const Draw& draw, const std::string& theirs,
                  const std::string& ours) {
    const bool fixed =
        (draw.key.empty() || draw.key == "ed25519") && !draw.encrypts;
    if (!fixed) return;
    const auto a = cli::ReadIntelHex(Read(theirs));
    const auto b = cli::ReadIntelHex(Read(ours));
    Count(a.ok() && b.ok() && a->address == b->address && a->bytes == b->bytes,
          draw, "HEX file");
  }

  void CompareDump(const Draw& draw, const std::string& image) {
    for (const char* format : {"json", "yaml"}) {
      const Arguments arguments{"dumpinfo", "-f", format, image};
      const Outcome reference = Reference(arguments);
      const Outcome own = Ours(arguments);
      Count(reference.exit_code == own.exit_code && reference.out == own.out,
            draw, absl::StrCat("dumpinfo -f ", format));
    }
  }

  void CompareVerify(const Draw& draw, const std::string& image) {
    Arguments arguments{"verify", image};
    const Outcome reference = Reference(WithKey(arguments, draw));
    const Outcome own = Ours(WithKey(arguments, draw));
    Count(reference.exit_code == own.exit_code, draw,
          absl::StrCat("verify: ", reference.exit_code, " and ", own.exit_code,
                       " ", own.err, reference.out));
  }
  Arguments WithKey(Arguments arguments, const Draw& draw) const {
    if (draw.key.empty()) return arguments;
    arguments.insert(arguments.end(), {"-k", folder_.File(draw.key)});
    return arguments;
  }

  std::string imgtool_;
  std::string python_;
  TemporaryFolder folder_;
  Dice dice_;
  int compared_ = 0;
  int differences_ = 0;
};

}  // namespace
}  // namespace bootseal::tests

int main(int argc, char** argv) {
  using namespace bootseal::tests;
  const std::string imgtool = Variable("IMGTOOL", "");
  if (imgtool.empty()) {
    std::cerr << "IMGTOOL names no imgtool.py\n";
    return 2;
  }
  int rounds = 100;
  unsigned seed = 1;
  const bool numbers = (argc < 2 || absl::SimpleAtoi(argv[1], &rounds)) &&
                       (argc < 3 || absl::SimpleAtoi(argv[2], &seed));
  if (!numbers) {
    std::cerr << "expected the number of rounds, and the seed\n";
    return 2;
  }
  Comparison comparison(imgtool, Variable("PYTHON", "python3"), seed);
  for (int round = 0; round < rounds; ++round) comparison.Round();
  std::cout << comparison.compared() << " comparisons in " << rounds
            << " rounds, " << comparison.differences() << " differences\n";
  return comparison.differences() == 0 ? 0 : 1;
}
