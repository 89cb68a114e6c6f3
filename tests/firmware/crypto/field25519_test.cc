// Ed25519's field against OpenSSL's numbers, where carries and multiples of p
// are: random numbers come there once in 2^200 times.
#include "firmware/crypto/field25519.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "firmware/crypto/order25519.h"
#include "tests/firmware/crypto/cases.h"

namespace bootseal::tests {
namespace {

using crypto::field25519::Element;
using crypto::order25519::kOrder;

Number ToNumber(const Element& element) {
  return Number(
      BN_lebin2bn(reinterpret_cast<const unsigned char*>(element.data()), 32,
                  nullptr),
      BN_free);
}

Element ToElement(const BIGNUM* number) {
  Element element;
  Must(BN_bn2lebinpad(number, reinterpret_cast<unsigned char*>(element.data()),
                      32) == 32);
  return element;
}

Number Prime() { return ToNumber(crypto::field25519::kPrime); }

// Within 40 of 0, p, 2 p = 2^256 - 38 and 2^256, and numbers with long runs.
std::vector<Element> Edges() {
  std::vector<Element> edges;
  const Number end(BN_new(), BN_free);
  Must(BN_set_bit(end.get(), 256) == 1);
  for (const unsigned offset : {1U, 2U, 18U, 19U, 20U, 37U, 38U, 39U, 40U}) {
    const Number low(BN_new(), BN_free);
    Must(BN_set_word(low.get(), offset) == 1);
    const Number high(BN_dup(end.get()), BN_free);
    const Number below(Prime().release(), BN_free);
    const Number above(Prime().release(), BN_free);
    Must(BN_sub(high.get(), high.get(), low.get()) == 1 &&
         BN_sub(below.get(), below.get(), low.get()) == 1 &&
         BN_add(above.get(), above.get(), low.get()) == 1);
    for (const Number* number : {&low, &high, &below, &above}) {
      edges.push_back(ToElement(number->get()));
    }
  }
  edges.push_back(Element{});
  edges.push_back(crypto::field25519::kPrime);
  for (std::size_t limb = 0; limb < 8; ++limb) {
    Element zeros{};
    Element ones;
    ones.fill(0xffffffff);
    zeros[limb] = 0xffffffff;
    ones[limb] = 0;
    edges.push_back(zeros);
    edges.push_back(ones);
  }
  for (int i = 0; i < 20; ++i) {
    const std::string bytes = Random(32);
    Element element;
    bytes.copy(reinterpret_cast<char*>(element.data()), 32);
    edges.push_back(element);
  }
  return edges;
}

using OurOperation = void (*)(Element&, const Element&, const Element&);
using Reference = int (*)(BIGNUM*, const BIGNUM*, const BIGNUM*, const BIGNUM*,
                          BN_CTX*);

void ExpectTheSame(OurOperation ours, Reference reference) {
  BN_CTX* context = BN_CTX_new();
  const Number prime = Prime();
  const Number expected(BN_new(), BN_free);
  for (const Element& a : Edges()) {
    for (const Element& b : Edges()) {
      Must(reference(expected.get(), ToNumber(a).get(), ToNumber(b).get(),
                     prime.get(), context) == 1);
      Element out, first = a, second = b;
      ours(out, a, b);
      ours(first, first, b);
      ours(second, a, second);
      EXPECT_EQ(first, out);
      EXPECT_EQ(second, out);
      crypto::field25519::Reduce(out);
      EXPECT_EQ(out, ToElement(expected.get()));
    }
  }
  BN_CTX_free(context);
}

TEST(Field25519, AddsAsOpenSslDoes) {
  ExpectTheSame(crypto::field25519::Add, BN_mod_add);
}

TEST(Field25519, SubtractsAsOpenSslDoes) {
  ExpectTheSame(crypto::field25519::Subtract, BN_mod_sub);
}

TEST(Field25519, MultipliesAsOpenSslDoes) {
  ExpectTheSame(crypto::field25519::Multiply, BN_mod_mul);
}

TEST(Field25519, SaysWhichNumbersStandForZero) {
  const Number prime = Prime();
  int zeros = 0;
  for (const Element& edge : Edges()) {
    Element reduced = edge;
    const Number number = ToNumber(edge);
    const Number rest(BN_new(), BN_free);
    BN_CTX* context = BN_CTX_new();
    Must(BN_nnmod(rest.get(), number.get(), prime.get(), context) == 1);
    BN_CTX_free(context);
    const bool zero = BN_is_zero(rest.get()) == 1;
    EXPECT_EQ(crypto::field25519::IsZeroReduced(reduced), zero);
    EXPECT_EQ(reduced, ToElement(rest.get()));
    zeros += zero ? 1 : 0;
  }
  EXPECT_EQ(zeros, 3);  // 0, p and 2 p
}

TEST(Field25519, RaisesToTheRootPowerAsOpenSslDoes) {
  BN_CTX* context = BN_CTX_new();
  const Number prime = Prime();
  const Number exponent = Prime();  // (p - 5) / 8
  const Number expected(BN_new(), BN_free);
  Must(BN_rshift(exponent.get(), exponent.get(), 3) == 1);
  for (const Element& edge : Edges()) {
    Must(BN_mod_exp(expected.get(), ToNumber(edge).get(), exponent.get(),
                    prime.get(), context) == 1);
    Element power = edge;
    crypto::field25519::RaiseToRootPower(power);
    crypto::field25519::Reduce(power);
    EXPECT_EQ(power, ToElement(expected.get()));
  }
  BN_CTX_free(context);
}

TEST(Order25519, ReducesMultiplesOfTheOrderToZeroAndWhatIsNextToThem) {
  BN_CTX* context = BN_CTX_new();
  const Number order = ToNumber(kOrder);
  for (int shift = 0; shift <= 256; ++shift) {
    for (int offset = -1; offset <= 1; ++offset) {
      const Number wide(BN_dup(order.get()), BN_free);
      const Number expected(BN_new(), BN_free);
      Must(BN_lshift(wide.get(), wide.get(), shift) == 1);
      if (offset > 0) Must(BN_add_word(wide.get(), 1) == 1);
      if (offset < 0) Must(BN_sub_word(wide.get(), 1) == 1);
      Must(BN_nnmod(expected.get(), wide.get(), order.get(), context) == 1);
      std::string bytes(64, '\0');
      Must(BN_bn2lebinpad(wide.get(), Raw(bytes), 64) == 64);
      EXPECT_EQ(crypto::order25519::Reduce(std::as_bytes(std::span(bytes))),
                ToElement(expected.get()))
          << shift << " " << offset;
    }
  }
  BN_CTX_free(context);
}

}  // namespace
}  // namespace bootseal::tests
