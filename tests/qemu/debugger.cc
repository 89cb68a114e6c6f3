#include "tests/qemu/debugger.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <sstream>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "tests/support/process.h"

namespace bootseal::tests {
namespace {

constexpr int kLimit = 20'000;  // milliseconds
// Of one command or answer, which has at most 4096 characters.
constexpr std::size_t kMostBytes = 1024;
constexpr std::uint16_t kLoop = 0xe7fe;  // b .

std::string LittleEndian(std::uint32_t value, std::size_t width) {
  std::string bytes;
  for (std::size_t i = 0; i < width; ++i) {
    bytes += static_cast<char>(value >> (8 * i));
  }
  return bytes;
}

std::uint32_t NumberIn(const std::string& bytes) {
  std::uint32_t value = 0;
  for (std::size_t i = bytes.size(); i > 0; --i) {
    value = value << 8 | static_cast<std::uint8_t>(bytes[i - 1]);
  }
  return value;
}

std::string FromHex(const std::string& hex) {
  return absl::HexStringToBytes(hex);
}

std::string ToHex(const std::string& bytes) {
  return absl::BytesToHexString(bytes);
}

bool IsReadable(int descriptor, int limit) {
  pollfd ready{descriptor, POLLIN, 0};
  return poll(&ready, 1, limit) == 1;
}

// Where QEMU comes to: it is the client, so there is nothing to wait for but
// its connection.
int ListenAt(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof(address.sun_path) - 1);
  const int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  EXPECT_EQ(bind(listener, reinterpret_cast<const sockaddr*>(&address),
                 sizeof(address)),
            0)
      << path;
  EXPECT_EQ(listen(listener, 1), 0);
  return listener;
}

std::string Words(std::initializer_list<std::uint16_t> code) {
  std::string bytes;
  for (const std::uint16_t half : code) bytes += LittleEndian(half, 2);
  return bytes;
}

}  // namespace

std::uint32_t AddressOf(const std::string& elf, const std::string& name) {
  std::istringstream lines(Run({"arm-none-eabi-nm", "--demangle", elf}).out);
  std::uint32_t found = 0;
  for (std::string line; std::getline(lines, line);) {
    // "10000058 T Reset"
    if (line.size() < 11 || line.compare(11, name.size(), name) != 0) continue;
    EXPECT_EQ(found, 0U) << name << " is not the only one in " << elf;
    found = static_cast<std::uint32_t>(std::stoul(line, nullptr, 16));
  }
  EXPECT_NE(found, 0U) << "no " << name << " in " << elf;
  return found & ~1U;
}

Debugger::Debugger(Boot boot) : elf_(boot.elf) {
  const std::string path = folder_.File("gdb");
  const int listener = ListenAt(path);
  for (const std::string& option :
       {std::string("-S"), std::string("-chardev"),
        "socket,id=gdb,path=" + path, std::string("-gdb"),
        std::string("chardev:gdb")}) {
    boot.options.push_back(option);
  }
  board_ = std::make_unique<Emulator>(boot);
  if (IsReadable(listener, kLimit)) {
    connection_ = accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
  }
  close(listener);
  EXPECT_GE(connection_, 0) << board_->Uart("\n", std::chrono::seconds(0));
  // Whoever asks for this may ask for single registers.
  Ask("qXfer:features:read:target.xml:0,ffb");
}

Debugger::~Debugger() {
  if (connection_ >= 0) close(connection_);
}

void Debugger::Send(const std::string& command) {
  unsigned sum = 0;
  for (const char c : command) sum += static_cast<std::uint8_t>(c);
  const std::string packet = absl::StrFormat("$%s#%02x", command, sum & 0xff);
  const auto size = static_cast<ssize_t>(packet.size());
  if (send(connection_, packet.data(), packet.size(), MSG_NOSIGNAL) != size) {
    alive_ = false;
  }
}

// "$content#xx", between acknowledgements.
std::optional<std::string> Debugger::Reply(int limit_milliseconds) {
  for (;;) {
    const std::size_t begin = received_.find('$');
    const std::size_t end = received_.find('#', begin);
    if (end != std::string::npos && received_.size() >= end + 3) {
      std::string content = received_.substr(begin + 1, end - begin - 1);
      received_.erase(0, end + 3);
      send(connection_, "+", 1, MSG_NOSIGNAL);
      return content;
    }
    char chunk[4096];
    if (!IsReadable(connection_, limit_milliseconds)) return std::nullopt;
    const ssize_t size = recv(connection_, chunk, sizeof(chunk), 0);
    if (size <= 0) {
      alive_ = false;
      return std::nullopt;
    }
    received_.append(chunk, static_cast<std::size_t>(size));
  }
}

std::string Debugger::Ask(const std::string& command) {
  Send(command);
  const std::optional<std::string> reply = Reply(kLimit);
  EXPECT_TRUE(reply) << "no answer to " << command.substr(0, 40);
  const std::string answer = reply.value_or("");
  EXPECT_FALSE(answer.size() == 3 && answer[0] == 'E')
      << command << ": " << answer;
  return answer;
}

std::uint32_t Debugger::Get(unsigned core_register) {
  return NumberIn(FromHex(Ask(absl::StrFormat("p%x", core_register))));
}

void Debugger::Set(unsigned core_register, std::uint32_t value) {
  Ask(absl::StrFormat("P%x=%s", core_register, ToHex(LittleEndian(value, 4))));
}

std::uint32_t Debugger::Word(std::uint32_t address) {
  return NumberIn(Read(address, 4));
}

std::string Debugger::Read(std::uint32_t address, std::size_t size) {
  std::string bytes;
  while (bytes.size() < size) {
    const std::string more = FromHex(
        Ask(absl::StrFormat("m%x,%x", address + bytes.size(),
                            std::min(kMostBytes, size - bytes.size()))));
    if (more.empty()) break;
    bytes += more;
  }
  EXPECT_EQ(bytes.size(), size);
  return bytes;
}

void Debugger::Write(std::uint32_t address, const std::string& bytes) {
  for (std::size_t at = 0; at < bytes.size(); at += kMostBytes) {
    const std::string part = bytes.substr(at, kMostBytes);
    Ask(absl::StrFormat("M%x,%x:%s", address + at, part.size(), ToHex(part)));
  }
}

void Debugger::BreakAt(std::uint32_t address) {
  Ask(absl::StrFormat("Z0,%x,2", address));
}

bool Debugger::RunTo(std::uint32_t address) {
  BreakAt(address);
  Go();
  const bool came = Reply(kLimit).has_value();
  if (!came && alive_) Halt();
  if (!alive_) return false;
  Ask(absl::StrFormat("z0,%x,2", address));
  return came && Get(kPc) == address;
}

void Debugger::RunFor(std::chrono::milliseconds time) {
  Go();
  if (!Reply(static_cast<int>(time.count())) && alive_) Halt();
}

void Debugger::Step() { Ask("s"); }

void Debugger::Skip() {
  const std::uint32_t at = Get(kPc);
  const bool wide = (Word(at) >> 11 & 0x1f) >= 0x1d;
  Set(kPc, at + (wide ? 4 : 2));
  // An IT block goes on with its next condition (ARM DDI 0553, ITSTATE).
  const std::uint32_t xpsr = Get(kXpsr);
  std::uint32_t it = (xpsr >> 8 & 0xfc) | (xpsr >> 25 & 3);
  it = (it & 7) == 0 ? 0 : (it & 0xe0) | (it << 1 & 0x1f);
  constexpr std::uint32_t kIt = 0x0600fc00;
  Set(kXpsr, (xpsr & ~kIt) | (it & 0xfc) << 8 | (it & 3) << 25);
}

void Debugger::Reset() { Ask("qRcmd," + ToHex("system_reset")); }

void Debugger::Go() { Send("c"); }

void Debugger::Halt() {
  send(connection_, "\x03", 1, MSG_NOSIGNAL);
  EXPECT_TRUE(Reply(kLimit)) << "QEMU does not halt";
}

std::string Debugger::RunToRefusal(std::size_t from) {
  EXPECT_TRUE(RunTo(AddressOf(elf_, "bootseal::arch::Stop()"))) << Uart();
  return UartSince(from, "bootseal: refused");
}

void Debugger::Inject(std::initializer_list<std::uint16_t> code,
                      std::uint32_t r0, std::uint32_t r1) {
  if (scratch_ == 0) scratch_ = AddressOf(elf_, "Reset");
  Write(scratch_, Words(code) + Words({kLoop}));
  Set(kR0, r0);
  Set(kR0 + 1, r1);
  Set(kPc, scratch_);
}

std::uint32_t Debugger::Execute(std::initializer_list<std::uint16_t> code,
                                std::uint32_t r0, std::uint32_t r1) {
  const std::string registers = Registers();
  Inject(code, r0, r1);
  const auto size = static_cast<std::uint32_t>(2 * code.size());
  EXPECT_TRUE(RunTo(scratch_ + size));
  const std::uint32_t result = Get(kR0);
  SetRegisters(registers);
  return result;
}

std::uint32_t Debugger::Get(Special special) {
  return Execute({0xf3ef, static_cast<std::uint16_t>(
                              0x8000 | static_cast<std::uint16_t>(special))});
}

void Debugger::Store(std::uint32_t address, std::uint32_t value) {
  Execute({0x6001}, address, value);  // str r1, [r0]
}

}  // namespace bootseal::tests
