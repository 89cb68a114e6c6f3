// The calls that take a table are deprecated in OpenSSL 3 without a successor.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "firmware/image/host/p256_table.h"

#include <openssl/obj_mac.h>

#include <array>
#include <cstring>
#include <utility>

#include "base/mutex.h"

namespace bootseal::image::host {
namespace {

using base::BignumContextPtr;
using base::BignumPtr;
using base::EcGroupPtr;
using base::EcPointPtr;

constexpr std::size_t kCoordinate = 32;

// A table costs as much as some six hundred verifications save.
constexpr std::uint32_t kUsesWorthATable = 1024;
// Bounded, because clients bring keys.
constexpr std::size_t kMaxKeys = 16;

BignumPtr NumberOf(Bytes bytes) {
  return BignumPtr(
      BN_bin2bn(reinterpret_cast<const unsigned char*>(bytes.data()),
                static_cast<int>(bytes.size()), nullptr));
}

const EC_GROUP* Curve() {
  static const EcGroupPtr curve(
      EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1));
  return curve.get();
}

EcPointPtr PointOf(Bytes coordinates) {
  std::array<unsigned char, 1 + 2 * kCoordinate> octets{0x04};
  if (coordinates.size() != octets.size() - 1) return nullptr;
  std::memcpy(octets.data() + 1, coordinates.data(), coordinates.size());
  EcPointPtr point(EC_POINT_new(Curve()));
  if (!point || EC_POINT_oct2point(Curve(), point.get(), octets.data(),
                                   octets.size(), nullptr) != 1) {
    return nullptr;
  }
  return point;
}

bool IsScalar(const BIGNUM* number) {
  return number != nullptr && !BN_is_zero(number) &&
         BN_cmp(number, EC_GROUP_get0_order(Curve())) < 0;
}

}  // namespace

std::unique_ptr<const P256Table> P256Table::Make(Bytes point) {
  const EcPointPtr key = PointOf(point);
  EcGroupPtr group(EC_GROUP_dup(Curve()));
  const bool made = key && group &&
                    EC_GROUP_set_generator(group.get(), key.get(),
                                           EC_GROUP_get0_order(Curve()),
                                           BN_value_one()) == 1 &&
                    EC_GROUP_precompute_mult(group.get(), nullptr) == 1;
  if (!made) return nullptr;
  return std::unique_ptr<const P256Table>(new P256Table(std::move(group)));
}

// u1 G + u2 Q has r as its x coordinate modulo the order.
struct P256Table::Scalars {
  BignumPtr u1;
  BignumPtr u2;
  BignumPtr r;
};

bool P256Table::Verifies(Bytes digest, const EcdsaSignature& signature) const {
  if (digest.size() != kCoordinate) return false;
  const BIGNUM* order = EC_GROUP_get0_order(Curve());
  const BignumContextPtr context(BN_CTX_new());
  const BignumPtr e = NumberOf(digest);
  const BignumPtr s = NumberOf(signature.s);
  Scalars scalars{BignumPtr(BN_new()), BignumPtr(BN_new()),
                  NumberOf(signature.r)};
  if (!context || !e || !IsScalar(s.get()) || !IsScalar(scalars.r.get())) {
    return false;
  }
  const BignumPtr inverse(
      BN_mod_inverse(nullptr, s.get(), order, context.get()));
  return inverse && scalars.u1 && scalars.u2 &&
         BN_mod_mul(scalars.u1.get(), e.get(), inverse.get(), order,
                    context.get()) == 1 &&
         BN_mod_mul(scalars.u2.get(), scalars.r.get(), inverse.get(), order,
                    context.get()) == 1 &&
         SumMatches(scalars, context.get());
}

bool P256Table::SumMatches(const Scalars& scalars, BN_CTX* context) const {
  const EcPointPtr sum(EC_POINT_new(Curve()));
  const EcPointPtr part(EC_POINT_new(Curve()));
  const BignumPtr x(BN_new());
  return sum && part && x &&
         EC_POINT_mul(Curve(), sum.get(), scalars.u1.get(), nullptr, nullptr,
                      context) == 1 &&
         EC_POINT_mul(group_.get(), part.get(), scalars.u2.get(), nullptr,
                      nullptr, context) == 1 &&
         EC_POINT_add(Curve(), sum.get(), sum.get(), part.get(), context) ==
             1 &&
         EC_POINT_is_at_infinity(Curve(), sum.get()) == 0 &&
         EC_POINT_get_affine_coordinates(Curve(), sum.get(), x.get(), nullptr,
                                         context) == 1 &&
         BN_nnmod(x.get(), x.get(), EC_GROUP_get0_order(Curve()), context) ==
             1 &&
         BN_cmp(x.get(), scalars.r.get()) == 0;
}

std::shared_ptr<P256TableOfKey> P256TableOfKey::Of(Bytes point) {
  static base::Mutex mutex;
  static std::vector<std::shared_ptr<P256TableOfKey>> known;
  const base::MutexLock lock(mutex);
  for (const auto& each : known) {
    if (Equal(each->point_, point)) return each;
  }
  if (known.size() >= kMaxKeys) return nullptr;
  known.push_back(std::shared_ptr<P256TableOfKey>(new P256TableOfKey(point)));
  return known.back();
}

const P256Table* P256TableOfKey::ForNextUse() {
  if (const P256Table* table = ready_.load()) return table;
  // Exactly one caller sees this number.
  if (++uses_ != kUsesWorthATable) return nullptr;
  table_ = P256Table::Make(point_);
  ready_ = table_.get();
  return table_.get();
}

}  // namespace bootseal::image::host
