package engine

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/internal/effect"
)

// effectOf lays out one effect on the key k of database 0.
func effectOf(op effect.Op, ints []int64, blobs ...string) []byte {
	return effect.Append(nil, false, op, 0, []byte("k"), ints, bytesOf(blobs...))
}

func numbersOf(n ...int64) []int64 { return n }

// TestLoadRefuses has chunks that no cut has.
func TestLoadRefuses(t *testing.T) {
	build := func(kind Kind, n int64, blobs ...string) []byte {
		return effectOf(effect.Build, numbersOf(int64(kind), 0, 0, n), blobs...)
	}
	string64k := string(make([]byte, 64<<10))
	for name, chunk := range map[string][]byte{
		"half an effect":                         build(Set, 1, "m")[:4],
		"effect of a record":                     effectOf(effect.SetAdd, nil, "m"),
		"unknown operation":                      effectOf(99, nil),
		"no such database":                       effect.Append(nil, false, effect.StringPut, 16, []byte("k"), []int64{0, 0}, bytesOf("v")),
		"string without numbers":                 effectOf(effect.StringPut, nil, "v"),
		"string without value":                   effectOf(effect.StringPut, numbersOf(0, 0)),
		"string with two values":                 effectOf(effect.StringPut, numbersOf(0, 0), "v", "w"),
		"string with a negative deadline":        effectOf(effect.StringPut, numbersOf(-1, 0), "v"),
		"string of an unknown form":              effectOf(effect.StringPut, numbersOf(0, 3), "v"),
		"string twice":                           slices.Concat(effectOf(effect.StringPut, numbersOf(0, 0), "v"), effectOf(effect.StringPut, numbersOf(0, 0), "v")),
		"string that is a set, too":              slices.Concat(effectOf(effect.StringPut, numbersOf(0, 0), "v"), build(Set, 1, "m")),
		"more of nothing":                        effectOf(effect.Extend, nil, "m"),
		"more of a short string":                 slices.Concat(effectOf(effect.StringPut, numbersOf(0, 0), "v"), effectOf(effect.Extend, nil, "m")),
		"more of what is whole":                  slices.Concat(build(Set, 1, "m"), effectOf(effect.Extend, nil, "n")),
		"no more":                                slices.Concat(build(Set, 2, "m"), effectOf(effect.Extend, nil)),
		"more than there will be":                slices.Concat(build(Set, 2, "m"), effectOf(effect.Extend, nil, "n", "o")),
		"more than there will be at first":       build(List, 1, "m", "n"),
		"more of a string than there will be":    build(String, 3, "long"),
		"fewer than there will be":               build(Set, 2, "m"),
		"fewer bytes of a string":                build(String, 1<<20, string64k),
		"string that is too long":                build(String, MaxString+1, string64k),
		"piece without bytes":                    build(String, 5, "", "value"),
		"nothing of a list":                      build(List, 2),
		"no elements":                            build(List, 0, "m"),
		"a negative number of elements":          build(List, -1, "m"),
		"too few numbers":                        effectOf(effect.Build, numbersOf(int64(List), 0, 1), "m"),
		"no kind":                                build(None, 1, "m"),
		"an unknown kind":                        build(Hash+1, 1, "m", "n", ""),
		"a kind of more than a byte":             effectOf(effect.Build, numbersOf(256+int64(List), 0, 0, 1), "m"),
		"negative deadline":                      effectOf(effect.Build, numbersOf(int64(List), -1, 0, 1), "m"),
		"unknown form":                           effectOf(effect.Build, numbersOf(int64(List), 0, 3, 1), "m"),
		"member twice":                           build(Set, 2, "m", "m"),
		"member twice in two pieces":             slices.Concat(build(Set, 2, "m"), effectOf(effect.Extend, nil, "m")),
		"half a member":                          build(ZSet, 1, "m"),
		"half a member, later":                   slices.Concat(build(ZSet, 2, "m", be(0)), effectOf(effect.Extend, nil, "n")),
		"a short score":                          build(ZSet, 1, "m", "1234567"),
		"a score that is none":                   build(ZSet, 1, "m", be(float(math.NaN()))),
		"member with two scores":                 build(ZSet, 2, "m", be(0), "m", be(0)),
		"field without value":                    build(Hash, 1, "f"),
		"field without deadline":                 build(Hash, 1, "f", "v"),
		"a short deadline":                       build(Hash, 1, "f", "v", "123"),
		"a negative deadline of a field":         build(Hash, 1, "f", "v", be(-1)),
		"field twice":                            build(Hash, 2, "f", "v", "", "f", "w", ""),
		"field twice in two pieces":              slices.Concat(build(Hash, 2, "f", "v", ""), effectOf(effect.Extend, nil, "f", "w", "")),
		"key of another database's, SameKey set": effect.Append(nil, true, effect.StringPut, 0, nil, []int64{0, 0}, bytesOf("v")),
	} {
		e := newEngine(t, Options{})
		r := e.Recover()
		err := r.Load(chunk)
		if end := r.End(nil); err == nil {
			err = end
		}
		require.Error(t, err, name)
	}
}

// TestAStringIsNoLongerThanItsBytes: that it says it will be does not cost memory.
func TestAStringIsNoLongerThanItsBytes(t *testing.T) {
	e := newEngine(t, Options{})
	r := e.Recover()
	before := allocated()
	for i := range 100 {
		k := key("k%d", i)
		require.NoError(t, r.Load(effect.Append(nil, false, effect.Build, 0, k.B, []int64{int64(String), 0, 0, MaxString}, bytesOf("few"))))
	}
	require.Less(t, allocated()-before, uint64(1<<20))
	require.ErrorIs(t, r.End(nil), ErrMalformed)
}

// TestNoChunkComesAfterARecord as the recovery holds the store.
func TestNoChunkComesAfterARecord(t *testing.T) {
	r := newEngine(t, Options{}).Recover()
	require.NoError(t, r.Replay(Record{Seq: 1, Effects: effectOf(effect.StringPut, numbersOf(0, 0), "v")}))
	require.Error(t, r.Load(effectOf(effect.StringPut, numbersOf(0, 0), "v")))
	require.NoError(t, r.End(nil))
}

// FuzzLoad loads any bytes. They never panic, and what is there is accounted for.
func FuzzLoad(f *testing.F) {
	s := newScene(&testing.T{}, rand.NewPCG(1, 43))
	for range 60 {
		tx := s.e.Begin(nil, true, false)
		_ = s.w.grow(tx)
		_ = s.w.mutate(tx)
		tx.Commit()
	}
	for _, chunk := range slices.Concat(append(exported(f, s.e), exported(f, sample(f, nil))...)...) {
		if len(chunk) < 4<<10 {
			f.Add(chunk)
		}
	}
	s.e.Close()
	f.Add(slices.Concat(effectOf(effect.Build, numbersOf(int64(Set), 0, 0, 3), "m"), effectOf(effect.Extend, nil, "n", "o")))
	f.Fuzz(func(t *testing.T, b []byte) {
		e := newEngine(t, Options{Stripes: 2, Databases: 3, Clock: newFakeClock()})
		e.Configure(func(c *Config) { c.Limits = smallLimits })
		r := e.Recover()
		err := r.Load(b)
		if end := r.End(nil); end != nil || err != nil {
			return
		}
		checkAccounts(t, e)
		again := loaded(t, Options{Stripes: 1, Databases: 3, Clock: newFakeClock()}, exported(t, e))
		require.Equal(t, e.everything(), again.everything())
	})
}
