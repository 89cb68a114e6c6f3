#include "tests/server/attacks.h"

#include <chrono>
#include <functional>
#include <string>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "bootseal/v1/signing.pb.h"
#include "tests/server/raw_client.h"
#include "tests/support/sign_client.h"
#include "tests/support/test_image.h"

namespace bootseal::tests {
namespace {

constexpr char kSign[] = "/bootseal.v1.SigningService/Sign";
constexpr char kReflection[] =
    "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo";
constexpr char kListTargets[] = "/bootseal.v1.SigningService/ListTargets";
constexpr int kStreams = 128;  // that one connection may have open
constexpr int kPlaces = 256;   // that the server has for requests

SslContextPtr Nobody() { return RawTlsContext("", ""); }
SslContextPtr Developer(const ServerFixture& server) {
  return RawTlsContext(server.certificate_path("developer"),
                       server.key_path("developer"));
}

// Connections that are through the handshake and have said hello.
std::vector<RawClient> Guests(const ServerFixture& server, SSL_CTX* context,
                              int count) {
  std::vector<RawClient> guests;
  for (int i = 0; i < count; ++i) {
    RawClient guest(PortOf(server));
    if (guest.Handshake(context) && guest.Send(Hello())) {
      guests.push_back(std::move(guest));
    }
  }
  return guests;
}

// Sends `bytes` again and again over one connection, and over a new one when
// the server has enough of that.
void Repeat(const ServerFixture& server, Swing& swing, SSL_CTX* context,
            const std::function<std::string(std::uint32_t)>& bytes) {
  while (!swing.end) {
    RawClient guest(PortOf(server));
    bool goes_on = guest.Handshake(context) && guest.Send(Hello());
    for (std::uint32_t i = 0; goes_on && !swing.end && i < 1'000'000; ++i) {
      goes_on = guest.Send(bytes(i));
      guest.Drop();
      swing.full = true;
    }
  }
}

std::string HeadersFrame(std::uint32_t stream, absl::string_view method) {
  return Frame(FrameType::kHeaders, kEndHeaders, stream, CallHeaders(method));
}

// The first message of an upload.
std::string UploadHeader() {
  v1::SignRequest message;
  *message.mutable_header() = HeaderFor(TestPayload(5000));
  return message.SerializeAsString();
}

std::string BeginOfUpload(std::uint32_t stream) {
  return absl::StrCat(HeadersFrame(stream, kSign),
                      MessageFrame(stream, UploadHeader()));
}

void TalkGarbage(const ServerFixture& server, Swing& swing) {
  const SslContextPtr context = Nobody();
  Repeat(server, swing, context.get(), [](std::uint32_t i) {
    std::string garbage(16 << 10, '\0');
    for (std::size_t at = 0; at < garbage.size(); ++at) {
      garbage[at] = static_cast<char>((at * 2654435761U + i) >> 7);
    }
    return garbage;
  });
}

void FloodSettings(const ServerFixture& server, Swing& swing) {
  const SslContextPtr context = Nobody();
  std::string frames;
  for (int i = 0; i < 500; ++i) {
    frames += Frame(FrameType::kSettings, 0, 0, "");
  }
  Repeat(server, swing, context.get(),
         [&frames](std::uint32_t) { return frames; });
}

void FloodPings(const ServerFixture& server, Swing& swing) {
  const SslContextPtr context = Nobody();
  std::string frames;
  for (int i = 0; i < 500; ++i) {
    frames += Frame(FrameType::kPing, 0, 0, "12345678");
  }
  Repeat(server, swing, context.get(),
         [&frames](std::uint32_t) { return frames; });
}

// Who sent more than may be passed on, which has to wait.
std::vector<RawClient> Waiting(const ServerFixture& server,
                               const Swing& swing) {
  const SslContextPtr context = Nobody();
  std::string frames = Hello();
  for (int i = 0; i < 1000; ++i) {
    frames += Frame(FrameType::kPriority, 0, 1, std::string(5, '\0'));
  }
  std::vector<RawClient> guests;
  for (int i = 0; i < 300 && !swing.end; ++i) {
    guests.emplace_back(PortOf(server));
    if (guests.back().Handshake(context.get())) guests.back().Send(frames);
  }
  return guests;
}

void LosePlaces(const ServerFixture& server, Swing& swing) {
  while (!swing.end) {
    std::vector<RawClient> guests = Waiting(server, swing);
    swing.full = true;
    for (int i = 0; i < 1200; ++i) {
      guests.emplace_back(PortOf(server), ManyAddresses(i).c_str());
    }
  }
}

void HangUpWhileTheyWait(const ServerFixture& server, Swing& swing) {
  while (!swing.end) {
    Waiting(server, swing);
    swing.full = true;
  }
}

// Big answers, which are not read, and calls behind them, each of which needs
// somebody to answer it.
std::string BigQuestions() {
  // SETTINGS_INITIAL_WINDOW_SIZE, and as much for the connection.
  const std::string window("\0\4\x7f\xff\xff\xff", 6);
  const std::string more("\x7f\0\0\0", 4);
  // ServerReflectionRequest.file_containing_symbol
  const std::string question =
      "\x22\x1a"
      "bootseal.v1.SigningService";
  std::string frames =
      absl::StrCat(Hello(), Frame(FrameType::kSettings, 0, 0, window),
                   Frame(FrameType::kWindowUpdate, 0, 0, more), SettingsAck(),
                   HeadersFrame(1, kReflection));
  for (int i = 0; i < 40; ++i) frames += MessageFrame(1, question);
  return frames;
}

void AskAndDoNotRead(const ServerFixture& server, Swing& swing) {
  const SslContextPtr context = Nobody();
  std::vector<RawClient> guests;
  for (int i = 0; i < 20; ++i) {
    guests.emplace_back(PortOf(server), ManyAddresses(i).c_str());
    if (guests.back().Handshake(context.get())) {
      guests.back().Send(BigQuestions());
    }
  }
  for (std::uint32_t stream = 3; !swing.end && stream < 6000; stream += 2) {
    const std::string call = absl::StrCat(HeadersFrame(stream, kListTargets),
                                          MessageFrame(stream, ""));
    for (RawClient& guest : guests) guest.Send(call);
    swing.full = stream > 60;
  }
  swing.WaitForEnd();
}

// Headers that do not end.
void SendHeadersWithoutEnd(const ServerFixture& server, Swing& swing) {
  const SslContextPtr context = Nobody();
  const std::string more = HeaderField("x-more", std::string(8 << 10, 'x'));
  Repeat(server, swing, context.get(), [&more](std::uint32_t i) {
    return i == 0 ? Frame(FrameType::kHeaders, 0, 1, CallHeaders(kSign))
                  : Frame(FrameType::kContinuation, 0, 1, more);
  });
}

// Calls that are cancelled as soon as they are made (CVE-2023-44487).
void ResetAtOnce(const ServerFixture& server, Swing& swing, SSL_CTX* context) {
  Repeat(server, swing, context, [](std::uint32_t i) {
    std::string frames;
    for (std::uint32_t k = 0; k < 100; ++k) {
      const std::uint32_t stream = 2 * (100 * i + k) + 1;
      absl::StrAppend(&frames, HeadersFrame(stream, kSign), ResetFrame(stream));
    }
    return absl::StrCat(SettingsAck(), frames);
  });
}

void ResetRapidly(const ServerFixture& server, Swing& swing) {
  const SslContextPtr context = Nobody();
  ResetAtOnce(server, swing, context.get());
}

void ResetRapidlyAsCaller(const ServerFixture& server, Swing& swing) {
  const SslContextPtr context = Developer(server);
  ResetAtOnce(server, swing, context.get());
}

void CallWithoutPause(const ServerFixture& server, Swing& swing,
                      SSL_CTX* context) {
  Repeat(server, swing, context, [](std::uint32_t i) {
    const std::uint32_t stream = 2 * i + 1;
    return absl::StrCat(
        SettingsAck(), HeadersFrame(stream, kListTargets),
        Frame(FrameType::kData, 1, stream, std::string(5, '\0')));
  });
}

void CallAsNobody(const ServerFixture& server, Swing& swing) {
  const SslContextPtr context = Nobody();
  CallWithoutPause(server, swing, context.get());
}

void CallTooOften(const ServerFixture& server, Swing& swing) {
  const SslContextPtr context = Developer(server);
  CallWithoutPause(server, swing, context.get());
}

// Each stream gets all that its window takes, and nobody reads the refusals.
void FillWindows(const ServerFixture& server, Swing& swing) {
  const SslContextPtr context = Nobody();
  const std::string data(16 << 10, '\x7f');
  std::vector<RawClient> guests = Guests(server, context.get(), 8);
  for (RawClient& guest : guests) {
    for (std::uint32_t i = 0; i < kStreams && !swing.end; ++i) {
      const std::uint32_t stream = 2 * i + 1;
      bool goes_on = guest.Send(HeadersFrame(stream, kSign));
      for (int sent = 0; goes_on && sent < 4; ++sent) {
        goes_on = guest.Send(Frame(FrameType::kData, 0, stream, data));
      }
      if (!goes_on) break;
    }
    swing.full = true;
  }
  swing.WaitForEnd();
}

// As many uploads as connections and streams make possible, all open.
std::vector<RawClient> HoldUploads(const ServerFixture& server,
                                   SSL_CTX* context) {
  std::vector<RawClient> guests = Guests(server, context, 8);
  for (RawClient& guest : guests) {
    for (std::uint32_t i = 0; i < kPlaces / 4; ++i) {
      guest.Send(BeginOfUpload(2 * i + 1));
    }
  }
  return guests;
}

void UploadWithoutEnd(const ServerFixture& server, Swing& swing) {
  const SslContextPtr context = Developer(server);
  const std::vector<RawClient> held = HoldUploads(server, context.get());
  swing.WaitForEnd();
}

// A DATA frame with one byte of a message for each stream, every second.
void UploadAByteASecond(const ServerFixture& server, Swing& swing) {
  const SslContextPtr context = Developer(server);
  const std::string byte(1, '\0');
  std::vector<RawClient> held = HoldUploads(server, context.get());
  swing.full = true;
  for (int tenth = 0; !swing.end; ++tenth) {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    for (RawClient& guest : held) {
      for (std::uint32_t i = 0; tenth % 10 == 0 && i < kPlaces / 4; ++i) {
        guest.Send(Frame(FrameType::kData, 0, 2 * i + 1, byte));
      }
      guest.Drop();
    }
  }
}

// Connection, handshake, upload, RST in the middle of it.
void ResetInUploads(const ServerFixture& server, Swing& swing) {
  const SslContextPtr context = Developer(server);
  while (!swing.end) {
    RawClient guest(PortOf(server));
    if (guest.Handshake(context.get()) && guest.Send(Hello())) {
      for (std::uint32_t i = 0; i < 10; ++i) {
        guest.Send(BeginOfUpload(2 * i + 1));
      }
    }
    guest.Reset();
    swing.full = true;
  }
}

}  // namespace

std::vector<Attack> AttacksOfStrangers() {
  return {
      {"TalkGarbage", "TLS connections with garbage for HTTP/2, without pause",
       TalkGarbage},
      {"FloodSettings", "SETTINGS frames without pause", FloodSettings},
      {"FloodPings", "PING frames without pause, answers dropped", FloodPings},
      {"LosePlaces",
       "300 connections that wait with frames and lose their places",
       LosePlaces},
      {"HangUpWhileTheyWait",
       "300 connections that wait with frames and hang up, again and again",
       HangUpWhileTheyWait},
      {"SendHeadersWithoutEnd", "CONTINUATION frames of 8 KiB without pause",
       SendHeadersWithoutEnd},
      {"ResetRapidly", "calls that are reset at once, without credentials",
       ResetRapidly},
      {"CallAsNobody", "calls without credentials, without pause",
       CallAsNobody},
      {"AskAndDoNotRead",
       "20 connections that ask for much and call on, without reading",
       AskAndDoNotRead},
      {"FillWindows", "8 connections, 128 calls each with 64 KiB of data",
       FillWindows},
  };
}

std::vector<Attack> AttacksOfCallers() {
  return {
      {"CallTooOften", "ListTargets without pause", CallTooOften},
      {"ResetRapidlyAsCaller", "calls that are reset at once",
       ResetRapidlyAsCaller},
      {"UploadWithoutEnd", "512 uploads that stop after the header",
       UploadWithoutEnd},
      {"UploadAByteASecond", "512 uploads with a byte a second",
       UploadAByteASecond},
      {"ResetInUploads", "connections that are reset in 10 uploads each",
       ResetInUploads},
  };
}

}  // namespace bootseal::tests
