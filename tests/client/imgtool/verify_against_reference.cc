// Compares verify and dumpinfo with imgtool itself, over random images and
// random changes to them:
//
//   IMGTOOL=.../scripts/imgtool.py build/release/tests/imgtool_verify_reference
//
// Arguments: the number of images (100) and the seed (1). Exit status, and what
// is printed of what is accepted, are the same, or in the table of explained
// differences: ours never takes what imgtool refuses. Every other difference is
// printed; the exit status is 1 when there was one, and the image stays in the
// working folder as difference-N.bin.
#include <cstdint>
#include <iostream>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/file.h"
#include "tests/client/imgtool/difference.h"
#include "tests/client/imgtool/random_command.h"
#include "tests/client/imgtool/reference.h"
#include "tests/support/random_rounds.h"

namespace bootseal::tests {
namespace {

using Words = std::vector<std::string>;

std::string Read(const std::string& path) {
  return base::ReadFile(path, 64 << 20).value_or("");
}

std::uint32_t Little(const std::string& bytes, std::size_t at,
                     std::size_t size) {
  std::uint32_t value = 0;
  for (std::size_t i = size; i > 0; --i) {
    const std::size_t place = at + i - 1;
    value <<= 8;
    if (place < bytes.size()) value |= static_cast<unsigned char>(bytes[place]);
  }
  return value;
}

// Where the first TLV area starts, as the header has it.
std::size_t AreaOf(const std::string& image) {
  return std::size_t{Little(image, 8, 2)} + Little(image, 12, 4);
}

void Turn(Dice& dice, std::string& image, std::size_t from, std::size_t end) {
  if (end > image.size()) end = image.size();
  if (from >= end) return;
  const std::size_t at =
      from + dice.Below(static_cast<std::uint32_t>(end - from));
  image[at] = static_cast<char>(image[at] ^ 1 << dice.Below(8));
}

using Change = void (*)(Dice& dice, std::string& image);
constexpr Change kChanges[] = {
    [](Dice&, std::string&) {},
    [](Dice& dice, std::string& image) { Turn(dice, image, 0, 32); },
    [](Dice& dice, std::string& image) { Turn(dice, image, 32, image.size()); },
    // Types and lengths, keys and signatures.
    [](Dice& dice, std::string& image) {
      Turn(dice, image, AreaOf(image), AreaOf(image) + 120);
    },
    [](Dice& dice, std::string& image) {
      Turn(dice, image, AreaOf(image), image.size());
    },
    [](Dice& dice, std::string& image) {
      image.resize(dice.Below(static_cast<std::uint32_t>(image.size() + 1)));
    },
    [](Dice& dice, std::string& image) {
      const std::size_t area = AreaOf(image);
      if (area < image.size()) image.resize(area + dice.Below(48));
    },
    [](Dice& dice, std::string& image) {
      image.append(1 + dice.Below(40), static_cast<char>(dice.Below(256)));
    },
    [](Dice& dice, std::string& image) {
      image.insert(dice.Below(static_cast<std::uint32_t>(image.size() + 1)),
                   std::string(1 + dice.Below(8), 0));
    },
    // A trailer of either kind.
    [](Dice& dice, std::string& image) {
      image.append(dice.Below(200), static_cast<char>(dice.Below(4)));
      image += dice.Chance(2)
                   ? std::string(
                         "\x77\xc2\x95\xf3\x60\xd2\xef\x7f"
                         "\x35\x52\x50\x0f\x2c\xb6\x79\x80",
                         16)
                   : std::string(1, static_cast<char>(8 << dice.Below(4))) +
                         std::string(
                             "\0\x2d\xe1\x5d\x29\x41\x0b\x8d"
                             "\x77\x67\x9c\x11\x0f\x1f\x8a",
                             15);
    },
    // Another area behind the first.
    [](Dice& dice, std::string& image) {
      const std::size_t area = AreaOf(image);
      if (area < image.size()) {
        image.insert(area, image.substr(area, dice.Below(80)));
      }
    },
    [](Dice& dice, std::string& image) {
      image.assign(dice.Below(200), static_cast<char>(dice.Below(256)));
    },
};

struct Row {
  const char* reason;  // of ours
  const char* why;
};

// imgtool takes it and ours refuses it, because devices do.
constexpr Row kStricter[] = {
    {"KEY_UNKNOWN", "verify: the image names another key"},
    {"KEY_MISSING", "verify: the image does not name its key"},
    {"DIGEST_MISSING", "verify: no hash TLV, which every bootloader looks for"},
    {"SIGNATURE_MISMATCH", "verify: zeros behind an ECDSA signature"},
    {"TLV_OVERRUN", "a TLV reaches beyond its area"},
    {"TLV_LENGTH", "a TLV area that does not end with its last TLV"},
    {"TLV_MAGIC", "no TLV area where the header has one"},
    {"PROTECTED_SIZE", "header and TLV area differ on the protected size"},
    {"HEADER_RESERVED", "a reserved field of the header is not 0"},
    {"HEADER_SIZE", "a header that is too short, or not within the file"},
    {"HEADER_MAGIC", "dumpinfo: no image"},
    {"TRUNCATED", "the file ends before its TLV area does"},
};

class Comparison {
 public:
  explicit Comparison(unsigned seed) : dice_(seed) { MakeFiles(folder_); }

  void Round() {
    const RandomCommand command = DrawCommand(dice_, folder_);
    if (command.is_vector) return Round();
    const std::string image = MakeImage(command);
    if (image.empty()) return Round();
    for (int i = 0; i < 4; ++i) Compare(command, Changed(image));
  }
  int Print(int rounds) const {
    return differences_.Print(rounds, "random images");
  }

 private:
  std::string MakeImage(const RandomCommand& command) const {
    Words words{"sign"};
    words.insert(words.end(), command.options.begin(), command.options.end());
    const std::string path = folder_.File("made.bin");
    words.insert(words.end(), {"--imgtool-compatible", command.input, path});
    return RunOurs(words).exit_code == 0 ? Read(path) : "";
  }

  std::string Changed(std::string image) {
    constexpr std::size_t kCount = sizeof kChanges / sizeof kChanges[0];
    const std::uint32_t changes = 1 + dice_.Below(2);
    for (std::uint32_t i = 0; i < changes; ++i) {
      kChanges[dice_.Below(kCount)](dice_, image);
    }
    return image;
  }

  void Compare(const RandomCommand& command, const std::string& image) {
    path_ = folder_.File("image.bin");
    if (!base::WriteFileAtomically(path_, image).ok()) std::abort();
    Verify(command);
    Dump();
  }

  void Verify(const RandomCommand& command) {
    Words words{"verify", path_};
    const std::string key =
        dice_.Chance(4) ? dice_.OneOf(kSigningKeys) : command.key;
    if (!key.empty() && !dice_.Chance(6)) {
      words.insert(words.end(), {"-k", folder_.File(key)});
    }
    Words own = words;
    if (dice_.Chance(2)) own.push_back("--imgtool-compatible");
    Judge(own, reference_.Run(words), RunOurs(own));
  }

  void Dump() {
    const Words words{"dumpinfo", "-f", dice_.OneOf({"json", "yaml", "human"}),
                      path_};
    Outcome reference = reference_.Run(words);
    Outcome mine = RunOurs(words);
    // imgtool's warning is on standard output, and its text for people is not
    // ours.
    reference.out = std::string(absl::StripPrefix(
        reference.out, "Warning: the trailer magic value is invalid!\n"));
    if (words[2] == "human") reference.out = mine.out;
    Judge(words, reference, mine);
  }

  void Judge(const Words& words, const Outcome& reference,
             const Outcome& mine) {
    const bool same_status = reference.exit_code == mine.exit_code;
    if (same_status && (mine.exit_code != 0 || reference.out == mine.out)) {
      return differences_.Agree();
    }
    for (const Row& row : kStricter) {
      const bool fits =
          reference.exit_code == 0 && mine.exit_code == 1 &&
          absl::StartsWith(mine.err, absl::StrCat("bootseal: ", row.reason));
      if (fits) return differences_.Explain(row.why);
    }
    const std::string kept = absl::StrCat("difference-", ++kept_, ".bin");
    if (!base::WriteFileAtomically(kept, Read(path_)).ok()) std::abort();
    differences_.Report(
        absl::StrCat(kept, " ", reference.exit_code, " and ", mine.exit_code,
                     " ", mine.err, reference.out.substr(0, 300),
                     reference.err.substr(0, 3000)),
        words);
  }

  TemporaryFolder folder_;
  Dice dice_;
  Reference reference_;
  Differences differences_;
  std::string path_;
  int kept_ = 0;
};

}  // namespace
}  // namespace bootseal::tests

int main(int argc, char** argv) {
  return bootseal::tests::RunRounds<bootseal::tests::Comparison>(argc, argv);
}
