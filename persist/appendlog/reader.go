package appendlog

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"github.com/cespare/xxhash/v2"

	"github.com/residedb/reside/persist"
)

// blockSize is how many bytes of a segment are read at once.
const blockSize = 256 << 10

// block is a piece of a segment, and the records in it, whose effects borrow from it.
type block struct {
	bytes   []byte
	records []persist.Record
	places  []place // of the records, if they are asked for
}

// place is where something is in a file.
type place struct{ offset, size int64 }

// reader reads the records of a segment, block by block.
type reader struct {
	coder
	file   file
	name   string
	head   header
	size   int64  // of the file when it was opened
	offset int64  // of what comes next
	skip   int64  // records up to this position are not handed on
	limit  int64  // nothing is read behind this position
	why    string // why what comes next is no record
	carry  []byte // what was read already of what comes next
	places bool   // they are asked for
}

// openReader opens a segment and reads its header.
func openReader(from files, name fileName) (r *reader, err error) {
	f, err := from.open(name.String())
	if err != nil {
		return nil, err
	}
	r = &reader{file: f, name: name.String(), limit: math.MaxInt64}
	if r.head, err = readHeader(f, name); err == nil {
		r.size, err = f.Size()
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	r.coder, r.offset = newCoder(r.head), headerSize
	return r, nil
}

// close ends the reading.
func (r *reader) close() error { return r.file.Close() }

// read fills a block with the records that come next. more is false when there is nothing
// behind them, up to the limit, or no record: why says so then.
func (r *reader) read(b *block) (more bool, err error) {
	b.records, b.places = b.records[:0], b.places[:0]
	if r.last >= r.limit {
		return false, nil
	}
	if err := r.fetch(b, blockSize); err != nil {
		return false, err
	}
	for at := 0; ; {
		n := r.parse(b.bytes[at:])
		if n > len(b.bytes)-at && at == 0 {
			if err := r.fetchLarge(b, n); err != nil {
				return false, err
			}
			n = r.parse(b.bytes)
		}
		switch {
		case n == 0:
			return false, nil
		case n > len(b.bytes)-at:
			r.carry = append(r.carry[:0], b.bytes[at:]...)
			return true, nil
		}
		r.take(b, at, n)
		if at += n; r.why != "" || r.last >= r.limit {
			return false, nil
		}
	}
}

// fetch fills the block with what comes next, up to size bytes.
func (r *reader) fetch(b *block, size int) error {
	size = int(min(int64(size), r.size-r.offset))
	if cap(b.bytes) < size || cap(b.bytes) > max(4*blockSize, size) {
		b.bytes = make([]byte, size)
	}
	b.bytes = b.bytes[:size]
	n := copy(b.bytes, r.carry)
	r.carry = r.carry[:0]
	return readFull(r.file, b.bytes[n:], r.offset+int64(n))
}

// fetchLarge fills the block with one record that is larger. Memory is only given to one
// whose checksum is right.
func (r *reader) fetchLarge(b *block, size int) error {
	sum, err := r.sumAt(r.offset, int64(size), b.bytes)
	switch {
	case err != nil:
		return err
	case sum:
		return r.fetch(b, size)
	}
	r.bad("the checksum of a record does not match")
	b.bytes = b.bytes[:0]
	return nil
}

// sumAt reports whether the checksum of a record at some place is right. It reads with the
// memory given.
func (r *reader) sumAt(offset, size int64, memory []byte) (bool, error) {
	var sum uint64
	digest := xxhash.New()
	for at := int64(0); at < size; {
		b := memory[:min(int64(len(memory)), size-at)]
		if err := readFull(r.file, b, offset+at); err != nil {
			return false, err
		}
		at += int64(len(b))
		if at == int64(len(b)) {
			sum, b = binary.LittleEndian.Uint64(b), b[8:]
		}
		_, _ = digest.Write(b) // never fails
	}
	return sum == digest.Sum64()^r.salt, nil
}

// parse returns how many bytes the record takes that b begins with, more than b has if it
// goes on behind it; 0 if there is none.
func (r *reader) parse(b []byte) int {
	left := r.size - r.offset
	switch {
	case left == 0 || r.why != "":
		return 0
	case left < headSize+minBody:
		return r.bad("a record is cut off")
	case len(b) < headSize:
		return headSize
	}
	n, ok := lengthIn(b, r.salt, left)
	switch {
	case !ok:
		return r.bad("the length of a record cannot be")
	case n <= int64(len(b)) && !r.whole(b[:n]):
		return r.bad("the checksum of a record does not match")
	}
	return int(n)
}

// take hands on the record at a place in the block.
func (r *reader) take(b *block, at, n int) {
	rec := persist.Record{Position: -1}
	if r.why = r.next(b.bytes[at:at+n:at+n], &rec); r.why != "" {
		return
	}
	if rec.Position > r.skip {
		b.records = append(b.records, rec)
		if r.places {
			b.places = append(b.places, place{r.offset, int64(n)})
		}
	}
	r.offset += int64(n)
}

// bad notes why there is no record.
func (r *reader) bad(why string) int {
	r.why = why
	return 0
}

// damage is the error that what comes next is not what it was.
func (r *reader) damage(why string) *persist.DamageError {
	if r.why != "" {
		why = fmt.Sprintf("%s, and %s", r.why, why)
	}
	return &persist.DamageError{File: r.name, Offset: r.offset, Reason: why}
}
