#include "tests/qemu/on_board.h"

#include "tests/qemu/debugger.h"

namespace bootseal::tests {

OnBoard::OnBoard()
    : device_(image::Algorithm::kP256),
      bench_(device_, GetParam()),
      image_(device_.Seal(Payload(GetParam()))) {}

std::uint32_t OnBoard::Symbol(const std::string& name) const {
  return AddressOf(bench_.elf(), name);
}

std::string ShortName(const testing::TestParamInfo<std::string>& board) {
  return board.param.substr(board.param.find('-') + 1);
}

}  // namespace bootseal::tests
