// Reads the frames that a client sends over HTTP/2 (RFC 9113), not what is in
// them: what each costs, and whether a client may send it at all.
#ifndef BOOTSEAL_SERVER_EDGE_FRAME_METER_H_
#define BOOTSEAL_SERVER_EDGE_FRAME_METER_H_

#include <cstddef>
#include <cstdint>

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/edge/budgets.h"

namespace bootseal::edge {

// What a client's connection begins with (3.4).
inline constexpr absl::string_view kPreface =
    "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

// Not thread-safe.
class FrameMeter {
 public:
  // Of a frame that is no DATA, and of HEADERS with all their CONTINUATION
  // frames: more than any metadata that the server takes.
  static constexpr std::size_t kMaxControlBytes = 16 << 10;
  static constexpr std::size_t kMaxHeaderBytes = 64 << 10;
  static constexpr std::uint32_t kMaxHeaderFrames = 16;
  // Streams that are opened before the client has taken note of the server's
  // settings, which say how many it may.
  static constexpr std::uint32_t kMaxEarlyStreams = 128;
  // DATA frames with less are work like any other; so many bytes of another
  // frame are as much work again.
  static constexpr std::size_t kSmallDataBytes = 1 << 10;
  static constexpr std::uint32_t kControlBytesOfWork = 1 << 10;

  // Zero when the work may be done now.
  using Pay = absl::FunctionRef<absl::Duration(Work work)>;

  struct Admission {
    // Of the bytes at hand, that may be passed on now.
    std::size_t bytes = 0;
    // How long the next frame has to wait; zero: it is not there as a whole.
    absl::Duration wait = absl::ZeroDuration();
    // Why the client is sent away: a literal; nullptr while it keeps to the
    // rules.
    const char* broken = nullptr;
  };

  // Looks at what was not passed on yet: next time, at what follows
  // Admission::bytes. A frame is paid for before its first byte is passed on.
  Admission Admit(absl::string_view bytes, Pay pay);

  // Whether the whole preface came.
  bool greeted() const { return greeted_; }

 private:
  struct Frame {
    std::uint32_t length;
    std::uint8_t type;
    std::uint8_t flags;
    std::uint32_t stream;
  };

  static Frame Parse(const char* header);
  static Work WorkOf(const Frame& frame);
  const char* Judge(const Frame& frame) const;
  const char* JudgeHeaders(const Frame& frame) const;
  void Note(const Frame& frame);

  bool greeted_ = false;
  // Of the frame that is passed on.
  std::size_t left_ = 0;
  // Of the header block that is under way; 0: none is.
  std::uint32_t block_stream_ = 0;
  std::uint32_t block_frames_ = 0;
  std::size_t block_bytes_ = 0;
  bool settings_taken_ = false;
  std::uint32_t early_streams_ = 0;
};

}  // namespace bootseal::edge

#endif  // BOOTSEAL_SERVER_EDGE_FRAME_METER_H_
