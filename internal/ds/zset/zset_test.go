package zset

import (
	"bytes"
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/internal/ds/dstest"
)

// twin is a naive sorted set.
type twin map[string]float64

func (m twin) sorted() []Entry {
	var list []Entry
	for member, score := range m {
		list = append(list, Entry{score, []byte(member)})
	}
	slices.SortFunc(list, func(a, b Entry) int {
		return cmp.Or(cmp.Compare(a.Score, b.Score), bytes.Compare(a.Member, b.Member))
	})
	return list
}

var scores = []float64{0, 1, -1, 1.5, math.Inf(1), math.Inf(-1), 1e300, math.SmallestNonzeroFloat64}

// runModel runs a program on a sorted set and on its twin.
func runModel(t *testing.T, program []byte) {
	z, m := new(ZSet), twin{}
	p := dstest.NewProgram(program)
	lim := []Limits{DefaultLimits(), {Packed: 5, MaxSize: 8}, {}}[p.Int(3)]
	for p.More() {
		switch op, member := p.Int(20), p.Word(); {
		case op < 12:
			score := float64(p.Int(30))
			if score == 29 {
				score = scores[p.Int(len(scores))]
			}
			_, had := m[string(member)]
			require.Equal(t, !had, z.Put(member, score, lim))
			m[string(member)] = score
		case op < 17:
			_, had := m[string(member)]
			require.Equal(t, had, z.Remove(member))
			delete(m, string(member))
		case op == 17:
			z.Expect(p.Int(9), lim)
		case op == 18 && p.Int(2) == 0 && len(m) > 0:
			first := p.Int(len(m))
			last := first + p.Int(min(4, len(m)-first))
			for _, e := range m.sorted()[first : last+1] {
				delete(m, string(e.Member))
			}
			z.RemoveRange(first, last)
		case op == 18:
			z = z.Clone()
		default:
			was := z.Encoding()
			if z.Put(member, 1, Limits{}); m[string(member)] != 1 {
				z.Remove(member)
				delete(m, string(member))
			} else {
				m[string(member)] = 1
			}
			z.Restore(was)
			require.Equal(t, was, z.Encoding())
		}
		require.Equal(t, len(m), z.Len())
	}
	check(t, z, m)
}

func check(t *testing.T, z *ZSet, m twin) {
	want := m.sorted()
	checkAppend(t, z, want)
	var got, back []Entry
	z.Each(0, true, func(e Entry) bool { got = append(got, e); return true })
	z.Each(z.Len()-1, false, func(e Entry) bool { back = append(back, e); return true })
	slices.Reverse(back)
	require.Equal(t, want, got)
	require.Equal(t, want, back)
	at := map[string]float64{}
	names := 0
	for i, e := range want {
		require.Equal(t, e, z.ByRank(i))
		rank, ok := z.Rank(e.Member)
		require.True(t, ok)
		require.Equal(t, i, rank, "rank of %q", e.Member)
		score, ok := z.Score(e.Member)
		require.True(t, ok)
		require.Equal(t, e.Score, score)
		names += len(e.Member)
	}
	for i := range z.Span() {
		if z.Has(i) {
			x := z.At(i)
			at[string(x.Member)] = x.Score
		}
	}
	require.Equal(t, map[string]float64(m), at)
	_, ok := z.Rank([]byte("never there"))
	require.False(t, ok)
	for _, s := range append(scores, 7, 14.5) {
		below := func(orEqual bool) (n int) {
			for _, e := range want {
				if e.Score < s || orEqual && e.Score == s {
					n++
				}
			}
			return n
		}
		require.Equal(t, below(false), z.CountBelow(s, false), "below %v", s)
		require.Equal(t, below(true), z.CountBelow(s, true), "not above %v", s)
	}
	if z.big != nil {
		require.Equal(t, z.Len(), z.big.names.Len())
		checkTree(t, &z.big.order)
	} else {
		require.EqualValues(t, names, z.few.names)
	}
}

// checkAppend reads ranges from some places on.
func checkAppend(t *testing.T, z *ZSet, want []Entry) {
	before := Entry{1, []byte("before")}
	for from := 0; from < len(want); from += 1 + len(want)/7 {
		for _, n := range []int{0, 1, 10, 100, len(want) + 1} {
			up, down := want[from:min(from+n, len(want))], slices.Clone(want[max(0, from+1-n):from+1])
			slices.Reverse(down)
			require.Equal(t, slices.Concat([]Entry{before}, up), z.Append([]Entry{before}, from, n, true))
			require.Equal(t, slices.Concat([]Entry{before}, down), z.Append([]Entry{before}, from, n, false))
		}
	}
}

// checkTree holds every node to what the tree promises of it.
func checkTree(t *testing.T, tr *tree) {
	seen := tree{names: tr.names}
	if tr.root != nil {
		checkNode(t, tr.root, &seen)
	}
	require.Equal(t, [2]int{seen.leaves, seen.branches}, [2]int{tr.leaves, tr.branches}, "leaves and branches")
	require.Equal(t, seen.leafBytes, tr.leafBytes, "bytes of leaves")
}

// checkNode counts the node and those below it, and returns its depth.
func checkNode(t *testing.T, n node, seen *tree) (depth int) {
	require.Positive(t, n.size())
	b, ok := n.(*branch)
	if !ok {
		seen.leaves++
		seen.leafBytes += n.(*leaf).bytes()
		return 1
	}
	seen.branches++
	total := 0
	for i, k := range b.kids[:b.n] {
		r, mine := k.run(), b.run()
		require.Equal(t, r.cell(0), mine.cell(i))
		require.EqualValues(t, k.size(), b.counts[i])
		total += k.size()
		d := checkNode(t, k, seen)
		require.True(t, i == 0 || d == depth, "leaves stand at one depth")
		depth = d
	}
	require.Equal(t, total, b.size())
	return depth + 1
}

func TestModel(t *testing.T) {
	dstest.Each(t, 200, 2000, runModel)
}

func FuzzModel(f *testing.F) {
	f.Add(dstest.Random(1, 200))
	f.Fuzz(runModel)
}

// TestBigModel has more members than a word of a program can name, so that the
// tree has branches, and removes nearly all again.
func TestBigModel(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 5))
	z, m := new(ZSet), twin{}
	for _, share := range []int{9, 5, 1} { // of ten operations, those that add
		for range 15_000 {
			member := nameOf(r.IntN(10_000))
			if r.IntN(10) < share {
				m[member] = float64(r.IntN(3000))
				z.Put([]byte(member), m[member], DefaultLimits())
			} else {
				z.Remove([]byte(member))
				delete(m, member)
			}
		}
		check(t, z, m)
	}
}

func TestCountLexBelow(t *testing.T) {
	for _, lim := range []Limits{DefaultLimits(), {}} {
		z := new(ZSet)
		for _, m := range []string{"b", "d", "", "dd"} {
			z.Put([]byte(m), 3, lim)
		}
		for member, want := range map[string][2]int{"": {0, 1}, "a": {1, 1}, "b": {1, 2}, "d": {2, 3}, "d\x00": {3, 3}, "dd": {3, 4}, "z": {4, 4}} {
			require.Equal(t, want[0], z.CountLexBelow([]byte(member), false), "%q", member)
			require.Equal(t, want[1], z.CountLexBelow([]byte(member), true), "%q", member)
		}
	}
}

// TestSignOfZero: 0 and -0 are the same score, so a member keeps the one it has.
func TestSignOfZero(t *testing.T) {
	z, minus := new(ZSet), math.Copysign(0, -1)
	z.Put([]byte("a"), minus, Limits{})
	z.Put([]byte("a"), 0, Limits{})
	score, _ := z.Score([]byte("a"))
	require.True(t, math.Signbit(score))
	require.True(t, math.Signbit(z.ByRank(0).Score))
}

// TestRankIsNotLinear counts the nodes that a rank visits: at most so many per
// level, and a thousand times the members are few levels more.
func TestRankIsNotLinear(t *testing.T) {
	big := 1_000_000
	if testing.Short() {
		big = 100_000
	}
	for name, place := range map[string]func(i, n int) int{
		"in order":    func(i, _ int) int { return i },
		"backwards":   func(i, n int) int { return n - i },
		"all over":    func(i, n int) int { return i * 7919 % n },
		"same scores": func(int, int) int { return 1 },
	} {
		t.Run(name, func(t *testing.T) {
			small, large := visits(1000, place), visits(big, place)
			t.Logf("1,000 members: %d nodes, %d members: %d nodes", small, big, large)
			require.LessOrEqual(t, large, 6*fan)
			require.LessOrEqual(t, large, 8*small)
		})
	}
}

// visits is the most nodes that a rank of some members looks at.
func visits(n int, place func(i, n int) int) (most int) {
	b := newBig()
	member := func(i int) []byte { return fmt.Appendf(nil, "%08d", i) }
	for i := range n {
		b.put(member(i), float64(place(i, n)))
	}
	for i := 0; i < n; i += 1 + n/500 {
		s, seen, at := spot{score: float64(place(i, n)), member: member(i)}, 0, b.order.root
		for in, ok := at.(*branch); ok; in, ok = at.(*branch) {
			seen += int(in.n)
			i, _ := in.child(&b.order, s)
			at = in.kids[i]
		}
		most = max(most, seen+1)
	}
	return most
}

// TestNamesOfEveryLength has members around the length that fits a leaf, all with one
// score, some of them the beginning of others, and takes them out as the set lends them.
func TestNamesOfEveryLength(t *testing.T) {
	z, m := new(ZSet), twin{}
	for n := range 300 {
		for _, c := range []byte{0, 'a', 0xff} {
			member := append(bytes.Repeat([]byte{'a'}, n), c)
			m[string(member)] = 1
			z.Put(member, 1, Limits{})
		}
	}
	check(t, z, m)
	for left := z.Len(); left > 0; left -= 9 {
		for at := range 9 {
			e := z.ByRank((left - at) / 2)
			delete(m, string(e.Member))
			require.True(t, z.Remove(e.Member))
		}
		if left%90 == 0 {
			check(t, z, m)
		}
	}
	check(t, z, m)
	require.Zero(t, z.Len())
}

// TestLeavesFit: leaves are not half empty after splits, and full where members come in
// order.
func TestLeavesFit(t *testing.T) {
	const n = 60_000
	for name, c := range map[string]struct {
		place func(i int) int
		most  float64
	}{"all over": {func(i int) int { return i * 7919 % n }, 31}, "in order": {func(i int) int { return i }, 28}, "backwards": {func(i int) int { return n - i }, 28}} {
		b := newBig()
		for i := range n {
			b.put(fmt.Appendf(nil, "%016d", i), float64(c.place(i)))
		}
		require.Less(t, float64(b.order.bytes())/n, c.most, "bytes of nodes a member, %s", name)
	}
}

// scanned is a sorted set for the scan test.
type scanned struct{ *ZSet }

func (s scanned) Add(name []byte)    { s.Put(name, 1, DefaultLimits()) }
func (s scanned) Remove(name []byte) { s.ZSet.Remove(name) }
func (s scanned) Scan(cursor uint64, emit func(name []byte)) uint64 {
	return s.ZSet.Scan(cursor, func(e Entry) { emit(e.Member) })
}

func TestScanKeeps(t *testing.T) {
	dstest.ScanKeeps(t, func() dstest.Scanned { return scanned{new(ZSet)} })
}

func TestAtIsUniform(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, lim := range []Limits{DefaultLimits(), {}} {
		z, counts := new(ZSet), map[string]int{}
		for i := range 50 {
			z.Put(fmt.Appendf(nil, "m%d", i), float64(i), lim)
		}
		for range 5000 {
			counts[string(z.At(dstest.Place(r, z)).Member)]++
		}
		dstest.Uniform(t, counts, 50)
	}
}

// TestLeavesAreWellFilled adds and removes in the orders that leave leaves nearly empty
// if only one neighbour is looked at, or if every full leaf is split at its end.
func TestLeavesAreWellFilled(t *testing.T) {
	name := func(i int) []byte { return fmt.Appendf(nil, "member:%08d", i) }
	perMember := func(z *ZSet) int64 { return z.Bytes() / int64(z.Len()) }

	t.Run("newest first above what is there", func(t *testing.T) {
		z := New(1000, 0, Limits{})
		for i := range 600 { // full leaves
			z.Put(name(i), float64(i), Limits{})
		}
		for i := range 50_000 {
			z.Put(name(1000+i), float64(1e6-i), Limits{})
		}
		require.Less(t, perMember(z), int64(100))
	})
	t.Run("thinned from the old end", func(t *testing.T) {
		for _, keep := range []int{20, 40, 63, 100} {
			z := New(1000, 0, Limits{})
			for i := range 100_000 {
				z.Put(name(i), float64(i), Limits{})
			}
			for i := range 100_000 {
				if i%keep != 0 {
					z.Remove(name(i))
				}
			}
			require.Less(t, z.big.order.bytes()/int64(z.Len()), int64(60), keep)
		}
	})
}

func TestBranchesAreFullBackwardsToo(t *testing.T) {
	up, down := newBig(), newBig()
	for i := range 300_000 {
		m := fmt.Appendf(nil, "%08d", i)
		up.put(m, float64(i))
		down.put(m, float64(-i))
	}
	require.LessOrEqual(t, down.order.branches, up.order.branches*5/4)
}

func TestSplitAt(t *testing.T) {
	require.Equal(t, fan, splitAt(fan, false, false))
	require.Equal(t, fan/2, splitAt(fan, false, true))
	require.Equal(t, 1, splitAt(1, true, true))
}

func TestLeavesShrinkAsTheyEmpty(t *testing.T) {
	b := newBig()
	for i := range maxRoom {
		b.put(fmt.Appendf(nil, "%08d", i), float64(i))
	}
	for i := range maxRoom - 3 {
		b.remove(fmt.Appendf(nil, "%08d", i))
	}
	require.EqualValues(t, rooms[0], b.order.root.(*leaf).room)
}
