#include "tests/support/replicas.h"

#include <google/protobuf/text_format.h>
#include <signal.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>

#include "absl/strings/str_cat.h"

namespace bootseal::tests {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void Die(const std::string& what) {
  std::fprintf(stderr, "test replicas: %s\n", what.c_str());
  std::abort();
}

}  // namespace

Replicas::Replicas(ServerFixture& fixture, PostgresCluster& cluster,
                   std::size_t count)
    : fixture_(fixture),
      connection_(cluster.NewDatabase()),
      password_path_(cluster.password_path()),
      replicas_(count) {
  fixture_.WritePolicy();
  for (std::size_t i = 0; i < count; ++i) {
    CopyToken(i);
    WriteConfig(i);
  }
}

std::string Replicas::File(std::size_t index, const std::string& name) const {
  return fixture_.folder().File(absl::StrCat("replica-", index, name));
}

void Replicas::CopyToken(std::size_t index) {
  const std::string objects = File(index, "-objects");
  fs::copy(fixture_.token().objects_path(), objects,
           fs::copy_options::recursive);
  std::ofstream(File(index, "-softhsm2.conf"))
      << "directories.tokendir = " << objects
      << "\nobjectstore.backend = file\nlog.level = ERROR\n";
  replicas_[index].environment["SOFTHSM2_CONF"] = File(index, "-softhsm2.conf");
}

void Replicas::WriteConfig(std::size_t index) {
  v1::ServerConfig config = fixture_.config();
  config.set_listen(address(index));
  config.clear_port_file();
  v1::Postgres& postgres = *config.mutable_log()->mutable_postgres();
  postgres.set_connection(connection_);
  postgres.set_password_path(password_path_);
  std::string text;
  google::protobuf::TextFormat::PrintToString(config, &text);
  std::ofstream(File(index, ".textproto")) << text;
}

void Replicas::Start(std::size_t index) {
  // What an earlier process wrote must not be taken for this one's.
  fs::remove(File(index, ".log"));
  Replica& replica = replicas_[index];
  replica.process = std::make_unique<Background>(
      std::vector<std::string>{ServerFixture::program(), "--config",
                               File(index, ".textproto")},
      replica.environment, File(index, ".log"));
}

bool Replicas::AwaitListening(std::size_t index,
                              std::chrono::seconds limit) const {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  while (Log(index).find(" listening ") == std::string::npos) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return true;
}

void Replicas::StartAll() {
  for (std::size_t i = 0; i < size(); ++i) Start(i);
  for (std::size_t i = 0; i < size(); ++i) {
    if (!AwaitListening(i)) Die(Log(i));
  }
}

void Replicas::Kill(std::size_t index) {
  Background& running = process(index);
  running.Signal(SIGKILL);
  running.Wait(std::chrono::seconds(10));
}

std::string Replicas::Log(std::size_t index) const {
  std::ifstream in(File(index, ".log"), std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::string Replicas::address(std::size_t index) const {
  return replicas_[index].port.address();
}

std::string Replicas::addresses() const {
  std::string all;
  for (std::size_t i = 0; i < size(); ++i) {
    absl::StrAppend(&all, i == 0 ? "" : ",", address(i));
  }
  return all;
}

Environment Replicas::ClientEnvironment(const std::string& caller) const {
  Environment environment = fixture_.ClientEnvironment(caller);
  environment["BOOTSEAL_SERVER"] = addresses();
  return environment;
}

}  // namespace bootseal::tests
