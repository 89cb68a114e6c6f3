#include "base/transcript.h"

#include <openssl/asn1.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "base/status.h"

namespace bootseal::base {
namespace {

constexpr char kSeal[] = "sha256 ";
constexpr std::size_t kSealBytes = 7 + 64 + 1;

constexpr const char* kBefore[] = {"program", "token", "random", "known-keys",
                                   "agree-plan"};
constexpr const char* kOfAKey[] = {"generate", "attributes", "not-known",
                                   "probe",    "hashes",     "policy"};
constexpr const char* kAfter[] = {"reminders", "agree-result"};
constexpr char kClosing[] = "closing";

struct Range {
  unsigned long first;
  unsigned long last;
};
// Control characters, and those of Unicode that reorder what is read (UAX #9).
constexpr Range kForbidden[] = {
    {0x00, 0x1f},     {0x7f, 0x9f},     {0x061c, 0x061c}, {0x200e, 0x200f},
    {0x2028, 0x202e}, {0x2066, 0x2069}, {0x110000, ~0UL}};

std::string HexSha256(absl::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned int size = 0;
  EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha256(),
             nullptr);
  return absl::BytesToHexString(
      absl::string_view(reinterpret_cast<const char*>(digest.data()), size));
}

absl::Status Malformed(std::size_t number, absl::string_view what) {
  return Invalid("TRANSCRIPT_MALFORMED", "transcript",
                 absl::StrCat("line ", number, " of the transcript ", what));
}

// The text without its last line, which is the seal of the rest.
absl::StatusOr<absl::string_view> Unsealed(absl::string_view text) {
  if (text.size() > kMaxTranscriptBytes) {
    return Invalid(
        "TRANSCRIPT_TOO_LARGE", "transcript",
        absl::StrCat("the transcript has ", text.size(),
                     " bytes, expected at most ", kMaxTranscriptBytes));
  }
  const absl::string_view sealed =
      text.substr(0, text.size() - std::min(text.size(), kSealBytes));
  const std::string seal = absl::StrCat(kSeal, HexSha256(sealed), "\n");
  if (absl::EndsWith(sealed, "\n") && text.substr(sealed.size()) == seal) {
    return sealed;
  }
  return Invalid("TRANSCRIPT_ALTERED", "transcript",
                 absl::StrCat("the transcript's last line is not the hash of "
                              "the lines before it, expected ",
                              kSeal, HexSha256(sealed),
                              "; take the file that the ceremony wrote"));
}

// "ALGORITHM PADDING PURPOSE LABEL"; a label may have spaces.
bool TakePlan(absl::string_view value, Transcript& transcript) {
  const std::vector<std::string> words =
      absl::StrSplit(value, absl::MaxSplits(' ', 3));
  if (words.size() != 4) return false;
  transcript.keys.push_back({words[0], words[1], words[2], words[3], ""});
  return true;
}

// "NAME TIME passed|failed".
bool TakeStep(absl::string_view value, std::size_t offset,
              Transcript& transcript) {
  const std::vector<std::string> words = absl::StrSplit(value, ' ');
  if (words.size() != 3 || (words[2] != "passed" && words[2] != "failed")) {
    return false;
  }
  TranscriptStep& step = transcript.steps.emplace_back();
  step.name = words[0];
  step.time = words[1];
  step.passed = words[2] == "passed";
  step.offset = offset;
  return true;
}

bool TakeDetail(absl::string_view line, Transcript& transcript) {
  const std::size_t space = line.find(' ');
  if (transcript.steps.empty() || space == 0 ||
      space == absl::string_view::npos) {
    return false;
  }
  transcript.steps.back().details.push_back(
      {std::string(line.substr(0, space)),
       std::string(line.substr(space + 1))});
  return true;
}

bool TakeLine(absl::string_view line, std::size_t offset,
              Transcript& transcript) {
  if (absl::ConsumePrefix(&line, "  ")) return TakeDetail(line, transcript);
  if (absl::ConsumePrefix(&line, "step ")) {
    return TakeStep(line, offset, transcript);
  }
  if (absl::ConsumePrefix(&line, "plan ")) return TakePlan(line, transcript);
  if (absl::ConsumePrefix(&line, "person ")) {
    transcript.people.emplace_back(line);
    return true;
  }
  if (!absl::ConsumePrefix(&line, "result ")) return false;
  transcript.done = absl::ConsumePrefix(&line, "done ");
  return transcript.done || absl::StartsWith(line, "failed ");
}

void TakeHashes(Transcript& transcript) {
  for (const TranscriptStep& step : transcript.steps) {
    if (step.name != "hashes" || !step.passed) continue;
    for (TranscriptKey& key : transcript.keys) {
      if (key.label != step.Detail("key")) continue;
      key.public_key_sha256 = step.Detail("public-key-sha256");
    }
  }
}

struct Expected {
  const char* name;
  std::string key;
};

std::vector<Expected> StepsOf(const Transcript& transcript) {
  std::vector<Expected> steps;
  for (const char* name : kBefore) steps.push_back({name, ""});
  for (const TranscriptKey& key : transcript.keys) {
    for (const char* name : kOfAKey) steps.push_back({name, key.label});
  }
  for (const char* name : kAfter) steps.push_back({name, ""});
  for (const TranscriptKey& key : transcript.keys) {
    steps.push_back({kClosing, key.label});
  }
  return steps;
}

absl::Status Incomplete(absl::string_view what) {
  return Precondition("TRANSCRIPT_INCOMPLETE",
                      absl::StrCat("the transcript ", what,
                                   "; hold the ceremony again and give the "
                                   "file that it writes"));
}

}  // namespace

std::string TranscriptStep::Detail(absl::string_view detail) const {
  for (const TranscriptDetail& each : details) {
    if (each.name == detail) return each.value;
  }
  return "";
}

bool IsTranscriptText(absl::string_view text) {
  while (!text.empty()) {
    unsigned long character = 0;
    const int size =
        UTF8_getc(reinterpret_cast<const unsigned char*>(text.data()),
                  static_cast<int>(text.size()), &character);
    const bool surrogate = character >= 0xd800 && character <= 0xdfff;
    if (size <= 0 || surrogate ||
        std::any_of(std::begin(kForbidden), std::end(kForbidden),
                    [character](const Range& range) {
                      return character >= range.first &&
                             character <= range.last;
                    })) {
      return false;
    }
    text.remove_prefix(static_cast<std::size_t>(size));
  }
  return true;
}

std::string SealTranscript(std::string lines) {
  const std::string seal = absl::StrCat(kSeal, HexSha256(lines), "\n");
  return lines + seal;
}

absl::StatusOr<Transcript> ReadTranscript(absl::string_view text) {
  ASSIGN_OR_RETURN(const absl::string_view sealed, Unsealed(text));
  Transcript transcript;
  std::size_t number = 0;
  std::size_t offset = 0;
  for (const absl::string_view line :
       absl::StrSplit(absl::StripSuffix(sealed, "\n"), '\n')) {
    ++number;
    if (!IsTranscriptText(line)) {
      return Invalid("TRANSCRIPT_ENCODING", "transcript",
                     absl::StrCat("line ", number,
                                  " of the transcript is not UTF-8 without "
                                  "control characters"));
    }
    if (number == 1 ? line != kTranscriptTitle
                    : !TakeLine(line, offset, transcript)) {
      return Malformed(number, absl::StrCat("is none of a transcript of \"",
                                            kTranscriptTitle, "\": \"",
                                            line.substr(0, 80), "\""));
    }
    offset += line.size() + 1;
  }
  TakeHashes(transcript);
  return transcript;
}

absl::Status CheckComplete(const Transcript& transcript) {
  for (const TranscriptStep& step : transcript.steps) {
    if (step.passed) continue;
    return Precondition(
        "TRANSCRIPT_FAILED",
        absl::StrCat("step ", step.name, " failed: ", step.Detail("error")));
  }
  if (transcript.keys.empty()) return Incomplete("plans no key");
  const std::vector<Expected> expected = StepsOf(transcript);
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const bool there = i < transcript.steps.size() &&
                       transcript.steps[i].name == expected[i].name &&
                       transcript.steps[i].Detail("key") == expected[i].key;
    if (there) continue;
    return Incomplete(absl::StrCat("lacks step ", expected[i].name,
                                   expected[i].key.empty() ? "" : " of key ",
                                   expected[i].key));
  }
  if (transcript.steps.size() != expected.size()) {
    return Incomplete(absl::StrCat("has a step ",
                                   transcript.steps[expected.size()].name,
                                   " beyond its plan"));
  }
  if (transcript.done) return absl::OkStatus();
  return Incomplete("does not say that the ceremony is done");
}

}  // namespace bootseal::base
