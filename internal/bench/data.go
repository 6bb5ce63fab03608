package bench

import (
	"fmt"
	"math/rand/v2"
	"unsafe"
)

// textLen is how long keys and values are, in bytes.
const textLen = 16

// texts are strings of one length in one piece of memory, so that the data of a
// contest is nothing to the garbage collector.
type texts []byte

func textsOf(prefix string, n int) texts {
	t := make(texts, 0, n*textLen)
	for i := range n {
		t = fmt.Appendf(t, "%s:%012d", prefix, i)
	}
	return t
}

func (t texts) at(i int) string { return unsafe.String(&t[i*textLen], textLen) }

// data is what a contest is played with. Keys are never the memory that an entrant
// keeps: nobody finds a key by its address.
type data struct {
	n              int
	keys, absent   texts
	values, others texts
}

func newData(n int) data {
	return data{n, textsOf("key", n), textsOf("abs", n), textsOf("val", n), textsOf("new", n)}
}

// order is a random order of the elements.
func (d data) order(seed uint64) []int32 {
	order := make([]int32, d.n)
	for i := range order {
		order[i] = int32(i)
	}
	rand.New(rand.NewPCG(seed, 0)).Shuffle(d.n, func(i, j int) { order[i], order[j] = order[j], order[i] })
	return order
}

// spread divides elements among collections of the given size: it is the key of
// the one that element i belongs to.
func (d data) spread(i, size int) string { return d.keys.at(i / size) }
