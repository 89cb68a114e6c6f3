// Frames of HTTP/2: the answer is the same in whatever pieces they come; what
// is passed on are frames that are paid for, in their order, and no byte more.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "server/edge/frame_meter.h"
#include "tests/fuzz/fuzz_input.h"

namespace {

using bootseal::edge::FrameMeter;
using bootseal::edge::kPreface;
using bootseal::edge::Work;

constexpr std::size_t kFrameHeaderBytes = 9;

struct Answer {
  std::vector<Work> paid;
  std::size_t passed = 0;
  const char* broken = nullptr;
  bool greeted = false;

  bool operator==(const Answer&) const = default;
};

std::size_t LengthOf(absl::string_view frame) {
  std::size_t length = 0;
  for (std::size_t i = 0; i < 3; ++i) {
    length = length << 8 | static_cast<std::uint8_t>(frame[i]);
  }
  return length;
}

bool IsLargeData(absl::string_view frame) {
  return frame[3] == 0 && LengthOf(frame) >= FrameMeter::kSmallDataBytes;
}

// Of as many frames as are paid for; DATA frames that are free come on top.
std::size_t MayPass(absl::string_view bytes, std::size_t paid) {
  std::size_t end = kPreface.size();
  while (end + kFrameHeaderBytes <= bytes.size()) {
    const absl::string_view frame = bytes.substr(end);
    if (!IsLargeData(frame) && paid-- == 0) break;
    end += kFrameHeaderBytes + LengthOf(frame);
  }
  return std::min(end, bytes.size());
}

// Its bytes come `piece` by piece; each frame is paid for at the `tries`th
// time that it is asked for.
Answer Meter(absl::string_view bytes, std::size_t piece, int tries) {
  FrameMeter meter;
  Answer answer;
  int asked = 0;
  const auto pay = [&](Work work) {
    if (work == 0) std::abort();
    if (++asked % tries != 0) return absl::Milliseconds(1);
    answer.paid.push_back(work);
    return absl::ZeroDuration();
  };
  for (std::size_t come = 0; come < bytes.size();) {
    come = std::min(come + piece, bytes.size());
    FrameMeter::Admission admission;
    do {
      const std::size_t given = come - answer.passed;
      admission = meter.Admit(bytes.substr(answer.passed, given), pay);
      if (admission.bytes > given) std::abort();
      answer.passed += admission.bytes;
      if (answer.passed > MayPass(bytes, answer.paid.size())) std::abort();
    } while (admission.broken == nullptr &&
             admission.wait > absl::ZeroDuration());
    answer.broken = admission.broken;
    if (answer.broken != nullptr) break;
  }
  answer.greeted = meter.greeted();
  return answer;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  bootseal::tests::FuzzInput input(data, size);
  const auto piece = input.ConsumeIntegralInRange<std::size_t>(1, 64);
  const auto tries = input.ConsumeIntegralInRange<int>(1, 4);
  std::string bytes;
  if (input.ConsumeBool()) bytes = std::string(kPreface);
  bytes += input.ConsumeBytes(input.remaining_bytes());
  const Answer whole = Meter(bytes, bytes.size() + 1, 1);
  const Answer parts = Meter(bytes, piece, tries);
  if (!(whole == parts)) std::abort();
  if (whole.passed > 0 && !whole.greeted) std::abort();
  // Nothing is kept back from who keeps to the rules but a header's beginning.
  if (whole.greeted && whole.broken == nullptr &&
      bytes.size() - whole.passed >= kFrameHeaderBytes) {
    std::abort();
  }
  return 0;
}
