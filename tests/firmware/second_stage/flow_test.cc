// The order of things, and what goes wrong on the way. What QEMU's boards do is
// in tests/qemu.
#include <algorithm>
#include <cstring>

#include "firmware/second_stage/bank.h"
#include "firmware/second_stage/second_stage.h"
#include "tests/firmware/second_stage/second_stage_case.h"

namespace bootseal::tests {
namespace {

using boards::BackupRegister;
using image::Error;
using testing::HasSubstr;

std::size_t First(const SimulatedBoard& board, Event event) {
  return static_cast<std::size_t>(
      std::find(board.journal.begin(), board.journal.end(), event) -
      board.journal.begin());
}

TEST(Flow, ArmsTheWatchdogBeforeItReadsAnything) {
  SimulatedBoard& board = FreshBoard({});
  ASSERT_TRUE(board.Boot().started);
  EXPECT_EQ(First(board, Event::kWatchdog), 0u);
  EXPECT_GT(First(board, Event::kRead), 0u);
}

TEST(Flow, SpendsATrialBeforeItReadsTheBank) {
  SimulatedBoard& board = FreshBoard(Trial());
  const std::uint64_t bank = OffsetOn("sd", "fip-b") / 512;
  // The bank's first block cannot be read: when that is noticed, the register
  // has been written.
  board.unreadable_block = bank;
  ASSERT_TRUE(board.Boot().started);
  const std::size_t written = First(board, Event::kRegister);
  EXPECT_TRUE(
      std::find(board.journal.begin() + static_cast<std::ptrdiff_t>(written),
                board.journal.end(), Event::kRead) != board.journal.end());
  // Cut right behind it: the trial is gone although nothing was read.
  board = FreshBoard(Trial());
  board.cut_before = written + 1;
  EXPECT_TRUE(board.Boot().cut);
  EXPECT_EQ(board.of(BackupRegister::kBoot), 0x21u);
}

TEST(Flow, CountsUpOnlyAfterTheLastRead) {
  SimulatedBoard& board = FreshBoard({.active = 1});
  ASSERT_TRUE(board.Boot().started);
  EXPECT_EQ(board.counter, 6u);
  const std::size_t counted = First(board, Event::kCounter);
  EXPECT_TRUE(
      std::find(board.journal.begin() + static_cast<std::ptrdiff_t>(counted),
                board.journal.end(), Event::kRead) == board.journal.end());
}

TEST(Flow, CountsUpForNoBankThatIsNotAccepted) {
  SimulatedBoard& board = FreshBoard(Trial());
  ASSERT_TRUE(board.Boot().started);
  EXPECT_TRUE(RunsRelease(board, 1));
  EXPECT_EQ(board.counter, 5u);
}

TEST(Flow, StartsAndSaysSoWhenTheCounterDoesNotCount) {
  SimulatedBoard& board = FreshBoard({.active = 1});
  board.counter_stuck = true;
  const Ending ending = board.Boot();
  EXPECT_TRUE(ending.started);
  EXPECT_THAT(ending.log, HasSubstr("counter: control flow disturbed"));
  EXPECT_EQ(board.of(BackupRegister::kError),
            static_cast<std::uint32_t>(Error::kFault));
}

TEST(Flow, HandsTheTrustedFirmwareItsDeviceTreeAndWhereToGoOn) {
  SimulatedBoard& board = FreshBoard({});
  const Ending ending = board.Boot();
  const auto address = [](ImageRole role) {
    return static_cast<std::uint32_t>(
        reinterpret_cast<std::uintptr_t>(boards::LoadArea(role).data()));
  };
  EXPECT_EQ(ending.program, address(ImageRole::kTosFw));
  EXPECT_EQ(ending.link, address(ImageRole::kNtFw));
  EXPECT_EQ(ending.argument, address(ImageRole::kHwConfig));
}

TEST(Flow, RefusesWithoutStorage) {
  SimulatedBoard& board = FreshBoard({});
  board.storage_absent = true;
  const Ending ending = board.Boot();
  EXPECT_FALSE(ending.started);
  EXPECT_THAT(ending.log, HasSubstr("refused: storage cannot be read"));
}

TEST(Flow, RefusesBeforeItReadsAnythingWhenTheBoardIsNotReady) {
  SimulatedBoard& board = FreshBoard({});
  for (const image::Error error :
       {image::Error::kMemory, image::Error::kBackup}) {
    board.unprepared = error;
    const Ending ending = board.Boot();
    EXPECT_FALSE(ending.started);
    EXPECT_EQ(board.reads, 0u);
    EXPECT_EQ(board.journal.front(), Event::kWatchdog);
    EXPECT_THAT(ending.log, HasSubstr(image::Text(error)));
    EXPECT_EQ(board.of(boards::BackupRegister::kError),
              static_cast<std::uint32_t>(error));
  }
}

TEST(Flow, RefusesWhenTheFusesCannotBeRead) {
  SimulatedBoard& board = FreshBoard({});
  board.fuses_unreadable = true;
  EXPECT_FALSE(board.Boot().started);
  EXPECT_EQ(board.reads, 0u);
}

TEST(Flow, RefusesAnImageThatTheBoardHasNoPlaceFor) {
  SimulatedBoard& board = FreshBoard({});
  auto images = ImagesOf(0);
  images[IndexOf(ImageRole::kTosFwExtra2)] = "second extra";
  const std::string package = PackageWith(images, 5);
  board.storage.replace(OffsetOn("sd", "fip-a"), package.size(), package);
  const Ending ending = board.Boot();
  EXPECT_THAT(ending.log, HasSubstr("bank 0: refused: tos-fw-extra2: not "
                                    "supported"));
  EXPECT_TRUE(RunsRelease(board, 1));
}

// Whatever cannot be read, what starts is one of the two releases, whole.
TEST(Flow, StartsNothingElseWhenAnyOneReadFails) {
  SimulatedBoard& board = FreshBoard({});
  ASSERT_TRUE(board.Boot().started);
  const std::size_t reads = board.reads;
  ASSERT_GT(reads, 50u);
  std::size_t fallbacks = 0;
  for (std::size_t failing = 0; failing < reads; ++failing) {
    board.of(BackupRegister::kBoot) = 0x30;
    board.failing_read = failing;
    const Ending ending = board.Boot();
    if (!ending.started) {
      EXPECT_THAT(ending.log, HasSubstr("refused: ")) << failing;
      continue;
    }
    const bool second = RunsRelease(board, 1);
    fallbacks += second ? 1 : 0;
    EXPECT_TRUE(second || RunsRelease(board, 0)) << failing << ending.log;
  }
  EXPECT_GT(fallbacks, 10u);
}

// Any byte of any block that is read, one after the other; the same promise.
TEST(Flow, StartsNothingElseWhenAnyOneByteIsDamaged) {
  SimulatedBoard& board = FreshBoard({});
  const std::uint64_t begin = OffsetOn("sd", "fip-a");
  const std::size_t size = PackageOf(0).size();
  std::size_t refused = 0;
  for (std::size_t at = 0; at < size; at += 7) {
    char& byte = board.storage[begin + at];
    byte = static_cast<char>(byte ^ 1);
    board.of(BackupRegister::kBoot) = 0x30;
    const Ending ending = board.Boot();
    byte = static_cast<char>(byte ^ 1);
    ASSERT_TRUE(ending.started) << at << ending.log;
    // Padding between entries is nobody's.
    ASSERT_TRUE(RunsRelease(board, 0) || RunsRelease(board, 1)) << at;
    refused += RunsRelease(board, 1) ? 1 : 0;
  }
  EXPECT_GT(refused, size / 7 * 9 / 10);
}

// Power goes at every point of every boot of a trial that nobody accepts: it is
// never tried more than three times, and the device always comes back.
TEST(Flow, SurvivesAPowerCutAtAnyPointOfATrial) {
  SimulatedBoard& board = FreshBoard(Trial());
  ASSERT_TRUE(board.Boot().started);
  const std::size_t events = board.journal.size();
  for (std::size_t cut = 0; cut < events; ++cut) {
    board = FreshBoard(Trial());
    board.cut_before = cut;
    EXPECT_TRUE(board.Boot().cut);
    board.cut_before = std::nullopt;
    int tried = 0;
    bool back = false;
    for (int boot = 0; boot < 4 && !back; ++boot) {
      ASSERT_TRUE(board.Boot().started) << cut;
      back = RunsRelease(board, 0);
      tried += back ? 0 : 1;
    }
    EXPECT_TRUE(back) << cut;
    EXPECT_LE(tried, 3) << cut;
    EXPECT_GE(tried, 2) << cut;
  }
}

TEST(Flow, SurvivesAPowerCutWhileTheCounterIsRaised) {
  SimulatedBoard& board = FreshBoard({.active = 1});
  board.counter = 3;
  ASSERT_TRUE(board.Boot().started);
  const std::size_t first = First(board, Event::kCounter);
  for (std::size_t cut = first; cut < first + 3; ++cut) {
    board = FreshBoard({.active = 1});
    board.counter = 3;
    board.cut_before = cut;
    EXPECT_TRUE(board.Boot().cut);
    EXPECT_EQ(board.counter, 3 + cut - first);
    board.cut_before = std::nullopt;
    EXPECT_TRUE(board.Boot().started);
    EXPECT_EQ(board.counter, 6u);
  }
}

// Bank 1 cannot be read in this boot.
Ending BootWithoutBank1(SimulatedBoard& board) {
  board.unreadable_block = OffsetOn("sd", "fip-b") / 512;
  Ending ending = board.Boot();
  board.unreadable_block = std::nullopt;
  return ending;
}

TEST(Flow, TriesAReleaseAgainThatCouldNotBeReadOnce) {
  SimulatedBoard& board = FreshBoard(Trial());
  const Ending failed = BootWithoutBank1(board);
  EXPECT_TRUE(failed.started);
  EXPECT_TRUE(RunsRelease(board, 0));
  EXPECT_THAT(failed.log,
              HasSubstr("bank 1: on trial, 2 left\r\nbank 1: refused: package: "
                        "storage cannot be read"));
  EXPECT_THAT(failed.log,
              HasSubstr("bank 0: fallback: the active bank did not start, 2 "
                        "left\r\n"));
  EXPECT_EQ(board.of(BackupRegister::kBoot), 0x20u);
  EXPECT_EQ(
      board.of(BackupRegister::kReport),
      second_stage::kReportTag | 1u << 5 |
          (static_cast<std::uint32_t>(image::fwu::BootReason::kFailed) + 1));
  EXPECT_EQ(board.of(BackupRegister::kError),
            static_cast<std::uint32_t>(Error::kStorage));

  const Ending again = board.Boot();
  EXPECT_THAT(again.log, HasSubstr("bank 1: on trial, 1 left\r\n"));
  EXPECT_TRUE(RunsRelease(board, 1));
  EXPECT_EQ(board.of(BackupRegister::kBoot), 0x11u);
  EXPECT_EQ(board.of(BackupRegister::kError),
            static_cast<std::uint32_t>(Error::kOk));
}

TEST(Flow, TriesNoReleaseMoreThanThreeTimesThatNeverStarts) {
  SimulatedBoard& board = FreshBoard(Trial());
  for (const std::uint32_t left : {2u, 1u, 0u}) {
    EXPECT_THAT(BootWithoutBank1(board).log,
                HasSubstr("bank 0: fallback: the active bank did not start"));
    EXPECT_TRUE(RunsRelease(board, 0));
    EXPECT_EQ(board.of(BackupRegister::kBoot), left << 4);
  }
  // The card is there again, and no trial is left.
  EXPECT_THAT(board.Boot().log, HasSubstr("trials are spent\r\n"));
  EXPECT_TRUE(RunsRelease(board, 0));
  EXPECT_EQ(board.of(BackupRegister::kBoot), 0x00u);
}

// Any one read of a trial fails: it costs one trial at most, and the next boot
// starts the release.
TEST(Flow, LosesOneTrialWhenAnyOneReadFails) {
  SimulatedBoard& board = FreshBoard(Trial());
  ASSERT_TRUE(board.Boot().started);
  const std::size_t reads = board.reads;
  std::size_t failures = 0;
  for (std::size_t failing = 0; failing < reads; ++failing) {
    board.of(BackupRegister::kBoot) = 0x30;
    board.failing_read = failing;
    const Ending ending = board.Boot();
    board.failing_read = std::nullopt;
    failures += ending.started && RunsRelease(board, 0) ? 1 : 0;
    EXPECT_GE(board.of(BackupRegister::kBoot) >> 4, 2u) << failing;
    EXPECT_TRUE(board.Boot().started) << failing;
    EXPECT_TRUE(RunsRelease(board, 1)) << failing << board.log;
  }
  EXPECT_GT(failures, 10u);
}

// Both fail: nothing starts, and a trial is left for the next boot.
TEST(Flow, KeepsTheTrialsThatAreLeftWhenNothingStarts) {
  SimulatedBoard& board = FreshBoard(Trial());
  const std::uint64_t bank = OffsetOn("sd", "fip-a");
  board.storage[bank] = static_cast<char>(board.storage[bank] ^ 1);
  EXPECT_FALSE(BootWithoutBank1(board).started);
  EXPECT_EQ(board.of(BackupRegister::kBoot), 0x20u);
  EXPECT_EQ(board.of(BackupRegister::kReport),
            second_stage::kReportTag | 3u << 4);
  EXPECT_TRUE(board.Boot().started);
  EXPECT_TRUE(RunsRelease(board, 1));
}

// Power goes at every point of a boot whose trial fails.
TEST(Flow, SurvivesAPowerCutAtAnyPointOfATrialThatFails) {
  SimulatedBoard& board = FreshBoard(Trial());
  ASSERT_TRUE(BootWithoutBank1(board).started);
  const std::size_t events = board.journal.size();
  for (std::size_t cut = 0; cut < events; ++cut) {
    board = FreshBoard(Trial());
    board.cut_before = cut;
    EXPECT_TRUE(BootWithoutBank1(board).cut);
    board.cut_before = std::nullopt;
    int tried = 0;
    bool back = false;
    for (int boot = 0; boot < 4 && !back; ++boot) {
      ASSERT_TRUE(board.Boot().started) << cut;
      back = RunsRelease(board, 0);
      tried += back ? 0 : 1;
    }
    EXPECT_TRUE(back) << cut;
    EXPECT_LE(tried, 3) << cut;
    EXPECT_GE(tried, 2) << cut;
  }
}

// A package whose nt-fw is of this size, in bank 0.
SimulatedBoard& BoardWithLargeImage(std::size_t size) {
  SimulatedBoard& board = FreshBoard({});
  board.areas[IndexOf(ImageRole::kNtFw)].resize(size / 4 + 1);
  auto images = ImagesOf(0);
  images[IndexOf(ImageRole::kNtFw)] = std::string(size, 'n');
  const std::string package = PackageWith(images, 5);
  board.storage.replace(OffsetOn("sd", "fip-a"), package.size(), package);
  return board;
}

TEST(Flow, FeedsTheWatchdogWhileALargeImageIsReadAndHashed) {
  for (const std::size_t size :
       {std::size_t{3} << 20, std::size_t{2'000'003}}) {
    SimulatedBoard& board = BoardWithLargeImage(size);
    ASSERT_THAT(board.Boot().log, HasSubstr("bank 0: accepted\r\nverified"));
    EXPECT_LE(board.most_unfed_bytes, boards::kFeedBytes);
    // Nothing is read while it is hashed.
    EXPECT_GE(board.most_feeds, size / boards::kFeedBytes);
    EXPECT_EQ(board.Loaded(ImageRole::kNtFw, size), std::string(size, 'n'));
  }
}

TEST(Flow, RefusesALargeImageWithItsLastByteDamaged) {
  constexpr std::size_t kSize = (1 << 20) + 1;
  SimulatedBoard& board = BoardWithLargeImage(kSize);
  const std::uint64_t begin = OffsetOn("sd", "fip-a");
  const auto bank = image::host::AsBytes(board.storage).subspan(begin);
  const auto toc = image::fip::ReadToc(bank, bank.size());
  ASSERT_TRUE(toc.ok());
  const auto entry = image::fip::Find(*toc, image::fip::uuids::kNtFw);
  ASSERT_TRUE(entry.ok());
  ASSERT_EQ(entry->size, kSize);
  const std::uint64_t last = begin + entry->offset + kSize - 1;
  board.storage[last] = 'm';
  EXPECT_THAT(board.Boot().log, HasSubstr("bank 0: refused: nt-fw: "));
  EXPECT_TRUE(RunsRelease(board, 1));
  // Nothing of it is left behind what was started instead.
  const std::size_t own = ImagesOf(1)[IndexOf(ImageRole::kNtFw)].size();
  EXPECT_EQ(board.Loaded(ImageRole::kNtFw, kSize).substr(own),
            std::string(kSize - own, '\0'));
}

TEST(Flow, LeavesNothingInMemoryOfAnImageThatThePackageStartedDoesNotHave) {
  SimulatedBoard& board = FreshBoard({});
  auto images = ImagesOf(0);
  images[IndexOf(ImageRole::kTosFwExtra1)] = "unsigned";
  std::string package = PackageWith(images, 5);
  package[package.find("unsigned")] = 'U';
  board.storage.replace(OffsetOn("sd", "fip-a"), package.size(), package);
  images = ImagesOf(1);
  images[IndexOf(ImageRole::kTosFwExtra1)] = "";
  package = PackageWith(images, 6);
  board.storage.replace(OffsetOn("sd", "fip-b"), package.size(), package);
  const Ending ending = board.Boot();
  EXPECT_THAT(ending.log, HasSubstr("bank 0: refused: tos-fw-extra1: "));
  ASSERT_TRUE(ending.started) << ending.log;
  EXPECT_EQ(board.Loaded(ImageRole::kTosFwExtra1, 8), std::string(8, '\0'));
}

// The trial in a register above what anybody writes is not worth more.
TEST(Flow, GivesNoMoreThanThreeTrials) {
  SimulatedBoard& board = FreshBoard(Trial());
  board.of(BackupRegister::kBoot) = 0xf0;
  ASSERT_TRUE(board.Boot().started);
  EXPECT_EQ(board.of(BackupRegister::kBoot), 0x21u);
}

}  // namespace
}  // namespace bootseal::tests
