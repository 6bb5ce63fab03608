package engine

import (
	"encoding/binary"
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/internal/effect"
)

// sample is an engine with a key of every kind, whose records log has.
func sample(t testing.TB, log *tape) *Engine {
	e := newEngine(t, Options{Databases: 2, Stripes: 2, Clock: newFakeClock()})
	if log != nil {
		e.Attach(e.Tap(log.sink))
	}
	change(t, e, func(tx *Tx) error {
		_, err1 := tx.ListPush(key("list"), true, bytesOf("a", "b", "a", "c")...)
		_, err2 := tx.SetAdd(key("set"), bytesOf("a", "b")...)
		err3 := zput(tx, key("zset"), []byte("m"), 1.5)
		_, err4 := tx.HashPut(key("hash"), bytesOf("f", "v", "g", "w")...)
		err5 := tx.HashDeadline(key("hash"), 1<<45, []byte("f"))
		return errors.Join(tx.PutString(key("string"), []byte("value"), 1<<45), err1, err2, err3, err4, err5)
	})
	return e
}

func float(f float64) int64 { return int64(math.Float64bits(f)) }

func be(n int64) string { return string(binary.BigEndian.AppendUint64(nil, uint64(n))) }

// TestApplyRefuses has effects that cannot be: each is refused, and with it the
// good effect before it.
func TestApplyRefuses(t *testing.T) {
	e := sample(t, nil)
	before, position := e.Dump(), e.Position()
	for _, c := range []struct {
		name  string
		op    effect.Op
		key   string
		ints  []int64
		blobs []string
	}{
		{"unknown operation", 99, "string", nil, nil},
		{"too few numbers", effect.Deadline, "string", nil, nil},
		{"too many numbers", effect.Delete, "string", []int64{1}, nil},
		{"too few blobs", effect.SetAdd, "set", nil, nil},
		{"negative deadline", effect.Deadline, "string", []int64{-1}, nil},
		{"rename to no database", effect.Rename, "string", []int64{2}, []string{"x"}},
		{"rename to a negative database", effect.Rename, "string", []int64{-1}, []string{"x"}},
		{"swap with no database", effect.SwapDB, "", []int64{1 << 40}, nil},
		{"string with a negative deadline", effect.StringPut, "s", []int64{-1, 0}, []string{"v"}},
		{"string of an unknown form", effect.StringPut, "s", []int64{0, 3}, []string{"v"}},
		{"negative offset", effect.StringWrite, "string", []int64{-1}, []string{"v"}},
		{"absurd offset", effect.StringWrite, "string", []int64{1 << 60}, []string{"v"}},
		{"offset just too far", effect.StringWrite, "string", []int64{MaxString}, []string{"v"}},
		{"offset beyond all numbers", effect.StringWrite, "string", []int64{math.MaxInt64}, []string{"v"}},
		{"bytes written into a list", effect.StringWrite, "list", []int64{0}, []string{"v"}},
		{"replace by nothing", effect.Replace, "k", []int64{int64(None), 0, 0}, []string{"v"}},
		{"replace by a string", effect.Replace, "k", []int64{int64(String), 0, 0}, []string{"v"}},
		{"replace by an unknown kind", effect.Replace, "k", []int64{6, 0, 0}, []string{"v"}},
		{"replace by a kind of more than a byte", effect.Replace, "k", []int64{256 + int64(List), 0, 0}, []string{"v"}},
		{"replace by half a member", effect.Replace, "k", []int64{int64(ZSet), 0, 0}, []string{"v"}},
		{"replace by a short score", effect.Replace, "k", []int64{int64(ZSet), 0, 0}, []string{"v", "1234567"}},
		{"replace by a score that is none", effect.Replace, "k", []int64{int64(ZSet), 0, 0}, []string{"v", be(float(math.NaN()))}},
		{"replace by half a field", effect.Replace, "k", []int64{int64(Hash), 0, 0}, []string{"f", "v"}},
		{"replace by a field long expired", effect.Replace, "k", []int64{int64(Hash), 0, 0}, []string{"f", "v", be(-1)}},
		{"replace with a negative deadline", effect.Replace, "k", []int64{int64(List), -1, 0}, []string{"v"}},
		{"push to a set", effect.ListPush, "set", []int64{1}, []string{"v"}},
		{"pop more than there are", effect.ListPop, "list", []int64{1, 5}, nil},
		{"pop a negative number", effect.ListPop, "list", []int64{1, -1}, nil},
		{"pop none", effect.ListPop, "list", []int64{1, 0}, nil},
		{"pop of nothing", effect.ListPop, "none", []int64{1, 1}, nil},
		{"set before the first", effect.ListSet, "list", []int64{-1}, []string{"v"}},
		{"set behind the last", effect.ListSet, "list", []int64{4}, []string{"v"}},
		{"set at the largest number", effect.ListSet, "list", []int64{math.MaxInt64}, []string{"v"}},
		{"insert before the first", effect.ListInsert, "list", []int64{-1}, []string{"v"}},
		{"insert behind the end", effect.ListInsert, "list", []int64{5}, []string{"v"}},
		{"trim from before the first", effect.ListTrim, "list", []int64{-1, 2}, nil},
		{"trim to behind the last", effect.ListTrim, "list", []int64{0, 4}, nil},
		{"trim a set", effect.ListTrim, "set", []int64{0, 0}, nil},
		{"score that is none", effect.ZSetPut, "zset", []int64{float(math.NaN())}, []string{"m"}},
		{"member without a score", effect.ZSetPut, "zset", []int64{float(1)}, []string{"m", "n"}},
		{"score without a member", effect.ZSetPut, "zset", []int64{float(1), float(2)}, []string{"m"}},
		{"second score that is none", effect.ZSetPut, "zset", []int64{float(1), float(math.NaN())}, []string{"m", "n"}},
		{"ranks that end before they begin", effect.ZSetRemoveRange, "zset", []int64{0, -1}, nil},
		{"ranks behind the last", effect.ZSetRemoveRange, "zset", []int64{0, 1}, nil},
		{"negative rank", effect.ZSetRemoveRange, "zset", []int64{-1, 0}, nil},
		{"ranks of a hash", effect.ZSetRemoveRange, "hash", []int64{0, 0}, nil},
		{"field without value", effect.HashPut, "hash", nil, []string{"f", "v", "g"}},
		{"deadline of no field", effect.HashDeadline, "hash", []int64{5}, []string{"none"}},
		{"negative deadline of a field", effect.HashDeadline, "hash", []int64{-5}, []string{"f"}},
		{"deadline of no hash", effect.HashDeadline, "list", []int64{5}, []string{"f"}},
	} {
		good := effect.Append(nil, false, effect.Delete, 0, []byte("string"), nil, nil)
		err := e.Apply(Record{Clock: 1, Effects: effect.Append(good, false, c.op, 0, []byte(c.key), c.ints, bytesOf(c.blobs...))})
		require.Error(t, err, c.name)
		require.Equal(t, before, e.Dump(), c.name)
		require.Equal(t, position, e.Position(), c.name)
	}
	err := e.Apply(Record{Clock: 1, Effects: effect.Append(nil, false, effect.Delete, 2, []byte("k"), nil, nil)})
	require.ErrorIs(t, err, ErrMalformed, "no such database")
	checkAccounts(t, e)
}

// FuzzApply applies any bytes: they never panic, and change nothing when they are
// refused.
func FuzzApply(f *testing.F) {
	log, r := new(tape), rand.New(rand.NewPCG(1, 1))
	e := sample(f, log)
	for range 60 {
		change(f, e, writer{r, 1 << 40}.mutate)
	}
	for _, rec := range log.records {
		f.Add(rec.Effects)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		e := sample(t, nil)
		if absurd(b) {
			return
		}
		before := e.Dump()
		if err := e.Apply(Record{Clock: 1 << 40, Effects: b}); err != nil {
			require.Equal(t, before, e.Dump())
		}
		checkAccounts(t, e)
	})
}

// absurd reports whether the effects are allowed but need more memory than a fuzzer
// should take.
func absurd(b []byte) bool {
	r := effect.NewReader(b)
	for e, ok := r.Next(); ok; e, ok = r.Next() {
		if e.Op == effect.StringWrite && len(e.Ints) > 0 && e.Ints[0] > 1<<20 {
			return true
		}
	}
	return false
}
