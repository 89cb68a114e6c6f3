// Compares tfm-wrapper with TF-M's wrapper.py itself, over random options,
// layouts and payloads:
//
//   TFM_WRAPPER=.../bl2/ext/mcuboot/scripts/wrapper.py
//   IMGTOOL=.../mcuboot/scripts/imgtool.py
//   build/release/tests/tfm_wrapper_reference
//
// Arguments: the number of rounds (100) and the seed (1). The wrapper imports
// its own folder as "bl2" and the imgtool beside IMGTOOL; with TF-M's patch
// applied to that one, KEYID=1 draws --psa-key-ids too. Everything but
// signatures and encryption is the same byte for byte. Every difference is
// printed with its command line; the exit status is 1 when there was one. It
// needs Python with imgtool's modules; PYTHON names another than python3.
#include <array>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/file.h"
#include "client/cli/intel_hex.h"
#include "tests/client/tfm/fixed_image.h"
#include "tests/support/process.h"
#include "tests/support/random_rounds.h"
#include "tests/support/temporary_folder.h"

namespace bootseal::tests {
namespace {

using Arguments = std::vector<std::string>;
template <std::size_t kSize>
using Choices = std::array<const char*, kSize>;

constexpr Choices<5> kKeys{"rsa-2048", "rsa-3072", "ecdsa-p256", "ecdsa-p384",
                           "ed25519"};
constexpr Choices<5> kLayouts{"signing_layout_s.o", "signing_layout_ns.o",
                              "signing_layout_s_ns.o", "layout.i",
                              "signing_layout_s.c.o"};

std::string Variable(const char* name, const char* otherwise) {
  const char* value = std::getenv(name);
  return value == nullptr ? otherwise : value;
}

std::string Read(const std::string& path) {
  return base::ReadFile(path, 64 << 20).value_or("");
}

struct Draw {
  Arguments arguments;  // without the files
  std::string key;      // its type; empty: none
  std::string layout;   // name of the file, and its content
  std::string layout_text;
  bool encrypts = false;
  std::string suffix = ".bin";
};

class Drawer {
 public:
  Drawer(Dice& dice, const TemporaryFolder& folder)
      : dice_(dice), folder_(folder) {}

  Draw Next() {
    draw_ = Draw();
    Layout();
    Header();
    Slot();
    Content();
    Signature();
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

  // Spelled as macros become, in what Python and C agree on.
  void Layout() {
    draw_.layout = dice_.OneOf(kLayouts);
    const std::string size = dice_.OneOf(Choices<6>{
        "0x20000", "(0x20000)", "((0x1000) * 32)", "(0x40000 - (0x20000))",
        "(2*((0x8000)+(32 * 1024)))", "(0x1 << 17)"});
    std::string text =
        "# 1 \"signing_layout.c\"\nenum image_attributes {\n"
        "    RE_SECURE_IMAGE_OFFSET = (0x0),\n    RE_SIGN_BIN_SIZE = ";
    absl::StrAppend(&text, size, ",\n");
    const std::uint32_t place = dice_.Below(5);
    if (place == 0)
      text += "    RE_IMAGE_LOAD_ADDRESS = (0x21000000 + 0x400),\n";
    if (place == 1) text += "    RE_IMAGE_ROM_FIXED = (0x14000)\n";
    draw_.layout_text = text + "};\n";
    Add({dice_.Chance(2) ? "--layout" : "-l", folder_.File(draw_.layout)});
  }

  void Header() {
    Add({"-v", Version(), "-H",
         dice_.OneOf(Choices<4>{"32", "0x200", "0x400", "36"}),
         "--pad-header"});
    Maybe(6, {"-R", dice_.OneOf(Choices<2>{"0", "0xff"})});
    Maybe(9, {"-e", "little"});
  }

  void Slot() {
    Add({"--align", dice_.OneOf(Choices<6>{"1", "2", "4", "8", "16", "32"})});
    Maybe(4, {"-M", absl::StrCat(1 + dice_.Below(200))});
    Maybe(3, {"--overwrite-only"});
    Maybe(2, {"--pad"});
    Maybe(4, {"--confirm"});
    if (!dice_.Chance(4)) return;
    draw_.suffix = ".hex";
    Add({"-x", "0x08020000"});
  }

  void Content() {
    Maybe(2, {"-s", dice_.Chance(3) ? "auto" : absl::StrCat(dice_.Below(99))});
    Maybe(2, {"-d", absl::StrCat("(", dice_.Below(4), ", ", Version(), "),(1,",
                                 Version(), ")")});
    Maybe(2, {"--measured-boot-record"});
    Maybe(3, {"-L", dice_.OneOf(Choices<2>{"128", "256"})});
    Maybe(8, {"--extra-tlv", "0x00A4", "0xffff"});
  }

  void Signature() {
    Maybe(2, {"--public-key-format", dice_.OneOf(Choices<2>{"full", "hash"})});
    if (dice_.Chance(4)) return;
    draw_.key = dice_.Chance(2) ? "ed25519" : dice_.OneOf(kKeys);
    Add({"-k", folder_.File(draw_.key)});
    Maybe(8, {"-k", folder_.File("ecdsa-p256")});
    if (!Variable("KEYID", "").empty()) {
      Maybe(3, {"--psa-key-ids", absl::StrCat(1 + dice_.Below(1u << 30))});
    }
    if (draw_.key == "ecdsa-p384" || !dice_.Chance(5)) return;
    draw_.encrypts = true;
    Add({"-E", folder_.File(dice_.OneOf(
                   Choices<3>{"rsa-2048", "ecdsa-p256", "x25519"}))});
    Maybe(3, {"--save-enctlv"});
  }

  Dice& dice_;
  const TemporaryFolder& folder_;
  Draw draw_;
};

class Comparison {
 public:
  explicit Comparison(unsigned seed)
      : wrapper_(Variable("TFM_WRAPPER", "")),
        imgtool_(Variable("IMGTOOL", "")),
        python_(Variable("PYTHON", "python3")),
        dice_(seed) {
    namespace fs = std::filesystem;
    fs::create_directory(folder_.File("modules"));
    fs::create_directory_symlink(fs::absolute(wrapper_).parent_path(),
                                 folder_.File("modules/bl2"));
    for (const char* key : kKeys) MakeKey(key);
    MakeKey("x25519");
  }

  void Round() {
    std::string payload(1 + dice_.Below(9000), 0);
    for (char& byte : payload) byte = static_cast<char>(dice_.Below(256));
    Write("in.bin", payload);
    const Draw draw = Drawer(dice_, folder_).Next();
    Write(draw.layout, draw.layout_text);
    CompareSign(draw);
  }
  // The exit status.
  int Print(int rounds) const {
    std::cout << compared_ << " comparisons in " << rounds
              << " rounds, mixed kinds of keys refused in " << refused_ << ", "
              << differences_ << " differences\n";
    return differences_ == 0 ? 0 : 1;
  }

 private:
  void MakeKey(const std::string& type) {
    Run({BOOTSEAL_PROGRAM, "imgtool", "keygen", "-t", type, "-k",
         folder_.File(type)});
  }
  void Write(const std::string& name, const std::string& content) const {
    if (!base::WriteFileAtomically(folder_.File(name), content).ok()) {
      std::abort();
    }
  }

  // The wrapper prefers the imgtool of its working directory.
  Outcome Reference(const Arguments& arguments) const {
    Arguments line{"/bin/sh",
                   "-c",
                   "cd \"$0\" && exec \"$@\"",
                   std::filesystem::path(imgtool_).parent_path(),
                   python_,
                   wrapper_};
    line.insert(line.end(), arguments.begin(), arguments.end());
    return Run(line, {{"PYTHONPATH", folder_.File("modules")}});
  }

  static Outcome Ours(const Arguments& arguments, const Draw& draw) {
    Arguments line{BOOTSEAL_PROGRAM, "tfm-wrapper", "--imgtool-compatible"};
    if (draw.key.empty()) line.emplace_back("--unsigned");
    line.insert(line.end(), arguments.begin(), arguments.end());
    return Run(line);
  }

  void Count(bool same, const Draw& draw, const std::string& what) {
    ++compared_;
    if (same) return;
    ++differences_;
    std::cout << "difference: " << what << ": "
              << absl::StrJoin(draw.arguments, " ") << "\n"
              << draw.layout_text;
  }

  void CompareSign(const Draw& draw) {
    const std::string theirs = folder_.File("theirs" + draw.suffix);
    const std::string ours = folder_.File("ours" + draw.suffix);
    Arguments arguments = draw.arguments;
    arguments.push_back(folder_.File("in.bin"));
    arguments.push_back(theirs);
    const Outcome reference = Reference(arguments);
    arguments.back() = ours;
    const Outcome own = Ours(arguments, draw);
    // On purpose: wrapper.py mixes RSA keys with others, no bootloader does.
    if (absl::StrContains(own.err, "ENCRYPTION_KEY_TYPE")) {
      ++refused_;
      return;
    }
    Count(reference.exit_code == own.exit_code, draw,
          absl::StrCat("exit status ", reference.exit_code, " and ",
                       own.exit_code, " ", own.err, reference.err));
    if (reference.exit_code != 0 || own.exit_code != 0) return;
    const bool is_hex = draw.suffix == ".hex";
    const auto fixed = [&](const std::string& path) {
      return is_hex ? FixedHex(Read(path), draw)
                    : FixedImage(Read(path), draw.encrypts);
    };
    Count(fixed(theirs) == fixed(ours), draw, "image");
  }

  // What it loads: records are cut at other addresses.
  static std::string FixedHex(const std::string& text, const Draw& draw) {
    const auto loaded = cli::ReadIntelHex(text);
    if (!loaded.ok()) return "unreadable";
    return absl::StrCat(loaded->address, ":",
                        FixedImage(loaded->bytes, draw.encrypts));
  }

  std::string wrapper_;
  std::string imgtool_;
  std::string python_;
  TemporaryFolder folder_;
  Dice dice_;
  int compared_ = 0;
  int refused_ = 0;
  int differences_ = 0;
};

}  // namespace
}  // namespace bootseal::tests

int main(int argc, char** argv) {
  using namespace bootseal::tests;
  if (Variable("TFM_WRAPPER", "").empty() || Variable("IMGTOOL", "").empty()) {
    std::cerr << "TFM_WRAPPER names no wrapper.py, or IMGTOOL no imgtool.py\n";
    return 2;
  }
  return RunRounds<Comparison>(argc, argv);
}
