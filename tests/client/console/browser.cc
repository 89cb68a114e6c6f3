#include "tests/client/console/browser.h"

#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>
#include <httplib.h>
#include <signal.h>

#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>
#include <thread>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "client/cli/json.h"

namespace bootseal::tests {
namespace {

using cli::Json;
using google::protobuf::Struct;
using google::protobuf::Value;

constexpr std::chrono::milliseconds kPause(50);

std::string Quoted(const std::string& text) { return Json::Text(text).text(); }

// Ends with chromedriver, however that ends.
std::string WriteProgram(const std::string& folder) {
  const std::string path = folder + "/browser";
  std::ofstream(path) << "#!/bin/sh\n"
                         "exec setpriv --pdeathsig KILL chromium \"$@\"\n";
  std::filesystem::permissions(path, std::filesystem::perms::owner_all);
  return path;
}

// Unsandboxed: tests run as root too, and open nothing but our own pages.
std::string Capabilities(const std::string& folder) {
  std::vector<Json> arguments;
  for (const std::string& argument :
       {std::string("--headless=new"), std::string("--no-sandbox"),
        std::string("--disable-gpu"), std::string("--disable-dev-shm-usage"),
        std::string("--no-first-run"), std::string("--disable-sync"),
        std::string("--disable-background-networking"),
        std::string("--disable-component-update"),
        std::string("--window-size=1100,900"),
        absl::StrCat("--user-data-dir=", folder, "/profile")}) {
    arguments.push_back(Json::Text(argument));
  }
  return absl::StrCat(
      "{\"capabilities\":{\"alwaysMatch\":{\"browserName\":\"chrome\","
      "\"goog:chromeOptions\":{\"binary\":",
      Quoted(WriteProgram(folder)), ",\"args\":", Json::Array(arguments).text(),
      "}}}}");
}

Value ValueOf(const std::string& body) {
  Struct reply;
  EXPECT_TRUE(google::protobuf::util::JsonStringToMessage(body, &reply).ok())
      << body;
  const auto found = reply.fields().find("value");
  return found == reply.fields().end() ? Value() : found->second;
}

std::string TextOfValue(const Value& value) {
  switch (value.kind_case()) {
    case Value::kStringValue:
      return value.string_value();
    case Value::kNumberValue:
      return absl::StrCat(value.number_value());
    case Value::kBoolValue:
      return value.bool_value() ? "true" : "";
    default:
      return "";
  }
}

}  // namespace

Browser::Browser(const std::string& folder) {
  const std::string log = folder + "/chromedriver.log";
  driver_ = std::make_unique<Background>(
      std::vector<std::string>{"chromedriver", "--port=0"},
      Environment{{"HOME", folder},
                  {"TMPDIR", folder},
                  {"XDG_CONFIG_HOME", folder},
                  {"XDG_CACHE_HOME", folder}},
      log);
  port_ = WaitForPort(log);
  const Value session = Command("POST", "/session", Capabilities(folder));
  session_ = TextOfValue(session.struct_value().fields().at("sessionId"));
}

Browser::~Browser() {
  if (!session_.empty()) Command("DELETE", "");
  driver_->Signal(SIGTERM);
  driver_->Wait(std::chrono::seconds(5));
}

int Browser::WaitForPort(const std::string& log) const {
  static const std::regex kPort("started successfully on port ([0-9]+)");
  for (int i = 0; i < 400; ++i) {
    std::ifstream file(log);
    std::ostringstream text;
    text << file.rdbuf();
    std::smatch match;
    const std::string content = text.str();
    if (std::regex_search(content, match, kPort)) return std::stoi(match[1]);
    std::this_thread::sleep_for(kPause);
  }
  ADD_FAILURE() << "chromedriver does not start";
  return 0;
}

Value Browser::Command(const std::string& method, const std::string& path,
                       const std::string& body) {
  httplib::Client http("127.0.0.1", port_);
  http.set_read_timeout(60);
  httplib::Request request;
  request.method = method;
  request.path =
      session_.empty() ? path : absl::StrCat("/session/", session_, path);
  if (method == "POST") {
    request.body = body;
    request.set_header("Content-Type", "application/json");
  }
  const httplib::Result result = http.send(request);
  if (!result) {
    ADD_FAILURE() << path << ": chromedriver does not answer";
    return Value();
  }
  EXPECT_EQ(result->status, 200) << path << "\n" << result->body;
  return ValueOf(result->body);
}

void Browser::Open(const std::string& address) {
  Command("POST", "/url", absl::StrCat("{\"url\":", Quoted(address), "}"));
}

std::string Browser::Run(const std::string& script) {
  return TextOfValue(
      Command("POST", "/execute/sync",
              absl::StrCat("{\"args\":[],\"script\":", Quoted(script), "}")));
}

bool Browser::WaitFor(const std::string& script, std::chrono::seconds limit) {
  const auto end = std::chrono::steady_clock::now() + limit;
  while (Run(script).empty()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(kPause);
  }
  return true;
}

std::string Browser::TextOf(const std::string& selector) {
  return Run(absl::StrCat("const e = document.querySelector(", Quoted(selector),
                          "); return e ? e.innerText : '';"));
}

bool Browser::WaitForText(const std::string& selector,
                          const std::string& text) {
  return WaitFor(
      absl::StrCat("const e = document.querySelector(", Quoted(selector),
                   "); return e && e.innerText.includes(", Quoted(text), ");"));
}

void Browser::Press(const std::vector<std::string>& keys) {
  std::string actions;
  for (const std::string& key : keys) {
    for (const char* type : {"keyDown", "keyUp"}) {
      absl::StrAppend(&actions, actions.empty() ? "" : ",", "{\"type\":\"",
                      type, "\",\"value\":", Quoted(key), "}");
    }
  }
  Command("POST", "/actions",
          absl::StrCat("{\"actions\":[{\"type\":\"key\",\"id\":\"k\","
                       "\"actions\":[",
                       actions, "]}]}"));
}

void Browser::Type(const std::string& text) {
  std::vector<std::string> keys;
  for (const char letter : text) keys.emplace_back(1, letter);
  Press(keys);
}

std::string Browser::Find(const std::string& selector) {
  const Value element = Command(
      "POST", "/element",
      absl::StrCat("{\"using\":\"css selector\",\"value\":", Quoted(selector),
                   "}"));
  const auto& fields = element.struct_value().fields();
  EXPECT_EQ(fields.size(), 1U) << selector;
  return fields.size() == 1 ? TextOfValue(fields.begin()->second) : "";
}

void Browser::Click(const std::string& selector) {
  Command("POST", absl::StrCat("/element/", Find(selector), "/click"));
}

void Browser::TypeInto(const std::string& selector, const std::string& text) {
  Command("POST", absl::StrCat("/element/", Find(selector), "/value"),
          absl::StrCat("{\"text\":", Quoted(text), "}"));
}

Value Browser::DevTools(const std::string& command,
                        const std::string& parameters) {
  return Command("POST", "/goog/cdp/execute",
                 absl::StrCat("{\"cmd\":", Quoted(command),
                              ",\"params\":", parameters, "}"));
}

void Browser::Resize(int width, int height) {
  DevTools("Emulation.setDeviceMetricsOverride",
           absl::StrCat("{\"width\":", width, ",\"height\":", height,
                        ",\"deviceScaleFactor\":1,\"mobile\":false}"));
}

void Browser::PreferDark() {
  DevTools("Emulation.setEmulatedMedia",
           "{\"features\":[{\"name\":\"prefers-color-scheme\","
           "\"value\":\"dark\"}]}");
}

void Browser::BeforeEveryPage(const std::string& script) {
  DevTools("Page.addScriptToEvaluateOnNewDocument",
           absl::StrCat("{\"source\":", Quoted(script), "}"));
}

void Browser::Screenshot(const std::string& path) {
  const Value reply =
      DevTools("Page.captureScreenshot", "{\"captureBeyondViewport\":true}");
  std::string png;
  const auto& fields = reply.struct_value().fields();
  const auto data = fields.find("data");
  ASSERT_NE(data, fields.end());
  ASSERT_TRUE(absl::Base64Unescape(data->second.string_value(), &png));
  std::ofstream(path, std::ios::binary) << png;
}

}  // namespace bootseal::tests
