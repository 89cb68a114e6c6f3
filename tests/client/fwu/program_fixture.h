// The program as a device's scripts run it, on images of its flash.
#ifndef BOOTSEAL_TESTS_CLIENT_FWU_PROGRAM_FIXTURE_H_
#define BOOTSEAL_TESTS_CLIENT_FWU_PROGRAM_FIXTURE_H_

#include <gtest/gtest.h>
#include <jansson.h>
#include <openssl/pem.h>

#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/file.h"
#include "base/openssl.h"
#include "firmware/image/host/guid.h"
#include "tests/client/fwu/simulated_device.h"
#include "tests/support/process.h"
#include "tests/support/signing_key.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_folder.h"

namespace bootseal::fwu {

using image::fwu::BankState;

inline std::string PemOfKey() {
  const base::BioPtr bio(BIO_new(BIO_s_mem()));
  PEM_write_bio_PUBKEY(bio.get(),
                       tests::SharedKey(image::Algorithm::kP256).get());
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

struct Json {
  explicit Json(const std::string& text)
      : value(json_loads(text.c_str(), 0, nullptr)) {}
  ~Json() { json_decref(value); }
  Json(const Json&) = delete;
  Json& operator=(const Json&) = delete;
  std::string Text(const char* name) const {
    const char* text = json_string_value(json_object_get(value, name));
    return text == nullptr ? "" : text;
  }
  json_int_t Number(const char* name) const {
    return json_integer_value(json_object_get(value, name));
  }
  std::string Reason() const {
    const char* text = json_string_value(
        json_object_get(json_object_get(value, "error"), "reason"));
    return text == nullptr ? "" : text;
  }
  json_t* value;
};

class Program : public testing::TestWithParam<Kind> {
 protected:
  Program()
      : first_(MakeRelease({.minor = 1})),
        second_(MakeRelease({.minor = 2, .counter = 6})),
        device_({.kind = GetParam(),
                 .unit = GetParam() == Kind::kGpt ? 512u : 4096u}) {
    device_.Know(first_);
    device_.Know(second_);
    device_.Fill(0, first_);
    device_.Fill(1, first_);
    device_.StoreMetadata(MakeMetadata(
        device_.options(), 0, 1, {BankState::kAccepted, BankState::kAccepted}));
    Put("flash", device_.content.flash);
    Put("key.pem", PemOfKey());
    Put("counter", "5\n");
    Put("boot", "0x30\n");
    Put("first.tar", first_.bundle);
    Put("second.tar", second_.bundle);
    Put("fwu.conf", Configuration());
  }

  void Put(const std::string& name, const std::string& content) {
    ASSERT_OK(base::WriteFileAtomically(folder_.File(name), content));
  }
  std::string Flash() {
    return *base::ReadFile(folder_.File("flash"), 16 << 20);
  }

  std::string Configuration() {
    std::string text = absl::StrCat(
        "# this device\ndevice = ", folder_.File("flash"),
        "\nproduct = ", kProduct, "\nrelease-key = ", folder_.File("key.pem"),
        "\nboot-register = file:", folder_.File("boot"),
        "\nsecurity-counter = file:", folder_.File("counter"),
        "\nlock = ", folder_.File("lock"),
        "\nrecords = ", folder_.File("records"),
        "\nunit = ", device_.options().unit, "\n");
    if (GetParam() == Kind::kGpt) return text;
    const Placement& placement = device_.placement();
    absl::StrAppend(&text, "kind = raw\nmetadata-size = 4096\nmetadata = [",
                    placement.metadata[0].offset, ", ",
                    placement.metadata[1].offset, "]\nimage = [");
    for (const auto& image : placement.images) {
      absl::StrAppend(&text, image::host::FormatGuid(image.guid), "@",
                      image.range.offset, "+", image.range.size,
                      &image == &placement.images.back() ? "]\n" : ", ");
    }
    return text;
  }

  tests::Outcome Run(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {BOOTSEAL_FWU_PROGRAM, "--config",
                                         folder_.File("fwu.conf")});
    return tests::Run(arguments);
  }
  void ExpectRefusal(const std::vector<std::string>& arguments, int exit_code,
                     const std::string& reason) {
    auto with_json = arguments;
    with_json.push_back("--json");
    const tests::Outcome outcome = Run(with_json);
    EXPECT_EQ(outcome.exit_code, exit_code) << outcome.out << outcome.err;
    EXPECT_EQ(Json(outcome.out).Reason(), reason) << outcome.out << outcome.err;
  }

  // The bootloader's turn.
  void Reset() {
    device_.content.flash = Flash();
    const auto selection = device_.Boot(device_.content);
    ASSERT_TRUE(selection.has_value());
    device_.content.boot = selection->next;
    Put("boot",
        absl::StrCat(selection->next.bank | selection->next.trials << 4));
  }

  tests::TemporaryFolder folder_;
  TestRelease first_;
  TestRelease second_;
  SimulatedDevice device_;
};

inline std::string NameOfKind(const testing::TestParamInfo<Kind>& info) {
  return info.param == Kind::kGpt ? "Gpt" : "Raw";
}

}  // namespace bootseal::fwu

#endif  // BOOTSEAL_TESTS_CLIENT_FWU_PROGRAM_FIXTURE_H_
