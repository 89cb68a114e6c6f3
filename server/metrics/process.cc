#include "server/metrics/process.h"

#include <dirent.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstddef>
#include <ctime>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "base/file.h"

namespace bootseal::metrics {
namespace {

constexpr std::size_t kMaxProcBytes = 64 << 10;

// Fields of /proc/self/stat behind the program's name, which may have spaces
// and brackets of its own: the first one here is field 3, the state.
constexpr std::size_t kUserTicks = 14 - 3;
constexpr std::size_t kSystemTicks = 15 - 3;
constexpr std::size_t kThreads = 20 - 3;
constexpr std::size_t kStartTicks = 22 - 3;
constexpr std::size_t kVirtualBytes = 23 - 3;
constexpr std::size_t kResidentPages = 24 - 3;

std::string ReadProc(const char* path) {
  auto text = base::ReadFile(path, kMaxProcBytes);
  return text.ok() ? *std::move(text) : std::string();
}

double Field(std::size_t index) {
  const std::string stat = ReadProc("/proc/self/stat");
  const std::size_t name_end = stat.rfind(')');
  if (name_end == std::string::npos) return 0;
  const std::vector<std::string> fields =
      absl::StrSplit(stat.substr(name_end + 2), ' ');
  double value = 0;
  if (index >= fields.size() || !absl::SimpleAtod(fields[index], &value)) {
    return 0;
  }
  return value;
}

double Ticks() { return static_cast<double>(sysconf(_SC_CLK_TCK)); }

double CpuSeconds() {
  return (Field(kUserTicks) + Field(kSystemTicks)) / Ticks();
}

double ResidentBytes() {
  return Field(kResidentPages) * static_cast<double>(sysconf(_SC_PAGESIZE));
}

// The kernel counts from the machine's start; when that was is in /proc/stat,
// which a unit with ProcSubset=pid does not see.
double StartTime() {
  timespec since_boot{};
  clock_gettime(CLOCK_BOOTTIME, &since_boot);
  const double boot = absl::ToDoubleSeconds(
      absl::Now() - absl::UnixEpoch() - absl::DurationFromTimespec(since_boot));
  return boot + Field(kStartTicks) / Ticks();
}

double OpenDescriptors() {
  DIR* const folder = opendir("/proc/self/fd");
  if (folder == nullptr) return 0;
  double count = 0;
  while (readdir(folder) != nullptr) ++count;
  closedir(folder);
  // Not "." and "..", nor the one that was opened to look.
  return count - 3;
}

double MaxDescriptors() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  return static_cast<double>(limit.rlim_cur);
}

}  // namespace

void AddProcess(Registry& registry) {
  Family cpu = Gauge("process_cpu_seconds_total",
                     "User and system time spent, in seconds.", CpuSeconds);
  cpu.kind = Kind::kCounter;
  registry.Add(std::move(cpu));
  registry.Add(Gauge("process_resident_memory_bytes",
                     "Memory that is in RAM, in bytes.", ResidentBytes));
  registry.Add(Gauge("process_virtual_memory_bytes",
                     "Address space in use, in bytes.",
                     [] { return Field(kVirtualBytes); }));
  registry.Add(Gauge("process_open_fds", "File descriptors that are open.",
                     OpenDescriptors));
  registry.Add(Gauge("process_max_fds", "File descriptors that may be open.",
                     MaxDescriptors));
  registry.Add(Gauge("process_threads", "Threads of the process.",
                     [] { return Field(kThreads); }));
  registry.Add(Gauge("process_start_time_seconds",
                     "When the process started, in seconds since 1970.",
                     [start = StartTime()] { return start; }));
}

}  // namespace bootseal::metrics
