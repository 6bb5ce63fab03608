package appendlog

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"

	"github.com/residedb/reside/persist"
)

// drop repairs a log: it drops what is behind the damage with which the reading of a chain
// has ended, and sets the files aside that had it. Later segments go first, so that the
// log never looks whole without what was between.
func (l *Log) drop(chain []link, end ending) (dropped []*persist.DamageError, err error) {
	for i := len(chain) - 1; i > end.at; i-- {
		d := &persist.DamageError{File: chain[i].String(), Reason: "it follows what is damaged"}
		if err := l.setAside(chain[i].fileName, d); err != nil {
			return nil, err
		}
		dropped = append(dropped, d)
	}
	d := end.damage
	if end.offset < headerSize {
		err = l.setAside(chain[end.at].fileName, d)
	} else {
		err = l.cutAside(chain[end.at].fileName, end.offset, d)
	}
	if err != nil {
		return nil, err
	}
	dropped = append(dropped, d)
	slices.Reverse(dropped)
	return dropped, l.listAgain()
}

// dropAll sets all segments aside, as what is before them is missing.
func (l *Log) dropAll(after int64) (dropped []*persist.DamageError, err error) {
	for _, s := range l.segments {
		d := &persist.DamageError{File: s.String(), Reason: fmt.Sprintf("record %d is missing before it", after+1)}
		if err := l.setAside(s.fileName, d); err != nil {
			return nil, err
		}
		dropped = append(dropped, d)
	}
	return dropped, l.listAgain()
}

// setAside gives a file another name.
func (l *Log) setAside(n fileName, d *persist.DamageError) (err error) {
	if d.Dropped, err = sizeOf(directory{l.fs}, n.String()); err != nil {
		return err
	}
	to, err := l.freeName(n.String() + damagedSuffix)
	if err != nil {
		return err
	}
	return publish(l.fs, n.String(), to)
}

// cutAside cuts a file off at an offset. All of it is copied before.
func (l *Log) cutAside(n fileName, offset int64, d *persist.DamageError) error {
	size, err := l.copyAside(n)
	if err != nil {
		return err
	}
	d.Dropped = size - offset
	return l.cut(n, offset)
}

// copyAside copies a file.
func (l *Log) copyAside(n fileName) (size int64, err error) {
	from, err := l.fs.Open(n.String())
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, from.Close()) }()
	to, err := l.freeName(n.String() + damagedSuffix)
	if err != nil {
		return 0, err
	}
	f, err := l.fs.Create(to)
	if err != nil {
		return 0, err
	}
	if size, err = io.Copy(f, from); err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return 0, errors.Join(err, l.fs.Remove(to))
	}
	return size, l.fs.Sync()
}

// freeName is a name that no file has: what was set aside before is kept.
func (l *Log) freeName(s string) (string, error) {
	for i, name := 2, s; ; i++ {
		f, err := l.fs.Open(name)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return name, nil
		case err != nil:
			return "", err
		}
		if err := f.Close(); err != nil {
			return "", err
		}
		name = fmt.Sprintf("%s%d", s, i)
	}
}
