#include "tests/firmware/second_stage/simulated_board.h"

#include <algorithm>
#include <cstring>

#include "firmware/arch/armv7a/arch.h"
#include "firmware/boards/board.h"
#include "firmware/boards/raw_layout.h"
#include "firmware/crypto/backend.h"
#include "firmware/second_stage/second_stage.h"

namespace bootseal::tests {
namespace {

using boards::BackupRegister;
using image::Error;

constexpr std::size_t kAreaBytes = 4096;

struct Stopped {};

}  // namespace

SimulatedBoard& Board() {
  static auto* board = new SimulatedBoard;
  return *board;
}

SimulatedBoard::SimulatedBoard() {
  for (auto& area : areas) area.resize(kAreaBytes / 4);
}

void SimulatedBoard::Happens(Event event) {
  if (cut_before == journal.size()) throw PowerCut();
  journal.push_back(event);
}

Ending SimulatedBoard::Boot() {
  journal.clear();
  log.clear();
  reads = 0;
  unfed_bytes = most_unfed_bytes = 0;
  feeds = most_feeds = 0;
  for (auto& area : areas) area.assign(area.size(), 0xa5a5a5a5);
  Ending ending;
  try {
    second_stage::Run();
  } catch (const arch::Entry& entry) {
    ending = {true, entry.program, entry.link, entry.arguments[2], log};
  } catch (const Stopped&) {
    ending.log = log;
  } catch (const PowerCut&) {
    ending.log = log;
    ending.cut = true;
  }
  return ending;
}

std::string SimulatedBoard::Loaded(image::certificate::ImageRole role,
                                   std::size_t size) const {
  const auto& area = areas[image::certificate::IndexOf(role)];
  return std::string(reinterpret_cast<const char*>(area.data()), size);
}

}  // namespace bootseal::tests

namespace bootseal::arch {

void Stop() { throw tests::Stopped(); }
void Start(const Entry& entry) {
  tests::Board().Happens(tests::Event::kStart);
  throw entry;
}

}  // namespace bootseal::arch

namespace bootseal::crypto {
extern const char kName[] = "openssl";
}  // namespace bootseal::crypto

namespace bootseal::boards {

using tests::Board;
using tests::Event;

extern const char kName[] = "simulated";
extern const image::certificate::KeyHashForm kKeyHashForm =
    image::certificate::KeyHashForm::kPoint;
extern const image::fwu::Geometry kGeometry{2, 1};
extern const RawLayout kRawLayout = kNandLayout;

void Write(char character) { Board().log += character; }

image::Error Prepare() { return Board().unprepared; }

image::Result<std::uint64_t> OpenStorage() {
  if (Board().storage_absent) return image::Error::kStorage;
  return Board().storage.size() / kBlockBytes;
}

image::Error ReadStorage(std::uint64_t block, image::MutableBytes to) {
  tests::SimulatedBoard& board = Board();
  board.Happens(Event::kRead);
  const std::size_t number = board.reads++;
  board.unfed_bytes += to.size();
  board.most_unfed_bytes = std::max(board.most_unfed_bytes, board.unfed_bytes);
  board.feeds = 0;
  const std::uint64_t blocks = board.storage.size() / kBlockBytes;
  const std::uint64_t count = to.size() / kBlockBytes;
  // The contract of the caller.
  if (to.size() % kBlockBytes != 0 ||
      reinterpret_cast<std::uintptr_t>(to.data()) % 4 != 0) {
    std::abort();
  }
  if (block > blocks || count > blocks - block) return image::Error::kStorage;
  std::memcpy(to.data(), board.storage.data() + block * kBlockBytes, to.size());
  const auto bad = board.unreadable_block;
  if (board.failing_read == number ||
      (bad && *bad >= block && *bad < block + count)) {
    return image::Error::kStorage;
  }
  return image::Error::kOk;
}

std::uint32_t StartWatchdog() {
  Board().Happens(Event::kWatchdog);
  return 8;
}
void FeedWatchdog() {
  tests::SimulatedBoard& board = Board();
  board.unfed_bytes = 0;
  board.most_feeds = std::max(board.most_feeds, ++board.feeds);
}

std::uint32_t ReadBackup(BackupRegister which) { return Board().of(which); }
void WriteBackup(BackupRegister which, std::uint32_t value) {
  Board().Happens(Event::kRegister);
  Board().of(which) = value;
}

image::Error ReadRootKeyHash(image::MutableBytes to) {
  if (Board().fuses_unreadable) return image::Error::kStorage;
  std::memcpy(to.data(), Board().key_hash.data(), to.size());
  return image::Error::kOk;
}

std::uint32_t NvCounter() { return Board().counter; }
void IncrementNvCounter() {
  Board().Happens(Event::kCounter);
  if (!Board().counter_stuck) ++Board().counter;
}

image::MutableBytes LoadArea(image::certificate::ImageRole role) {
  // This board has no use for it.
  if (role == image::certificate::ImageRole::kTosFwExtra2) return {};
  auto& area = Board().areas[image::certificate::IndexOf(role)];
  return {reinterpret_cast<std::byte*>(area.data()), 4 * area.size()};
}

}  // namespace bootseal::boards
