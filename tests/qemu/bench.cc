#include "tests/qemu/bench.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/file.h"
#include "firmware/image/algorithm.h"

namespace bootseal::tests {

void WriteFile(const std::string& path, const std::string& content) {
  EXPECT_EQ(base::WriteFileAtomically(path, content), absl::OkStatus());
}

namespace {

std::string ReadPayload(const std::string& board, const char* name) {
  absl::StatusOr<std::string> content = base::ReadFile(
      absl::StrCat(BOOTSEAL_BUILD_DIR "/firmware/", board, "/", name), 1 << 20);
  EXPECT_EQ(content.status(), absl::OkStatus());
  return content.ok() ? *std::move(content) : std::string();
}

}  // namespace

std::string Payload(const std::string& board) {
  return ReadPayload(board, "payload.bin");
}

std::string PayloadForSlot1(const std::string& board) {
  return ReadPayload(board, "payload-slot1.bin");
}

Bench::Bench(const Device& device, const std::string& board, Crypto crypto)
    : board_(board), backend_(image::TraitsOf(device.rules().algorithm)->name) {
  if (crypto == Crypto::kLibrary) backend_ += "-library";
  EXPECT_EQ(device.Provision(board, elf(), crypto), "");
}

tests::Boot Bench::With(const std::string& image) const {
  const std::string file = folder_.File("image.bin");
  WriteFile(file, image);
  return {board_, elf(), file};
}

std::string Bench::Boot(const std::string& image,
                        const std::string& expected) const {
  return UartOf(With(image), expected);
}

std::string Bench::RefusalLine(image::Error error) const {
  return absl::StrFormat("bootseal: refused: %s (0x%08x)\n", image::Text(error),
                         static_cast<unsigned>(error));
}

std::string Bench::Refusal(image::Error error) const {
  return absl::StrCat("bootseal ", name(), "\n", RefusalLine(error));
}

}  // namespace bootseal::tests
