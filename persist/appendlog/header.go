package appendlog

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"

	"github.com/cespare/xxhash/v2"

	"github.com/residedb/reside/persist"
)

const (
	magic   = "RALOG\n" // no text file and no other format of ours begins so
	version = 1

	prefixSize = 16 // magic, version, checksum of both
	headerSize = 64
)

// header is how a segment begins.
type header struct {
	history  string
	position int64
	durable  int64
	number   int64
}

// layout is the header as it stands in a file.
func (h header) layout() []byte {
	b := make([]byte, 0, headerSize)
	b = append(b, magic...)
	b = binary.LittleEndian.AppendUint16(b, version)
	b = binary.LittleEndian.AppendUint64(b, xxhash.Sum64(b))
	history, _ := hex.DecodeString(h.history) // Begin has checked it
	b = append(b, history...)
	b = binary.LittleEndian.AppendUint64(b, uint64(h.position))
	b = binary.LittleEndian.AppendUint64(b, uint64(h.durable))
	b = binary.LittleEndian.AppendUint64(b, uint64(h.number))
	return binary.LittleEndian.AppendUint64(b, xxhash.Sum64(b))
}

// salt is what the checksums of the segment's records are mixed with.
func (h header) salt() uint64 { return xxhash.Sum64(h.layout()) }

// name is that of the file.
func (h header) name() fileName { return fileName{h.history, h.position, h.number} }

// readHeader reads the header of a file and checks it against the file's name.
func readHeader(f io.ReaderAt, name fileName) (h header, err error) {
	b := make([]byte, headerSize)
	n, err := f.ReadAt(b, 0)
	if err != nil && err != io.EOF {
		return h, err
	}
	h, offset, why, err := headerIn(b[:n])
	switch {
	case err != nil:
		return h, fmt.Errorf("%s: %w", name, err)
	case why == "" && h.name() != name:
		offset, why = prefixSize, "its name is not what its header says: "+h.name().String()
	}
	if why != "" {
		return h, &persist.DamageError{File: name.String(), Offset: offset, Reason: why}
	}
	return h, nil
}

// headerIn reads a header; why is "" if it is one.
func headerIn(b []byte) (h header, offset int64, why string, err error) {
	switch {
	case len(b) < prefixSize:
		return h, int64(len(b)), "it ends within its header", nil
	case string(b[:len(magic)]) != magic:
		return h, 0, "it is not a segment of a log", nil
	case binary.LittleEndian.Uint64(b[8:]) != xxhash.Sum64(b[:8]):
		return h, 0, "the checksum of the version does not match", nil
	}
	switch v := binary.LittleEndian.Uint16(b[len(magic):]); {
	case v > version:
		return h, 0, "", fmt.Errorf("%w: it has version %d, this is for up to %d", persist.ErrVersion, v, version)
	case v < version:
		return h, int64(len(magic)), fmt.Sprintf("there never was a version %d", v), nil
	case len(b) < headerSize:
		return h, int64(len(b)), "it ends within its header", nil
	case binary.LittleEndian.Uint64(b[headerSize-8:]) != xxhash.Sum64(b[:headerSize-8]):
		return h, prefixSize, "the checksum of the header does not match", nil
	}
	h = header{
		history:  hex.EncodeToString(b[16:32]),
		position: int64(binary.LittleEndian.Uint64(b[32:])),
		durable:  int64(binary.LittleEndian.Uint64(b[40:])),
		number:   int64(binary.LittleEndian.Uint64(b[48:])),
	}
	if h.position < 0 || h.durable < h.position || h.number < 0 {
		return h, prefixSize, "the header has positions that cannot be", nil
	}
	return h, 0, "", nil
}
