package appendlog

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"

	"github.com/cespare/xxhash/v2"

	"github.com/residedb/reside/internal/vfs"
	"github.com/residedb/reside/persist"
)

// version is that of the format.
const version = 1

const (
	magic      = "RLOGS\n"
	prefixSize = len(magic) + 2 + 8
	historyLen = 32
	headerSize = prefixSize + historyLen + 8 + 8
)

// name is what a segment's file is called.
type name struct {
	number   int64 // of the segment, from 1 on
	position int64 // behind which it begins
}

func (n name) String() string { return fmt.Sprintf("log-%010d-%020d.rlog", n.number, n.position) }

var namePattern = regexp.MustCompile(`^log-(\d{10,19})-(\d{20})\.rlog$`)

func parseName(s string) (n name, ok bool) {
	m := namePattern.FindStringSubmatch(s)
	if m == nil {
		return n, false
	}
	number, err1 := strconv.ParseInt(m[1], 10, 64)
	position, err2 := strconv.ParseInt(m[2], 10, 64)
	return name{number, position}, err1 == nil && err2 == nil
}

// header is what a segment begins with.
type header struct {
	history  string
	position int64
	seed     uint64 // of its records' checksums
}

// appendHeader adds the layout of a header to dst.
func appendHeader(dst []byte, history string, position int64) ([]byte, header) {
	at := len(dst)
	dst = append(dst, magic...)
	dst = binary.LittleEndian.AppendUint16(dst, version)
	dst = binary.LittleEndian.AppendUint64(dst, xxhash.Sum64(dst[at:]))
	dst = append(dst, history...)
	dst = binary.LittleEndian.AppendUint64(dst, uint64(position))
	seed := xxhash.Sum64(dst[at:])
	return binary.LittleEndian.AppendUint64(dst, seed), header{history, position, seed}
}

// errNoHeader: the bytes are not a header.
var errNoHeader = errors.New("the header is not whole")

func parseHeader(b []byte) (h header, err error) {
	prefix := len(magic) + 2
	if string(b[:len(magic)]) != magic || xxhash.Sum64(b[:prefix]) != binary.LittleEndian.Uint64(b[prefix:]) {
		return h, errNoHeader
	}
	if binary.LittleEndian.Uint16(b[len(magic):]) != version {
		return h, persist.ErrVersion
	}
	h.seed = xxhash.Sum64(b[:headerSize-8])
	if h.seed != binary.LittleEndian.Uint64(b[headerSize-8:]) {
		return h, errNoHeader
	}
	h.history = string(b[prefixSize : prefixSize+historyLen])
	h.position = int64(binary.LittleEndian.Uint64(b[prefixSize+historyLen:]))
	return h, nil
}

// segment is a file of the log.
type segment struct {
	name
	size int64
}

// listSegments returns the segments of a directory in order.
func listSegments(fs vfs.FS) (list []segment, err error) {
	names, err := fs.List()
	if err != nil {
		return nil, err
	}
	for _, s := range names { // in order, as numbers have leading zeros
		if n, ok := parseName(s); ok {
			size, err := sizeOf(fs, s)
			if err != nil {
				return nil, err
			}
			list = append(list, segment{n, size})
		}
	}
	return list, nil
}

func sizeOf(fs vfs.FS, name string) (int64, error) {
	f, err := fs.Open(name)
	if err != nil {
		return 0, err
	}
	size, err := f.Size()
	return size, errors.Join(err, f.Close())
}

// readHeader reads the header of an open segment. A segment that is too short for one has
// errNoHeader.
func readHeader(f io.Reader) (header, error) {
	var b [headerSize]byte
	n, err := io.ReadFull(f, b[:])
	if err != nil && err != io.ErrUnexpectedEOF && err != io.EOF {
		return header{}, err
	}
	if n < prefixSize {
		return header{}, errNoHeader
	}
	if n < headerSize {
		_, err := parseHeader(b[:])
		if errors.Is(err, persist.ErrVersion) {
			return header{}, err
		}
		return header{}, errNoHeader
	}
	return parseHeader(b[:])
}
