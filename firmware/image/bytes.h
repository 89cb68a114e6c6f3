// Bytes and little-endian numbers, with bounds that are checked once, here.
//
// Readers take values out of a span; no struct is ever laid over bytes. Both
// cursors are sticky: after the first overrun every further call does nothing,
// and ok() tells. Freestanding; no heap, no exceptions. Not thread-safe.
#ifndef BOOTSEAL_FIRMWARE_IMAGE_BYTES_H_
#define BOOTSEAL_FIRMWARE_IMAGE_BYTES_H_

#include <cstddef>
#include <cstdint>
#include <span>

namespace bootseal::image {

using Bytes = std::span<const std::byte>;
using MutableBytes = std::span<std::byte>;

// Not constant-time: for public values.
constexpr bool Equal(Bytes a, Bytes b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i] != b[i]) return false;
  }
  return true;
}

constexpr void Copy(Bytes from, MutableBytes to) {
  for (std::size_t i = 0; i < from.size() && i < to.size(); ++i) {
    to[i] = from[i];
  }
}

constexpr void Fill(MutableBytes to, std::byte value) {
  for (std::byte& byte : to) byte = value;
}

[[gnu::always_inline]] constexpr std::uint16_t Little16(const std::byte* at) {
  return static_cast<std::uint16_t>(static_cast<unsigned>(at[0]) |
                                    static_cast<unsigned>(at[1]) << 8);
}
[[gnu::always_inline]] constexpr std::uint32_t Little32(const std::byte* at) {
  return static_cast<std::uint32_t>(at[0]) |
         static_cast<std::uint32_t>(at[1]) << 8 |
         static_cast<std::uint32_t>(at[2]) << 16 |
         static_cast<std::uint32_t>(at[3]) << 24;
}

// Takes little-endian values from the front.
class Reader {
 public:
  explicit constexpr Reader(Bytes bytes) : rest_(bytes) {}

  constexpr std::uint8_t U8() { return static_cast<std::uint8_t>(Number(1)); }
  constexpr std::uint16_t U16() {
    return static_cast<std::uint16_t>(Number(2));
  }
  constexpr std::uint32_t U32() { return Number(4); }
  constexpr std::uint64_t U64() {
    const std::uint64_t low = U32();
    return low | static_cast<std::uint64_t>(U32()) << 32;
  }

  // Empty when fewer than `count` are left.
  constexpr Bytes Take(std::size_t count) {
    if (count > rest_.size()) {
      ok_ = false;
      rest_ = {};
      return {};
    }
    const Bytes taken = rest_.first(count);
    rest_ = rest_.subspan(count);
    return taken;
  }

  constexpr Bytes rest() const { return rest_; }
  constexpr bool ok() const { return ok_; }
  // True when nothing overran and nothing is left.
  constexpr bool done() const { return ok_ && rest_.empty(); }

 private:
  constexpr std::uint32_t Number(std::size_t width) {
    const Bytes taken = Take(width);
    std::uint32_t value = 0;
    for (std::size_t i = taken.size(); i > 0; --i) {
      value = value << 8 | static_cast<std::uint32_t>(taken[i - 1]);
    }
    return value;
  }

  Bytes rest_;
  bool ok_ = true;
};

// Appends little-endian values to a caller's buffer. It keeps counting after
// the buffer is full, so that size() tells what was needed.
class Writer {
 public:
  explicit constexpr Writer(MutableBytes buffer) : buffer_(buffer) {}

  constexpr void U8(std::uint8_t value) { Number(value, 1); }
  constexpr void U16(std::uint16_t value) { Number(value, 2); }
  constexpr void U32(std::uint32_t value) { Number(value, 4); }
  constexpr void U64(std::uint64_t value) {
    U32(static_cast<std::uint32_t>(value));
    U32(static_cast<std::uint32_t>(value >> 32));
  }
  constexpr void Append(Bytes bytes) {
    for (const std::byte byte : bytes) Put(byte);
  }
  constexpr void Repeat(std::byte value, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) Put(value);
  }

  constexpr std::size_t size() const { return size_; }
  constexpr bool ok() const { return size_ <= buffer_.size(); }
  // What was written; empty when it did not fit.
  constexpr Bytes written() const {
    return ok() ? Bytes(buffer_.first(size_)) : Bytes();
  }

 private:
  constexpr void Number(std::uint32_t value, std::size_t width) {
    for (std::size_t i = 0; i < width; ++i) {
      Put(static_cast<std::byte>(value >> (8 * i) & 0xff));
    }
  }
  constexpr void Put(std::byte byte) {
    if (size_ < buffer_.size()) buffer_[size_] = byte;
    ++size_;
  }

  MutableBytes buffer_;
  std::size_t size_ = 0;
};

}  // namespace bootseal::image

#endif  // BOOTSEAL_FIRMWARE_IMAGE_BYTES_H_
