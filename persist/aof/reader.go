package aof

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strconv"
	"time"

	"github.com/residedb/reside/internal/vfs"
	"github.com/residedb/reside/persist"
	"github.com/residedb/reside/persist/rdb"
)

// Reader reads the data from its beginning to its end. One goroutine uses it.
//
//	r, err := aof.Open(path, aof.Options{})
//	if p := r.Preamble(); p != nil { ... p.Next() ... }    until io.EOF
//	for { commands, err := r.Next() ... }                  until io.EOF
type Reader struct {
	from     vfs.FS
	o        Options
	links    []link
	manifest *manifest // nil for one file

	at       int // which of the links is read
	file     vfs.File
	in       source
	whole    int64       // where the last thing that is whole has ended, annotations not counted
	preamble *rdb.Reader // until it is read
	batch    batch
	report   Report
	before   int64 // bytes of the files that were read
	err      error // for ever
}

// begin opens the first file, and finds out whether it has a preamble.
func begin(from vfs.FS, links []link, m *manifest, o Options) (*Reader, error) {
	r := &Reader{from: from, o: o, links: links, manifest: m}
	if err := r.checkAll(); err != nil {
		return nil, err
	}
	if len(links) == 0 {
		r.err = io.EOF
		return r, nil
	}
	err := r.open()
	if err == nil && r.beginsAsRDB() {
		r.preamble, err = rdb.NewReader(r.in.in, rdb.Options{Name: r.name(), Follows: true, Skip: r.o.Skip})
	}
	if err != nil {
		return nil, errors.Join(err, r.Close())
	}
	return r, nil
}

// checkAll looks whether all files are there, before anything is done with the first.
func (r *Reader) checkAll() error {
	if r.manifest == nil {
		return nil
	}
	have := map[string]bool{}
	names, err := r.from.List()
	for _, n := range names {
		have[n] = true
	}
	for _, l := range r.links {
		if err == nil && !have[l.name] {
			return r.manifest.missing(l)
		}
	}
	return err
}

func (r *Reader) name() string { return r.links[r.at].name }

// open opens the file that is to be read.
func (r *Reader) open() (err error) {
	if r.file, err = r.from.Open(r.name()); err != nil {
		r.file = nil
		return err
	}
	r.report.Files = append(r.report.Files, r.name())
	r.in, r.whole = newSource(r.file, 0), 0
	return nil
}

func (r *Reader) beginsAsRDB() bool {
	b, _ := r.in.in.Peek(len("REDIS"))
	return bytes.Equal(b, []byte("REDIS"))
}

// Preamble is the content that the commands follow, nil if there is none: the first file
// begins as an RDB file does. It is read to its end, io.EOF, before Next.
func (r *Reader) Preamble() *rdb.Reader { return r.preamble }

// Report says what was found so far. O(1).
func (r *Reader) Report() Report {
	n := r.report
	n.Bytes = r.before + r.in.offset
	if r.preamble != nil {
		n.Bytes = r.preamble.Report().Bytes
	}
	return n
}

// Next returns what was done next as one: a command, or those that stood between MULTI
// and EXEC, of which there may be none. They are borrowed until the next call. It returns
// io.EOF when all was read, *persist.DamageError for what is not as Redis writes it, and
// another error if the files cannot be read.
func (r *Reader) Next() ([]Command, error) {
	if r.preamble != nil && r.err == nil {
		r.leavePreamble()
	}
	for r.err == nil {
		done, err := r.step()
		switch {
		case err == io.EOF:
			r.nextFile()
		case err != nil:
			r.err = err
		case done:
			r.whole = r.in.offset
			all := r.batch.all(r.name())
			r.report.Commands += int64(len(all))
			return all, nil
		}
	}
	return nil, r.err
}

// leavePreamble goes on behind it.
func (r *Reader) leavePreamble() {
	if _, err := r.preamble.Next(); err != io.EOF {
		if err == nil {
			err = errors.New("aof: Next is called before the preamble is read")
		}
		r.err = err
		return
	}
	r.whole = r.preamble.Report().Bytes
	r.in = newSource(r.preamble.Rest(), r.whole)
	r.preamble = nil
}

// nextFile goes on with the next file, or ends.
func (r *Reader) nextFile() {
	r.before += r.in.offset
	r.in.offset = 0
	err := r.closeFile()
	switch {
	case err != nil:
		r.err = err
		return
	case r.at == len(r.links)-1:
		r.err = io.EOF
		return
	}
	r.at++
	if r.err = r.open(); r.err == nil && r.beginsAsRDB() {
		r.err = r.damage(0, "it begins as an RDB file does, but is not the first")
	}
}

// step reads one thing. done is false for an annotation. io.EOF is the end of the file.
func (r *Reader) step() (done bool, err error) {
	r.batch.reset()
	begins := r.in.offset
	multi := false
	for {
		found, err := r.item()
		switch {
		case err == io.EOF && !multi:
			return false, io.EOF
		case err == io.EOF:
			return false, r.torn("a transaction without its end")
		case errors.Is(err, errTorn) && !multi:
			return false, r.torn("an unfinished command")
		case errors.Is(err, errTorn):
			return false, r.torn("a transaction without its end, and an unfinished command")
		case err == errLater:
			return false, r.stop(begins)
		case err != nil:
			return false, r.failure(err)
		case !found && !multi:
			return false, nil
		case !found:
		case !multi && r.batch.lastIs("multi"):
			multi = true
			r.batch.dropLast()
		case multi && r.batch.lastIs("exec"):
			r.batch.dropLast()
			return true, nil
		case !multi:
			return true, nil
		}
	}
}

// errLater: what follows was done later than Options.Until.
var errLater = errors.New("aof: it is later")

// item reads a command, or an annotation: then found is false.
func (r *Reader) item() (found bool, err error) {
	at := r.in.offset
	c, err := r.in.in.Peek(1)
	if err != nil {
		return false, err
	}
	if c[0] == '#' {
		return false, r.annotation()
	}
	words, err := r.in.number('*', maxWords)
	if err == nil && words == 0 {
		err = malformed("a command without words")
	}
	if err == nil {
		err = r.batch.read(&r.in, at, words)
	}
	return err == nil, err
}

// annotation reads one. Nothing is lost with one that is torn.
func (r *Reader) annotation() error {
	line, err := r.in.line()
	if err == nil {
		err = r.annotated(line)
	}
	if err == errTorn {
		err = nil
	}
	return err
}

// annotated takes an annotation; of those that are no time nobody says what they are.
func (r *Reader) annotated(line []byte) error {
	text, ok := bytes.CutPrefix(line, []byte("#TS:"))
	if seconds, err := strconv.ParseInt(string(text), 10, 64); ok && err == nil {
		return r.now(seconds)
	}
	return nil
}

// now says when what follows was done.
func (r *Reader) now(seconds int64) error {
	if !r.o.Until.IsZero() && seconds > r.o.Until.Unix() {
		return errLater
	}
	r.report.Time = time.Unix(seconds, 0)
	return nil
}

// stop ends the data before something later.
func (r *Reader) stop(at int64) error {
	r.report.Stopped = &Place{r.name(), at}
	r.at = len(r.links) - 1
	return io.EOF
}

// torn ends the data behind what is whole, where that may be.
func (r *Reader) torn(what string) error {
	at := r.whole
	last := r.at == len(r.links)-1
	switch {
	case !last:
		return r.damage(at, what+" at its end, and another file follows")
	case r.o.Strict:
		return r.damage(at, what+" at its end")
	}
	size, err := r.file.Size()
	if err != nil {
		return r.failure(err)
	}
	r.in.offset = size
	r.report.Cut = &Cut{Place{r.name(), at}, size - at, what}
	return io.EOF
}

func (r *Reader) damage(at int64, reason string) error {
	return &persist.DamageError{File: r.name(), Offset: at, Reason: reason}
}

// failure says where something is wrong.
func (r *Reader) failure(err error) error {
	var m malformed
	if errors.As(err, &m) {
		return r.damage(r.in.mark, string(m))
	}
	return fmt.Errorf("aof: %s cannot be read at offset %d: %w", r.name(), r.in.offset, err)
}

func (r *Reader) closeFile() error {
	if r.file == nil {
		return nil
	}
	err := r.file.Close()
	r.file = nil
	return err
}

// Close ends the reading, wherever it is.
func (r *Reader) Close() error {
	if r.err == nil {
		r.err = fs.ErrClosed
	}
	return r.closeFile()
}
