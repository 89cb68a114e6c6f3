// By a GPT: metadata by the names of its partitions, as TF-A and the update
// agent find it, banks by their unique GUIDs.
#include "firmware/boards/second_stage.h"
#include "firmware/image/gpt/gpt.h"
#include "firmware/second_stage/placement.h"

namespace bootseal::second_stage {
namespace {

using image::Error;
using image::MutableBytes;
using image::Result;
using image::gpt::Partition;
using image::gpt::Table;

class Card final : public image::gpt::Disk {
 public:
  std::uint64_t sectors() const override { return sectors_; }
  void resize(std::uint64_t sectors) { sectors_ = sectors; }

  Error Read(std::uint64_t sector, MutableBytes buffer) override {
    return ReadArea({sector, image::gpt::kSectorBytes}, 0, buffer);
  }

 private:
  std::uint64_t sectors_ = 0;
};

static_assert(image::gpt::kSectorBytes == boards::kBlockBytes);

constinit Card card;
constinit Table table;

Result<Area> AreaOf(const Result<Partition>& partition) {
  if (!partition.ok()) return partition.error();
  return Area{partition->first, partition->bytes()};
}

constexpr std::byte kPrimaryName[] = {
    std::byte{'m'}, std::byte{'e'}, std::byte{'t'},
    std::byte{'a'}, std::byte{'d'}, std::byte{'a'},
    std::byte{'t'}, std::byte{'a'}, std::byte{'1'}};
constexpr std::byte kSecondaryName[] = {
    std::byte{'m'}, std::byte{'e'}, std::byte{'t'},
    std::byte{'a'}, std::byte{'d'}, std::byte{'a'},
    std::byte{'t'}, std::byte{'a'}, std::byte{'2'}};

}  // namespace

Result<Opened> OpenPlacement() {
  const Result<std::uint64_t> blocks = boards::OpenStorage();
  if (!blocks.ok()) return blocks.error();
  card.resize(*blocks);
  const Result<Table> opened = Table::Open(card);
  if (!opened.ok()) return opened.error();
  table = *opened;
  return Opened{table.primary_error()};
}

Result<Area> AreaOf(image::fwu::Replica replica) {
  const bool primary = replica == image::fwu::Replica::kPrimary;
  return AreaOf(table.FindByName(
      card, primary ? image::Bytes(kPrimaryName) : kSecondaryName));
}

Result<Area> AreaOf(const image::Guid& guid) {
  return AreaOf(table.FindByUnique(card, guid));
}

}  // namespace bootseal::second_stage
