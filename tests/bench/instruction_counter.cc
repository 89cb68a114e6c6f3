// A QEMU plugin: counts executed instructions whose address lies in the
// bootloader (from begin= up to end=, by default that of the MPS2 boards), and
// writes the sum to the file named by out=. QEMU 7.2 ships no
// header for its plugin interface; these are the functions used here
// (QEMU documentation, "TCG Plugins").
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

extern "C" {

using PluginId = std::uint64_t;
struct TranslationBlock;
struct Instruction;

void qemu_plugin_register_vcpu_tb_trans_cb(PluginId,
                                           void (*)(PluginId,
                                                    TranslationBlock*));
void qemu_plugin_register_atexit_cb(PluginId, void (*)(PluginId, void*), void*);
std::size_t qemu_plugin_tb_n_insns(const TranslationBlock*);
Instruction* qemu_plugin_tb_get_insn(const TranslationBlock*, std::size_t);
std::uint64_t qemu_plugin_insn_vaddr(const Instruction*);
void qemu_plugin_register_vcpu_insn_exec_inline(Instruction*, int operation,
                                                void* counter,
                                                std::uint64_t add);

[[gnu::visibility("default")]] extern const int qemu_plugin_version = 1;
[[gnu::visibility("default")]] int qemu_plugin_install(PluginId id, const void*,
                                                       int count,
                                                       char** values);

}  // extern "C"

namespace {

std::uint64_t begin = 0x10000000;
std::uint64_t end = 0x10100000;
constexpr int kAddToCounter = 0;

std::uint64_t executed = 0;
std::string* output = nullptr;

void OnTranslated(PluginId, TranslationBlock* block) {
  for (std::size_t i = 0; i < qemu_plugin_tb_n_insns(block); ++i) {
    Instruction* instruction = qemu_plugin_tb_get_insn(block, i);
    const std::uint64_t address = qemu_plugin_insn_vaddr(instruction);
    if (address < begin || address >= end) continue;
    qemu_plugin_register_vcpu_insn_exec_inline(instruction, kAddToCounter,
                                               &executed, 1);
  }
}

void OnExit(PluginId, void*) {
  if (std::FILE* file = std::fopen(output->c_str(), "w")) {
    std::fprintf(file, "%llu", static_cast<unsigned long long>(executed));
    std::fclose(file);
  }
}

}  // namespace

int qemu_plugin_install(PluginId id, const void*, int count, char** values) {
  for (int i = 0; i < count; ++i) {
    if (std::strncmp(values[i], "out=", 4) == 0) {
      output = new std::string(values[i] + 4);
    }
    if (std::strncmp(values[i], "begin=", 6) == 0) {
      begin = std::strtoull(values[i] + 6, nullptr, 0);
    }
    if (std::strncmp(values[i], "end=", 4) == 0) {
      end = std::strtoull(values[i] + 4, nullptr, 0);
    }
  }
  if (output == nullptr) return 1;
  qemu_plugin_register_vcpu_tb_trans_cb(id, OnTranslated);
  qemu_plugin_register_atexit_cb(id, OnExit, nullptr);
  return 0;
}
