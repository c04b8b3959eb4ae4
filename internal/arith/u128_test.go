package arith_test

import (
	"math"
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/perennial-billing/perennial/internal/arith"
)

// word draws a 64-bit word; those at the edges of a carry come up often.
func word() *rapid.Generator[uint64] {
	return rapid.OneOf(
		rapid.Uint64(),
		rapid.SampledFrom([]uint64{0, 1, 2, 1<<32 - 1, 1 << 32, 1<<63 - 1, 1 << 63, 1<<63 + 1, math.MaxUint64 - 1, math.MaxUint64}),
	)
}

func wide() *rapid.Generator[arith.U128] {
	return rapid.Custom(func(t *rapid.T) arith.U128 {
		return arith.U128{Hi: word().Draw(t, "hi"), Lo: word().Draw(t, "lo")}
	})
}

func toBig(u arith.U128) *big.Int {
	n := new(big.Int).SetUint64(u.Hi)
	return n.Lsh(n, 64).Or(n, new(big.Int).SetUint64(u.Lo))
}

// wrapped returns n modulo 2^128.
func wrapped(n *big.Int) *big.Int {
	return n.Mod(n, new(big.Int).Lsh(big.NewInt(1), 128))
}

func TestU128AgreesWithBigIntegers(t *testing.T) {
	t.Parallel()
	limit := new(big.Int).Lsh(big.NewInt(1), 128)
	rapid.Check(t, func(t *rapid.T) {
		u, v := wide().Draw(t, "u"), wide().Draw(t, "v")
		x := word().Draw(t, "x")
		bigU, bigV, bigX := toBig(u), toBig(v), new(big.Int).SetUint64(x)

		require.Equal(t, bigU.Cmp(bigV), u.Cmp(v))
		require.Equal(t, bigU.Sign() == 0, u.IsZero())

		exact := new(big.Int).Add(bigU, bigV)
		sum, carry := u.Add(v)
		require.Equal(t, exact.Cmp(limit) >= 0, carry)
		require.Equal(t, wrapped(exact).String(), toBig(sum).String())

		exact = new(big.Int).Sub(bigU, bigV)
		diff, borrow := u.Sub(v)
		require.Equal(t, exact.Sign() < 0, borrow)
		require.Equal(t, wrapped(exact).String(), toBig(diff).String())

		exact = new(big.Int).Mul(bigU, bigX)
		product, overflow := u.MulU64(x)
		require.Equal(t, exact.Cmp(limit) >= 0, overflow)
		require.Equal(t, wrapped(exact).String(), toBig(product).String())

		exact = new(big.Int).Mul(new(big.Int).SetUint64(u.Lo), bigX)
		require.Equal(t, exact.String(), toBig(arith.Mul64(u.Lo, x)).String())
	})
}

func TestU128DivisionAgreesWithBigIntegers(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		u := wide().Draw(t, "u")
		d := wide().Filter(func(d arith.U128) bool { return !d.IsZero() }).Draw(t, "d")
		if rapid.Bool().Draw(t, "close to the dividend") {
			// Quotients of one, with remainders at either end, are where an estimate goes wrong.
			d, _ = u.Sub(arith.U128{Lo: d.Lo % 3})
			if d.IsZero() {
				d = arith.U128{Lo: 1}
			}
		}
		q, r := u.QuoRem(d)
		bigQ, bigR := new(big.Int).QuoRem(toBig(u), toBig(d), new(big.Int))
		require.Equal(t, bigQ.String(), toBig(q).String())
		require.Equal(t, bigR.String(), toBig(r).String())

		if d.Lo != 0 {
			q, r := u.QuoRemU64(d.Lo)
			bigQ, bigR := new(big.Int).QuoRem(toBig(u), new(big.Int).SetUint64(d.Lo), new(big.Int))
			require.Equal(t, bigQ.String(), toBig(q).String())
			require.Equal(t, bigR.String(), new(big.Int).SetUint64(r).String())
		}
	})
}

func TestU128DividesAtTheEdges(t *testing.T) {
	t.Parallel()
	const most = math.MaxUint64
	for _, test := range []struct {
		name    string
		u, d    arith.U128
		q, rest arith.U128
	}{
		{"nothing by one", arith.U128{}, arith.U128{Lo: 1}, arith.U128{}, arith.U128{}},
		{"the greatest by one", arith.U128{Hi: most, Lo: most}, arith.U128{Lo: 1}, arith.U128{Hi: most, Lo: most}, arith.U128{}},
		{"the greatest by itself", arith.U128{Hi: most, Lo: most}, arith.U128{Hi: most, Lo: most}, arith.U128{Lo: 1}, arith.U128{}},
		{"the greatest by 2^64", arith.U128{Hi: most, Lo: most}, arith.U128{Hi: 1}, arith.U128{Lo: most}, arith.U128{Lo: most}},
		{"the greatest by 2^64+1", arith.U128{Hi: most, Lo: most}, arith.U128{Hi: 1, Lo: 1}, arith.U128{Lo: most}, arith.U128{}},
		{"less than the divisor", arith.U128{Hi: 1}, arith.U128{Hi: 1, Lo: 1}, arith.U128{}, arith.U128{Hi: 1}},
		{"an estimate that is one too large", arith.U128{Hi: 1 << 63}, arith.U128{Hi: 1, Lo: most}, arith.U128{Lo: 1 << 62}, arith.U128{Lo: 1 << 62}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			q, r := test.u.QuoRem(test.d)
			require.Equal(t, test.q, q)
			require.Equal(t, test.rest, r)
		})
	}
}

func TestArithmeticDoesNotAllocate(t *testing.T) {
	u, d := arith.U128{Hi: 1 << 60, Lo: 12345}, arith.U128{Hi: 3, Lo: 7}
	var sink arith.U128
	require.Zero(t, testing.AllocsPerRun(100, func() {
		q, r := u.QuoRem(d)
		sink, _ = q.Add(r)
		sink, _ = sink.MulU64(3)
	}))
	require.False(t, sink.IsZero())
}
