package types

import (
	"context"
	"iter"

	"github.com/residedb/reside/internal/command"
)

// batch is about how many elements an iterator takes under one lock.
const batch = 128

// scan walks a collection by a row of SCAN's kind. Pages are copied under the
// lock; decode makes elements of them once it is free.
func scan[E any](ctx context.Context, h handle, row *command.Row[command.ScanArgs, command.Page], a command.ScanArgs, decode func(command.Page) ([]E, error)) iter.Seq2[E, error] {
	a.Key, a.Count, a.HasCount = h.key, batch, true
	return func(yield func(E, error) bool) {
		a := a // the sequence can be walked again
		for more := true; more; more = a.Cursor != 0 {
			var page command.Page
			err := row.Do(ctx, h.at, h.key, a, func(p command.Page) error {
				page = p
				page.Items = copyAll(p.Items)
				return nil
			})
			var list []E
			if err == nil {
				list, err = decode(page)
			}
			if !yieldAll(list, err, yield) {
				return
			}
			a.Cursor = page.Cursor
		}
	}
}

// matching are the arguments of a scan for what matches a pattern, all if it is
// empty.
func matching(pattern string) command.ScanArgs {
	return command.ScanArgs{Match: []byte(pattern), HasMatch: pattern != ""}
}

// copyAll copies byte strings into one block of memory.
func copyAll(parts [][]byte) [][]byte {
	n := 0
	for _, b := range parts {
		n += len(b)
	}
	block, copies := make([]byte, 0, n), make([][]byte, len(parts))
	for i, b := range parts {
		at := len(block)
		block = append(block, b...)
		copies[i] = block[at:len(block):len(block)]
	}
	return copies
}

// yieldAll hands a batch or an error to a loop and reports whether it goes on.
func yieldAll[E any](list []E, err error, yield func(E, error) bool) bool {
	if err != nil {
		var none E
		yield(none, err)
		return false
	}
	for _, e := range list {
		if !yield(e, nil) {
			return false
		}
	}
	return true
}
