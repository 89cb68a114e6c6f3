#include "tests/client/console/hostile_page.h"

#include <gtest/gtest.h>
#include <httplib.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

namespace bootseal::tests {
namespace {

// Each attack names what came of it in window.results.
constexpr char kScript[] = R"(
const base = 'http://127.0.0.1:PORT';
const ask = base + '/api/requests/SUBJECT/confirmation';
const body = '{"verdict":"approve"}';
window.results = {};
const attempt = async (name, action) => {
  try { results[name] = 'got ' + await action(); }
  catch (error) { results[name] = 'failed'; }
};
const text = async (promise) => {
  const reply = await promise;
  return `${reply.type} ${reply.status} ${await reply.text()}`;
};
(async () => {
  await attempt('read', () => text(fetch(base + '/api/requests')));
  await attempt('read page', () => text(fetch(base + '/')));
  await attempt('read with token', () => text(fetch(base + '/api/requests',
    {headers: {'Bootseal-Console-Token': 'x'}})));
  await attempt('opaque read', () => text(fetch(base + '/api/requests', {mode: 'no-cors'})));
  await attempt('post json', () => text(fetch(ask,
    {method: 'POST', body, headers: {'Content-Type': 'application/json'}})));
  await attempt('post plain', () => text(fetch(ask, {method: 'POST', body, mode: 'no-cors'})));
  await attempt('beacon', async () => navigator.sendBeacon(ask, body));
  await attempt('script', () => new Promise((done, failed) => {
    const script = document.createElement('script');
    script.src = base + '/app.js';
    script.onload = () => done('script');
    script.onerror = failed;
    document.body.append(script);
  }));
  await attempt('image', () => new Promise((done, failed) => {
    const image = new Image();
    image.onload = () => done('image');
    image.onerror = failed;
    image.src = base + '/icon.svg';
  }));
  await attempt('frame', () => new Promise((done, failed) => {
    const frame = document.createElement('iframe');
    frame.onload = () => {
      try { frame.contentWindow.document.title; done('document'); }
      catch (error) { failed(error); }
    };
    frame.src = base + '/';
    frame.name = 'framed';
    document.body.append(frame);
  }));
  const form = document.createElement('form');
  form.method = 'POST';
  form.enctype = 'text/plain';
  form.action = ask;
  form.target = 'framed';
  const input = document.createElement('input');
  input.name = '{"verdict":"approve","x":"';
  input.value = '"}';
  form.append(input);
  document.body.append(form);
  form.submit();
  await attempt('window', async () => {
    const other = window.open(base + '/#/waiting');
    if (!other) throw new Error('blocked');
    await new Promise((done) => setTimeout(done, 1000));
    const title = other.document.title;
    other.close();
    return title;
  });
  await new Promise((done) => setTimeout(done, 500));
  results.over = 'yes';
})();
)";

}  // namespace

HostilePage::HostilePage(int port, const std::string& subject)
    : http_(std::make_unique<httplib::Server>()) {
  const std::string script = absl::StrReplaceAll(
      kScript, {{"PORT", absl::StrCat(port)}, {"SUBJECT", subject}});
  http_->Get("/", [script](const httplib::Request&, httplib::Response& reply) {
    reply.set_content(absl::StrCat("<!doctype html><title>hostile</title>"
                                   "<body><script>",
                                   script, "</script></body>"),
                      "text/html; charset=utf-8");
  });
  port_ = http_->bind_to_any_port("127.0.0.1");
  EXPECT_GT(port_, 0);
  thread_ = std::thread([this] { http_->listen_after_bind(); });
}

HostilePage::~HostilePage() {
  http_->stop();
  thread_.join();
}

std::string HostilePage::address() const {
  return absl::StrCat("http://127.0.0.1:", port_, "/");
}

}  // namespace bootseal::tests
