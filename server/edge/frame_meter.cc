#include "server/edge/frame_meter.h"

#include <algorithm>

namespace bootseal::edge {
namespace {

constexpr std::size_t kFrameHeaderBytes = 9;

// RFC 9113, section 6; what is not here is passed over by who receives it
// (4.1).
enum Type : std::uint8_t {
  kData = 0,
  kHeaders = 1,
  kSettings = 4,
  kPushPromise = 5,
  kPing = 6,
  kContinuation = 9,
};
constexpr std::uint8_t kAck = 1;
constexpr std::uint8_t kEndHeaders = 4;

std::uint32_t BigEndian(const char* bytes, int count) {
  std::uint32_t value = 0;
  for (int i = 0; i < count; ++i) {
    value = value << 8 | static_cast<std::uint8_t>(bytes[i]);
  }
  return value;
}

bool IsHeaders(std::uint8_t type) {
  return type == kHeaders || type == kContinuation;
}

}  // namespace

FrameMeter::Frame FrameMeter::Parse(const char* header) {
  return {BigEndian(header, 3), static_cast<std::uint8_t>(header[3]),
          static_cast<std::uint8_t>(header[4]),
          BigEndian(header + 5, 4) & 0x7fffffff};
}

FrameMeter::Admission FrameMeter::Admit(absl::string_view bytes, Pay pay) {
  Admission admission;
  if (!greeted_) {
    const std::size_t common = std::min(bytes.size(), kPreface.size());
    if (bytes.substr(0, common) != kPreface.substr(0, common)) {
      admission.broken = "does not speak HTTP/2";
      return admission;
    }
    if (common < kPreface.size()) return admission;
    greeted_ = true;
    admission.bytes = common;
  }
  while (true) {
    const std::size_t passed = std::min(left_, bytes.size() - admission.bytes);
    admission.bytes += passed;
    left_ -= passed;
    if (bytes.size() - admission.bytes < kFrameHeaderBytes) return admission;
    const Frame frame = Parse(bytes.data() + admission.bytes);
    admission.broken = Judge(frame);
    if (admission.broken != nullptr) return admission;
    const Work work = WorkOf(frame);
    if (work > 0) admission.wait = pay(work);
    if (admission.wait > absl::ZeroDuration()) return admission;
    Note(frame);
    admission.bytes += kFrameHeaderBytes;
    left_ = frame.length;
  }
}

Work FrameMeter::WorkOf(const Frame& frame) {
  // The windows of flow control bound what larger ones bring.
  if (frame.type == kData) {
    return frame.length < kSmallDataBytes ? kFrameWork : 0;
  }
  // A PING has an answer, and clients send one in seconds.
  const bool asks = frame.type == kPing && (frame.flags & kAck) == 0;
  const Work own = frame.type == kHeaders || asks ? kCallWork : kFrameWork;
  return own + frame.length / kControlBytesOfWork;
}

const char* FrameMeter::Judge(const Frame& frame) const {
  if (block_stream_ != 0 && frame.type != kContinuation) {
    return "sent another frame in the middle of headers";
  }
  if (IsHeaders(frame.type)) return JudgeHeaders(frame);
  if (frame.type == kPushPromise) return "sent PUSH_PROMISE";
  if (frame.type != kData && frame.length > kMaxControlBytes) {
    return "sent a frame that is too large";
  }
  return nullptr;
}

const char* FrameMeter::JudgeHeaders(const Frame& frame) const {
  if (frame.stream == 0) return "sent headers of no stream";
  if (frame.type == kContinuation && frame.stream != block_stream_) {
    return "sent CONTINUATION without headers";
  }
  if (frame.type == kHeaders && !settings_taken_ &&
      early_streams_ == kMaxEarlyStreams) {
    return "did not acknowledge the server's settings";
  }
  if (block_frames_ == kMaxHeaderFrames ||
      block_bytes_ + frame.length > kMaxHeaderBytes) {
    return "sent headers that are too large";
  }
  return nullptr;
}

void FrameMeter::Note(const Frame& frame) {
  if (frame.type == kSettings && (frame.flags & kAck) != 0) {
    settings_taken_ = true;
  }
  if (!IsHeaders(frame.type)) return;
  if (frame.type == kHeaders && !settings_taken_) ++early_streams_;
  const bool ends = (frame.flags & kEndHeaders) != 0;
  block_stream_ = ends ? 0 : frame.stream;
  block_frames_ = ends ? 0 : block_frames_ + 1;
  block_bytes_ = ends ? 0 : block_bytes_ + frame.length;
}

}  // namespace bootseal::edge
