package arg

import (
	"errors"
	"strconv"

	"github.com/residedb/reside/internal/engine"
)

type mode uint8

const (
	decoding mode = iota
	encoding
	describing
)

// Walker takes an argument struct's walk method through its arguments. The zero
// value, after Decode, Encode or Describe, is ready; it is used again and
// again without allocating.
type Walker struct {
	Keys []engine.Key // collected in the order of the arguments, while decoding

	mode  mode
	db    int
	argv  [][]byte
	pos   int // next argument
	round int // where this round of options began, -1 before the first
	err   error
	late  error
	keyAt []int  // argument positions of Keys
	pairs []Pair // of keys and values

	out  [][]byte // encoded arguments
	text []byte   // numbers in out

	spec   *Spec
	open   []*[]Argument // where arguments are described to, innermost last
	groups []*[]Argument // those of open that end with a group which is not closed
}

// Decode readies the walker to read argv, which starts behind the command's
// name, for a client on database db.
func (w *Walker) Decode(argv [][]byte, db int) {
	w.mode, w.argv, w.db = decoding, argv, db
	w.pos, w.round, w.err, w.late = 0, -1, nil, nil
	w.Keys, w.keyAt = w.Keys[:0], w.keyAt[:0]
}

// Encode readies the walker to write arguments.
func (w *Walker) Encode() {
	w.mode, w.round, w.err, w.late = encoding, -1, nil, nil
	w.out, w.text = w.out[:0], w.text[:0]
}

// Encoded returns the arguments written since Encode; they borrow from the
// walker and the argument struct.
func (w *Walker) Encoded() [][]byte { return w.out }

// Err is what the walk ended with. Arguments left over are a syntax error.
func (w *Walker) Err() error {
	if w.err == nil && w.mode == decoding && w.pos < len(w.argv) {
		w.err = ErrSyntax
	}
	if w.err == nil {
		w.err = w.late
	}
	return w.err
}

// Decoding reports whether the struct is being filled: the time to check and
// complete it.
func (w *Walker) Decoding() bool { return w.mode == decoding && w.err == nil }

// Describing reports whether the walk only describes.
func (w *Walker) Describing() bool { return w.mode == describing }

// Fail ends the walk with err unless it ended before.
func (w *Walker) Fail(err error) {
	if w.err == nil {
		w.err = err
	}
}

// Late reports err unless the walk fails or an earlier Late came first.
func (w *Walker) Late(err error) {
	if w.late == nil {
		w.late = err
	}
}

// DB is the database of the client whose arguments are decoded.
func (w *Walker) DB() int { return w.db }

// Rest is how many arguments are still unread while decoding.
func (w *Walker) Rest() int { return len(w.argv) - w.pos }

// KeyPositions are the argument positions, from 0, of Keys.
func (w *Walker) KeyPositions() []int { return w.keyAt }

// next takes one argument; a missing one is a syntax error.
func (w *Walker) next() ([]byte, bool) {
	if w.err != nil {
		return nil, false
	}
	if w.pos >= len(w.argv) {
		w.err = ErrSyntax
		return nil, false
	}
	b := w.argv[w.pos]
	w.pos++
	return b, true
}

func (w *Walker) put(b []byte) { w.out = append(w.out, b) }

func (w *Walker) putInt(n int64) {
	at := len(w.text)
	w.text = strconv.AppendInt(w.text, n, 10)
	w.put(w.text[at:len(w.text):len(w.text)])
}

// Key reads one key.
func (w *Walker) Key(k *engine.Key, f KeyFlags) {
	switch w.mode {
	case decoding:
		if b, ok := w.next(); ok {
			*k = w.addKey(b)
		}
	case encoding:
		w.put(k.B)
	default:
		w.spec.keyRange(0, 1, f)
		w.add(Argument{Name: "key", Type: "key", KeySpec: len(w.spec.Keys) - 1})
	}
}

func (w *Walker) addKey(b []byte) engine.Key {
	k := engine.KeyOf(b)
	k.DB = w.db
	w.Keys = append(w.Keys, k)
	w.keyAt = append(w.keyAt, w.pos-1)
	return k
}

// Keys2 reads two keys that COMMAND describes as one range (LCS).
func (w *Walker) Keys2(a, b *engine.Key, f KeyFlags) {
	if w.mode == describing {
		w.spec.keyRange(1, 1, f)
		w.add(Argument{Name: "key1", Type: "key", KeySpec: len(w.spec.Keys) - 1})
		w.add(Argument{Name: "key2", Type: "key", KeySpec: len(w.spec.Keys) - 1})
		return
	}
	w.Key(a, f)
	w.Key(b, f)
}

// KeyList reads keys up to the last but the given number of arguments. There is
// at least one.
func (w *Walker) KeyList(keys *[]engine.Key, f KeyFlags, but int) {
	switch w.mode {
	case decoding:
		*keys = w.takeKeys(w.Rest() - but)
	case encoding:
		for i := range *keys {
			w.put((*keys)[i].B)
		}
	default:
		w.spec.keyRange(-1-but, 1, f)
		w.spec.Variadic = true
		w.add(Argument{Name: "key", Type: "key", KeySpec: len(w.spec.Keys) - 1, Multiple: true})
	}
}

// takeKeys reads n keys; they are part of w.Keys.
func (w *Walker) takeKeys(n int) []engine.Key {
	at := len(w.Keys)
	for range n {
		if b, ok := w.next(); ok {
			w.addKey(b)
		}
	}
	return w.Keys[at:len(w.Keys):len(w.Keys)]
}

// NumKeys reads a count and so many keys. The errors are those of a count that is
// no integer, less than 1, and more than there are arguments.
func (w *Walker) NumKeys(keys *[]engine.Key, f KeyFlags, notInt, tooSmall, tooMany error) {
	switch w.mode {
	case decoding:
		b, ok := w.next()
		if !ok {
			return
		}
		n, ok := ParseInt(b)
		switch {
		case !ok:
			w.Fail(notInt)
		case n < 1:
			w.Fail(tooSmall)
		case n > int64(w.Rest()):
			w.Fail(tooMany)
		default:
			*keys = w.takeKeys(int(n))
		}
	case encoding:
		w.putInt(int64(len(*keys)))
		for i := range *keys {
			w.put((*keys)[i].B)
		}
	default:
		w.spec.keyNum(f)
		w.add(Argument{Name: "numkeys", Type: "integer"})
		w.add(Argument{Name: "key", Type: "key", KeySpec: len(w.spec.Keys) - 1, Multiple: true})
		w.spec.Variadic = true
	}
}

// Pair is a key with a value.
type Pair struct {
	Key   engine.Key
	Value []byte
}

// KeyValues reads pairs of key and value to the end (MSET). A key without a
// value is a wrong number of arguments for the command of the given name.
func (w *Walker) KeyValues(name string, pairs *[]Pair, f KeyFlags) {
	switch w.mode {
	case decoding:
		if w.Rest()%2 != 0 {
			w.Fail(ErrArity(name))
			return
		}
		w.pairs = w.pairs[:0]
		for w.Rest() > 0 {
			b, _ := w.next()
			k := w.addKey(b)
			v, _ := w.next()
			w.pairs = append(w.pairs, Pair{k, v})
		}
		*pairs = w.pairs
	case encoding:
		for i := range *pairs {
			w.put((*pairs)[i].Key.B)
			w.put((*pairs)[i].Value)
		}
	default:
		w.spec.keyRange(-1, 2, f)
		w.spec.Variadic = true
		w.add(Argument{Name: "data", Type: "block", Multiple: true, Arguments: []Argument{{Name: "key", Type: "key", KeySpec: len(w.spec.Keys) - 1}, {Name: "value", Type: "string"}}})
		w.spec.min++
	}
}

// UnknownKeys says, for COMMAND, that the command uses keys which its arguments
// do not tell (SORT BY).
func (w *Walker) UnknownKeys(f KeyFlags) {
	if w.mode == describing {
		w.spec.Keys = append(w.spec.Keys, KeySpec{Flags: f, Unknown: true})
	}
}

// Bytes reads one argument as it is.
func (w *Walker) Bytes(name string, b *[]byte) {
	switch w.mode {
	case decoding:
		if v, ok := w.next(); ok {
			*b = v
		}
	case encoding:
		w.put(*b)
	default:
		w.add(Argument{Name: name, Type: "string"})
	}
}

// List reads every argument that is left, at least one. The list is part of the
// words that are decoded.
func (w *Walker) List(name string, list *[][]byte) {
	switch w.mode {
	case decoding:
		if w.Rest() == 0 {
			w.Fail(ErrSyntax)
		}
		if w.err == nil {
			*list = w.argv[w.pos:len(w.argv):len(w.argv)]
			w.pos = len(w.argv)
		}
	case encoding:
		w.out = append(w.out, *list...)
	default:
		w.add(Argument{Name: name, Type: "string", Multiple: true})
		w.spec.Variadic = true
	}
}

// Tuples reads what is left in groups of n, at least one group; anything else is
// the given error. list holds the groups one after another.
func (w *Walker) Tuples(names []string, list *[][]byte, uneven error) {
	switch w.mode {
	case decoding:
		if w.Rest() == 0 || w.Rest()%len(names) != 0 {
			w.Fail(uneven)
			return
		}
		w.List("", list)
	case encoding:
		w.List("", list)
	default:
		group := Argument{Name: "data", Type: "block", Multiple: true}
		for i, n := range names {
			one := Argument{Name: n, Type: "string"}
			if i == 0 {
				one = w.spec.told(one)
			}
			group.Arguments = append(group.Arguments, one)
		}
		w.add(group)
		w.spec.min += len(names) - 1
		w.spec.Variadic = true
	}
}

// Int reads an integer.
func (w *Walker) Int(name string, n *int64) { w.IntOr(name, n, ErrNotInt) }

// IntOr is Int with an error of its own.
func (w *Walker) IntOr(name string, n *int64, bad error) {
	switch w.mode {
	case decoding:
		if b, ok := w.next(); ok {
			v, ok := ParseInt(b)
			if !ok {
				w.Fail(bad)
				return
			}
			*n = v
		}
	case encoding:
		w.putInt(*n)
	default:
		w.add(Argument{Name: name, Type: "integer"})
	}
}

// Int32 is IntOr for a number that has to fit into 32 bits.
func (w *Walker) Int32(name string, n *int64, notInt, tooBig error) {
	w.IntOr(name, n, notInt)
	if w.Decoding() && *n != int64(int32(*n)) {
		w.Fail(tooBig)
	}
}

// LateInt is Int whose error waits until the other arguments were read.
func (w *Walker) LateInt(name string, n *int64) { w.LateIntOr(name, n, ErrNotInt) }

// LateIntOr is LateInt with an error of its own.
func (w *Walker) LateIntOr(name string, n *int64, bad error) {
	if w.mode != decoding {
		w.Int(name, n)
		return
	}
	if b, ok := w.next(); ok {
		v, ok := ParseInt(b)
		if !ok {
			w.Late(bad)
		}
		*n = v
	}
}

// Ints reads every argument that is left as an integer, at least one.
func (w *Walker) Ints(name string, list *[]int64, bad error) {
	switch w.mode {
	case decoding:
		*list = (*list)[:0]
		for w.err == nil && w.Rest() > 0 {
			var n int64
			w.IntOr(name, &n, bad)
			*list = append(*list, n)
		}
	case encoding:
		for _, n := range *list {
			w.putInt(n)
		}
	default:
		w.add(Argument{Name: name, Type: "integer", Multiple: true})
		w.spec.Variadic = true
	}
}

// Float reads a double.
func (w *Walker) Float(name string, f *float64) { w.FloatOr(name, f, ErrNotFloat) }

// FloatOr is Float with an error of its own.
func (w *Walker) FloatOr(name string, f *float64, bad error) {
	switch w.mode {
	case decoding:
		if b, ok := w.next(); ok {
			v, ok := ParseFloat(b)
			if !ok {
				w.Fail(bad)
				return
			}
			*f = v
		}
	case encoding:
		at := len(w.text)
		w.text = strconv.AppendFloat(w.text, *f, 'g', 17, 64)
		w.put(w.text[at:len(w.text):len(w.text)])
	default:
		w.add(Argument{Name: name, Type: "double"})
	}
}

// FloatRange is FloatOr for a number that is checked afterwards: one that no double
// can hold is read as an infinity.
func (w *Walker) FloatRange(name string, f *float64, bad error) {
	if w.mode != decoding || w.err != nil || w.pos >= len(w.argv) {
		w.FloatOr(name, f, bad)
		return
	}
	v, err := strconv.ParseFloat(string(w.argv[w.pos]), 64)
	if !errors.Is(err, strconv.ErrRange) {
		w.FloatOr(name, f, bad)
		return
	}
	w.pos++
	*f = v
}

// LazyInt is Int whose error is not the walk's but kept for the op, which looks at
// its key first.
func (w *Walker) LazyInt(name string, n *int64, bad *error) {
	if w.mode != decoding {
		w.Int(name, n)
		return
	}
	if b, ok := w.next(); ok {
		if *n, ok = ParseInt(b); !ok {
			*bad = ErrNotInt
		}
	}
}

// KeyUnlisted reads a key that COMMAND's key specs do not show; UnknownKeys says
// that there is one.
func (w *Walker) KeyUnlisted(k *engine.Key) {
	if w.mode == describing {
		w.add(Argument{Name: "destination", Type: "key", KeySpec: len(w.spec.Keys) - 1})
		return
	}
	w.Key(k, 0)
}
