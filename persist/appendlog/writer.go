package appendlog

import (
	"errors"
	"fmt"
	"io"

	"github.com/residedb/reside/internal/vfs"
	"github.com/residedb/reside/persist"
)

// writer writes records to the end of a segment.
type writer struct {
	coder
	file vfs.File
	head header
	size int64 // bytes written
	buf  []byte
}

// mostKept is how many bytes of memory are kept from one batch to the next.
const mostKept = 4 << 20

// write writes records, in one call.
func (w *writer) write(records []persist.Record) error {
	for i := range records {
		w.buf = w.append(w.buf, &records[i])
	}
	return w.flush()
}

// add writes a record, now or with others; flush ends it.
func (w *writer) add(r persist.Record) error {
	if w.buf = w.append(w.buf, &r); len(w.buf) < blockSize {
		return nil
	}
	return w.flush()
}

// flush writes what is in the buffer.
func (w *writer) flush() error {
	n, err := w.file.Write(w.buf)
	w.size += int64(n)
	if err == nil && n < len(w.buf) {
		err = io.ErrShortWrite
	}
	if cap(w.buf) > mostKept {
		w.buf = nil
	}
	w.buf = w.buf[:0]
	return err
}

// sync makes durable what was written.
func (w *writer) sync() error {
	if w.durable == w.last {
		return nil
	}
	if err := w.file.Sync(); err != nil {
		return err
	}
	w.durable = w.last
	return nil
}

// end closes the file, for good. If all in it is durable a mark says so first, by which
// damage can be told from a torn tail. Nothing depends on it.
func (w *writer) end() error {
	if w.durable == w.last && w.last > w.head.position {
		w.buf = w.appendMark(w.buf)
		_ = w.flush()
	}
	return w.file.Close()
}

// makeSegment makes a segment, which has the records that fill writes, and is durable when
// it returns. Whatever happens, its number is not to be used again: where the directory
// could not be synced, it may be there or not after a power cut.
func makeSegment(d vfs.FS, h header, memory []byte, fill func(*writer) error) (w *writer, err error) {
	temp, name := h.name().String()+tempSuffix, h.name().String()
	f, err := d.Create(temp)
	if err != nil {
		return nil, err
	}
	w = &writer{coder: newCoder(h), file: f, head: h, buf: append(memory[:0], h.layout()...)}
	if err = w.flush(); err == nil {
		err = fill(w)
	}
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = publish(d, temp, name)
	}
	if err == nil {
		w.file, err = d.Open(name)
	}
	if err != nil {
		_ = d.Remove(temp) // what is left does no harm, and is swept up
		_ = d.Remove(name)
		return nil, fmt.Errorf("appendlog: a segment cannot be made: %w", err)
	}
	w.durable = w.last
	return w, nil
}

// publish gives a file its name, durably.
func publish(d vfs.FS, temp, name string) error {
	if err := d.Rename(temp, name); err != nil {
		return err
	}
	return d.Sync()
}
