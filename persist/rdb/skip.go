package rdb

import "fmt"

// skipValue passes over a value that this library does not have.
func (in *input) skipValue(t valueType) {
	if t == typeModule2 {
		in.count() // which module
		in.skipModule()
		return
	}
	in.skipStream(t)
}

// What stands before each piece of a module's data.
const (
	moduleEnd    = 0
	moduleSigned = 1
	moduleUint   = 2
	moduleFloat  = 3
	moduleDouble = 4
	moduleString = 5
)

// skipModule passes over what a module has written, up to its end.
func (in *input) skipModule() {
	for in.err == nil {
		at := in.offset()
		switch what := in.count(); what {
		case moduleEnd:
			return
		case moduleSigned, moduleUint:
			in.count()
		case moduleFloat:
			in.pass(4)
		case moduleDouble:
			in.pass(8)
		case moduleString:
			in.skipString()
		default:
			in.damagedAt(at, fmt.Sprintf("a piece of module data of an unknown kind, %d", what))
		}
	}
}

// skipString passes over a string, of any length.
func (in *input) skipString() {
	at := in.offset()
	n, coded := in.length()
	switch {
	case !coded:
		in.pass(n)
	case n == codedInt8:
		in.pass(1)
	case n == codedInt16:
		in.pass(2)
	case n == codedInt32:
		in.pass(4)
	case n == codedLZF:
		packed := in.count()
		in.count()
		in.pass(packed)
	default:
		in.damagedAt(at, fmt.Sprintf("a string of an unknown encoding, %d", n))
	}
}

// many calls fn as often as the next number says.
func (in *input) many(fn func()) {
	for n := in.count(); n > 0 && in.err == nil; n-- {
		fn()
	}
}

// skipStream passes over a stream:
//
//	| nodes | id, listpack ... | length | last id | more, from 7.0 on | groups ... |
//
//	group     | name | last id | entries read, from 7.0 on | pending | id, time, count ... |
//	          | consumers | name, seen, active from 7.2 on, pending | id ... |
func (in *input) skipStream(t valueType) {
	in.many(func() {
		in.skipString()
		in.skipString()
	})
	in.counts(3) // length, last id
	if t >= typeStream2 {
		in.counts(5) // first id, largest deleted id, entries added
	}
	in.many(func() { in.skipGroup(t) })
}

func (in *input) counts(n int) {
	for range n {
		in.count()
	}
}

func (in *input) skipGroup(t valueType) {
	in.skipString()
	in.counts(2)
	if t >= typeStream2 {
		in.count()
	}
	const id, millis = 16, 8
	in.many(func() {
		in.pass(id + millis)
		in.count()
	})
	in.many(func() {
		in.skipString()
		in.pass(millis)
		if t >= typeStream3 {
			in.pass(millis)
		}
		in.many(func() { in.pass(id) })
	})
}
