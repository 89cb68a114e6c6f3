// Disturbs a bootloader in every way that README.md names, and tells which of
// them start what it refuses.
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/file.h"
#include "base/status.h"
#include "tests/glitch/campaign.h"

namespace bootseal::tests {
namespace {

constexpr std::size_t kMostBytes = 1 << 24;

struct Options {
  std::string elf;
  std::vector<std::string> ram;
  std::vector<std::string> slots;
  std::vector<std::string> load;
  std::string uart;
  std::vector<std::string> stops{"bootseal::arch::Stop()"};
  std::string permitted;
  std::uint32_t header_size = 0x400;
  Limits limits;
};

absl::StatusOr<std::uint32_t> Address(absl::string_view text) {
  std::uint32_t address = 0;
  if (!absl::SimpleHexAtoi(text, &address)) {
    return base::Invalid("NO_ADDRESS", "address",
                         absl::StrCat(text, ": expected a hexadecimal number"));
  }
  return address;
}

absl::StatusOr<Range32> Range(const std::string& text) {
  const std::pair<std::string, std::string> parts =
      absl::StrSplit(text, absl::MaxSplits(':', 1));
  ASSIGN_OR_RETURN(const std::uint32_t begin, Address(parts.first));
  ASSIGN_OR_RETURN(const std::uint32_t size, Address(parts.second));
  return Range32{begin, begin + size};
}

absl::StatusOr<Bytes32> Content(const std::string& text) {
  const std::pair<std::string, std::string> parts =
      absl::StrSplit(text, absl::MaxSplits(':', 1));
  ASSIGN_OR_RETURN(const std::uint32_t begin, Address(parts.first));
  ASSIGN_OR_RETURN(std::string bytes, base::ReadFile(parts.second, kMostBytes));
  return Bytes32{begin, std::move(bytes)};
}

absl::StatusOr<Board> BoardOf(const Options& options) {
  ASSIGN_OR_RETURN(Program program, Program::Read(options.elf));
  Board board{std::move(program), {}, {}, {}, 0, {}};
  for (const std::string& text : options.ram) {
    ASSIGN_OR_RETURN(const Range32 range, Range(text));
    board.ram.push_back(range);
  }
  for (const std::string& text : options.slots) {
    ASSIGN_OR_RETURN(const Range32 range, Range(text));
    board.slots.push_back(range);
  }
  for (const std::string& text : options.load) {
    ASSIGN_OR_RETURN(Bytes32 content, Content(text));
    board.loaded.push_back(std::move(content));
  }
  if (!options.uart.empty()) {
    ASSIGN_OR_RETURN(board.uart, Address(options.uart));
  }
  for (const std::string& name : options.stops) {
    ASSIGN_OR_RETURN(const Symbol stop, board.program.Find(name));
    board.stops.push_back(stop.address & ~1U);
  }
  return board;
}

absl::StatusOr<std::optional<Permitted>> PermittedOf(const Options& options) {
  if (options.permitted.empty()) return std::optional<Permitted>();
  ASSIGN_OR_RETURN(Bytes32 image, Content(options.permitted));
  return std::optional<Permitted>(
      PermittedImage(std::move(image), options.header_size));
}

absl::StatusOr<Report> Run(const Options& options) {
  ASSIGN_OR_RETURN(const Board board, BoardOf(options));
  ASSIGN_OR_RETURN(const std::optional<Permitted> permitted,
                   PermittedOf(options));
  return Disturb(board, permitted, options.limits);
}

int Main(int argc, char** argv) {
  Options options;
  CLI::App app(
      "Skips instructions and turns branches of a bootloader that "
      "refuses an image. Addresses and sizes are hexadecimal.");
  app.add_option("--elf", options.elf, "the bootloader, with symbols")
      ->required();
  app.add_option("--ram", options.ram, "ADDRESS:SIZE, also of devices");
  app.add_option("--slot", options.slots, "ADDRESS:SIZE")->required();
  app.add_option("--load", options.load, "ADDRESS:FILE, into a slot");
  app.add_option("--uart", options.uart, "address of a CMSDK UART");
  app.add_option("--stop", options.stops, "functions that never come back")
      ->capture_default_str();
  app.add_option("--permit", options.permitted,
                 "ADDRESS:FILE, an image that may be started there");
  app.add_option("--header-size", options.header_size, "of that image")
      ->capture_default_str();
  app.add_option("--budget", options.limits.budget,
                 "of a run, in halfwords of code")
      ->capture_default_str();
  app.add_option("--every", options.limits.every, "try one of so many")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  const absl::StatusOr<Report> report = Run(options);
  if (!report.ok()) {
    std::fprintf(stderr, "glitch: %s\n",
                 std::string(report.status().message()).c_str());
    return 2;
  }
  if (report->runs == 0) {
    std::fprintf(stderr,
                 "glitch: undisturbed, the bootloader neither stops nor starts "
                 "what is permitted: %s\n%s",
                 Text(report->end), report->log.c_str());
    return 2;
  }
  std::printf("%s", report->log.c_str());
  for (const std::string& start : report->starts) {
    std::printf("%s\n", start.c_str());
  }
  std::printf("%s\n", Summary(*report).c_str());
  return report->starts.empty() ? 0 : 1;
}

}  // namespace
}  // namespace bootseal::tests

int main(int argc, char** argv) { return bootseal::tests::Main(argc, argv); }
