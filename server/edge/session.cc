#include "server/edge/session.h"

#include <linux/sockios.h>
#include <netinet/tcp.h>
#include <openssl/pem.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <asio/buffer.hpp>
#include <asio/post.hpp>
#include <asio/write.hpp>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <utility>

#include "absl/time/clock.h"
#include "base/openssl.h"

namespace bootseal::edge {
namespace {

// One TLS record's.
constexpr std::size_t kBufferBytes = 16 << 10;
constexpr std::size_t kRecordHeaderBytes = 5;
// From the first byte to the end of HTTP/2's preface.
constexpr std::chrono::seconds kHelloPatience{10};
// For a client to take what gRPC said before it closed, and to close, too.
constexpr std::chrono::seconds kFlushPatience{20};
constexpr std::chrono::seconds kEndPatience{2};
// What gRPC said and the client did not take: more of it is not taken from
// gRPC, whose threads wait then. Long before, nothing more is asked of it.
constexpr std::size_t kMostUnread = 256 << 10;
constexpr std::size_t kMostUnheard = 64 << 10;
// To take so many bytes of what waits.
constexpr std::chrono::seconds kReadPatience{10};
constexpr int kLeastRead = 4 << 10;
// The header, the record and the client's end, and some more: the kernel may
// say that there is something to read when less than was asked for came.
constexpr int kMostLooks = 8;
// Why a connection waits.
constexpr char kManyFrames[] = "sends more than its budget";
constexpr char kManyHandshakes[] =
    "its address or all unknown ones begin too many handshakes";
// Shorter ones make more work than they save.
constexpr absl::Duration kLeastPause = absl::Milliseconds(5);
constexpr absl::Duration kLeastHandshakePause = absl::Milliseconds(50);

std::string PemOf(X509* certificate) {
  const base::BioPtr out(BIO_new(BIO_s_mem()));
  PEM_write_bio_X509(out.get(), certificate);
  const char* text = nullptr;
  const long size = BIO_get_mem_data(out.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

// OpenSSL has verified the leaf, or there is none.
Peer::Certificates CertificatesOf(SSL* tls) {
  Peer::Certificates certificates;
  X509* leaf = SSL_get0_peer_certificate(tls);
  if (leaf == nullptr) return certificates;
  certificates.leaf_pem = PemOf(leaf);
  const STACK_OF(X509)* chain = SSL_get_peer_cert_chain(tls);
  for (int i = 0; i < sk_X509_num(chain); ++i) {
    certificates.chain_pem += PemOf(sk_X509_value(chain, i));
  }
  return certificates;
}

bool ChoseHttp2(SSL* tls) {
  const unsigned char* chosen = nullptr;
  unsigned int size = 0;
  SSL_get0_alpn_selected(tls, &chosen, &size);
  return size == 2 && std::memcmp(chosen, "h2", 2) == 0;
}

// Both ends; the first has the abstract name (unix(7)).
std::optional<std::array<int, 2>> NamedPair(const std::string& name) {
  std::array<int, 2> ends{};
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0,
                 ends.data()) != 0) {
    return std::nullopt;
  }
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  name.copy(address.sun_path + 1, sizeof(address.sun_path) - 1);
  const auto size =
      static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
  if (bind(ends[0], reinterpret_cast<sockaddr*>(&address), size) == 0) {
    return ends;
  }
  const int error = errno;
  for (const int end : ends) close(end);
  errno = error;
  return std::nullopt;
}

// Of what the client says first, as far as it is known: a header, or the whole
// record of a handshake (RFC 8446, 5.1). What is none is for OpenSSL to refuse.
std::size_t FirstRecordSize(int client) {
  std::array<unsigned char, kRecordHeaderBytes> header{};
  const ssize_t got =
      recv(client, header.data(), header.size(), MSG_PEEK | MSG_DONTWAIT);
  const std::size_t size = header[3] << 8 | header[4];
  const bool known = got == static_cast<ssize_t>(header.size());
  const bool handshake = header[0] == SSL3_RT_HANDSHAKE && size <= kBufferBytes;
  return kRecordHeaderBytes + (known && handshake ? size : 0);
}

// A read would tell only once everything before it was read. Whoever speaks
// HTTP/2 closes both ways at once.
bool HasHungUp(int client) {
  tcp_info info{};
  socklen_t size = sizeof(info);
  return getsockopt(client, IPPROTO_TCP, TCP_INFO, &info, &size) == 0 &&
         info.tcpi_state != TCP_ESTABLISHED;
}

// Written, and not acknowledged by the client.
int Untaken(int client) {
  int bytes = 0;
  ioctl(client, SIOCOUTQ, &bytes);
  return bytes;
}

}  // namespace

Session::Session(asio::io_context& loop, int socket, std::string address,
                 const Parts& parts)
    : parts_(parts),
      address_(std::move(address)),
      client_(loop),
      server_(loop),
      deadline_(loop),
      pause_(loop),
      progress_(loop) {
  Error ignored;
  client_.assign(asio::ip::tcp::v4(), socket, ignored);
}

Session::~Session() {
  if (!name_.empty()) parts_.peers.Remove(name_);
}

void Session::Start(Connections::Place place) {
  place_.emplace(std::move(place));
  asio::post(client_.get_executor(), [self = shared_from_this()] {
    self->CloseAfter(kHelloPatience, Incident::kHandshake);
    self->WaitForRecord();
  });
}

void Session::WaitForRecord() {
  client_.async_wait(asio::ip::tcp::socket::wait_read,
                     [self = shared_from_this()](const Error& error) {
                       if (!error) self->Begin();
                     });
}

void Session::Begin() {
  Error ignored;
  const std::size_t wanted = FirstRecordSize(client_.native_handle());
  const bool whole =
      client_.available(ignored) >= wanted || ++looks_ == kMostLooks;
  // Probes of a balancer close without a word.
  if (!whole && HasHungUp(client_.native_handle())) return Close();
  client_.set_option(asio::socket_base::receive_low_watermark(
                         whole ? 1 : static_cast<int>(wanted)),
                     ignored);
  if (!whole) return WaitForRecord();
  ShakeHands();
}

void Session::GiveWay() {
  asio::post(client_.get_executor(), [self = shared_from_this()] {
    self->Fail(Incident::kEvicted, "others needed its place");
  });
}

void Session::ShakeHands() {
  if (!client_.is_open()) return;
  const auto take = place_->known() ? &Budgets::TakeHandshake
                                    : &Budgets::TakeStrangersHandshake;
  const absl::Duration wait = (parts_.budgets.*take)(address_, absl::Now());
  if (wait > absl::ZeroDuration()) {
    return Pause(std::max(wait, kLeastHandshakePause), kManyHandshakes,
                 &Session::ShakeHands);
  }
  tls_.emplace(client_, parts_.tls);
  tls_->async_handshake(Tls::server,
                        [self = shared_from_this()](const Error& error) {
                          if (!self->client_.is_open()) return;
                          if (!error) return self->Greet();
                          self->Fail(Incident::kHandshake, error.message());
                        });
}

void Session::Greet() {
  SSL* tls = tls_->native_handle();
  if (!ChoseHttp2(tls)) return Fail(Incident::kHandshake, "did not ask for h2");
  peer_ = std::make_shared<Peer>(address_, CertificatesOf(tls),
                                 *std::exchange(place_, std::nullopt));
  in_.resize(kBufferBytes);
  ReadFromClient();
}

void Session::ReadFromClient() {
  tls_->async_read_some(
      asio::buffer(in_.data() + filled_, in_.size() - filled_),
      [self = shared_from_this()](const Error& error, std::size_t size) {
        if (error) return self->Close();
        self->filled_ += size;
        self->PassOn();
      });
}

void Session::PassOn() {
  // Closed when what leads here was on its way already.
  if (!client_.is_open()) return;
  if (finished_) {
    filled_ = 0;
    return ReadFromClient();
  }
  unheard_ = unread_.size() > kMostUnheard;
  if (unheard_) return;
  const absl::Time now = absl::Now();
  const FrameMeter::Admission admission = meter_.Admit(
      {in_.data(), filled_},
      [&](Work work) { return parts_.budgets.Take(*peer_, work, now); });
  if (admission.broken != nullptr) {
    return Fail(Incident::kProtocol, admission.broken);
  }
  if (meter_.greeted() && !server_.is_open() && !Open()) {
    return Fail(Incident::kSystem, std::strerror(errno));
  }
  if (admission.bytes > 0) return Write(admission.bytes);
  if (admission.wait > absl::ZeroDuration()) {
    return Pause(admission.wait, kManyFrames, &Session::PassOn);
  }
  ReadFromClient();
}

void Session::Write(std::size_t bytes) {
  asio::async_write(
      server_, asio::buffer(in_.data(), bytes),
      [self = shared_from_this(), bytes](const Error& error, std::size_t) {
        // gRPC has closed: what it said before is on its way.
        if (error && !std::exchange(self->finished_, true)) {
          self->CloseAfter(kFlushPatience, Incident::kProtocol);
        }
        std::copy(
            self->in_.begin() + static_cast<std::ptrdiff_t>(bytes),
            self->in_.begin() + static_cast<std::ptrdiff_t>(self->filled_),
            self->in_.begin());
        self->filled_ -= bytes;
        self->PassOn();
      });
}

void Session::Pause(absl::Duration wait, const char* why,
                    void (Session::*next)()) {
  parts_.incidents.Report(Incident::kSlowed, address_, why);
  pause_.expires_after(absl::ToChronoMilliseconds(std::max(wait, kLeastPause)));
  pause_.async_wait([self = shared_from_this(), next](const Error& error) {
    if (error) return;
    if (HasHungUp(self->client_.native_handle())) return self->Close();
    ((*self).*next)();
  });
}

bool Session::Open() {
  const std::string name = parts_.peers.Add(peer_);
  const auto ends = NamedPair(name);
  if (!ends) {
    parts_.peers.Remove(name);
    return false;
  }
  name_ = name;
  deadline_.cancel();
  Error ignored;
  server_.assign({}, ends->front(), ignored);
  parts_.serve(ends->back());
  out_.resize(kBufferBytes);
  // A client that does not read keeps ReadFromServer from noticing.
  server_.async_wait(asio::local::stream_protocol::socket::wait_error,
                     [self = shared_from_this()](const Error& error) {
                       if (error) return;
                       self->CloseAfter(kFlushPatience, Incident::kProtocol);
                     });
  ReadFromServer();
  return true;
}

void Session::ReadFromServer() {
  server_.async_read_some(
      asio::buffer(out_),
      [self = shared_from_this()](const Error& error, std::size_t size) {
        self->ended_ = static_cast<bool>(error);
        if (self->ended_)
          return self->writing_.empty() ? self->Finish() : void();
        self->unread_.append(self->out_.data(), size);
        if (self->writing_.empty()) self->WriteToClient();
        self->full_ = self->unread_.size() >= kMostUnread;
        if (!self->full_) self->ReadFromServer();
      });
}

// A record at a time.
void Session::WriteToClient() {
  if (written_ == writing_.size()) {
    writing_ = std::exchange(unread_, {});
    written_ = 0;
  }
  if (writing_.empty()) return ended_ ? Finish() : void();
  ExpectProgress();
  tls_->async_write_some(
      asio::buffer(writing_.data() + written_, writing_.size() - written_),
      [self = shared_from_this()](const Error& failed, std::size_t size) {
        self->progress_.cancel();
        if (failed) return self->Close();
        self->written_ += size;
        self->WriteToClient();
        if (self->unread_.size() > kMostUnheard) return;
        if (std::exchange(self->full_, false)) self->ReadFromServer();
        if (std::exchange(self->unheard_, false)) self->PassOn();
      });
}

void Session::ExpectProgress() {
  progress_.expires_after(kReadPatience);
  progress_.async_wait([self = shared_from_this(),
                        before = Untaken(client_.native_handle())](
                           const Error& error) {
    if (error || !self->client_.is_open()) return;
    if (Untaken(self->client_.native_handle()) + kLeastRead > before) {
      return self->Fail(Incident::kProtocol, "does not read what it asked for");
    }
    self->ExpectProgress();
  });
}

// As gRPC's own TLS, without close_notify: HTTP/2 tells its end itself.
void Session::Finish() {
  if (!client_.is_open()) return;
  finished_ = true;
  Error ignored;
  client_.shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
  CloseAfter(kEndPatience, Incident::kProtocol);
}

void Session::Fail(Incident incident, absl::string_view what) {
  if (!client_.is_open()) return;
  parts_.incidents.Report(incident, address_, what);
  // No state of it stays in the kernel.
  Error ignored;
  client_.set_option(asio::socket_base::linger(true, 0), ignored);
  Close();
}

void Session::CloseAfter(std::chrono::seconds patience, Incident incident) {
  // A timer would keep what is closed in memory.
  if (!client_.is_open()) return;
  deadline_.expires_after(patience);
  deadline_.async_wait(
      [self = shared_from_this(), incident](const Error& error) {
        if (error) return;
        if (self->finished_) return self->Close();
        self->Fail(incident, "took too long");
      });
}

void Session::Close() {
  Error ignored;
  deadline_.cancel();
  pause_.cancel();
  progress_.cancel();
  client_.close(ignored);
  server_.close(ignored);
  place_.reset();
  if (!name_.empty()) parts_.peers.Remove(std::exchange(name_, {}));
  peer_.reset();
}

}  // namespace bootseal::edge
