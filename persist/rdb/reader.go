package rdb

import (
	"encoding/binary"
	"fmt"
	"io"
	"io/fs"
	"math/bits"

	"github.com/cespare/xxhash/v2"

	"github.com/residedb/reside/internal/effect"
	"github.com/residedb/reside/persist"
)

const (
	magic       = "REDIS"
	headSize    = 9
	lastVersion = 12 // of Redis 7.4 and 8.0
	sumVersion  = 5  // the first one with a checksum
	ownParts    = 64 // of a file that does not say it
)

// Reader reads an RDB file from a stream, checks it, and makes chunks of effects of it: it
// is a persist.SnapshotReader. One goroutine uses it.
//
// Its memory is that of the longest string in the file, of packed collections up to a few
// kilobytes mostly, and a chunk for each part; never more than twice of what it has read.
type Reader struct {
	in     input
	o      Options
	about  persist.Snapshot
	report Report

	db     int
	key    []byte // in keyBuf, nil between keys
	keyBuf []byte
	at     int64 // where the key began
	due    int64 // its deadline, 0 for none
	hasDue bool
	value  value
	inside bool // the value is not read to its end

	parts []*part
	ready []persist.Chunk
	room  [][]byte // for chunks
	err   error    // for ever
}

// part makes the chunks of one part.
type part struct {
	effect.Chunks
	from int64 // where the first key of the chunk begins, -1 for none
}

// NewReader begins to read a file, up to what it says of itself. It returns
// persist.ErrVersion for one of a later version than 12, and *persist.DamageError for what
// is no RDB file. Nothing may follow the file in the stream, but for Options.Follows.
func NewReader(from io.Reader, o Options) (*Reader, error) {
	r := &Reader{in: input{src: from, name: o.name()}, o: o, keyBuf: []byte{}}
	r.in.about = r.where
	r.report.Aux = map[string]string{}
	if err := r.begin(); err != nil {
		return nil, err
	}
	return r, nil
}

// where says which key is being read.
func (r *Reader) where() string {
	if r.key == nil {
		return ""
	}
	return fmt.Sprintf(" (in the key %q of database %d)", r.key, r.db)
}

// begin reads the head of the file.
func (r *Reader) begin() error {
	head := r.in.take(headSize)
	if r.in.err != nil {
		return r.in.err
	}
	for i, c := range head {
		if i < len(magic) && c != magic[i] || i >= len(magic) && (c < '0' || c > '9') {
			r.in.damagedAt(0, "it does not begin as an RDB file does")
			return r.in.err
		}
		if i >= len(magic) {
			r.report.Version = r.report.Version*10 + int(c-'0')
		}
	}
	switch v := r.report.Version; {
	case v > lastVersion:
		return fmt.Errorf("%w: %s has version %d of RDB, of which this library knows %d", persist.ErrVersion, r.in.name, v, lastVersion)
	case v < 1:
		r.in.damagedAt(0, "there is no version 0")
		return r.in.err
	}
	for r.in.have(1) && r.in.buf[r.in.pos] == opAux {
		r.item()
	}
	if r.in.err == nil {
		var ok bool
		if r.about, ok = aboutOf(r.report.Aux, r.partCount()); !ok {
			r.in.damaged("it says something of itself that cannot be")
		}
	}
	r.parts = make([]*part, max(r.about.Parts, 1))
	return r.in.err
}

func (r *Reader) partCount() int {
	if r.o.Parts > 0 {
		return r.o.Parts
	}
	return ownParts
}

// About says what the snapshot is of. A file that Redis has written has neither history
// nor position, and does not say how many keys it has.
func (r *Reader) About() persist.Snapshot { return r.about }

// Report says what was found so far. O(1).
func (r *Reader) Report() Report {
	r.report.Bytes = r.in.offset()
	return r.report
}

// Next returns the next chunk, whose bytes belong to the caller, and io.EOF when all of the
// file was read and found whole. Damage is a *persist.DamageError, what this library does
// not have an *UnsupportedError; another error is the stream's.
func (r *Reader) Next() (persist.Chunk, error) { return r.NextInto(nil) }

// NextInto is Next. A later chunk is in room, if that is of the size of a chunk: what a
// long element has made larger is not kept.
func (r *Reader) NextInto(room []byte) (persist.Chunk, error) {
	if n := cap(room); effect.ChunkTarget <= n && n <= effect.MaxReuse && len(r.room) < len(r.parts) {
		r.room = append(r.room, room[:0])
	}
	for r.err == nil && len(r.ready) == 0 {
		r.advance()
	}
	if len(r.ready) > 0 {
		c := r.ready[0]
		r.ready = r.ready[1:]
		return c, nil
	}
	return persist.Chunk{}, r.err
}

// advance reads on a bit.
func (r *Reader) advance() {
	if r.inside {
		if r.inside = r.value.step(); !r.inside {
			r.ended()
		}
	} else if r.item() {
		r.finish()
	}
	if r.in.err != nil {
		r.err, r.ready = r.in.err, nil
	}
}

// Close ends the reading. It does not close the stream.
func (r *Reader) Close() error {
	if r.err == nil {
		r.err = fs.ErrClosed
	}
	r.ready = nil
	return nil
}

// item reads a key up to its value, or what stands between keys. It reports the end.
func (r *Reader) item() (end bool) {
	r.key, r.at = nil, r.in.offset()
	for {
		switch op := r.in.byte(); {
		case r.in.err != nil:
			return false
		case op == opEOF:
			return true
		case op == opExpiry:
			if b := r.in.take(4); b != nil {
				r.expires(int64(int32(binary.LittleEndian.Uint32(b))) * 1000)
			}
		case op == opExpiryMs:
			if b := r.in.take(8); b != nil {
				r.expires(int64(binary.LittleEndian.Uint64(b)))
			}
		case op == opIdle: // effects have no place for what keys are used
			r.in.count()
			r.report.Uses++
		case op == opFreq:
			r.in.byte()
			r.report.Uses++
		case op >= opSlotInfo:
			r.between(op)
			return false
		default:
			r.begun(valueType(op))
			return false
		}
	}
}

// expires gives the next key a deadline. One that is 0 or less has long come.
func (r *Reader) expires(at int64) { r.due, r.hasDue = max(at, 1), at != -1 }

// between reads what stands between keys.
func (r *Reader) between(op byte) {
	switch op {
	case opSelectDB:
		n := r.in.count()
		if n > 1<<31-1 {
			r.in.damagedAt(r.at, fmt.Sprintf("a database %d", n))
		}
		r.db = int(n)
	case opResizeDB:
		r.in.counts(2)
	case opSlotInfo:
		r.in.counts(3)
	case opAux:
		name := string(r.in.str())
		value := string(r.in.str())
		if r.in.err == nil && len(r.report.Aux) < mostSkipped {
			r.report.Aux[name] = value
		}
	case opFunction2:
		if r.unsupported("a library of functions", true) {
			r.in.skipString()
		}
	case opFunctionPre:
		r.unsupported("a library of functions, as a release candidate of Redis 7.0 wrote it", false)
	case opModuleAux:
		if r.unsupported("data of a module", true) {
			r.in.counts(3) // which module, the kind of a number, when
			r.in.skipModule()
		}
	}
}

// unsupported reports whether what this library does not have is to be passed over.
func (r *Reader) unsupported(what string, canSkip bool) bool {
	s := Skipped{what, r.db, string(r.key), r.at}
	if !r.o.Skip || !canSkip {
		r.in.fail(&UnsupportedError{r.in.name, s, canSkip})
		return false
	}
	r.report.skipped(s)
	return true
}

// begun reads a key and the beginning of its value.
func (r *Reader) begun(t valueType) {
	at := r.in.offset() - 1
	due := int64(0)
	if r.hasDue {
		due = r.due
	}
	r.hasDue = false
	r.keyBuf = append(r.keyBuf[:0], r.in.str()...)
	r.key = r.keyBuf
	if r.in.err != nil {
		return
	}
	kind := kindOf(t)
	if kind == 0 {
		r.foreign(t, at)
		return
	}
	made := effect.Made{DB: r.db, Key: r.key, Deadline: due}
	r.value.begin(&r.in, t, made, r.sink(kind, due))
	r.inside = true
}

// foreign reads a value that this library does not have.
func (r *Reader) foreign(t valueType, at int64) {
	what, canSkip := foreign(t)
	if what == "" {
		r.in.damagedAt(at, fmt.Sprintf("a value of an unknown type, %d", t))
		return
	}
	if r.unsupported(what, canSkip) {
		r.in.skipValue(t)
	}
}

// sink is where the key goes.
func (r *Reader) sink(kind, due int64) sink {
	switch {
	case due != 0 && due < r.o.Now:
		r.report.Expired++
		return nowhere{}
	case r.o.Keep != nil && !r.o.Keep(r.db, r.key, Kind(kind)):
		r.report.Left++
		return nowhere{}
	}
	p := r.part()
	if p.from < 0 {
		p.from = r.at
	}
	return p
}

// part is that of the key: the one that its stripe is in an engine with as many stripes as
// there are parts, which loads each chunk fastest if it is of one stripe.
func (r *Reader) part() *part {
	i := 0
	if n := len(r.parts); n > 1 {
		i = int(xxhash.Sum64(r.key)>>(64-bits.Len(uint(n-1)))) % n
	}
	if r.parts[i] == nil {
		p := &part{from: -1}
		p.Emit = func(keys int, effects []byte) error {
			r.ready = append(r.ready, persist.Chunk{Part: i, Keys: keys, Effects: effects, Offset: p.from})
			p.from = r.at
			p.Forget(r.takeRoom())
			return nil
		}
		r.parts[i] = p
	}
	return r.parts[i]
}

// takeRoom is memory for a chunk.
func (r *Reader) takeRoom() []byte {
	last := len(r.room) - 1
	if last < 0 {
		return make([]byte, 0, effect.ChunkTarget)
	}
	room := r.room[last]
	r.room = r.room[:last]
	return room
}

// ended counts the value that was read.
func (r *Reader) ended() {
	switch {
	case r.in.err != nil || r.value.to == nowhere{}:
	case r.value.empty:
		r.report.Empty++
	default:
		r.report.Keys++
		if p := r.value.to.(*part); p.Spans() {
			_ = p.Flush() // so that who writes chunks in this order need not wait in the middle of a key
		}
	}
}

// finish reads what follows the last key, and hands on what is left.
func (r *Reader) finish() {
	r.key = nil
	r.in.digest()
	sum := r.in.sum
	if r.report.Version < sumVersion {
		r.report.Unchecked = true
	} else if b := r.in.take(8); b != nil {
		stored := binary.LittleEndian.Uint64(b)
		r.report.Unchecked = stored == 0
		if stored != 0 && stored != sum {
			r.in.damagedAt(r.in.offset()-8, fmt.Sprintf("the checksum is %016x, and should be %016x", sum, stored))
		}
	}
	if r.in.err == nil && !r.o.Follows && !r.in.atEnd() && (r.report.Version < sumVersion || !r.in.transferMark()) {
		r.in.damaged("something follows the end")
	}
	if r.in.err != nil {
		return
	}
	if r.about.History != "" && r.o.Keep == nil && r.o.Now == 0 && r.report.Keys != r.about.Keys {
		r.in.damaged(fmt.Sprintf("it has %d keys, and should have %d", r.report.Keys, r.about.Keys))
		return
	}
	for _, p := range r.parts {
		if p != nil {
			_ = p.Flush() // its Emit never fails
		}
	}
	r.err = io.EOF
}
