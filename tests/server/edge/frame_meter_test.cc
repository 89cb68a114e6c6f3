#include "server/edge/frame_meter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"

namespace bootseal::edge {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::StrEq;

enum Type {
  kData,
  kHeaders,
  kPriority,
  kReset,
  kSettings,
  kPushPromise,
  kPing,
  kGoAway,
  kWindowUpdate,
  kContinuation,
  kUnknown = 0xfa
};
constexpr int kEnd = 4;  // END_HEADERS
constexpr int kAck = 1;

std::string Frame(int type, std::size_t length, int flags = 0,
                  std::uint32_t stream = 1) {
  std::string frame{
      static_cast<char>(length >> 16), static_cast<char>(length >> 8),
      static_cast<char>(length),       static_cast<char>(type),
      static_cast<char>(flags),        static_cast<char>(stream >> 24),
      static_cast<char>(stream >> 16), static_cast<char>(stream >> 8),
      static_cast<char>(stream)};
  return absl::StrCat(frame, std::string(length, '\x5a'));
}

std::string Hello(const std::string& frames) {
  return absl::StrCat(kPreface, Frame(kSettings, 0, 0, 0), frames);
}

// Pays for everything, and notes it.
struct Meter {
  FrameMeter meter;
  std::vector<Work> paid;

  FrameMeter::Admission Admit(absl::string_view bytes) {
    return meter.Admit(bytes, [this](Work work) {
      paid.push_back(work);
      return absl::ZeroDuration();
    });
  }
};

// "" when all of it is passed on.
std::string Verdict(const std::string& bytes) {
  Meter meter;
  const FrameMeter::Admission admission = meter.Admit(bytes);
  if (admission.broken != nullptr) return admission.broken;
  return admission.bytes == bytes.size()
             ? ""
             : absl::StrCat("passes ", admission.bytes, " bytes");
}

TEST(FrameMeter, ChargesCallsMoreThanFramesAndLargeDataNothing) {
  Meter meter;
  const std::string bytes = Hello(absl::StrCat(
      Frame(kHeaders, 40, kEnd), Frame(kData, 1024), Frame(kData, 16384),
      Frame(kData, 1023), Frame(kData, 0), Frame(kWindowUpdate, 4),
      Frame(kPing, 8, 0, 0), Frame(kReset, 4), Frame(kPriority, 5),
      Frame(kUnknown, 3000), Frame(kHeaders, 5000, 0, 3),
      Frame(kContinuation, 2048, kEnd, 3)));
  EXPECT_EQ(meter.Admit(bytes).bytes, bytes.size());
  EXPECT_THAT(meter.paid, ElementsAre(1, 25, 1, 1, 1, 25, 1, 1, 3, 29, 3));
}

TEST(FrameMeter, SaysTheSameHoweverTheBytesCome) {
  const std::string bytes =
      Hello(absl::StrCat(Frame(kSettings, 0, kAck, 0), Frame(kHeaders, 700, 0),
                         Frame(kContinuation, 300, kEnd), Frame(kData, 5000),
                         Frame(kPing, 8), Frame(kReset, 4)));
  Meter whole;
  ASSERT_EQ(whole.Admit(bytes).bytes, bytes.size());
  for (std::size_t step = 1; step < 64; ++step) {
    Meter parts;
    std::size_t passed = 0;
    for (std::size_t come = 0; come < bytes.size();) {
      come = std::min(come + step, bytes.size());
      const auto admission =
          parts.Admit(absl::string_view(bytes).substr(passed, come - passed));
      ASSERT_EQ(admission.broken, nullptr) << admission.broken;
      passed += admission.bytes;
    }
    EXPECT_EQ(passed, bytes.size()) << step;
    EXPECT_EQ(parts.paid, whole.paid) << step;
  }
}

TEST(FrameMeter, PassesNoByteOfAFrameThatIsNotPaidFor) {
  FrameMeter meter;
  int budget = 2;
  const auto pay = [&budget](Work) {
    return budget-- > 0 ? absl::ZeroDuration() : absl::Seconds(3);
  };
  const std::string paid = Hello(Frame(kPing, 8, 0, 0));
  const std::string bytes = absl::StrCat(paid, Frame(kPing, 8, 0, 0));
  FrameMeter::Admission admission = meter.Admit(bytes, pay);
  EXPECT_EQ(admission.bytes, paid.size());
  EXPECT_EQ(admission.wait, absl::Seconds(3));
  const std::string rest = bytes.substr(admission.bytes);
  admission = meter.Admit(rest, pay);
  EXPECT_EQ(admission.bytes, 0U);
  EXPECT_EQ(admission.wait, absl::Seconds(3));
  budget = 1;
  admission = meter.Admit(rest, pay);
  EXPECT_EQ(admission.bytes, rest.size());
  EXPECT_EQ(admission.wait, absl::ZeroDuration());
}

TEST(FrameMeter, WaitsForTheWholePreface) {
  Meter meter;
  for (std::size_t size = 0; size < kPreface.size(); ++size) {
    const auto admission = meter.Admit(kPreface.substr(0, size));
    EXPECT_EQ(admission.bytes, 0U);
    EXPECT_EQ(admission.broken, nullptr);
    EXPECT_FALSE(meter.meter.greeted());
  }
  EXPECT_EQ(meter.Admit(kPreface).bytes, kPreface.size());
  EXPECT_TRUE(meter.meter.greeted());
  EXPECT_THAT(meter.paid, IsEmpty());
}

TEST(FrameMeter, SendsAwayWhoDoesNotSpeakHttp2) {
  for (std::string bytes :
       {"GET / HTTP/1.1\r\n\r\n", "P ", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r ",
        "\x16\x03\x01"}) {
    EXPECT_THAT(Verdict(bytes), StrEq("does not speak HTTP/2")) << bytes;
  }
}

TEST(FrameMeter, SendsAwayWhoBreaksTheRulesOfHeaders) {
  struct Case {
    const char* name;
    std::string frames;
    const char* verdict;
  };
  std::string many = Frame(kHeaders, 1, 0);
  for (std::uint32_t i = 0; i < FrameMeter::kMaxHeaderFrames; ++i) {
    many += Frame(kContinuation, 1, 0);
  }
  const Case kCases[] = {
      {"Within", Frame(kHeaders, 9, 0) + Frame(kPing, 8, 0, 0),
       "sent another frame in the middle of headers"},
      {"HeadersWithin", Frame(kHeaders, 9, 0) + Frame(kHeaders, 9, kEnd),
       "sent another frame in the middle of headers"},
      {"DataWithin", Frame(kHeaders, 9, 0) + Frame(kData, 9),
       "sent another frame in the middle of headers"},
      {"OtherStream", Frame(kHeaders, 9, 0) + Frame(kContinuation, 9, kEnd, 3),
       "sent CONTINUATION without headers"},
      {"NoHeaders", Frame(kContinuation, 9, kEnd),
       "sent CONTINUATION without headers"},
      {"AfterTheirEnd",
       Frame(kHeaders, 9, kEnd) + Frame(kContinuation, 9, kEnd),
       "sent CONTINUATION without headers"},
      {"NoStream", Frame(kHeaders, 9, kEnd, 0), "sent headers of no stream"},
      {"TooLarge", Frame(kHeaders, (64 << 10) + 1, kEnd),
       "sent headers that are too large"},
      {"TooLargeInParts",
       Frame(kHeaders, 60 << 10, 0) + Frame(kContinuation, 4097, kEnd),
       "sent headers that are too large"},
      {"TooManyParts", many, "sent headers that are too large"},
      {"Push", Frame(kPushPromise, 9, kEnd), "sent PUSH_PROMISE"},
      {"LargeSettings", Frame(kSettings, 16385, 0, 0),
       "sent a frame that is too large"},
      {"LargeUnknown", Frame(kUnknown, 1 << 20),
       "sent a frame that is too large"},
  };
  for (const Case& each : kCases) {
    EXPECT_THAT(Verdict(Hello(each.frames)), StrEq(each.verdict)) << each.name;
  }
}

TEST(FrameMeter, JudgesAFrameBeforeItHasCome) {
  Meter meter;
  const std::string frame = Frame(kHeaders, 1 << 20, 0);
  const auto admission = meter.Admit(Hello(frame.substr(0, 9)));
  EXPECT_THAT(admission.broken, StrEq("sent headers that are too large"));
}

TEST(FrameMeter, TakesHeadersUpToTheirBound) {
  EXPECT_EQ(Verdict(Hello(Frame(kHeaders, 64 << 10, kEnd))), "");
  std::string parts = Frame(kHeaders, 4096, 0);
  for (int i = 0; i < 14; ++i) parts += Frame(kContinuation, 4096, 0);
  EXPECT_EQ(Verdict(Hello(parts + Frame(kContinuation, 4096, kEnd))), "");
  // Each block has a bound of its own.
  EXPECT_EQ(Verdict(Hello(Frame(kHeaders, 60 << 10, kEnd, 1) +
                          Frame(kHeaders, 60 << 10, kEnd, 3))),
            "");
}

TEST(FrameMeter, SendsAwayWhoOpensStreamsWithoutTakingNoteOfSettings) {
  std::string streams;
  for (std::uint32_t i = 0; i < 128; ++i) {
    streams += Frame(kHeaders, 9, kEnd, 2 * i + 1);
  }
  EXPECT_EQ(Verdict(Hello(streams)), "");
  const std::string more = Frame(kHeaders, 9, kEnd, 257);
  EXPECT_THAT(Verdict(Hello(streams + more)),
              StrEq("did not acknowledge the server's settings"));
  // A frame of one's own settings is no acknowledgement.
  EXPECT_THAT(Verdict(Hello(Frame(kSettings, 0, 0, 0) + streams + more)),
              StrEq("did not acknowledge the server's settings"));
  const std::string note = Frame(kSettings, 0, kAck, 0);
  EXPECT_EQ(Verdict(Hello(note + streams + more + more)), "");
}

}  // namespace
}  // namespace bootseal::edge
