#include "server/trust/text.h"

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/io/tokenizer.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "google/protobuf/text_format.h"
#include "google/protobuf/wrappers.pb.h"

namespace bootseal::trust {
namespace {

using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

class Collector final : public google::protobuf::io::ErrorCollector {
 public:
  explicit Collector(Problems& problems) : problems_(problems) {}

  void AddError(int line, google::protobuf::io::ColumnNumber column,
                const std::string& message) override {
    problems_.push_back(
        absl::StrCat("line ", line + 1, ":", column + 1, ": ", message));
  }
  // The parser warns of what it was told to read over: unknown fields.
  void AddWarning(int line, google::protobuf::io::ColumnNumber column,
                  const std::string& message) override {
    AddError(line, column, message);
  }

 private:
  Problems& problems_;
};

std::string ValuesOf(const EnumDescriptor& type) {
  std::vector<std::string> names;
  for (int i = 0; i < type.value_count(); ++i) {
    if (type.value(i)->number() != 0) names.push_back(type.value(i)->name());
  }
  return absl::StrJoin(names, ", ");
}

void CheckEnum(const FieldDescriptor& type, int number, const Field& field) {
  if (type.enum_type()->FindValueByNumber(number) != nullptr) return;
  field.Report(absl::StrCat("no value has the number ", number,
                            "; known: ", ValuesOf(*type.enum_type())));
}

void CheckEnums(const Message& message, const Field& here);

void CheckRepeated(const Message& message, const FieldDescriptor& type,
                   const Field& here) {
  const Reflection& reflection = *message.GetReflection();
  for (int i = 0; i < reflection.FieldSize(message, &type); ++i) {
    const Field field = here.At(type.name(), i);
    if (type.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      CheckEnums(reflection.GetRepeatedMessage(message, &type, i), field);
    }
    if (type.cpp_type() == FieldDescriptor::CPPTYPE_ENUM) {
      CheckEnum(type, reflection.GetRepeatedEnumValue(message, &type, i),
                field);
    }
  }
}

// The text format takes any number for an enum of proto3.
void CheckEnums(const Message& message, const Field& here) {
  const Reflection& reflection = *message.GetReflection();
  std::vector<const FieldDescriptor*> present;
  reflection.ListFields(message, &present);
  for (const FieldDescriptor* type : present) {
    if (type->is_repeated()) {
      CheckRepeated(message, *type, here);
      continue;
    }
    const Field field = here.At(type->name());
    if (type->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      CheckEnums(reflection.GetMessage(message, type), field);
    }
    if (type->cpp_type() == FieldDescriptor::CPPTYPE_ENUM) {
      CheckEnum(*type, reflection.GetEnumValue(message, type), field);
    }
  }
}

}  // namespace

Syntax ParseText(absl::string_view textproto, Message& message,
                 Problems& problems) {
  const std::size_t before = problems.size();
  Collector collector(problems);
  google::protobuf::TextFormat::Parser parser;
  parser.RecordErrorsTo(&collector);
  parser.AllowUnknownField(true);
  parser.SetRecursionLimit(16);
  google::protobuf::io::ArrayInputStream stream(
      textproto.data(), static_cast<int>(textproto.size()));
  if (!parser.Parse(&stream, &message)) return Syntax::kBroken;
  // "\377" in a string is not UTF-8: such a message could never be sent.
  const std::unique_ptr<Message> copy(message.New());
  if (!copy->ParseFromString(message.SerializeAsString())) {
    problems.push_back("a string is not UTF-8");
  }
  CheckEnums(message, Field(problems));
  return problems.size() == before ? Syntax::kGood : Syntax::kUnderstood;
}

bool IsText(absl::string_view text) {
  google::protobuf::StringValue value;
  value.set_value(std::string(text));
  return google::protobuf::StringValue().ParseFromString(
      value.SerializeAsString());
}

}  // namespace bootseal::trust
