package feed

import (
	"sort"

	"github.com/residedb/reside/internal/engine"
	"github.com/residedb/reside/persist"
)

// What a block has room for. A longer record has a block of its own.
const (
	blockBytes   = 64 << 10
	blockRecords = 1 << 10
	placedBytes  = 16 // of a placed
)

// backlog is the newest records, as a row of blocks with a bounded number of bytes. What
// is written to a block is never changed, so that others read it while more is added.
type backlog struct {
	blocks []*block // none is empty
	cost   int64    // bytes of memory
	next   int64    // the position of the record to come
}

// block is some records one behind another.
//
//	bytes    │ effects │ effects │ effects │ room ...
//	records     end       end       end
type block struct {
	first   int64 // the position of the first record
	bytes   []byte
	records []placed
}

// placed is a record in a block.
type placed struct {
	clock int64
	end   int // of its effects
}

func newBlock(first int64, size int) *block {
	if size > blockBytes {
		return &block{first, make([]byte, 0, size), make([]placed, 0, 1)}
	}
	return &block{first, make([]byte, 0, blockBytes), make([]placed, 0, blockRecords)}
}

func (b *block) cost() int64 { return int64(cap(b.bytes)) + int64(cap(b.records))*placedBytes }

func (b *block) hasRoom(n int) bool {
	return len(b.records) < cap(b.records) && len(b.bytes)+n <= cap(b.bytes)
}

// begin empties the backlog; the next record is the one behind a position.
func (l *backlog) begin(position int64) { *l = backlog{next: position + 1} }

// first is the position of the oldest record, that of the one to come if there is none.
func (l *backlog) first() int64 {
	if len(l.blocks) == 0 {
		return l.next
	}
	return l.blocks[0].first
}

// add takes the record to come.
func (l *backlog) add(r engine.Record) {
	n := len(l.blocks)
	if n == 0 || !l.blocks[n-1].hasRoom(len(r.Effects)) {
		b := newBlock(l.next, len(r.Effects))
		l.blocks = append(l.blocks, b)
		l.cost += b.cost()
		n++
	}
	b := l.blocks[n-1]
	b.bytes = append(b.bytes, r.Effects...)
	b.records = append(b.records, placed{r.Clock, len(b.bytes)})
	l.next++
}

// trim drops the oldest blocks: while there are more than keep bytes behind them those
// that nobody reads any more, who are at position read or further, and while there are
// more than most bytes all others. The newest block does not count there: nobody is too
// slow because of a record that has only come.
func (l *backlog) trim(read, keep, most int64) {
	for len(l.blocks) > 1 {
		b, newest := l.blocks[0], l.blocks[len(l.blocks)-1]
		rest := l.cost - b.cost()
		if rest <= keep || l.blocks[1].first > read && rest-newest.cost() <= most {
			return
		}
		l.blocks[0] = nil
		l.blocks = l.blocks[1:]
		l.cost = rest
	}
}

// view is some records of one block, and stays what it is.
type view struct {
	first   int64 // the position of the first one
	from    int   // where its effects begin
	bytes   []byte
	records []placed
}

// at is a view of the records from a position on, up to the end of the block, and up to
// another position. The first one is there.
func (l *backlog) at(position, upTo int64) view {
	i := sort.Search(len(l.blocks), func(i int) bool { return l.blocks[i].first > position }) - 1
	b := l.blocks[i]
	skip := int(position - b.first)
	v := view{first: position, bytes: b.bytes, records: b.records[skip:]}
	if skip > 0 {
		v.from = b.records[skip-1].end
	}
	if n := upTo - position + 1; n < int64(len(v.records)) {
		v.records = v.records[:n]
	}
	return v
}

// last is the position of the last record.
func (v view) last() int64 { return v.first + int64(len(v.records)) - 1 }

// appendTo adds the records to a list.
func (v view) appendTo(list []persist.Record) []persist.Record {
	from := v.from
	for i, p := range v.records {
		list = append(list, persist.Record{Position: v.first + int64(i), Clock: p.clock, Effects: v.bytes[from:p.end:p.end]})
		from = p.end
	}
	return list
}
