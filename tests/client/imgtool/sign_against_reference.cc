// Compares sign with imgtool itself, over random options, spellings and
// payloads, and lets each tool read the other's images:
//
//   IMGTOOL=.../scripts/imgtool.py build/release/tests/imgtool_sign_reference
//
// Arguments: the number of rounds (100) and the seed (1). Images without key,
// or with an Ed25519 one, are the same byte for byte; of others and of
// encrypted ones, all that is not random. Half the rounds ask ours for
// imgtool's faults too (--imgtool-compatible). Every difference that is not in
// the table of explained ones is printed with its command line; the exit status
// is 1 when there was one.
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/file.h"
#include "client/cli/intel_hex.h"
#include "firmware/image/host/convert.h"
#include "firmware/image/mcuboot/reader.h"
#include "firmware/image/mcuboot/tlv.h"
#include "firmware/image/mcuboot/tlv_types.h"
#include "tests/client/imgtool/difference.h"
#include "tests/client/imgtool/random_command.h"
#include "tests/client/imgtool/reference.h"
#include "tests/support/random_rounds.h"

namespace bootseal::tests {
namespace {

namespace mcuboot = image::mcuboot;
using Words = std::vector<std::string>;

std::string Read(const std::string& path) {
  return base::ReadFile(path, 64 << 20).value_or("");
}

bool IsRandom(std::uint16_t type) {
  return mcuboot::IsSignature(type) || (type >= 0x30 && type < 0x40);
}

// The image with everything random left out, as text to compare.
std::string Fixed(const std::string& bytes, const RandomCommand& command) {
  if (command.IsReproducible() || command.is_vector) return bytes;
  const mcuboot::Reading reading = mcuboot::ReadImage(
      image::host::AsBytes(bytes), image::HashAlgorithm::kSha256);
  if (reading.error != image::Error::kOk) return "unreadable";
  std::string text = image::host::ToString(reading.header);
  if (command.device.empty()) text += image::host::ToString(reading.payload);
  text += image::host::ToString(reading.facts.protected_area);
  for (const mcuboot::Tlv& tlv :
       mcuboot::Tlvs(reading.facts.unprotected_area)) {
    absl::StrAppend(&text, tlv.type, ":",
                    IsRandom(tlv.type) ? "" : image::host::ToString(tlv.value));
  }
  // How much fill there is depends on the signature's length.
  const std::string rest = image::host::ToString(reading.rest);
  if (rest.empty()) return text;
  const std::size_t said = rest.find_first_not_of(rest.front());
  return said == std::string::npos ? text : text + rest.substr(said);
}

struct Case {
  const RandomCommand& command;
  bool is_compatible;  // --imgtool-compatible

  bool Has(const std::string& option) const {
    for (const std::string& word : command.options) {
      if (word == option) return true;
    }
    return false;
  }
  bool Pads() const {
    return Has("--pad") || Has("--test") || Has("--confirm");
  }
};

struct Row {
  const char* why;
  bool (*fits)(const Case& on);
};

// Of images that are not the same.
constexpr Row kImages[] = {
    {"compressed: imgtool loses --non-bootable",
     [](const Case& on) {
       return on.command.is_compressed && on.Has("--non-bootable");
     }},
    {"not compressed, as that did not pay: imgtool loses -E",
     [](const Case& on) {
       return on.command.is_compressed && !on.command.device.empty();
     }},
    {"compressed: imgtool loses --test",
     [](const Case& on) {
       return on.command.is_compressed && on.command.is_hex && on.Has("--test");
     }},
    {"what is to be signed: imgtool ignores --fix-sig-pubkey without --fix-sig",
     [](const Case& on) {
       return on.command.is_vector && on.Has("--fix-sig-pubkey");
     }},
    {"what is to be signed: imgtool pads it",
     [](const Case& on) { return on.command.is_vector && on.Pads(); }},
};

// Of a command line that ours refuses: what the refusal says.
struct Refusal {
  const char* text;
  const char* why;
};
constexpr Refusal kRefusals[] = {
    {"is above --max-align", "--align above --max-align makes no trailer"},
    {"fill the slot", "--pad and no slot"},
    {"--boot-record names the signer", "a boot record without signer"},
    {"an image signed with ecdsa-p256 is encrypted for",
     "-E and --fix-sig-pubkey of two kinds, which imgtool ignores"},
    {"two signatures", "--compression with --vector-to-sign"},
    {"HASH_NOT_ALLOWED", "a public P-256 key with SHA-512"},
};

class Comparison {
 public:
  explicit Comparison(unsigned seed) : dice_(seed) { MakeFiles(folder_); }

  void Round() {
    const RandomCommand command = DrawCommand(dice_, folder_);
    const Case on{command, dice_.Chance(2)};
    const std::string suffix = command.is_hex ? ".hex" : ".bin";
    theirs_ = folder_.File("theirs" + suffix);
    ours_ = folder_.File("ours" + suffix);
    std::filesystem::remove(theirs_);
    std::filesystem::remove(ours_);
    words_ = {"sign"};
    words_.insert(words_.end(), command.options.begin(), command.options.end());
    if (Sign(on)) CompareImages(on);
  }
  int Print(int rounds) const {
    return differences_.Print(rounds, "random option sets");
  }

 private:
  Words With(Words more) const {
    Words words = words_;
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }
  void Report(const std::string& what) { differences_.Report(what, words_); }

  // True when both made an image.
  bool Sign(const Case& on) {
    const Outcome reference = reference_.Run(With({on.command.input, theirs_}));
    const std::string signature = Read(folder_.File("signature"));
    Words own{on.command.input, ours_};
    if (on.is_compatible) own.push_back("--imgtool-compatible");
    const bool is_unsigned =
        on.command.key.empty() && !on.command.is_vector && !on.is_compatible;
    if (is_unsigned) own.push_back("--unsigned");
    const Outcome mine = RunOurs(With(own));
    if (reference.exit_code != mine.exit_code) {
      CompareRefusal(on, reference, mine);
      return false;
    }
    differences_.Agree();
    if (mine.exit_code != 0) return false;
    if (on.Has("--sig-out") && on.command.key == "ed25519") {
      CompareSignatures(on, signature);
    }
    return true;
  }

  void CompareRefusal(const Case& on, const Outcome& reference,
                      const Outcome& mine) {
    for (const Refusal& row : kRefusals) {
      const bool fits = reference.exit_code == 0 && mine.exit_code == 2 &&
                        !on.is_compatible &&
                        absl::StrContains(mine.err, row.text);
      if (fits) return differences_.Explain(row.why);
    }
    Report(absl::StrCat("exit status ", reference.exit_code, " and ",
                        mine.exit_code, " ", reference.err, mine.err));
  }

  // Whatever makes the images differ is in the signature too.
  void CompareSignatures(const Case& on, const std::string& reference) {
    if (reference == Read(folder_.File("signature"))) {
      return differences_.Agree();
    }
    Explain(on, "--sig-out");
  }

  void Explain(const Case& on, const std::string& what) {
    for (const Row& row : kImages) {
      if (!on.is_compatible && row.fits(on)) {
        return differences_.Explain(row.why);
      }
    }
    Report(absl::StrCat(what, on.is_compatible ? " (compatible)" : ""));
  }

  bool AreTheSame(const RandomCommand& command) const {
    const std::string theirs = Read(theirs_);
    const std::string ours = Read(ours_);
    if (!command.is_hex) return Fixed(theirs, command) == Fixed(ours, command);
    // What the two load: records are cut at other addresses.
    const auto a = cli::ReadIntelHex(theirs);
    const auto b = cli::ReadIntelHex(ours);
    return a.ok() && b.ok() && a->address == b->address &&
           Fixed(a->bytes, command) == Fixed(b->bytes, command);
  }

  void CompareImages(const Case& on) {
    if (!AreTheSame(on.command)) return Explain(on, "image");
    differences_.Agree();
    if (on.command.is_vector) return;
    for (const std::string& image : {theirs_, ours_}) {
      CompareDump(image);
      CompareVerify(on, image);
    }
  }

  void CompareDump(const std::string& image) {
    const Words words{"dumpinfo", "-f", dice_.OneOf({"json", "yaml"}), image};
    const Outcome reference = reference_.Run(words);
    const Outcome mine = RunOurs(words);
    // imgtool warns of a trailer on standard output.
    if (reference.exit_code == mine.exit_code && reference.out == mine.out) {
      return differences_.Agree();
    }
    Report(absl::StrCat("dumpinfo: ", reference.exit_code, " and ",
                        mine.exit_code, " ", mine.err));
  }

  void CompareVerify(const Case& on, const std::string& image) {
    Words words{"verify", image};
    if (!on.command.key.empty()) {
      const char* half = dice_.OneOf({"", ".pub"});
      words.insert(words.end(), {"-k", folder_.File(on.command.key + half)});
    }
    const Outcome reference = reference_.Run(words);
    const Outcome mine = RunOurs(words);
    const bool agrees = reference.exit_code == mine.exit_code &&
                        (mine.exit_code != 0 || reference.out == mine.out);
    if (agrees) return differences_.Agree();
    if (on.Has("--pad-sig") && mine.exit_code == 1) {
      return differences_.Explain("verify: zeros behind an ECDSA signature");
    }
    Report(absl::StrCat("verify: ", reference.exit_code, " and ",
                        mine.exit_code, " ", mine.err, reference.out));
  }

  TemporaryFolder folder_;
  Dice dice_;
  Reference reference_;
  Differences differences_;
  Words words_;
  std::string theirs_;
  std::string ours_;
};

}  // namespace
}  // namespace bootseal::tests

int main(int argc, char** argv) {
  return bootseal::tests::RunRounds<bootseal::tests::Comparison>(argc, argv);
}
