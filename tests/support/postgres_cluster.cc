#include "tests/support/postgres_cluster.h"

#include <libpq-fe.h>
#include <pwd.h>
#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace bootseal::tests {
namespace {

namespace fs = std::filesystem;

constexpr char kUser[] = "bootseal";
// With what a connection text has to quote.
constexpr char kPassword[] = "it's a \\ test";
constexpr std::chrono::seconds kStartLimit(60);
constexpr std::chrono::seconds kStopLimit(30);

[[noreturn]] void Die(const std::string& what) {
  std::fprintf(stderr, "test cluster: %s\n", what.c_str());
  std::abort();
}

// Debian keeps each version's programs in a folder of its own.
std::string Program(const std::string& name) {
  std::string newest;
  std::error_code none;
  for (const auto& each : fs::directory_iterator("/usr/lib/postgresql", none)) {
    const std::string path = each.path() / "bin" / name;
    if (fs::exists(path) && path > newest) newest = path;
  }
  return newest.empty() ? name : newest;
}

const passwd* Account() {
  for (const char* name : {"postgres", "nobody"}) {
    if (const passwd* found = getpwnam(name)) return found;
  }
  Die("no user postgres or nobody");
}

void Write(const std::string& path, const std::string& content) {
  std::ofstream(path) << content << "\n";
  fs::permissions(path, fs::perms::owner_read | fs::perms::owner_write);
}

std::vector<pid_t> ChildrenOf(pid_t parent) {
  std::ifstream file(
      absl::StrCat("/proc/", parent, "/task/", parent, "/children"));
  std::vector<pid_t> children;
  for (pid_t child = 0; file >> child;) children.push_back(child);
  return children;
}

}  // namespace

PostgresCluster::PostgresCluster(std::vector<std::string> settings)
    : settings_(std::move(settings)) {
  MakeHome();
  const std::string home = folder_.File("cluster");
  const Outcome made =
      Run(AsServer({Program("initdb"), "-D", home + "/data", "-U", kUser,
                    "--pwfile", home + "/password", "-A", "scram-sha-256",
                    "--no-sync", "-E", "UTF8", "--locale=C"}));
  if (made.exit_code != 0) Die(made.err);
  Start();
}

PostgresCluster::PostgresCluster(PostgresCluster& primary,
                                 const std::string& name) {
  MakeHome();
  const std::string data = folder_.File("cluster/data");
  const Outcome made =
      Run(AsServer({Program("pg_basebackup"), "-D", data, "-R", "--no-sync",
                    "-c", "fast", "-d",
                    absl::StrCat(primary.OpenConnection("postgres"),
                                 " application_name=", name)}));
  if (made.exit_code != 0) Die(made.err);
  Start();
}

void PostgresCluster::MakeHome() {
  const std::string home = folder_.File("cluster");
  fs::create_directory(home);
  Write(password_path(), kPassword);
  Write(home + "/password", kPassword);
  if (geteuid() == 0) {
    const passwd* account = Account();
    // Others may pass, not look.
    fs::permissions(folder_.path(), fs::perms(0711));
    for (const std::string& path : {home, home + "/password"}) {
      if (chown(path.c_str(), account->pw_uid, account->pw_gid) != 0) {
        Die("chown " + path);
      }
    }
  }
}

PostgresCluster::~PostgresCluster() {
  if (server_) Thaw();
  if (server_) End(SIGQUIT);
}

std::vector<std::string> PostgresCluster::AsServer(
    std::vector<std::string> command) const {
  if (geteuid() != 0) return command;
  const passwd* account = Account();
  // A change of user clears what kills a child with its parent.
  std::vector<std::string> wrapped{"setpriv",
                                   absl::StrCat("--reuid=", account->pw_uid),
                                   absl::StrCat("--regid=", account->pw_gid),
                                   "--clear-groups", "--pdeathsig=QUIT"};
  wrapped.insert(wrapped.end(), command.begin(), command.end());
  return wrapped;
}

void PostgresCluster::Start() {
  const std::string home = folder_.File("cluster");
  std::vector<std::string> command{
      Program("postgres"), "-D", home + "/data", "-k", home, "-h", ""};
  for (const std::string& setting : settings_) {
    command.insert(command.end(), {"-c", setting});
  }
  server_ = std::make_unique<Background>(AsServer(command), Environment(),
                                         folder_.File("server.log"));
  const auto deadline = std::chrono::steady_clock::now() + kStartLimit;
  while (PQping(Connection("postgres").c_str()) != PQPING_OK) {
    if (std::chrono::steady_clock::now() > deadline) {
      std::ifstream log(folder_.File("server.log"));
      std::stringstream text;
      text << log.rdbuf();
      Die(text.str());
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

void PostgresCluster::End(int number) {
  server_->Signal(number);
  if (server_->Wait(kStopLimit) == -1) Die("the server does not end");
  server_.reset();
}

void PostgresCluster::Stop() { End(SIGINT); }
void PostgresCluster::Crash() { End(SIGQUIT); }

// The server first, so that it starts nobody new.
void PostgresCluster::Freeze() {
  server_->Signal(SIGSTOP);
  for (const pid_t child : ChildrenOf(server_->pid())) kill(child, SIGSTOP);
}

void PostgresCluster::Thaw() {
  for (const pid_t child : ChildrenOf(server_->pid())) kill(child, SIGCONT);
  server_->Signal(SIGCONT);
}

void PostgresCluster::UseTls(const std::string& certificate,
                             const std::string& key) {
  const std::string data = folder_.File("cluster/data/");
  for (const auto& [from, to] : {std::pair(certificate, data + "server.crt"),
                                 std::pair(key, data + "server.key")}) {
    fs::copy_file(from, to, fs::copy_options::overwrite_existing);
    fs::permissions(to, fs::perms::owner_read | fs::perms::owner_write);
    const passwd* account = geteuid() == 0 ? Account() : getpwuid(geteuid());
    if (chown(to.c_str(), account->pw_uid, account->pw_gid) != 0) Die(to);
  }
  Execute(OpenConnection("postgres"), "ALTER SYSTEM SET ssl = on");
  Execute(OpenConnection("postgres"), "SELECT pg_reload_conf()");
}

void PostgresCluster::Promote() {
  Execute(OpenConnection("postgres"), "SELECT pg_promote()");
}

std::string PostgresCluster::NewDatabase() {
  const std::string name = absl::StrCat("log", ++databases_);
  Execute(OpenConnection("postgres"), "CREATE DATABASE " + name);
  return Connection(name);
}

std::string PostgresCluster::Connection(const std::string& database) const {
  std::string text = absl::StrCat("host=", folder_.File("cluster"),
                                  " user=", kUser, " dbname=", database);
  for (const std::string& setting : settings_) {
    if (absl::StartsWith(setting, "port="))
      absl::StrAppend(&text, " ", setting);
  }
  return text;
}

std::string PostgresCluster::OpenConnection(const std::string& database) const {
  return absl::StrCat(Connection(database), " password='it\\'s a \\\\ test'");
}

std::string PostgresCluster::Execute(const std::string& connection,
                                     const std::string& sql) const {
  const Outcome done = Run({Program("psql"), "-X", "-q", "-A", "-t", "-v",
                            "ON_ERROR_STOP=1", "-c", sql, connection},
                           {{"PGPASSWORD", kPassword}});
  if (done.exit_code != 0) Die(done.err);
  return done.out;
}

}  // namespace bootseal::tests
