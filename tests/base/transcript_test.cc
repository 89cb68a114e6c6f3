#include "base/transcript.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "tests/support/status_matchers.h"

namespace bootseal::base {
namespace {

using tests::StatusIs;
using Code = absl::StatusCode;

constexpr char kTime[] = "2026-11-27T20:20:51Z";

std::string Step(const std::string& name, const std::string& detail = "") {
  return absl::StrCat("step ", name, " ", kTime, " passed\n",
                      detail.empty() ? "" : "  ", detail,
                      detail.empty() ? "" : "\n");
}

// Lines of a ceremony that made the key "my app".
std::string Lines() {
  std::string lines = absl::StrCat(kTranscriptTitle, "\nperson Zoë Ames\n",
                                   "plan p256 pss firmware my app\n");
  for (const char* name :
       {"program", "token", "random", "known-keys", "agree-plan"}) {
    absl::StrAppend(&lines, Step(name));
  }
  for (const char* name :
       {"generate", "attributes", "not-known", "probe", "hashes", "policy"}) {
    absl::StrAppend(&lines, Step(name, "key my app"));
    if (std::string(name) == "hashes") {
      absl::StrAppend(&lines, "  public-key-sha256 ", std::string(64, 'a'),
                      "\n");
    }
  }
  return absl::StrCat(lines, Step("reminders"), Step("agree-result"),
                      Step("closing", "key my app"), "result done ", kTime,
                      "\n");
}

absl::Status Read(const std::string& text) {
  return ReadTranscript(text).status();
}

absl::Status Complete(const std::string& lines) {
  const auto transcript = ReadTranscript(SealTranscript(lines));
  if (!transcript.ok()) return transcript.status();
  return CheckComplete(*transcript);
}

std::string Without(const std::string& text) {
  return absl::StrReplaceAll(Lines(), {{text, ""}});
}

TEST(Transcript, IsReadAsItWasWritten) {
  const auto read = ReadTranscript(SealTranscript(Lines()));
  ASSERT_OK(read);
  EXPECT_OK(CheckComplete(*read));
  EXPECT_THAT(read->people, testing::ElementsAre("Zoë Ames"));
  ASSERT_EQ(read->keys.size(), 1U);
  EXPECT_EQ(read->keys[0].label, "my app");
  EXPECT_EQ(read->keys[0].algorithm, "p256");
  EXPECT_EQ(read->keys[0].public_key_sha256, std::string(64, 'a'));
  EXPECT_EQ(Lines().substr(read->steps[8].offset, 10), "step probe");
}

TEST(Transcript, IsRefusedWithAnyCharacterChanged) {
  const std::string text = SealTranscript(Lines());
  for (std::size_t i = 0; i < text.size(); ++i) {
    std::string changed = text;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    EXPECT_THAT(Read(changed),
                StatusIs(Code::kInvalidArgument, "TRANSCRIPT_ALTERED"))
        << i;
  }
}

TEST(Transcript, IsRefusedCutShortOrWithMoreBehindIt) {
  const std::string text = SealTranscript(Lines());
  for (std::size_t size = 0; size < text.size(); ++size) {
    EXPECT_FALSE(Read(text.substr(0, size)).ok()) << size;
  }
  EXPECT_THAT(Read(text + "step program"),
              StatusIs(Code::kInvalidArgument, "TRANSCRIPT_ALTERED"));
}

TEST(Transcript, IsRefusedAboveItsSize) {
  const std::string more(kMaxTranscriptBytes - SealTranscript(Lines()).size() -
                             std::string("person \n").size(),
                         'x');
  const std::string lines = Lines();
  const std::string title = absl::StrCat(kTranscriptTitle, "\n");
  const auto with = [&](const std::string& name) {
    return SealTranscript(
        absl::StrCat(title, "person ", name, "\n", lines.substr(title.size())));
  };
  EXPECT_OK(Read(with(more)));
  EXPECT_THAT(Read(with(more + "x")),
              StatusIs(Code::kInvalidArgument, "TRANSCRIPT_TOO_LARGE"));
}

TEST(Transcript, IsRefusedWhenItIsNotUtf8OrATerminalWouldObeyIt) {
  for (const std::string& bad :
       {std::string("\xff"), std::string("\xc3"), std::string("\xc0\xaf"),
        std::string("\xed\xa0\x80"), std::string("\x1b[2J"),
        std::string("a\rb"), std::string("\xc2\x9b"),
        std::string("\xe2\x80\xae"), std::string("a\0b", 3)}) {
    EXPECT_FALSE(IsTranscriptText(bad));
    EXPECT_THAT(
        Read(SealTranscript(absl::StrReplaceAll(Lines(), {{"Zoë", bad}}))),
        StatusIs(Code::kInvalidArgument, "TRANSCRIPT_ENCODING"));
  }
}

TEST(Transcript, IsRefusedWithALineThatIsNone) {
  for (const std::string& bad :
       {std::string("bootseal key ceremony v1\n"), std::string("\n"),
        std::string(kTranscriptTitle) + "\n  detail of nothing\n",
        std::string(kTranscriptTitle) + "\nplan p256 app\n",
        std::string(kTranscriptTitle) + "\nstep a b perhaps\n",
        std::string(kTranscriptTitle) + "\nresult maybe\n",
        std::string(kTranscriptTitle) + "\nnote all is well\n"}) {
    EXPECT_THAT(Read(SealTranscript(bad)),
                StatusIs(Code::kInvalidArgument, "TRANSCRIPT_MALFORMED"))
        << bad;
  }
}

TEST(Transcript, IsIncompleteWithoutAnyOfItsSteps) {
  for (const char* name : {"program", "token", "random", "known-keys",
                           "agree-plan", "reminders", "agree-result"}) {
    EXPECT_THAT(Complete(Without(Step(name))),
                StatusIs(Code::kFailedPrecondition, "TRANSCRIPT_INCOMPLETE"))
        << name;
  }
  for (const char* name :
       {"generate", "attributes", "not-known", "probe", "policy", "closing"}) {
    EXPECT_THAT(Complete(Without(Step(name, "key my app"))),
                StatusIs(Code::kFailedPrecondition, "TRANSCRIPT_INCOMPLETE"))
        << name;
  }
  EXPECT_THAT(Complete(Without("plan p256 pss firmware my app\n")),
              StatusIs(Code::kFailedPrecondition, "TRANSCRIPT_INCOMPLETE"));
  EXPECT_THAT(Complete(Without(absl::StrCat("result done ", kTime, "\n"))),
              StatusIs(Code::kFailedPrecondition, "TRANSCRIPT_INCOMPLETE"));
  EXPECT_THAT(Complete(absl::StrCat(Lines(), Step("program"))),
              StatusIs(Code::kFailedPrecondition, "TRANSCRIPT_INCOMPLETE"));
}

TEST(Transcript, OfACeremonyThatFailedIsNotComplete) {
  EXPECT_THAT(Complete(absl::StrReplaceAll(
                  Lines(), {{absl::StrCat("step probe ", kTime, " passed"),
                             absl::StrCat("step probe ", kTime, " failed")}})),
              StatusIs(Code::kFailedPrecondition, "TRANSCRIPT_FAILED"));
}

}  // namespace
}  // namespace bootseal::base
