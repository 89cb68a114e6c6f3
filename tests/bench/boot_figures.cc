// Prints what the bootloaders weigh and how long they take (figures.h).
//
// usage: boot_figures      beside MCUboot's; both arithmetics, our own and
//                          mbedTLS's; the upgrade strategies; receipts
//        boot_figures --receipts
#include <cstdio>
#include <cstring>

#include "firmware/image/algorithm.h"
#include "tests/bench/figures.h"

namespace bootseal::tests {
namespace {

using image::Algorithm;
using image::AlgorithmTraits;
using image::mcuboot::Strategy;

// As MCUboot's are measured: overwrite, without log.
bool MeasureBesideMcuboot() {
  std::printf(
      "| algorithm | images | text: no log | codes | full log | "
      "instructions: no log | full log |\n|---|---|--:|--:|--:|--:|--:|\n");
  constexpr struct {
    const char* name;
    bool plain;
    Images images;
  } kRows[] = {
      {"plain", true, Images::kOne},
      {"counter, boot record", false, Images::kOne},
      {"two, with their keys, counter, boot record", false, Images::kTwo},
      {"TF-M's two", false, Images::kTfm}};
  for (const AlgorithmTraits& traits : image::kAlgorithms) {
    for (const auto& row : kRows) {
      Configuration configuration{.algorithm = traits.algorithm,
                                  .strategy = Strategy::kOverwriteOnly,
                                  .log = "none",
                                  .plain = row.plain,
                                  .images = row.images};
      const auto none = Measure(configuration);
      configuration.log = "codes";
      const auto codes = Measure(configuration);
      configuration.log = "full";
      const auto full = Measure(configuration);
      if (!none || !codes || !full) return false;
      std::printf("| %s | %s | %lu | %lu | %lu | %llu | %llu |\n", traits.name,
                  row.name, none->text, codes->text, full->text,
                  none->instructions, full->instructions);
    }
  }
  return true;
}

bool MeasureBoth(const char* board, const AlgorithmTraits& traits) {
  Configuration configuration{.board = board, .algorithm = traits.algorithm};
  const auto own = Measure(configuration);
  configuration.crypto = Crypto::kLibrary;
  const auto library = Measure(configuration);
  if (!own || !library) return false;
  std::printf("| %s | %s | %lu | %lu | %lu | %lu | %llu | %llu |\n", board,
              traits.name, own->text, library->text, own->ram, library->ram,
              own->instructions, library->instructions);
  return true;
}

bool MeasureAll() {
  std::printf(
      "\n| board | algorithm | text: own | library | RAM: own | library "
      "| instructions: own | library |\n"
      "|---|---|--:|--:|--:|--:|--:|--:|\n");
  for (const char* board : {"mps2-an505", "mps2-an521"}) {
    for (const AlgorithmTraits& traits : image::kAlgorithms) {
      if (!MeasureBoth(board, traits)) return false;
    }
  }
  return true;
}

struct StrategyName {
  const char* name;
  Strategy strategy;
  bool upgrades;  // it moves images
};
constexpr StrategyName kStrategies[] = {
    {"single slot", Strategy::kSingleSlot, false},
    {"overwrite", Strategy::kOverwriteOnly, true},
    {"swap", Strategy::kSwapMove, true},
    {"direct-xip", Strategy::kDirectXip, false},
};

bool MeasureStrategy(const StrategyName& row, const AlgorithmTraits& traits) {
  Configuration configuration{.algorithm = traits.algorithm,
                              .strategy = row.strategy};
  const auto boot = Measure(configuration);
  if (!boot) return false;
  std::printf("| %s | %s | %lu | %lu | %llu | ", traits.name, row.name,
              boot->text, boot->ram, boot->instructions);
  if (row.upgrades) {
    configuration.upgrades = true;
    const auto upgrade = Measure(configuration);
    if (!upgrade) return false;
    std::printf("%llu", upgrade->instructions);
  }
  std::printf(" |\n");
  return true;
}

bool MeasureStrategies() {
  std::printf(
      "\n| algorithm | strategy | text | RAM | boot | upgrade |\n"
      "|---|---|--:|--:|--:|--:|\n");
  for (const AlgorithmTraits& traits : image::kAlgorithms) {
    for (const StrategyName& row : kStrategies) {
      if (!MeasureStrategy(row, traits)) return false;
    }
  }
  return true;
}

bool MeasureReceipt(const char* board, const AlgorithmTraits& traits) {
  Configuration configuration{.board = board, .algorithm = traits.algorithm};
  const auto without = Measure(configuration);
  configuration.receipt = true;
  const auto with = Measure(configuration);
  if (!without || !with) return false;
  std::printf("| %s | %s | %lu | %lu | %lu | %llu | %llu |\n", board,
              traits.name, without->text, with->text,
              with->text - without->text, without->instructions,
              with->instructions);
  return true;
}

// What is not in the log does not boot: what that takes.
bool MeasureReceipts() {
  std::printf(
      "\n| board | algorithm | text: without | with a receipt | more "
      "| instructions: without | with |\n|---|---|--:|--:|--:|--:|--:|\n");
  for (const char* board : {"mps2-an505", "mps2-an521"}) {
    for (const AlgorithmTraits& traits : image::kAlgorithms) {
      if (!MeasureReceipt(board, traits)) return false;
    }
  }
  return true;
}

}  // namespace
}  // namespace bootseal::tests

int main(int argc, char** argv) {
  using namespace bootseal::tests;
  if (argc == 2 && std::strcmp(argv[1], "--receipts") == 0) {
    return MeasureReceipts() ? 0 : 1;
  }
  if (argc != 1) {
    std::fprintf(stderr, "usage: boot_figures [--receipts]\n");
    return 2;
  }
  return MeasureBesideMcuboot() && MeasureAll() && MeasureStrategies() &&
                 MeasureReceipts()
             ? 0
             : 1;
}
